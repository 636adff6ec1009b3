"""The exercise that argues from a measurement: which style is cheapest among those that keep to two limits.

The figures are drawn, in the proportions of a run of the six styles: a run would give others each time, and a check
can be replayed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette

from course_support.choosing import STYLES, listed
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.views.quantity import count_text

NONE = "none"
BYTES = {"REST": 850, "SOAP": 1700, "GraphQL": 310, "WebSocket": 370, "webhooks": 610, "batch": 140}  # for a change
ONE_REQUEST = ("GraphQL", "WebSocket", "batch")
GATHERED = ("GraphQL", "batch")  # each change waits for the last
OTHERS = {"milliseconds": "time", "age_ms": "age", "requests": "number of requests"}  # than are asked for
Measured = list[dict[str, Any]]
Fits = Callable[[dict[str, Any]], bool]


def _measured(draw: random.Random) -> Measured:
    """A job of some changes, which happened one after the other."""
    changes, latency, spread = draw.randint(8, 40), draw.randint(5, 60), draw.randint(50, 300)
    rows = []
    for style in draw.sample(STYLES, len(STYLES)):
        requests = {"SOAP": changes + 1}.get(style, 1 if style in ONE_REQUEST else changes)
        age = latency + changes * spread // 2 if style in GATHERED else latency + draw.randint(0, latency)
        sent = 600 + int(changes * BYTES[style] * draw.uniform(0.5, 2))
        rows.append(_row(style, requests, sent, requests * latency + draw.randint(1, 40), age + draw.randint(1, 30)))
    return rows


def _row(style: str, requests: int, sent: int, milliseconds: int, age: int) -> dict[str, Any]:
    return {"style": style, "requests": requests, "bytes": sent, "milliseconds": milliseconds, "age_ms": age}


def _fitting(measured: Measured, most: int, oldest: int) -> Measured:
    return [it for it in measured if it["requests"] <= most and it["age_ms"] <= oldest]


def _least(rows: Measured, figure: str = "bytes") -> str:
    return str(min(rows, key=lambda it: it[figure])["style"]) if rows else NONE


# --- The scenes: whatever tempts is the wrong answer in one of them --------------------------------------------------


def _scenes(draw: random.Random) -> list[Scene]:
    """First who compares another figure is found, where no limit matters, and then who mistakes a limit."""
    return [_scene(draw, kind) for kind in (_slower, _too_old, _too_many, _no_style)]


def _scene(draw: random.Random, kind: Callable[[random.Random, Measured], tuple[int, int] | None]) -> Scene:
    while True:  # one of ten draws and more will do
        measured = _measured(draw)
        if limits := kind(draw, measured):
            most, oldest = limits
            arguments = {"measured": measured, "most_requests": most, "oldest_ms": oldest}
            return Scene(Starlette(), arguments)


def _too_old(draw: random.Random, measured: Measured) -> tuple[int, int] | None:
    """What sends the fewest bytes of all is too old, and the best of the others is just young enough, not alone."""
    best = min(_young(measured), key=lambda it: it["bytes"])
    most, oldest = max(it["requests"] for it in measured) + draw.randint(1, 9), best["age_ms"]
    good = _within(measured, most, oldest) and _least(_fitting(measured, most, oldest)) != _least(measured)
    return (most, oldest) if good else None


def _too_many(draw: random.Random, measured: Measured) -> tuple[int, int] | None:
    """What sends the fewest bytes is too old, the best of the others sends too many requests, and one is left.

    That one sends just as many as it may.
    """
    young = _young(measured)
    most, oldest = 1, max(it["age_ms"] for it in young) + draw.randint(1, 20)
    good = _least(young) != "WebSocket" and all(it["age_ms"] > oldest for it in measured if it not in young)
    return (most, oldest) if good else None


def _slower(draw: random.Random, measured: Measured) -> tuple[int, int] | None:
    """All are good enough, and for whichever figure one looks, another style is found."""
    most, oldest = (max(it[name] for it in measured) + draw.randint(1, 9) for name in ("requests", "age_ms"))
    dearest = max(measured, key=lambda it: it["bytes"])["style"]
    found = {dearest, _least(measured), *(_least(measured, figure) for figure in OTHERS)}
    return (most, oldest) if len(found) == 2 + len(OTHERS) else None


def _young(measured: Measured) -> Measured:
    return [it for it in measured if it["style"] not in GATHERED]


def _within(measured: Measured, most: int, oldest: int) -> Measured:
    """What `<` takes for fitting, where `<=` is meant."""
    return [it for it in measured if it["requests"] < most and it["age_ms"] < oldest]


def _no_style(draw: random.Random, measured: Measured) -> tuple[int, int] | None:
    """One request, and young: each style keeps to one of the limits at most."""
    young = min(it["age_ms"] for it in measured if it["requests"] == 1) - 1
    return (1, young) if any(it["age_ms"] <= young for it in measured) else None


# --- The judge -------------------------------------------------------------------------------------------------------


def _judge(evidence: Evidence) -> Verdict:
    named = of_type(str, 'the name of a style, such as "REST", or "none"')
    return first_of(evidence, _none_itself, named, _no_name, _other_style)


def _none_itself(evidence: Evidence) -> Verdict | None:
    """Python's None where nothing fits."""
    if evidence.value is not None or _fitting(*evidence.arguments.values()):
        return None
    return wrong(
        "Nothing fits here, and your function returned None.",
        expected=value_text(NONE),
        seen="None",
        next_step='The word is asked for, `"none"`, whichever way your code ends: does each have its `return`?',
    )


def _no_name(evidence: Evidence) -> Verdict | None:
    if evidence.value in (*STYLES, NONE):
        return None
    return wrong(
        "What you return is no name of a style.",
        expected=f"one of {', '.join(map(repr, (*STYLES, NONE)))}",
        seen=value_text(evidence.value),
        next_step='Return the member "style" of the one that you have found, or "none".',
    )


def _other_style(evidence: Evidence) -> Verdict | None:
    measured, most, oldest = evidence.arguments.values()
    fitting, value = _fitting(measured, most, oldest), evidence.value
    right = _least(fitting)
    if value == right:
        return None
    rows = {it["style"]: it for it in measured}
    if value == NONE:
        cause, step = _overlooked(right, _within(fitting, most, oldest))
    elif rows[value] not in fitting:
        cause, step = _past_a_limit(rows[value], most, oldest)
    else:
        cause, step = _dearer(rows, value, right, most, oldest)
    return wrong(
        cause,
        expected=f"the fewest bytes, with at most {count_text(most, 'request')} and an age of at most {oldest:,} ms",
        seen=_figures(rows[value]) if value in rows else value_text(value),
        next_step=step,
    )


def _figures(row: dict[str, Any]) -> str:
    requests = count_text(row["requests"], "request")
    return f"{row['style']}: {row['bytes']:,} bytes, {requests}, age {row['age_ms']:,} ms, {row['milliseconds']:,} ms"


AT_MOST = "“At most” lets in what is just at the limit: `<=`."


def _overlooked(right: str, strictly: Measured) -> tuple[str, str]:
    if not strictly:
        return f"You found none, and {right} fits, which is just at a limit.", AT_MOST
    return "You found none, and there is one that keeps to both limits.", "Go through the list by hand, to its end."


def _past_a_limit(row: dict[str, Any], most: int, oldest: int) -> tuple[str, str]:
    if row["requests"] > most:
        asked, step = (
            f"needs {count_text(row['requests'], 'request')}, and at most {most:,} may be sent",
            "number of requests",
        )
    else:
        asked, step = f"makes changes {row['age_ms']:,} ms old, and at most {oldest:,} ms will do", "age"
    return (
        f"{row['style']} {asked}.",
        f"First take those that keep to both limits, then compare bytes: look at the {step}.",
    )


def _dearer(rows: dict[str, Any], value: str, right: str, most: int, oldest: int) -> tuple[str, str]:
    """Why the style that was chosen is not the cheapest of those that fit, by what may have led to it."""
    best, fitting = rows[right], _fitting(list(rows.values()), most, oldest)
    step = "Among those that keep to both limits, compare the bytes alone."
    strictly = _within(fitting, most, oldest)
    if value == _least(strictly) and best not in strictly:
        return f"{right} is just at a limit and sends fewer bytes than {value}.", f"{AT_MOST} {step}"
    for figure, word in OTHERS.items():
        if value == _least(fitting, figure):
            return f"You compared the {word}; asked for are the bytes.", f"{right} sends fewer. {step}"
    cheaper = [it["style"] for it in fitting if it["bytes"] < rows[value]["bytes"]]
    return f"{value} keeps to both limits, and so with fewer bytes {_do(cheaper)}.", step


def _do(styles: list[str]) -> str:
    return f"{'does' if len(styles) == 1 else 'do'} {listed(styles)}"


CHEAPEST = Exercise(
    "choosing.cheapest",
    "Argue from a measurement",
    2,
    (
        "Two limits and one comparison: who keeps to both limits, and who of these sends the fewest bytes?",
        '`fit = [it for it in measured if it["requests"] <= most_requests and it["age_ms"] <= oldest_ms]`, and then '
        '`min(fit, key=lambda it: it["bytes"])["style"]`, or `"none"` where `fit` is empty.',
    ),
    _scenes,
    _judge,
)
