"""The exercise that spreads out the attempts to connect again: random waits below a limit that doubles."""

from __future__ import annotations

import random
from collections.abc import Sequence

from starlette.applications import Starlette

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import named, of_type
from course_support.verdict import Verdict, value_text, wrong

MANY = 60  # waits of which the average tells something
ROUNDED = 0.006  # seconds: who rounds to hundredths may pass the limit by half of one
SEEDS = (0, 1, 2, 3, 7, 42, 123, 1234, 12345)


def _scenes(draw: random.Random) -> list[Scene]:
    few, many = draw.randint(6, 8), draw.randint(120, 160)
    soon, late = draw.randint(10, 40) / 100, draw.randint(4, 10) / 100
    return [_scene(few, soon, round(soon * 12, 1)), _scene(many, late, draw.randint(10, 40) * 100)]


def _scene(attempts: int, first: float, most: float) -> Scene:
    return Scene(Starlette(), {"attempts": attempts, "first": first, "most": most})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        of_type(list, "a list of seconds, such as [0.08, 0.31, 0.22]"),
        _other_number,
        _no_seconds,
        _too_long,
        _whole,
        _not_random,
        _often_the_most,
        _never_short,
        _too_short,
        _known,
    )


def _limits(evidence: Evidence) -> list[float]:
    given = evidence.arguments
    return [min(given["most"], given["first"] * 2**attempt) for attempt in range(given["attempts"])]


def _shares(evidence: Evidence) -> list[float]:
    """Each wait as a share of its limit."""
    return [wait / limit for wait, limit in zip(evidence.value, _limits(evidence), strict=True)]


def _odd(cause: str, evidence: Evidence, next_step: str, seen: str = "") -> Verdict:
    given = evidence.arguments
    return wrong(
        cause,
        expected=f"{given['attempts']} random times, none above its limit: {_some(_limits(evidence))}",
        seen=seen or _some(evidence.value),
        next_step=next_step,
    )


def _some(seconds: Sequence[object]) -> str:
    shown = ", ".join(f"{it:,.4g}" if isinstance(it, float) else value_text(it, 20) for it in seconds[:8])
    return f"{shown} … s" if len(seconds) > 8 else f"{shown} s" if shown else "an empty list"


def _other_number(evidence: Evidence) -> Verdict | None:
    attempts, count = evidence.arguments["attempts"], len(evidence.value)
    if count == attempts:
        return None
    cause = f"You return {count} waits for {attempts} attempts."
    return _odd(cause, evidence, "One for each attempt, and the first attempt has one too: `range(attempts)`.")


def _no_seconds(evidence: Evidence) -> Verdict | None:
    for number, wait in enumerate(evidence.value, 1):
        if type(wait) not in (int, float):
            cause = f"Wait {number} in your list is {named(wait)}, not a number of seconds."
        elif not wait >= 0:
            cause = f"Wait {number} in your list is less than nothing."
        else:
            continue
        return _odd(cause, evidence, "`random.uniform(0, limit)` is a number of seconds.", value_text(wait, 60))
    return None


def _too_long(evidence: Evidence) -> Verdict | None:
    first, most = evidence.arguments["first"], evidence.arguments["most"]
    waits, limits = evidence.value, _limits(evidence)
    above = [number for number, limit in enumerate(limits) if not waits[number] <= limit + ROUNDED]
    if not above:
        return None
    place = above[0]
    cause = f"Before attempt {place + 1} you wait longer than {limits[place]:,.4g} s, the limit there."
    step = "The limit of an attempt is `first * 2**attempt`, counted from 0, and at most `most`."
    if all(limits[number] == most for number in above):
        cause = f"Before attempt {place + 1} you wait longer than {most:,} s, the most that was allowed."
        step = "Doubling soon leads to hours: `min(most, …)` keeps the limit down."
    elif all(wait >= limit for wait, limit in zip(waits, limits, strict=True)):
        cause = "You add the random time to the limit, so that no wait is below its limit."
        step = "With full jitter the limit is where the random time ends: it begins at nothing."
    elif all(wait <= min(most, 2 * limit) + ROUNDED for wait, limit in zip(waits, limits, strict=True)):
        cause = f"Your limit doubles once too early: before the first attempt it is already above {first} s."
        step = "`2**0` is 1: which number has the first attempt in your loop?"
    return _odd(cause, evidence, step, f"{_some(waits)[:200]}; wait {place + 1} is {value_text(waits[place], 40)}")


def _whole(evidence: Evidence) -> Verdict | None:
    if any(wait != int(wait) for wait in evidence.value):
        return None
    cause = "All of your waits are whole seconds."
    return _odd(cause, evidence, "`random.uniform(0, limit)` knows what lies between them, too.")


def _not_random(evidence: Evidence) -> Verdict | None:
    shares = _shares(evidence)
    if max(shares) - min(shares) > 0.01:
        return None
    if shares[0] > 0.99:
        cause = "You wait exactly as long as the limit each time: that is backoff without any jitter."
        step = "All clients that lost their lines at one moment come back at one moment: `random.uniform(0, limit)`."
    else:
        cause = "Each of your waits is the same share of its limit."
        step = "Draw a new random time for each attempt."
    return _odd(cause, evidence, step)


def _often_the_most(evidence: Evidence) -> Verdict | None:
    """The cap was put on the random time, not on its limit."""
    most, count = evidence.arguments["most"], len(evidence.value)
    if count < MANY or sum(wait == most for wait in evidence.value) < count / 10:
        return None
    return _odd(
        f"Many of your waits are exactly {most:,} s, so the clients come back together after all.",
        evidence,
        "Cut the limit off at `most` first, and draw the random time below it then.",
        _some([wait for wait in evidence.value if wait == most]),
    )


def _never_short(evidence: Evidence) -> Verdict | None:
    shares = _shares(evidence)
    if len(shares) < MANY or min(shares) < 0.25:
        return None
    return _odd(
        f"You never wait less than {min(shares):.0%} of the limit, and full jitter begins at nothing.",
        evidence,
        "`random.uniform(0, limit)`: waits that begin at half of it are known as equal jitter.",
    )


def _too_short(evidence: Evidence) -> Verdict | None:
    shares = _shares(evidence)
    if len(shares) < MANY:
        return None
    before, step = shares[5:17], "The limits are 1, 2, 4, 8, 16 … times `first`: `first * 2**attempt`."
    if sum(before) / len(before) < 0.1:
        cause = "Your waits do not grow as they should: their limit has to double from attempt to attempt."
    elif max(shares) < 0.75:
        cause = f"None of your waits is above {max(shares):.0%} of its limit."
        step = "The random time may be anything up to the limit: `random.uniform(0, limit)`."
    else:
        return None
    return _odd(cause, evidence, step, f"{_some(evidence.value[5:13])}, from wait 6 on")


def _known(evidence: Evidence) -> Verdict | None:
    """The random times are those of a seed that people like."""
    shares = _shares(evidence)
    if len(shares) < MANY or not any(_near(shares, random.Random(seed)) for seed in SEEDS):
        return None
    return _odd(
        "Your random times are the same in each run, so clients that run this code come back together.",
        evidence,
        "Leave `random.seed` out: Python seeds its generator with something new each time.",
    )


def _near(shares: Sequence[float], seeded: random.Random) -> bool:
    """Whether the shares are what this generator gives; the first ones, of short waits, may be rounded away."""
    drawn = [seeded.random() for _ in shares]
    return all(abs(share - one) < 0.001 for share, one in zip(shares[15:], drawn[15:], strict=True))


WAITS = Exercise(
    "websocket.waits",
    "Wait, and not all at once",
    1,
    (
        "Two steps for each attempt: what is its limit? Then a random time below that.",
        "`limit = min(most, first * 2**attempt)` with `attempt` from 0 on, and `random.uniform(0, limit)` for each.",
    ),
    _scenes,
    _judge,
)
