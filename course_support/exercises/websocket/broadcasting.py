"""The exercise of the server's half: a room in which everybody hears the others, and nobody waits for the slowest."""

from __future__ import annotations

import random
from dataclasses import replace

from starlette.applications import Starlette

from course_support.attempts import crashed_serving
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.websocket import hearing, slowness
from course_support.exercises.websocket.party import Party
from course_support.verdict import Verdict

FILLING = "." * (128 * 1024)
ENOUGH = 48  # messages with filling: 6 MiB, where a system's buffers for a connection on loopback take 2 to 4


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, slow=False), _scene(draw, slow=True)]


def _scene(draw: random.Random, *, slow: bool) -> Scene:
    limit, documents = draw.randint(4, 8), [f"document-{number}" for number in draw.sample(range(2, 200), 2)]
    party = Party(draw, documents)
    (_flood if slow else _talk)(party, limit)
    expected = {"guests": party.guests, "said": party.said}
    return Scene(Starlette(), {"limit": limit}, expected, afterwards=party.play, serves=True)


def _talk(party: Party, limit: int) -> None:
    party.join("ada", "grace", "alan")
    party.join("dora", "erik", room=1)
    party.say("ada", limit)
    party.say("grace")
    party.say("dora", 2)
    party.join("frank")
    party.say("ada")
    party.leave("alan")
    party.say("frank")
    party.say("grace", 2)


def _flood(party: Party, limit: int) -> None:
    party.join("ada", "grace")
    party.join("alan", slow=True)
    for _ in range(limit + ENOUGH):
        party.say("ada", filling=FILLING)
    party.read_on("alan")
    party.excuse("alan")
    party.say("ada")
    party.say("grace")


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        hearing.no_room,
        hearing.closed_a_reader,
        hearing.heard_themselves,
        hearing.another_room,
        hearing.not_as_sent,
        hearing.before_or_after,
        hearing.out_of_order,
        slowness.delayed,
        slowness.left_out,
        slowness.not_closed,
        slowness.other_code,
        hearing.not_heard,
    )


def _to_one_who_left(evidence: Evidence) -> Verdict | None:
    """The error of a sending to somebody who is gone, in the scene in which a client leaves."""
    crash = crashed_serving(evidence)
    if not crash or 'Cannot call "send" once a close message' not in crash.seen:
        return None
    if any(guest.slow for guest in evidence.expected["guests"]):
        return None  # there it is the application that closed it
    step = "A client has left and is still among those that you send to. Take it out in `finally`."
    return replace(crash, next_step=step)


BROADCAST = Exercise(
    "websocket.broadcast",
    "Write the server's half",
    4,
    (
        "Keep who is in a document: a dict from the path's `document` to its members, and for each member an "
        "`asyncio.Queue(limit)` and a task that runs `deliver`. Who receives a text puts it into the others' queues.",
        "`queue.put_nowait(text)` never waits. Where `queue.full()`, take the member out, cancel its task, and let a "
        "task close it, because that waits for the client, too: `asyncio.create_task(other.close(1013))`.",
        "In the endpoint: `accept()`; put yourself in; `while True: text = await websocket.receive_text()` and on to "
        "the others; `except WebSocketDisconnect`; and in `finally` take yourself out and cancel your task.",
    ),
    _scenes,
    _judge,
    early=(hearing.heard_themselves, hearing.another_room, _to_one_who_left),
)
