"""The exercise of the rate limit: each answer tells how much is left, and who listens is never refused."""

from __future__ import annotations

import random
import re
from itertools import pairwise

from starlette.types import ASGIApp, Receive, Scope, Send

from course_support.backends.batch import BATCH
from course_support.backends.quota import Quota
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.brought import not_as_given, other_sum, refused_by
from course_support.exercises.batch.crm import ASKED, contacts_in, people, service, taken
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

SLOW = 0.3  # seconds that nobody needs between two requests who does not wait on purpose


class Others:
    """ASGI middleware: another client spends of the same quota, once before each batch with one of these numbers.

    They count from 1. It never takes the last request: who goes by the newest answer is not refused.
    """

    def __init__(self, app: ASGIApp, quota: Quota, *numbers: int) -> None:
        self._app = app
        self._quota = quota
        self._numbers = numbers
        self._count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == BATCH:
            self._count += 1
            for _ in range(self._numbers.count(self._count)):
                self._quota.spend("importer")
        await self._app(scope, receive, send)


def _scenes(draw: random.Random) -> list[Scene]:
    """The second takes three seconds of real time: too long for a second's sleep here and there to do instead."""
    return [
        _scene(draw, Quota(draw.randint(20, 30), 5), 3),
        _scene(draw, Quota(4, 3), draw.choice((3, 4)), 2, 2),
    ]


def _scene(draw: random.Random, quota: Quota, groups: int, *others: int) -> Scene:
    crm, arguments, known = service(draw)
    crm.state.quota = quota
    size = draw.randint(3, 6)
    contacts = people(draw, size * groups - draw.randint(1, size - 1))
    for at in draw.sample(range(len(contacts)), 2):
        contacts[at] = known.pop()
    return Scene(Others(crm, quota, *others), arguments | {"contacts": contacts, "size": size})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED,
        _refused,
        _too_large,
        not_as_given,
        _too_small,
        of_type(int, "a number, such as 12"),
        other_sum,
    )


def _left(exchange: Exchange) -> tuple[int, int] | None:
    """How many requests were left, and the seconds until there are more."""
    field = (exchange.response and exchange.response.fields.get("RateLimit")) or ""
    found = re.search(r"r=(\d+);t=(\d+)", field)
    return (int(found[1]), int(found[2])) if found else None


def _refused(evidence: Evidence) -> Verdict | None:
    """The first 429, and what the answer before it had said."""
    refused = next((e for e in evidence.exchanges if e.status == 429), None)
    if not refused:
        return None
    before = [e for e in evidence.exchanges if e.number < refused.number and _left(e)]
    told = before and _left(before[-1])
    if not told:
        return _at_the_limit(refused)
    waited, (rest, seconds) = refused.started - before[-1].ended, told
    if _overlapping([*before, refused]):
        cause = "You sent a request before you had read the answer to the one before it, which said that none is left."
        step = "Send one after the other: each answer decides when the next request may go."
    elif rest == 0 and SLOW < waited < seconds:
        cause = f"You waited {waited:.1f} s, where the answer before said that there is nothing left for {seconds} s."
        step = "How long to wait is told, too: `t`, in seconds."
    elif any(e.number > refused.number and e.status == 200 for e in evidence.exchanges):
        cause = (
            "You waited when the service had refused a request, and the answer before it had said that none is left."
        )
        step = "A good client is not refused at all: look at `RateLimit` in each answer, whatever its status is."
    else:
        cause = "You sent a request although the answer before it had said that none is left."
        step = "`r` counts down with the requests of others, too: look at it in each answer, and at 0 wait `t` seconds."
    return wrong(
        cause,
        refused,
        expected=f"{seconds} s of patience after RateLimit: …r={rest};t={seconds}",
        seen=f"the next request after {max(waited, 0.0):.2f} s",
        next_step=step,
    )


def _overlapping(exchanges: list[Exchange]) -> bool:
    """Whether one of them was sent before the one before it was answered."""
    return any(later.started < (earlier.first_byte or earlier.ended) for earlier, later in pairwise(exchanges))


def _at_the_limit(refused: Exchange) -> Verdict:
    return wrong(
        "The service refused a request, as there were too many.",
        refused,
        expected="no 429",
        seen="429",
        next_step="Each answer has a field RateLimit: read it before you send the next request.",
    )


def _too_large(evidence: Evidence) -> Verdict | None:
    size = evidence.arguments["size"]
    large = next((e for e in taken(evidence) if len(contacts_in(e)) > size), None)
    if not large:
        return None
    return wrong(
        f"You sent {len(contacts_in(large))} contacts in one request, where {size} are asked for.",
        large,
        expected=f"groups of {size}",
        seen=f"a group of {len(contacts_in(large))}",
        next_step="`contacts[start : start + size]` is one group.",
    )


def _too_small(evidence: Evidence) -> Verdict | None:
    size, count = evidence.arguments["size"], len(evidence.arguments["contacts"])
    enough, sizes = -(-count // size), [len(contacts_in(e)) for e in taken(evidence)]
    if len(sizes) <= enough:
        return None
    return wrong(
        f"You sent {len(sizes)} requests, where {enough} are enough.",
        taken(evidence)[sizes.index(min(sizes))],
        expected=f"groups of {size}, and one with the rest",
        seen=f"groups of {', '.join(map(str, sizes[:20]))}",
        next_step="Under a rate limit each request counts: fill every group but the last one.",
    )


WITHIN_LIMIT = Exercise(
    "batch.within_limit",
    "Keep to the rate limit",
    3,
    (
        'Print `answer.headers["RateLimit"]` after each request. What changes from one to the next, and how would '
        "you know before the next request that it is one too many?",
        "When `r` is 0, `time.sleep` for `t` seconds, and then go on. Counting by yourself does not help: others use "
        "the token, too.",
        '`left, seconds = re.search(r"r=(\\d+);t=(\\d+)", answer.headers["RateLimit"]).groups()` are two texts: '
        '`if left == "0": time.sleep(int(seconds))`.',
    ),
    _scenes,
    _judge,
    early=(refused_by(_refused),),
)
