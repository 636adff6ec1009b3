"""What scenes and judges of the WebSocket exercises share: a document editor with drawn values, and its handshake."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from course_support.backends.editing import apply_update
from course_support.backends.editor import app
from course_support.backends.edits import Edit
from course_support.backends.updates import Wanted
from course_support.evidence import Evidence, Rule
from course_support.exercise import URL
from course_support.exercises.rules import json_object, not_let_in, requested, sent_nothing
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

PATH = "/edit/"
SUBPROTOCOL = "edit.v1"
LESSON = "document-123"  # some know it by heart
EDITORS = ("ada", "grace", "alan")


def service(draw: random.Random, **limits: Any) -> tuple[Any, dict[str, Any]]:
    """A fresh editor service, and the arguments that most calls need: an editor's token and a document to edit."""
    backend = app(draw.randrange(2**32), **limits)
    token = backend.state.credentials[draw.choice(EDITORS)]
    return backend, {"url": URL, "token": token, "document": drawn_document(backend, draw)}


def drawn_document(backend: Any, draw: random.Random) -> str:
    """The id of one of the documents, but for the one of the lesson."""
    documents: list[str] = [id for id in backend.state.documents if id != LESSON]
    return draw.choice(documents)


def write(backend: Any, document: str, position: int, content: str = "", remove: int = 0, user: str = "grace") -> None:
    """Somebody else's update, told to everybody in the room; in the server's thread, or before it runs."""
    wanted = Wanted(Edit(position, content, remove), backend.state.documents[document].seq, None, None)
    apply_update(backend.state, backend.state.documents[document], user, wanted)


class Company:
    """ASGI middleware: each time that a WebSocket's first message is out, others in the room do something.

    `act` is given how many have been opened before; what it does happens in the server's thread, all at once, so that
    each run is the same.
    """

    def __init__(self, app: Any, act: Callable[[int], None]) -> None:
        self.state = app.state
        self._app = app
        self._act = act
        self._opened = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        waiting = scope["type"] == "websocket"

        async def send_and_act(message: Message) -> None:
            nonlocal waiting
            await send(message)
            if waiting and message["type"] == "websocket.send":
                waiting = False
                self._opened += 1
                self._act(self._opened - 1)

        await self._app(scope, receive, send_and_act)


def sockets(evidence: Evidence) -> list[Exchange]:
    """The learner's WebSockets to a document that were opened."""
    return [e for e in evidence.exchanges if e.status == 101 and e.request.path.startswith(PATH)]


def said(exchange: Exchange, sender: str, *kinds: str) -> list[dict[str, Any]]:
    """The JSON messages of these types, or of any, that one side sent."""
    contents = [m.json() for m in exchange.messages if m.sender == sender and m.opcode == "text"]
    return [it for it in contents if isinstance(it, dict) and (not kinds or it.get("type") in kinds)]


def closed_by(exchange: Exchange, sender: str) -> int | None:
    """The code of one side's close frame, or None where it sent none."""
    return next((m.close_code for m in exchange.messages if m.sender == sender and m.close_code), None)


def handshakes(evidence: Evidence) -> list[Exchange]:
    """The learner's requests for a WebSocket, whatever came of them."""
    return [e for e in evidence.exchanges if (e.request.fields.get("Upgrade") or "").lower() == "websocket"]


def no_socket(evidence: Evidence) -> Verdict | None:
    """Only plain HTTP was spoken."""
    if handshakes(evidence):
        return None
    refused = next((e for e in evidence.exchanges if e.status == 426), None)
    cause = "You opened no WebSocket."
    if refused:
        cause = f"You asked for {PATH}… by plain HTTP, and the service answered 426 Upgrade Required."
    return wrong(
        cause,
        refused or evidence.last,
        expected=f"a WebSocket to {PATH}{evidence.arguments.get('document')}",
        seen=requested(evidence.exchanges[:4]),
        next_step='`websocket.create_connection(url.replace("http", "ws", 1) + …, subprotocols=[…], header={…})` '
        "opens one.",
    )


def refused_handshake(evidence: Evidence) -> Verdict | None:
    """The last handshake was refused, and the request says why; what only time can mend (5xx) is not meant."""
    tried = handshakes(evidence)
    if not tried or not 400 <= (tried[-1].status or 0) < 500:
        return None
    asked = PATH + str(evidence.arguments.get("document"))
    return _no_address(tried[-1], asked) or _no_subprotocol(tried[-1]) or _another_refusal(tried[-1])


def _no_address(refused: Exchange, asked: str) -> Verdict | None:
    target = refused.request.target
    if refused.status != 404 and refused.request.path.startswith(PATH):
        return None
    return wrong(
        "The service has nothing at the address of your WebSocket.",
        refused,
        expected=asked,
        seen=target,
        next_step="There are braces in it: does your string begin with f?"
        if "{" in target or "%7B" in target
        else "Compare the target in the request's first line with the one in the task.",
    )


def _no_subprotocol(refused: Exchange) -> Verdict | None:
    field = refused.request.fields.get("Sec-WebSocket-Protocol")
    if refused.status != 400 or (field and SUBPROTOCOL in [name.strip() for name in field.split(",")]):
        return None
    return wrong(
        "Your handshake offers a subprotocol that the service does not speak."
        if field
        else "Your handshake offers no subprotocol, so the service answered 400.",
        refused,
        expected=f"Sec-WebSocket-Protocol: {SUBPROTOCOL}",
        seen=f"Sec-WebSocket-Protocol: {field}" if field else "no Sec-WebSocket-Protocol",
        next_step="`create_connection` offers those in its argument `subprotocols`, which is a list of names.",
    )


def _another_refusal(refused: Exchange) -> Verdict:
    detail = json_object(refused).get("detail")
    return wrong(
        f"The service refused your handshake with {refused.status}.",
        refused,
        expected="101 Switching Protocols",
        seen=detail if isinstance(detail, str) else "a refusal",
        next_step="Read the problem in the content of the answer: its detail says what to do.",
    )


def other_document(evidence: Evidence) -> Verdict | None:
    """Some other document was joined."""
    asked = PATH + str(evidence.arguments.get("document"))
    odd = next((e for e in sockets(evidence) if e.request.path != asked), None)
    if not odd:
        return None
    return wrong(
        "You joined another document than the one that your function is given.",
        odd,
        expected=asked,
        seen=odd.request.path,
        next_step="The check draws another document each time: put the argument `document` into the address.",
    )


def not_opened(evidence: Evidence) -> Verdict | None:
    """No handshake succeeded, for whatever other reason."""
    if sockets(evidence):
        return None
    return wrong(
        "None of your handshakes was answered with 101 Switching Protocols.",
        evidence.last,
        expected=f"a WebSocket to {PATH}{evidence.arguments.get('document')}",
        seen=requested(evidence.exchanges[:4]),
        next_step="Look at the service's last answer, and at what it asks for.",
    )


JOINED: tuple[Rule, ...] = (sent_nothing, not_let_in, no_socket, refused_handshake, not_opened, other_document)
"""The rules that come first wherever a document is joined: after them `sockets(evidence)` is not empty."""

LEFT = (1000, 1001, 1005)  # done, going away, or no word of why (RFC 6455, section 7.4.1)


def left_open(evidence: Evidence) -> Verdict | None:
    """The last WebSocket was not closed by a close frame."""
    socket = sockets(evidence)[-1]
    code = closed_by(socket, "client")
    if code in LEFT:
        return None
    return wrong(
        "You left the WebSocket without closing it." if code is None else f"You closed the WebSocket with {code}.",
        socket,
        expected="a close frame with 1000",
        seen="no close frame" if code is None else f"close {code}",
        next_step="`socket.close()` sends a close frame with the code 1000, and waits for the answer.",
    )
