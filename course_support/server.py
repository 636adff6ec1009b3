"""Serves an ASGI application from a thread of this process, on 127.0.0.1, ready when `serve` returns."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from course_support.errors import CourseError
from course_support.faults import Faults
from course_support.hosting import Host, Log, WebSockets, last_words
from course_support.recorder import Recorder
from course_support.tap import tapped
from course_support.views.backend import Card, card_of
from course_support.views.traffic import Traffic
from course_support.wire import Exchange

PATIENCE = 2.0  # seconds after which `close` leaves a handler that never returns to itself


class ServeError(CourseError):
    """A backend that could not be started."""


class Server:
    """A running backend: where it listens, what it was sent, and the switches for its faults.

    A context manager; `close` is safe to call twice.
    """

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        """Start at once; ServeError if the port is taken or the application fails to start."""
        self.app = app
        self.recorder = Recorder()
        self.faults = Faults(app)
        self._socket = _listen(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        pings = getattr(getattr(app, "state", None), "ping_interval", None)
        patience = getattr(getattr(app, "state", None), "ping_timeout", pings)
        config = uvicorn.Config(
            self.faults,
            loop="asyncio",
            http=tapped(self.recorder, self.faults.lines),
            ws=WebSockets,
            ws_per_message_deflate=False,  # a record shows frames that can be read
            ws_ping_interval=pings,  # and no pings but those that the application wants
            ws_ping_timeout=patience,
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=75,
        )
        self._uvicorn = Host(config, self.faults.lines)
        self._thread = threading.Thread(target=self._uvicorn.run_in_thread, args=([self._socket],), daemon=True)
        logged = Log.count
        self._thread.start()
        self._uvicorn.ready.wait()
        if failure := self._uvicorn.failure:
            raise ServeError(f"The backend did not start: {last_words(failure, Log.count - logged)}") from failure
        _reach_loopback_directly()

    @property
    def traffic(self) -> Traffic:
        """Every exchange so far, as a sequence that shows itself as a list with totals."""
        return Traffic(self.recorder.exchanges)

    @property
    def last(self) -> Exchange:
        """The newest exchange; LookupError before the first one."""
        if not (last := self.recorder.last):
            raise LookupError(f"Nothing has been sent to {self.url} yet: send a request first.")
        return last

    @property
    def log(self) -> str:
        """The newest lines that the servers of this process have logged, tracebacks of failing handlers included."""
        return "\n".join(Log.lines)

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def card(self) -> Card:
        """What a client needs to know: where the backend listens, its routes, and credentials to use."""
        return card_of(self.app, self.url, self.running)

    @property
    def credentials(self) -> dict[str, str]:
        """Tokens to use, by who they stand for."""
        return dict(self.card.credentials)

    def close(self) -> None:
        """Stop listening, give requests in flight a moment to end, and free the port."""
        if self.running and self._uvicorn.loop:
            with contextlib.suppress(RuntimeError):  # it has just stopped by itself
                self._uvicorn.loop.call_soon_threadsafe(self._uvicorn.stop.set)
            self._thread.join(PATIENCE)
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return self.card.text

    def _repr_html_(self) -> str:
        return self.card.html


_named: dict[str, Server] = {}


def serve(app: ASGIApp, *, port: int = 0, name: str | None = None) -> Server:
    """Serve `app` in a thread and return when it answers.

    A second call for the same backend takes the place and the port of the first: running a cell
    twice leaves one server. Backends are told apart by `name`, by default what the application calls itself.

    Raises ServeError if the port is taken or the application fails to start.
    """
    name = name or getattr(getattr(app, "state", None), "name", None) or "backend"
    if predecessor := _named.get(name):
        predecessor.close()
        port = port or predecessor.port
    _named[name] = Server(app, port=port)
    return _named[name]


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only where the protocol is given; without it each kept-alive request takes 40 ms more
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere the option lets two servers share a port
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
        sock.listen(128)
    except OSError as error:
        sock.close()
        raise ServeError(f"Port {port} is not free on 127.0.0.1: choose another one, or leave it out.") from error
    return sock


def _reach_loopback_directly() -> None:
    # with HTTP_PROXY set, requests would send even 127.0.0.1 to the proxy
    known = [host for name in ("no_proxy", "NO_PROXY") for host in os.environ.get(name, "").split(",") if host.strip()]
    if "*" not in known:
        # both spellings, because clients differ in which one they read and which one they prefer
        hosts = dict.fromkeys([*known, "127.0.0.1", "localhost"])
        os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(hosts)
