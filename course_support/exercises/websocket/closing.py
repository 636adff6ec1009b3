"""The exercise that predicts with which code the service closes a WebSocket."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from websocket import ABNF

from course_support.connection import Connection
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import PATH, SUBPROTOCOL, closed_by, service
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

UPDATE = {"type": "text_update", "position": 0, "content": "Hi"}
SLOW = "256 messages wait for an editor who does not read"
READER = "an update by somebody who may only read"
BROKEN = "the service fails at an update"
SENT: dict[str, Callable[[Connection], Any]] = {
    "an update of 20,000 characters": lambda it: it.send(json.dumps(UPDATE | {"content": "x" * 20_000})),
    "a binary message": lambda it: it.send(json.dumps(UPDATE), ABNF.OPCODE_BINARY),
    "an update in another user's name": lambda it: it.send(json.dumps(UPDATE | {"userId": "somebody"})),
    READER: lambda it: it.send(json.dumps(UPDATE)),
    "a text that is no JSON": lambda it: it.send("hello"),
    BROKEN: lambda it: it.send(json.dumps(UPDATE)),
}
"""What an editor does in each case but one: there it is others who write."""


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, case) for case in draw.sample([*SENT, SLOW], len(SENT) + 1)]


def _scene(draw: random.Random, case: str) -> Scene:
    backend, given = service(draw, backlog=4)  # as good as 256, and sooner reached
    backend.state.broken = case == BROKEN
    token = backend.state.credentials["reader"] if case == READER else given["token"]

    def show(client: Client) -> None:
        buffer = 4096 if case == SLOW else None
        opened = client.connect(PATH + given["document"], token, [SUBPROTOCOL], buffer)
        if case == SLOW:
            _flood(client, backend, given)
        else:
            SENT[case](opened)
        while opened.connected and opened.recv_data()[0] != ABNF.OPCODE_CLOSE:
            pass

    return Scene(backend, {"case": case}, afterwards=show)


def _flood(client: Client, backend: Any, given: dict[str, Any]) -> None:
    """Write until the room has turned out its one reader, who does not read; the buffers on the way hold 3 MB or so."""
    room = backend.state.rooms[given["document"]]
    for number in range(200):
        if not room.connections:
            break
        text = f"{number:10}" * 6_000
        client.send("PUT", f"/api/v1/documents/{given['document']}", given["token"], {"text": text})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a close code, such as 1000"), _never_sent, _other_close)


RESERVED = {
    1005: "1005 stands for a close frame without a code, and is itself never in one.",
    1006: "1006 is what a client notes when a connection ended without a close frame: nobody sends it.",
    1015: "1015 is what a client notes when TLS failed: nobody sends it.",
}


def _never_sent(evidence: Evidence) -> Verdict | None:
    """A number that no close frame can have (RFC 6455, sections 7.4.1 and 7.4.2)."""
    value, exchange = evidence.value, _shown(evidence)
    if value in RESERVED:
        cause = RESERVED[value]
        step = "This service says goodbye, with a code and a reason in words."
    elif value in set(HTTPStatus):
        cause = f"{value} is a status of HTTP, and after the handshake there are none any more."
        step = "The codes of close frames begin at 1000: the lesson lists those that this service uses."
    else:
        return None
    actual = closed_by(exchange, "server")
    return wrong(cause, exchange, expected=str(actual), seen=value_text(value), next_step=step)


def _shown(evidence: Evidence) -> Exchange:
    """The connection that was closed, without the many messages that somebody did not read."""
    exchange = evidence.afterwards[0]
    first, last = exchange.messages[:2], exchange.messages[2:][-2:]
    left_out = len(exchange.messages) - len(first) - len(last)
    if not left_out:
        return exchange
    return replace(exchange, messages=first + last, note=f"{left_out} messages between are left out here")


MEANING = {
    1003: "Unsupported Data: a kind of message that the service does not take at all, whatever is in it.",
    1009: "Message Too Big, whatever it says: this service takes 16 KiB at a time.",
    1011: "Internal Error: the client did nothing wrong, and may come back; HTTP would say 500.",
    1013: "Try Again Later: the service does not let one slow reader fill its memory, so who was too slow joins again.",
}
RULE = {
    "an update in another user's name": "The token says who somebody is, whatever a message claims. That is a rule of "
    "the service's own: policy violation, 1008.",
    READER: "HTTP would say 403. Here the rule that was broken is the service's own: policy violation, 1008.",
    "a text that is no JSON": "It is UTF-8, so WebSocket itself has nothing against it (that would be 1007). The rule "
    "that was broken is the service's own: policy violation, 1008.",
}


def _other_close(evidence: Evidence) -> Verdict | None:
    exchange, value, case = _shown(evidence), evidence.value, str(evidence.arguments["case"])
    actual = closed_by(exchange, "server")
    if same(value, actual):
        return None
    return wrong(
        f"With “{case}” the service closes with {actual}, not with {value_text(value, 20)}.",
        exchange,
        expected=str(actual),
        seen=value_text(value),
        next_step=RULE.get(case) or MEANING.get(actual or 0, "Read the close frame's reason."),
    )


PREDICT_CLOSE = Exercise(
    "websocket.predict_close",
    "Predict the close code",
    2,
    (
        "Five codes are enough for the seven cases. Ask of each: is it the kind of message, its size, a rule of the "
        "service, the service itself, or the pace?",
        "1003 is about binary, 1009 about size, 1011 about the service's own failure, 1013 about being too slow, and "
        "1008 about the service's rules.",
        "Three cases break a rule of the service: 1008 for the name, for the reader and for what is no JSON.",
    ),
    _scenes,
    _judge,
)
