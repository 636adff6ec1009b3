"""Runs uvicorn in a thread of a kernel.

uvicorn is made for production: it polls ten times a second for the wish to stop, and logs to the console. Here it stops
at once, and its log can be asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections import deque
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request, Response

from course_support.line import Lines

# RFC 9110 renamed these two; Python follows from 3.13 on, and every learner should see the same.
STATUS_PHRASES.update({413: b"Content Too Large", 422: b"Unprocessable Content"})
GRACE = 0.2  # seconds that a request in flight has to end when the server is closed


class Log(logging.Handler):
    """Keeps the server's newest log lines; a print from its thread would land in whichever cell is running."""

    lines: ClassVar[deque[str]] = deque(maxlen=200)
    count: ClassVar[int] = 0

    def emit(self, record: logging.LogRecord) -> None:
        Log.count += 1
        self.lines.append(self.format(record))


def _quiet(name: str) -> None:
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.handlers = [Log()]


def _log_failure(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # of a task that nobody awaits; asyncio's own handler would print it
    logging.getLogger("uvicorn.error").error(context["message"], exc_info=context.get("exception"))


class WebSockets(WebSocketsSansIOProtocol):
    """uvicorn's WebSockets, but whoever asks for another version is told the right one (RFC 6455, section 4.2.2)."""

    def handle_connect(self, event: Request) -> None:
        accept = self.conn.accept

        def accept_or_tell(request: Request) -> Response:
            response = accept(request)
            if request.headers.get_all("Sec-WebSocket-Version") != ["13"]:
                response.headers["Sec-WebSocket-Version"] = "13"
            return response

        self.conn.accept = accept_or_tell  # type: ignore[method-assign]  # uvicorn makes it, and asks nobody
        super().handle_connect(event)


class Host(uvicorn.Server):
    """uvicorn that says when it is ready and stops at once when told to."""

    def __init__(self, config: uvicorn.Config, lines: Lines) -> None:
        super().__init__(config)
        for name in ("uvicorn", "uvicorn.error"):
            _quiet(name)
        self.lines = lines
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.failure: BaseException | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_exception_handler(_log_failure)
        self.stop = asyncio.Event()
        await super().startup(sockets)
        await self.on_tick(0)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for sock in sockets or ():
            with contextlib.suppress(NotImplementedError):  # on Windows
                asyncio.get_running_loop().remove_reader(sock)
        for _ in range(3):  # turns in which connections just accepted get their protocol; a closed server loses them
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if not connection.transport.is_closing():  # uvicorn sends no second close frame
                connection.shutdown()
        if tasks := list(self.server_state.tasks):
            await asyncio.wait(tasks, timeout=GRACE)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        self.lines.abort()  # those that hold something back after the server has done with them
        await self.lifespan.shutdown()

    def run_in_thread(self, sockets: list[socket.socket]) -> None:
        try:
            self.run(sockets)
        except BaseException as error:  # a failing lifespan raises SystemExit, which a thread would swallow
            self.failure = error
        finally:
            for sock in sockets:
                sock.close()
            self.ready.set()


def last_words(failure: BaseException, logged: int) -> str:
    if not isinstance(failure, SystemExit):
        return f"{type(failure).__name__}: {failure}"
    # uvicorn exits after it has logged why, and after that only that it exits
    reasons = [text for text in list(Log.lines)[-logged:] if "startup failed" not in text] if logged else []
    return reasons[-1].strip().splitlines()[-1] if reasons else "it gave no reason."
