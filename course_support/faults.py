"""Faults and latency on a switch: a lesson turns them on, watches what breaks, and turns them off.

Faults are scripted, never random, so that the same cell shows the same break each time it is run.
"""

from __future__ import annotations

import json
from asyncio import sleep
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.line import Fate, Lines


@dataclass(frozen=True, slots=True)
class Answer:
    """The backend is not asked: the client gets this status, with `Retry-After` in seconds if given.

    RFC 9110, section 10.2.3.
    """

    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection breaks: `before` the backend has seen the request, or `after` its work is done, answer unsent."""

    when: Literal["before", "after"] = "before"


@dataclass(frozen=True, slots=True)
class Slow:
    """The head comes at once, the content in at most ten pieces over so many seconds (streamed: each of its parts)."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pass:
    """One request goes through unharmed."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The next WebSocket that opens breaks, without a close frame, when this many messages have gone to the client.

    Only text and binary messages count. What is no handshake, or is refused, meets nothing and leaves it waiting.
    """

    after: int


@dataclass(frozen=True, slots=True)
class Lag:
    """The next WebSocket that opens grows slow when this many messages have gone to the client.

    Each piece of bytes takes so many seconds from there on, in either direction, a pong and a goodbye too: with very
    many the line is as good as silent. It waits for its WebSocket as Cut does.
    """

    seconds: float
    after: int = 1


Fault = Answer | Drop | Slow | Pass | Cut | Lag


class Faults:
    """ASGI middleware that delays every request by `delay` seconds and spends one scripted fault on each.

    The handshake of a WebSocket is a request like any other, but either Drop comes before the backend's work, and Slow
    does nothing: it has no content. The lines of WebSockets that are open have faults of their own: `cut`, `cut_after`,
    `lag` and `silent`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.delay = 0.0
        self.applies: Callable[[Scope], bool] = lambda scope: True
        self.lines = Lines()
        self._script: deque[Fault] = deque()

    @property
    def lag(self) -> float:
        """Seconds that each piece of bytes on an open WebSocket takes, in either direction; the order is kept."""
        return self.lines.lag

    @lag.setter
    def lag(self, seconds: float) -> None:
        self.lines.lag = seconds

    @property
    def silent(self) -> bool:
        """Whether nothing passes on open WebSockets, no pong and no close either; what waits passes when it ends."""
        return self.lines.silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self.lines.silent = silent

    def cut(self) -> None:
        """Break every open WebSocket now, without a close frame: a client sees the code 1006."""
        self.lines.cut()

    def cut_after(self, messages: int, times: int = 1) -> None:
        """Break each of the next `times` WebSockets when the server has sent it so many messages.

        ValueError for fewer than one.
        """
        if messages < 1:
            raise ValueError(f"A line is cut after at least 1 message, not after {messages}; `cut()` cuts now.")
        self.script(*[Cut(messages)] * times)

    def script(self, *faults: Fault) -> None:
        """Line up these faults for the next requests, one each, behind those that still wait."""
        self._script.extend(faults)

    def answer_next(self, status: int, times: int = 1, retry_after: int | None = None) -> None:
        """Answer the next `times` requests with this status; ValueError for one that is not an error status."""
        if status not in set(HTTPStatus) or status < 400:
            raise ValueError(f"A fault answers with an error status of RFC 9110, for example 503, not with {status}.")
        self.script(*[Answer(status, retry_after)] * times)

    def drop_next(self, times: int = 1, when: Literal["before", "after"] = "before") -> None:
        """Break the connection of the next `times` requests, before or after the backend's work."""
        self.script(*[Drop(when)] * times)

    def slow_next(self, seconds: float, times: int = 1) -> None:
        """Spread the content of the next `times` responses over so many seconds."""
        self.script(*[Slow(seconds)] * times)

    def clear(self) -> None:
        """No delay and no fault from here on."""
        self.delay = 0.0
        self._script.clear()
        self.lines.clear()

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """The faults that no request has met yet."""
        return tuple(self._script)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not self.applies(scope):
            await self.app(scope, receive, send)
            return
        if self.delay:
            await sleep(self.delay)
        handshake = scope["type"] == "websocket"
        match self._next(handshake):
            case Answer() as answer:
                await _read(receive)
                await _refuse(answer, _denial(send) if handshake else send)
            case Slow() if handshake:
                await self.app(scope, receive, send)
            case Drop(when) if handshake or when == "before":
                await _read(receive)
                scope["state"]["drop"]()
            case Drop():
                await self.app(scope, receive, _discard)
                scope["state"]["drop"]()
            case Slow(seconds):
                await self.app(scope, receive, _slowly(send, seconds))
            case Cut() | Lag():
                await self.app(scope, receive, self._befalling(scope, send))
            case Pass():
                await self.app(scope, receive, send)

    def _next(self, handshake: bool) -> Fault:
        """The fault for this request, spent unless it is a line's, which waits until a WebSocket opens."""
        match self._script:
            case []:
                return Pass()
            case [Cut() | Lag() as fault, *_]:
                return fault if handshake else Pass()
        return self._script.popleft()

    def _befalling(self, scope: Scope, send: Send) -> Send:
        """Spend the line's fault that waits on this WebSocket, if it opens."""

        async def send_befalling(message: Message) -> None:
            match self._script:
                case [Cut() | Lag() as fault, *_] if message["type"] == "websocket.accept":
                    self._script.popleft()
                    scope["state"]["befall"](Fate(fault.after, fault.seconds if isinstance(fault, Lag) else None))
            await send(message)

        return send_befalling


async def _read(receive: Receive) -> None:
    """Take in the whole request first: whether its content had already arrived must not make a difference."""
    while (await receive()).get("more_body", False):
        pass


async def _refuse(answer: Answer, send: Send) -> None:
    status = HTTPStatus(answer.status)
    body = json.dumps({"type": "about:blank", "title": status.phrase, "status": status}).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    if answer.retry_after is not None:
        headers.append((b"retry-after", str(answer.retry_after).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _denial(send: Send) -> Send:
    """The way to answer a handshake with anything but its acceptance (ASGI, extension `websocket.http.response`)."""

    async def deny(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return deny


async def _discard(message: Message) -> None:
    pass


def _slowly(send: Send, seconds: float) -> Send:
    async def send_slowly(message: Message) -> None:
        body = message.get("body", b"")
        step = -(-len(body) // 10)
        pieces = [body[start : start + step] for start in range(0, len(body), step)] if body else []
        for piece in pieces:
            await sleep(seconds / len(pieces))
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({**message, "body": b""} if pieces else message)

    return send_slowly
