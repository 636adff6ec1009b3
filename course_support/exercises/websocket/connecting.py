"""The exercise that opens a WebSocket, reads one message and leaves."""

from __future__ import annotations

import random
from dataclasses import replace

from course_support.attempts import crashed
from course_support.backends.documents import SENTENCES
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import JOINED, Company, left_open, said, service, sockets, write
from course_support.verdict import Verdict, value_text, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    """A document that has been changed before, and that goes on changing once somebody has joined."""
    backend, arguments = service(draw)
    document = arguments["document"]
    before, later = draw.sample(SENTENCES, 2)
    write(backend, document, 0, f"{before} ")
    text = backend.state.documents[document].text
    company = Company(backend, lambda opened: write(backend, document, 0, f"{later} "))
    return Scene(company, arguments, {"text": text})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, *JOINED, _whole_message, of_type(str, "the text of the document"), _other_text, left_open)


def _other_scheme(evidence: Evidence) -> Verdict | None:
    """A crash of `create_connection`, which takes no address of HTTP's."""
    crash, failure = crashed(evidence), evidence.failure
    if not crash or not failure or evidence.exchanges or "scheme http" not in failure.message:
        return None
    return replace(crash, next_step="`create_connection` wants an address that begins with `ws`.")


def _whole_message(evidence: Evidence) -> Verdict | None:
    value, socket = evidence.value, sockets(evidence)[-1]
    received = [message for message in socket.messages if message.sender == "server" and message.opcode == "text"]
    if any(same(value, message.json()) for message in received if message.json() is not None):
        cause = "You returned a whole message, where the text in it is asked for."
    elif isinstance(value, str) and value in [message.text for message in received]:
        cause = "You returned a message as it came, in JSON."
    else:
        return None
    return wrong(
        cause,
        socket,
        expected=value_text(evidence.expected["text"]),
        seen=value_text(value),
        next_step='`json.loads(socket.recv())` makes a dict of the message; its member `"text"` is what is asked for.',
    )


def _other_text(evidence: Evidence) -> Verdict | None:
    socket, text, value = sockets(evidence)[-1], evidence.expected["text"], evidence.value
    if value == text or value in [first.get("text") for first in said(socket, "server", "document")]:
        return None
    later = [message.get("content") for message in said(socket, "server", "text_update")]
    return wrong(
        "You returned what somebody inserted later, not the text of the document."
        if value in later
        else "You returned another text than the document's.",
        socket,
        expected=value_text(text),
        seen=value_text(value),
        next_step='The first message, of the type document, has the text in its member `"text"`.',
    )


CONNECT = Exercise(
    "websocket.connect",
    "Connect, and say who you are",
    2,
    (
        "A WebSocket's address begins with `ws`, and its handshake is an HTTP request: that is where the token and the "
        "subprotocol go.",
        "`create_connection` takes the address and the arguments `subprotocols`, a list, and `header`, a dict. Then "
        "comes one `recv`, in JSON, and `close`.",
        '`socket = create_connection(url.replace("http", "ws", 1) + f"/edit/{document}", subprotocols=["edit.v1"], '
        'header={"Authorization": f"Bearer {token}"})`, and then `json.loads(socket.recv())["text"]`.',
    ),
    _scenes,
    _judge,
    early=(_other_scheme,),
)
