"""Serves a learner's application and tells whoever asks it why it failed, as a plain 500 would not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.attempts import failed_serving


class Reporting:
    """ASGI middleware: an error that the application raises becomes a problem (RFC 9457) that describes it.

    `describe` gives the description. A 500 is held back until the application has ended, because frameworks answer
    with one before they raise.
    """

    def __init__(self, app: ASGIApp, describe: Callable[[BaseException], dict[str, Any]]) -> None:
        self._app = app
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if held or message.get("status") == 500:
                held.append(message)
            else:
                await send(message)

        try:
            await self._app(scope, receive, hold)
        except Exception as error:
            problem = failed_serving(self._describe(error))
            await JSONResponse(problem, 500, media_type="application/problem+json")(scope, receive, send)
            return
        for message in held:
            await send(message)
