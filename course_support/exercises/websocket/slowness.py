"""The rules for a client that does not read: it delays nobody, has no gaps, and is closed with 1013."""

from __future__ import annotations

from course_support.evidence import Evidence
from course_support.exercises.websocket.hearing import goodbye_on, guests_of, heard_on, odd, readers_of
from course_support.exercises.websocket.party import Guest
from course_support.verdict import Verdict, value_text
from course_support.wire import Exchange


def _flooded(evidence: Evidence) -> tuple[Guest, Exchange, list[str]] | None:
    """Who did not read, and what this one heard of that in the end."""
    found = (
        (guest, socket, heard_on(socket)[: len(guest.hears)]) for guest, socket in guests_of(evidence) if guest.slow
    )
    return next(found, None)


def delayed(evidence: Evidence) -> Verdict | None:
    """Somebody who reads got nothing more while somebody else did not read."""
    waited: list[str] = next((guest.hears for guest in evidence.expected["guests"] if guest.slow), [])
    for guest, socket, heard in readers_of(evidence):
        if waited and guest.hears[: len(waited)] == waited and len(heard) < len(waited):
            return odd(
                "Somebody who does not read keeps your application from sending to the others.",
                socket,
                f"{len(waited)} messages, while somebody else does not read",
                f"{len(heard)}, and then silence",
                "`await other.send_text(…)` waits for a client that does not read, and so does `close`: leave both to "
                "a task of its own, and only put into the client's queue what is to be sent.",
            )
    return None


def left_out(evidence: Evidence) -> Verdict | None:
    """Somebody who read late got some messages and not those between."""
    if not (flooded := _flooded(evidence)):
        return None
    guest, socket, heard = flooded
    if heard == guest.hears[: len(heard)]:
        return None
    gap = next(number for number, text in enumerate(heard) if text != guest.hears[number])
    return odd(
        "Your application leaves messages out for a client that reads slowly, and that client cannot know.",
        socket,
        value_text(guest.hears[gap]),
        value_text(heard[gap]),
        "Who is closed can connect again and ask for what is missing: close, instead of going on with a gap.",
    )


def not_closed(evidence: Evidence) -> Verdict | None:
    if not (flooded := _flooded(evidence)) or goodbye_on(flooded[1]):
        return None
    guest, socket, heard = flooded
    if len(heard) == len(guest.hears):
        limit = evidence.arguments.get("limit")
        cause = (
            f"Your application never closed the slow client: all {len(heard)} messages waited for it, "
            f"and `limit` is {limit}."
        )
        step = "Before you put a message into a queue, compare `queue.qsize()` with `limit`."
    elif socket.note.startswith("the server"):
        cause, step = "Your application let the slow client go without a close frame.", "`await websocket.close(1013)`."
    else:
        cause = "Your application sends nothing more to the client that did not read, and leaves it connected."
        step = "It has to be told: `close(1013)`. That waits until the client reads, so let a task of its own do it."
    return odd(cause, socket, "a close frame with 1013", f"{len(heard)} messages, and no close frame", step)


def other_code(evidence: Evidence) -> Verdict | None:
    flooded = _flooded(evidence)
    goodbye = flooded and goodbye_on(flooded[1])
    if not flooded or not goodbye or goodbye.close_code == 1013:
        return None
    return odd(
        f"Your application closes the connection of the slow client with {goodbye.close_code}.",
        flooded[1],
        "close 1013",
        f"close {goodbye.close_code} {goodbye.close_reason}".strip(),
        "1013 says “try again later”, and no other code says that (RFC 6455's registry of close codes).",
    )
