"""The rules of a room, on what each client was sent: all that others said there, in order, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from course_support.evidence import Evidence
from course_support.exercises.websocket.party import Guest, head
from course_support.exercises.websocket.rooms import PATH
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange, Message

ROUTE = f'WebSocketRoute("{PATH}{{document}}", …)'


def guests_of(evidence: Evidence) -> list[tuple[Guest, Exchange]]:
    """Everybody whose handshake was sent, with their WebSocket."""
    return list(zip(evidence.expected["guests"], evidence.afterwards, strict=False))


def readers_of(evidence: Evidence) -> list[tuple[Guest, Exchange, list[str]]]:
    """Those who read whatever comes, with what they heard."""
    return [(guest, socket, heard_on(socket)) for guest, socket in guests_of(evidence) if not guest.slow]


def heard_on(socket: Exchange) -> list[str]:
    return [head(_start(message)) for message in socket.messages if _is_said(message)]


def _is_said(message: Message) -> bool:
    return message.sender == "server" and message.opcode in ("text", "binary")


def goodbye_on(socket: Exchange) -> Message | None:
    """The server's close frame, unless it only answers the client's."""
    first = next((m for m in socket.messages if m.opcode == "close"), None)
    return first if first and first.sender == "server" else None


def _start(message: Message) -> str:
    return message.data[:400].decode("utf-8", "replace")


def odd(cause: str, socket: Exchange, expected: str, seen: str, next_step: str) -> Verdict:
    """A long message is shown by its beginning."""
    messages = tuple(replace(m, data=m.data[:100]) if len(m.data) > 1000 else m for m in socket.messages)
    return wrong(cause, replace(socket, messages=messages), expected=expected, seen=seen, next_step=next_step)


def no_room(evidence: Evidence) -> Verdict | None:
    """A handshake was not answered with 101."""
    refused = next((socket for _, socket in guests_of(evidence) if socket.status != 101), None)
    if not refused and evidence.afterwards:
        return None
    status = refused and refused.status
    if not status:
        cause, step = "Your application does not answer the handshake.", "`await websocket.accept()` answers it."
    elif status == 403:
        cause = f"Your application refuses the WebSocket to {refused and refused.request.target} with 403."
        step = f"Starlette does so where no route fits, and where an endpoint ends before `accept`: `{ROUTE}`."
    else:
        cause, step = f"Your application answers the handshake with {status}.", f"`{ROUTE}` is a route for WebSockets."
    return wrong(
        cause,
        refused,
        expected="101 Switching Protocols",
        seen=f"{status} {refused.response.reason}" if refused and refused.response else "no answer",
        next_step=step,
    )


def closed_a_reader(evidence: Evidence) -> Verdict | None:
    for _, socket, _ in readers_of(evidence):
        goodbye = goodbye_on(socket)
        if goodbye:
            cause = f"Your application closed the connection of somebody who reads, with {goodbye.close_code}."
            step = "Only for a client for whom more than `limit` messages wait: nobody had to wait here."
            seen = f"close {goodbye.close_code} {goodbye.close_reason}".strip()
        elif socket.note.startswith("the server"):
            cause, seen = "Your application let a WebSocket go without a close frame.", socket.note
            step = "When the endpoint returns, the connection ends: a loop around `receive_text` keeps it."
        else:
            continue
        return odd(cause, socket, "connections that stay open until the client leaves", seen, step)
    return None


def heard_themselves(evidence: Evidence) -> Verdict | None:
    for guest, socket, heard in readers_of(evidence):
        own = next((text for text in heard if evidence.expected["said"].get(text) == guest.name), None)
        if own:
            return odd(
                "Your application sends a client what it has sent itself.",
                socket,
                "what others in the document send, and nothing else",
                value_text(own),
                "Leave the sender out: `if other is not websocket`.",
            )
    return None


def another_room(evidence: Evidence) -> Verdict | None:
    rooms = {guest.name: guest.document for guest in evidence.expected["guests"]}
    for guest, socket, heard in readers_of(evidence):
        strange = next(
            (text for text in heard if rooms.get(_by(evidence, text), guest.document) != guest.document), None
        )
        if strange:
            return odd(
                "Your application passes on what was said in another document.",
                socket,
                f"what others in {guest.document} send",
                f"{value_text(strange)}, which was said in {rooms[_by(evidence, strange)]}",
                'Keep the members of each document apart: `websocket.path_params["document"]` says which it is.',
            )
    return None


def _by(evidence: Evidence, text: str) -> str:
    name: str = evidence.expected["said"].get(text, "")
    return name


def not_as_sent(evidence: Evidence) -> Verdict | None:
    for _, socket in guests_of(evidence):
        for message in filter(_is_said, socket.messages):
            text = _start(message)
            if message.opcode == "binary":
                cause, step = "Your application passes texts on as binary messages.", "`send_text` sends text."
            elif head(text) not in evidence.expected["said"]:
                cause = "Your application passes on something else than what was sent."
                step = (
                    "What is sent is any text, JSON or not: `receive_text` gives it, and `send_text` sends it as it is."
                )
            else:
                continue
            return odd(cause, socket, "the text as it was sent", value_text(text, 200), step)
    return None


def before_or_after(evidence: Evidence) -> Verdict | None:
    """Something that was said before this client came."""
    for guest, socket, heard in readers_of(evidence):
        early = next((text for text in heard if text not in guest.hears), None)
        if early:
            return odd(
                "Your application sends a client what was said before it came.",
                socket,
                value_text(guest.hears),
                value_text(heard),
                "Only who is in the document when a text arrives is to be sent it.",
            )
    return None


def out_of_order(evidence: Evidence) -> Verdict | None:
    for guest, socket, heard in readers_of(evidence):
        twice = next((text for number, text in enumerate(heard) if text in heard[:number]), None)
        if twice:
            cause, step = "Your application sends the same text twice.", "Is each member in its room only once?"
        elif heard != sorted(heard, key=guest.hears.index):
            cause = "Your application sends texts in another order than that in which they came."
            step = "One task for each client, which takes from its queue and sends, keeps the order."
        else:
            continue
        return odd(cause, socket, value_text(guest.hears), value_text(heard), step)
    return None


def not_heard(evidence: Evidence) -> Verdict | None:
    """The first text that did not reach somebody: what came after it may never have been said."""
    said = list(evidence.expected["said"])
    lacking = (
        (said.index(text), guest, socket, heard)
        for guest, socket, heard in readers_of(evidence)
        for text in guest.hears
        if text not in heard
    )
    first = min(lacking, key=lambda lack: lack[0], default=None)
    if not first:
        return None
    number, guest, socket, heard = first
    speaker = _by(evidence, said[number])
    gone = any(
        it.document == guest.document and it.name != speaker and it.hears and said.index(it.hears[-1]) < number
        for it in evidence.expected["guests"]
    )
    if gone:
        cause = "Since one client has gone, what others say does not reach those who are still there."
        step = "Take out who has gone: in a `finally`, and where you close. Sending to nobody raises an error."
    elif not any(said[number] in heard for _, _, heard in readers_of(evidence)) and not heard:
        cause = "What a client sends does not reach the others."
        step = "Each text that comes has to be put into the queue of every other member, whose task sends it."
    elif any(evidence.expected["said"].get(text) == speaker for text in heard):
        cause = f"Your application passed something on for {speaker}, and then no more."
        step = "An endpoint that returns ends its connection: a loop `while True:` around `receive_text` keeps it."
    else:
        cause = f"What {speaker} said did not reach {guest.name}, who was in the same document."
        step = "Go through all members of the document, for each text that comes."
    return odd(cause, socket, value_text(said[number]), value_text(heard[-3:]) if heard else "nothing", step)
