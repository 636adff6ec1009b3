"""Records every exchange of a server from the bytes on its sockets.

Why a tap under uvicorn's protocol and not ASGI middleware: ASGI hides the spelling of field names, chunk framing,
refusals by the HTTP parser, and broken connections, and it cannot count bytes. The tap copies bytes as they pass and
parses nothing until somebody looks.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from time import monotonic
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from course_support.wire import Exchange, Response, parse_request, parse_response

PATIENCE = 1.0  # seconds that a look at the exchanges waits for those in flight
KEEP_EXCHANGES = 10_000
KEEP_BYTES = 64 * 2**20
KEEP_PER_MESSAGE = 2**20


class Recording:
    """The bytes and times of one exchange, while they arrive and after; parsed when first looked at."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.received = bytearray()
        self.sent = bytearray()
        self.request_bytes = self.response_bytes = 0
        self.started = monotonic()
        self.first_byte: float | None = None
        self.last_byte: float | None = None
        self.ended: float | None = None
        self.note = ""

    def receive(self, data: bytes) -> None:
        self.request_bytes += len(data)
        self.received += data[: KEEP_PER_MESSAGE - len(self.received)]

    def send(self, data: bytes) -> None:
        self.last_byte = monotonic()
        self.first_byte = self.first_byte or self.last_byte
        self.response_bytes += len(data)
        self.sent += data[: KEEP_PER_MESSAGE - len(self.sent)]

    @property
    def size(self) -> int:
        return len(self.received) + len(self.sent)

    @cached_property
    def exchange(self) -> Exchange:
        return self.parse()

    def parse(self) -> Exchange:
        request = parse_request(bytes(self.received))
        response = parse_response(bytes(self.sent), request.method)
        note = self.note or (self._cut() if self.ended else _unfinished(response))
        if response and self.ended and not self.note:
            response = replace(response, complete=True)  # what was cut off is missing here, not on the wire
        return Exchange(
            self.number,
            request,
            response,
            self.request_bytes,
            self.response_bytes,
            self.started,
            self.first_byte,
            self.ended or monotonic(),
            note,
        )

    def _cut(self) -> str:
        if max(self.request_bytes, self.response_bytes) <= KEEP_PER_MESSAGE:
            return ""
        return f"content beyond {KEEP_PER_MESSAGE // 2**20} MiB was counted, not kept"


def _unfinished(response: Response | None) -> str:
    if response is None:
        return "still waiting for the response"
    return EARLY if response.complete else "the response is still under way"


EARLY = "the response came before the request was complete"


class Recorder:
    """The exchanges of one server: the newest 10,000 within 64 MiB.

    Exchanges are numbered from 1 in the order in which their first byte arrived.
    """

    def __init__(self) -> None:
        self.thread: int | None = None  # the server's
        self._count = 0
        self._finished: deque[Recording] = deque()
        self._size = 0
        self._open: set[Recording] = set()
        self._settled = threading.Condition()
        self._subscribers: list[Callable[[Recording], None]] = []

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges kept, by number. One whose response is still under way comes with what there is of it."""
        self.settle()
        return self.so_far()

    @property
    def last(self) -> Exchange | None:
        """The newest exchange, without reading the others, or None before the first one."""
        self.settle()
        with self._settled:
            recordings = [*self._finished, *self._open]
        if not recordings:
            return None
        newest = max(recordings, key=lambda recording: recording.number)
        return newest.exchange if newest.ended else newest.parse()

    def so_far(self) -> tuple[Exchange, ...]:
        """The same without any wait: an exchange whose answer a client has just read may still look unfinished."""
        with self._settled:
            finished, unfinished = list(self._finished), list(self._open)
        exchanges = [recording.exchange for recording in finished] + [recording.parse() for recording in unfinished]
        return tuple(sorted(exchanges, key=lambda exchange: exchange.number))

    def settle(self, seconds: float | None = None) -> None:
        """Wait until every exchange in flight is recorded whole, but at most so long.

        A client in another thread can hold the last byte before the server has returned from writing it: such an
        exchange is still in flight here. In the server's own thread a wait would only block what it waits for.
        """
        if threading.get_ident() != self.thread:
            with self._settled:
                self._settled.wait_for(lambda: not self._open, PATIENCE if seconds is None else seconds)

    def clear(self) -> None:
        """Forget what is finished; numbers go on."""
        self.settle()
        with self._settled:
            self._finished.clear()
            self._size = 0

    def subscribe(self, callback: Callable[[Recording], None]) -> Callable[[], None]:
        """Call `callback` in the server's thread for each finished recording; returns the way to stop it."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def begin(self) -> Recording:
        with self._settled:
            self._count += 1
            recording = Recording(self._count)
            self._open.add(recording)
        return recording

    def finish(self, recording: Recording, note: str = "") -> None:
        recording.ended = (not note and recording.last_byte) or monotonic()
        recording.note = note
        with self._settled:
            self._open.discard(recording)
            self._finished.append(recording)
            self._size += recording.size
            while len(self._finished) > KEEP_EXCHANGES or self._size > KEEP_BYTES:
                self._size -= self._finished.popleft().size
            self._settled.notify_all()
        for callback in list(self._subscribers):
            try:
                callback(recording)
            except Exception:
                logging.getLogger("uvicorn.error").exception("A subscriber of the traffic failed.")

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's HTTP/1.1 protocol with this recorder tapped in, for `uvicorn.Config(http=…)`."""
        return type("RecordedProtocol", (_TappedProtocol,), {"recorder": self})


class _TappedTransport:
    """A transport that shows each write to the recorder and is otherwise the one it wraps."""

    def __init__(self, transport: asyncio.Transport, seen: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if data:  # h11 ends content of a known length with no bytes at all
            self._seen(data)
        self._transport.write(data)


_COMPLETE = (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)


class _TappedProtocol(H11Protocol):
    recorder: Recorder
    recording: Recording | None = None
    arrived = 0.0
    dropped = False
    left = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.recorder.thread = threading.get_ident()
        # scope["state"]["drop"] lets the fault middleware cut the line, which no ASGI message can ask for
        self.app_state = {**self.app_state, "drop": self._drop}
        # between two requests h11 knows, and only then, which bytes belong to the next one
        self.conn.start_next_cycle = self._start_next_cycle  # type: ignore[method-assign]
        super().connection_made(_TappedTransport(transport, self._sent))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self.arrived = monotonic()
        self.recording = self.recording or self.recorder.begin()
        self.recording.receive(data)
        super().data_received(data)

    def eof_received(self) -> None:
        self.left = True
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.left = self.left or exc is not None
        if self.recording and self._answered(self.recording) and self.conn.their_state is not h11.SEND_BODY:
            self._finish_and_follow()
        if self.recording:
            self.recorder.finish(self.recording, self._why_broken(self.recording))
            self.recording = None
        super().connection_lost(exc)

    def _start_next_cycle(self) -> None:
        self._finish_and_follow()
        h11.Connection.start_next_cycle(self.conn)

    def _sent(self, data: bytes) -> None:
        if self.recording and not self.dropped:  # uvicorn still writes a 500 to a line that is cut
            self.recording.send(data)

    def _drop(self) -> None:
        self.dropped = True
        self.transport.abort()

    def _finish_and_follow(self) -> None:
        """Finish the exchange; what came with its bytes and h11 has not read begins the next one (pipelining)."""
        finished, self.recording = self.recording, None
        assert finished
        following = self.conn.trailing_data[0] if self.conn.their_state in _COMPLETE else b""
        if following:
            finished.request_bytes -= len(following)
            del finished.received[finished.request_bytes :]
            self.recording = self.recorder.begin()
            self.recording.started = self.arrived
            self.recording.receive(following)
        self.recorder.finish(finished)

    def _answered(self, recording: Recording) -> bool:
        return not self.dropped and self.conn.our_state in _COMPLETE and recording.response_bytes > 0

    def _why_broken(self, recording: Recording) -> str:
        if self.dropped:
            return "the server dropped the connection"
        if self._answered(recording):
            return EARLY
        if self.left:
            return "the client closed the connection"
        when = "in the middle of the response" if recording.response_bytes else "without a response"
        return f"the server closed the connection {when}"
