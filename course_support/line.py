"""The lines that carry a server's open WebSockets, with what can be wrong with a line: it is cut, slow or silent.

Under the protocol and not in the application, because no ASGI message can break off without a close frame, and because
pings and goodbyes are to be held up like any other bytes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from course_support.lane import Gate, Lane

HIGH, LOW = 64 * 1024, 16 * 1024  # bytes held on a line at which its ends are told to wait, and to go on (as asyncio)
PATIENCE = 5.0  # seconds that a switch waits for the server's thread


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one line when so many messages have gone to the client: it lags, or without a `lag` it breaks."""

    after: int
    lag: float | None = None


class Lines:
    """The open WebSockets of one server, and the switches for all of them; safe to use from any thread."""

    def __init__(self) -> None:
        self.lag = 0.0
        self.open: set[Line] = set()
        self._silent = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def silent(self) -> bool:
        return self._silent

    @silent.setter
    def silent(self, silent: bool) -> None:
        self._silent = silent
        self._each(Line.flush)

    def cut(self) -> None:
        """Break every open WebSocket; what is held on their lines is lost."""
        self._each(Line.cut)

    def clear(self) -> None:
        """All switches off; a line that was to be cut later is not."""
        self.lag = 0.0
        self.silent = False
        self._each(Line.spare)

    def abort(self) -> None:
        """Leave no line behind."""
        self._each(Line.abort)

    def add(self, line: Line) -> None:
        self._loop = asyncio.get_running_loop()
        self.open.add(line)

    def _each(self, act: Callable[[Line], None]) -> None:
        """Do it to every open line in the server's thread, and return when it is done."""
        loop, done = self._loop, threading.Event()
        if not loop or loop.is_closed():
            return

        def work() -> None:
            for line in list(self.open):
                act(line)
            loop.call_soon(done.set)  # after what the acts have put off until the next turn

        if _running() is loop:
            work()
            return
        try:
            loop.call_soon_threadsafe(work)
        except RuntimeError:  # it has just stopped
            return
        done.wait(PATIENCE)


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Line:
    """The line of one open WebSocket, between the transport that has the client's socket and the server's protocol.

    `passed` is told what goes out to the client, when it does, and `fate` is met when it is time.
    """

    def __init__(
        self,
        lines: Lines,
        transport: asyncio.Transport,
        protocol: Any,
        passed: Callable[[bytes], None],
        fate: Fate | None,
    ) -> None:
        self.broken = False
        self._transport = transport
        self._protocol = protocol
        self._passed = passed
        self._fate = fate
        self._messages = 0  # that have gone to the client
        self._own_lag = 0.0
        self._lines = lines
        self._out, self._in = Lane(self), Lane(self)
        # a protocol that knows of the end is told no more: it would wait for ever
        self._writing = Gate(
            lambda: self._told or protocol.pause_writing(), lambda: self._told or protocol.resume_writing()
        )
        self._reading = Gate(transport.pause_reading, transport.resume_reading)
        self._closed = False  # by the protocol
        self._told = False  # the protocol knows that the connection has ended
        self._gone = False  # the connection has ended
        lines.add(self)

    @property
    def lag(self) -> float:
        return self._lines.lag + self._own_lag

    @property
    def silent(self) -> bool:
        return self._lines.silent

    def write(self, data: bytes) -> None:
        self._out.put(partial(self._write, data), len(data))
        self._weigh()

    def close(self) -> None:
        """The protocol has done with it. As on a real line, what is still under way arrives, and nobody waits for it.

        (A TCP stack takes over what has been written: RFC 9293, section 3.6.)
        """
        if not self.is_closing():
            self._closed = True
            self._out.put(self._transport.close)
            if not self._transport.is_closing():
                self._in.clear()
                asyncio.get_running_loop().call_soon(self._tell, None)

    def abort(self) -> None:
        self._out.clear()
        self._in.clear()
        self._closed = True
        if self._gone:
            self._tell(None)
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._closed or self._transport.is_closing()

    def received(self, data: bytes) -> None:
        """Bytes have come from the client."""
        if not self._closed:
            self._in.put(partial(self._deliver, data), len(data))
            if self._in.size > HIGH:
                self._reading.shut("line")

    def lost(self, exc: Exception | None) -> None:
        """The transport has lost the connection."""
        self._gone = True
        self._out.clear()
        if self._closed or self.broken:
            self._tell(exc)
        else:
            self._in.put(partial(self._tell, exc))
        self._forget()

    def pause_writing(self) -> None:
        self._writing.shut("socket")

    def resume_writing(self) -> None:
        self._writing.open("socket")

    def pause_reading(self) -> None:
        self._reading.shut("protocol")

    def resume_reading(self) -> None:
        self._reading.open("protocol")

    def cut(self) -> None:
        self.broken = not self._transport.is_closing()
        self.abort()

    def spare(self) -> None:
        self._fate, self._own_lag = None, 0.0

    def flush(self) -> None:
        self._out.flush()
        self._in.flush()

    def _write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        self._passed(data)
        self._transport.write(data)
        self._weigh()
        self._messages += _is_message(data)
        if self._fate and self._messages == self._fate.after:
            self._meet(self._fate)

    def _meet(self, fate: Fate) -> None:
        self._fate = None
        if fate.lag is None:
            self._break_off()
        else:
            self._own_lag = fate.lag

    def _break_off(self) -> None:
        """Break the line when what has passed has arrived."""
        self.broken = self._closed = True
        self._out.clear()
        self._in.clear()
        self._transport.close()

    def _deliver(self, data: bytes) -> None:
        self._protocol.data_received(data)
        if self._in.size <= LOW:
            self._reading.open("line")

    def _tell(self, exc: Exception | None) -> None:
        if not self._told:
            self._told = True
            self._protocol.connection_lost(exc)
            self._forget()

    def _forget(self) -> None:
        if self._told and self._gone:
            self._lines.open.discard(self)

    def _weigh(self) -> None:
        if self._out.size > HIGH:
            self._writing.shut("line")
        elif self._out.size <= LOW:
            self._writing.open("line")


def _is_message(data: bytes) -> bool:
    """Whether a text or binary message ends here (RFC 6455, section 5.2): uvicorn writes a frame at a time."""
    return bool(data[0] & 0x80) and data[0] & 0x0F in (0, 1, 2)
