"""The exercise of the sender's half: deliver to a shop that fails in all the ways that shops do."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import sent_nothing
from course_support.exercises.webhooks import deliveries
from course_support.exercises.webhooks.attempting import (
    ELSEWHERE,
    SILENT,
    after_the_end,
    elsewhere,
    impatient,
    not_posted,
    same_timestamp,
    too_few,
    too_many,
    too_patient,
)
from course_support.exercises.webhooks.signing import (
    lacking_field,
    odd_signature,
    odd_timestamp,
    other_content,
    other_id,
    other_label,
)
from course_support.verdict import Verdict, value_text, wrong

HANGS_UP = "hangs up"
Answer = int | str  # a status, or HANGS_UP, or SILENT
METHODS = ["GET", "POST", "PUT", "DELETE"]


def _scenes(draw: random.Random) -> list[Scene]:
    def wait(about: float = 0.1) -> float:
        return round(about + draw.randrange(6) / 100, 2)

    moved, busy = draw.choice((301, 302, 307, 308)), draw.choice((500, 502, 503))
    return [
        _scene(draw, [draw.choice((200, 201, 202))], [wait(), wait()]),
        _scene(draw, [400, 404, busy], [wait(0.3), wait()], "dead"),
        _scene(draw, [busy, moved, HANGS_UP, 204], [wait(), wait(0.3), wait()]),
        _scene(draw, [busy, 410], [wait(), wait(), wait()], "gone"),
        _scene(draw, [busy], [], "dead"),
        _scene(draw, [SILENT, 200], [wait(0.3), wait()], patience=1),  # last: it takes more than a second
    ]


def _scene(
    draw: random.Random, script: list[Answer], waits: list[float], outcome: str = "delivered", patience: int = 10
) -> Scene:
    event = deliveries.event(draw, note=draw.choice(("Grüsse", "Zoë zahlt", "merci à tous")))
    arguments = {
        "url": URL,
        "secret": deliveries.secret(draw),
        "id": f"msg_{draw.getrandbits(96):024x}",
        "payload": json.dumps(event, ensure_ascii=False, separators=(", ", ":")),
        "waits": waits,
        "patience": patience,
    }
    expected = {"script": script, "outcome": outcome, "now": int(time.time())}
    return Scene(_shop(script, patience), arguments, expected)


def _shop(script: Sequence[Answer], patience: float) -> Starlette:
    """A shop that answers as the script says, one attempt after the other, and then with 500."""
    left = list(script)

    async def receive(request: Request) -> Response:
        await request.body()
        answer = left.pop(0) if left else 500
        if answer == SILENT:
            with anyio.move_on_after(patience + 2):
                while not await request.is_disconnected():
                    await anyio.sleep(0.05)
            answer = 200
        if not isinstance(answer, int):
            request.scope["state"]["drop"]()
            return Response()
        if 300 <= answer < 400:
            return RedirectResponse(ELSEWHERE, answer)
        return Response(status_code=answer)

    async def moved(request: Request) -> Response:
        return PlainTextResponse("Another shop, which nobody has checked, takes it as well.")

    return Starlette(routes=[Route("/", receive, methods=METHODS), Route(ELSEWHERE, moved, methods=METHODS)])


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        elsewhere,
        not_posted,
        other_content,
        other_label,
        lacking_field,
        other_id,
        odd_timestamp,
        odd_signature,
        same_timestamp,
        too_patient,
        after_the_end,
        too_few,
        too_many,
        impatient,
        _other_value,
    )


def _other_value(evidence: Evidence) -> Verdict | None:
    outcome = evidence.expected["outcome"]
    if same(evidence.value, outcome):
        return None
    last: Any = evidence.exchanges[-1].status or "no answer"
    return wrong(
        f"After {last}, with {len(evidence.exchanges)} attempts made, what you return is another outcome.",
        evidence.exchanges[-1],
        expected=value_text(outcome),
        seen=value_text(evidence.value),
        next_step='"delivered" after a 2xx, "gone" after 410, and "dead" when the last attempt has failed as well.',
    )


DELIVER = Exercise(
    "webhooks.deliver",
    "Write the sender",
    4,
    (
        "One loop over the attempts: the first waits for nothing. What is new in each attempt, and what stays the "
        "same? Which answers end the loop, and which errors must not?",
        "`for wait in [0, *waits]:` sleep, look at the clock, sign, POST. Sign with `Webhook(secret).sign(id, now, "
        "payload)`, where `now = datetime.now(UTC)`, and send `str(int(now.timestamp()))` as the timestamp.",
        "`requests.post(url, payload.encode(), headers=fields, timeout=patience, allow_redirects=False)`, and for a "
        '`requests.RequestException` go on with the next attempt. 410: return "gone". 200 to 299: return "delivered". '
        'After the loop: return "dead".',
    ),
    _scenes,
    _judge,
)
