"""The exercise that comes back where a close code says that it passes, and stays away where it does not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, cycle, pairwise
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from course_support.attempts import crashed
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import JOINED, closed_by, handshakes, service, sockets, write
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

PAUSE = 0.1  # seconds before the next try
BROKEN = 1006  # stands for a line that breaks without a close frame (RFC 6455, section 7.1.5)
UNSAID = 1005  # stands for a close frame without a code
PASSES = (1001, 1011, 1013, BROKEN)
REFUSED = 403  # the status for who comes back although told to stay away: most programs end there
OVER = (REFUSED, 1000, 1008, 4000)  # one of these may end a loop that catches every error
REASONS = {
    1000: "This document is finished.",
    1001: "The service restarts: connect again.",
    1003: "Send text frames: this service does not take binary ones.",
    1008: "Use a token that may write: this one may only read.",
    1009: "Send at most 16384 bytes in one message.",
    1011: "The service failed at this: connect again and resume after the last seq you have.",
    1013: "You read too slowly: connect again and resume after the last seq you have.",
}


def _scenes(draw: random.Random) -> list[Scene]:
    passing = draw.sample([1011, 1013, BROKEN], 3)
    own = draw.randint(4000, 4999)
    return [
        _scene(draw, 1001, 1008),
        _scene(draw, *passing, draw.choice([1000, 1003, 1009])),
        _scene(draw, BROKEN, own),
        _scene(draw, UNSAID),
    ]


def _scene(draw: random.Random, *codes: int) -> Scene:
    backend, arguments = service(draw)
    return Scene(_Ending(backend, arguments["document"], codes), arguments, {"codes": list(codes)})


class _Ending:
    """ASGI middleware: ends one WebSocket after the other with these codes, each after three messages.

    Who comes once more is not let in, and by turns is told to stay away again.
    """

    def __init__(self, app: Any, document: str, codes: Sequence[int]) -> None:
        self._app = app
        self._document = document
        self._codes = chain(codes, cycle(OVER))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._play(next(self._codes), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _play(self, code: int, scope: Scope, receive: Receive, send: Send) -> None:
        if code == REFUSED:
            await PlainTextResponse("You were told to stay away.", code)(scope, receive, send)
            return
        sent = 0

        async def send_and_end(message: Message) -> None:
            nonlocal sent
            if sent == 3:
                return
            await send(message)
            sent += message["type"] == "websocket.send"
            if message["type"] == "websocket.accept":
                write(self._app, self._document, 0, "Well, ")
                write(self._app, self._document, 0, remove=6)
            elif sent == 3:
                await _end(scope, send, code)

        await self._app(scope, receive, send_and_end)


async def _end(scope: Scope, send: Send, code: int) -> None:
    if code == BROKEN:
        scope["state"]["drop"]()
    else:
        told = {"code": None if code == UNSAID else code, "reason": REASONS.get(code, "")}
        await send({"type": "websocket.close", **told})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *JOINED,
        _stayed_away,
        _too_soon,
        of_type(int, "a close code, such as 1000"),
        _other_code,
    )


def _ended(code: int) -> str:
    if code == BROKEN:
        return "the line broke without a close frame"
    return "the service closed without a code" if code == UNSAID else f"the service closed with {code}"


WHY = {
    1000: "1000 says that all is done, and nothing has gone wrong.",
    1001: "1001 says “going away”: the service is being restarted, and will be there again.",
    1003: "1003 says that the service does not take such data, and a second time it would not either.",
    1008: "1008 says that a rule was broken, and a second time the rule would be the same.",
    1009: "1009 says that a message was too big, and a second time it would not be smaller.",
    1011: "1011 says that the service failed at something: the next try may well go right.",
    1013: "1013 says “try again later”.",
    UNSAID: "A close frame is a goodbye, even where it brings no code: RFC 6455 calls that 1005.",
    BROKEN: "No close frame means that nobody wanted the connection to end: websocket-client then raises an error.",
}
APPLICATION = "Codes from 4000 on are an application's own: who does not know what one means stays away."


def _stayed_away(evidence: Evidence) -> Verdict | None:
    opened, codes = sockets(evidence), evidence.expected["codes"]
    if len(opened) >= len(codes):
        return None
    code = codes[len(opened) - 1]
    return wrong(
        f"You did not join again, although {_ended(code)}, which passes.",
        opened[-1],
        expected=f"{len(codes)} WebSockets, one after the other",
        seen=len(opened),
        next_step=WHY[code],
    )


def _came_back(evidence: Evidence) -> Verdict | None:
    opened, codes = sockets(evidence), evidence.expected["codes"]
    if len(opened) < len(codes) or handshakes(evidence)[-1].number <= opened[len(codes) - 1].number:
        return None
    return wrong(
        f"You joined again, although {_ended(codes[-1])}.",
        opened[len(codes) - 1],
        expected="nothing more, and the code returned",
        seen="another handshake",
        next_step=WHY.get(codes[-1], APPLICATION),
    )


def _lost_the_code(evidence: Evidence) -> Verdict | None:
    """A crash of `recv`, which has hidden a close frame, or of the empty text that it gave instead."""
    crash, failure, last = crashed(evidence), evidence.failure, evidence.last
    if not crash or not failure or not last or "recv_data" in failure.source:
        return None
    hidden = failure.type.startswith("WebSocket") or (failure.type == "JSONDecodeError" and "char 0" in failure.message)
    if not hidden or closed_by(last, "server") is None:
        return None
    return replace(crash, next_step=HIDDEN)


HIDDEN = (
    "`recv` hides close frames: it returns an empty text, and fails the next time. "
    "`recv_data_frame(control_frame=True)` hands you the close frame, with its code."
)


def _end_of(socket: Exchange) -> float:
    """When the client could know that the connection ends."""
    return next((m.at for m in socket.messages if m.sender == "server" and m.opcode == "close"), socket.ended)


def _too_soon(evidence: Evidence) -> Verdict | None:
    opened = sockets(evidence)
    for earlier, later in pairwise(opened):
        waited = later.started - _end_of(earlier)
        if waited < PAUSE - 0.005:  # the two clocks may differ by a tick
            return wrong(
                "You joined again too soon after a connection had ended.",
                later,
                expected=f"at least {PAUSE} s after the end of the connection before",
                seen=f"{max(0.0, waited):.2f} s",
                next_step="Where a service fails or restarts, all its clients come at one moment: `time.sleep` first.",
            )
    return None


def _other_code(evidence: Evidence) -> Verdict | None:
    code, value = evidence.expected["codes"][-1], evidence.value
    if same(value, code):
        return None
    last = sockets(evidence)[-1]
    step = 'The code stands in the first two bytes of the close frame\'s content: `int.from_bytes(data[:2], "big")`.'
    if code == UNSAID:
        cause = f"The last close frame has no code, which RFC 6455 calls 1005, and you return {value_text(value, 20)}."
        step = "Look at how many bytes the content has: without a code there are none."
    elif value in evidence.expected["codes"]:
        cause = f"You return the code of an earlier end, {value}: the last one was {code}."
        step = "Return the code that made you stay away."
    elif value == closed_by(last, "client"):
        cause = f"You return the code with which you closed, {value}: the service closed with {code}."
    else:
        cause = f"The connection ended with {code}, and you return {value_text(value, 20)}."
    return wrong(cause, last, expected=code, seen=value_text(value), next_step=step)


STAY = Exercise(
    "websocket.stay",
    "Do what the close code asks for",
    3,
    (
        "Three things may come of reading: a message, a close frame, or an error because there was none. Which of "
        "them end the loop inside, and which the loop around it?",
        "`opcode, frame = socket.recv_data_frame(control_frame=True)` hands you close frames as well: for an `opcode` "
        "of `ABNF.OPCODE_CLOSE`, the first two bytes of `frame.data` are the code, and 1005 stands for none. A "
        "`WebSocketException` or an `OSError` means 1006. Then: return, or sleep and connect again.",
    ),
    _scenes,
    _judge,
    early=(_came_back, _lost_the_code),
)
