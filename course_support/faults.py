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


Fault = Answer | Drop | Slow | Pass


class Faults:
    """ASGI middleware that delays every request by `delay` seconds and spends one scripted fault on each.

    The handshake of a WebSocket is a request like any other, but either Drop comes before the backend's work, and Slow
    does nothing: it has no content.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.delay = 0.0
        self.applies: Callable[[Scope], bool] = lambda scope: True
        self._script: deque[Fault] = deque()

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
        match self._script.popleft() if self._script else Pass():
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
            case Pass():
                await self.app(scope, receive, send)


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
