"""A service whose lines are lost one after the other, each at a moment of its own, while others go on writing."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Literal

from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from course_support.exercises.websocket.rooms import write

Fate = Literal["refused", "opened", "lost", "echo lost", "second echo lost", "kept"]


class Losing:
    """ASGI middleware: one fate for each handshake, `kept` for those that come after them.

    A handshake is `refused` with 503; a line breaks when it has been `opened` and the first message has arrived; an
    update is `lost` before the service has it; or it is applied, and its `echo` is lost. Somebody else writes at the
    document's beginning each time that a line is opened or lost, and just before each update of the client.
    """

    def __init__(self, app: Any, document: str, user: str, other: str, fates: Sequence[Fate]) -> None:
        self.document = app.state.documents[document]
        self.user = user
        self._app = app
        self._other = other
        self._fates = list(fates)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
        elif self._fates[:1] == ["refused"]:
            self._fates.pop(0)
            await _refuse(scope, receive, send)
        else:
            line = _Line(self, self._fates[0] if self._fates else "kept", scope["state"], receive, send)
            await self._app(scope, line.receive, line.send)

    def opened(self) -> None:
        del self._fates[:1]
        self.meanwhile()

    def meanwhile(self, *, remove: int = 0) -> None:
        """Somebody else inserts a word, or removes so many characters."""
        content = "" if remove else "Indeed, "
        write(self._app, self.document.id, 1 if remove else 0, content, remove, user=self._other)


class _Line:
    """A client's WebSocket, from its handshake to its fate."""

    def __init__(self, losing: Losing, fate: Fate, state: dict[str, Any], receive: Receive, send: Send) -> None:
        self._losing = losing
        self._fate = fate
        self._drop: Callable[[], None] = state["drop"]
        self._receive = receive
        self._send = send
        self._updates = 0  # of the client
        self._applied: int | None = None  # the document's seq before the update whose echo will be lost
        self._broken = self._open = False

    async def receive(self) -> Message:
        message = await self._receive()
        if not self._broken:
            self._look_at(_content(message))
        while self._broken and message["type"] == "websocket.receive":  # it never arrived, nor what was sent with it
            message = await self._receive()
        return message

    def _look_at(self, sent: dict[str, Any]) -> None:
        document, user = self._losing.document, self._losing.user
        if sent.get("type") != "text_update" or document.known(user, sent.get("id")):
            return
        self._updates += 1
        self._losing.meanwhile()
        if self._fate == "lost":
            self._break()
        elif (self._fate, self._updates) in (("echo lost", 1), ("second echo lost", 2)):
            self._applied = document.seq

    async def send(self, message: Message) -> None:
        if self._broken:
            return
        told = _content(message)
        if self._applied is not None and self._is_echo(told):
            self._break()
            return
        await self._send(message)
        if told and not self._open:
            self._open = True
            self._losing.opened()
            if self._fate == "opened":
                self._break()

    def _is_echo(self, told: dict[str, Any]) -> bool:
        return told.get("userId") == self._losing.user and told.get("seq", 0) > (self._applied or 0)

    def _break(self) -> None:
        self._broken = True
        self._drop()  # what has been sent still arrives: nothing of the client's is unread that would make it a reset
        self._losing.meanwhile(remove=4)


def _content(message: Message) -> dict[str, Any]:
    """What a message on a WebSocket says; nothing for any other."""
    try:
        content = json.loads(message.get("text") or "null")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    problem = {"type": "about:blank", "title": "Service Unavailable", "status": 503, "detail": "Come back later."}
    await JSONResponse(problem, 503, media_type="application/problem+json")(scope, receive, send)
