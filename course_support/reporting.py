"""Serves a learner's application and tells whoever asks it why it failed, as a plain 500 would not."""

from __future__ import annotations

from collections.abc import Callable
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from traceback import walk_tb
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.attempts import failed_serving


class Reporting:
    """ASGI middleware: an error that the application raises becomes a problem (RFC 9457) that describes it.

    `describe` gives the description. A 500 is held back until the application has ended, because frameworks answer
    with one before they raise. On an open WebSocket the problem is a message, before a close frame with code 1011.
    """

    def __init__(self, app: ASGIApp, describe: Callable[[BaseException], dict[str, Any]]) -> None:
        self._app = app
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._answer(scope, receive, send)
            case "websocket":
                await self._converse(scope, receive, send)
            case _:
                await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if held or message.get("status") == 500:
                held.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold)
        except Exception as error:
            await self._problem(error)(scope, receive, send)
            return
        for message in held:
            await send(message)

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        last = ""  # what was said last decides whether, and how, the client can still be told

        async def note_received() -> Message:
            nonlocal last
            message = await receive()
            if message["type"] == "websocket.disconnect":
                last = message["type"]
            return message

        async def note_sent(message: Message) -> None:
            nonlocal last
            await send(message)
            last = message["type"]

        try:
            await self._app(scope, note_received, note_sent)
        except Exception as error:
            problem = self._problem(error)
            if not last:
                await problem(scope, receive, send)
            elif last in ("websocket.accept", "websocket.send"):
                await send({"type": "websocket.send", "text": bytes(problem.body).decode()})
                await send({"type": "websocket.close", "code": 1011, "reason": "The application failed."})
            else:
                raise

    def _problem(self, error: BaseException) -> JSONResponse:
        content = failed_serving(self._describe(error))
        _close_unawaited(error)
        return JSONResponse(content, 500, media_type="application/problem+json")


def _close_unawaited(error: BaseException) -> None:
    """Close the coroutines that the error came of, else Python complains of lines that are not the learner's."""
    found = [getattr(error, "obj", None)]
    for frame, _ in walk_tb(error.__traceback__):
        found += frame.f_locals.values()
    for it in found:
        if iscoroutine(it) and getcoroutinestate(it) == CORO_CREATED:
            it.close()
