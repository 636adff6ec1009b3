"""Records every exchange of a server from the bytes on its sockets.

Why a tap under uvicorn's protocol and not ASGI middleware: ASGI hides the spelling of field names, chunk framing,
refusals by the HTTP parser, and broken connections, and it cannot count bytes. The tap copies bytes as they pass and
parses nothing until somebody looks.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from functools import cached_property
from time import monotonic
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from course_support.wire import Exchange, parse_request, parse_response

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
        self.ended: float | None = None
        self.note = ""

    def receive(self, data: bytes) -> None:
        self.request_bytes += len(data)
        self.received += data[: KEEP_PER_MESSAGE - len(self.received)]

    def send(self, data: bytes) -> None:
        self.first_byte = self.first_byte or monotonic()
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
        return Exchange(
            self.number,
            request,
            parse_response(bytes(self.sent), request.method),
            self.request_bytes,
            self.response_bytes,
            self.started,
            self.first_byte,
            self.ended or monotonic(),
            self.note or self._cut() or ("" if self.ended else "still waiting for the response"),
        )

    def _cut(self) -> str:
        if max(self.request_bytes, self.response_bytes) <= KEEP_PER_MESSAGE:
            return ""
        return f"content beyond {KEEP_PER_MESSAGE // 2**20} MiB was counted, not kept"


class Recorder:
    """The exchanges of one server: the newest 10,000 within 64 MiB.

    Exchanges are numbered from 1 in the order in which their first byte arrived.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
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
        with self._settled:
            finished, unfinished = list(self._finished), list(self._open)
        exchanges = [recording.exchange for recording in finished] + [recording.parse() for recording in unfinished]
        return tuple(sorted(exchanges, key=lambda exchange: exchange.number))

    def settle(self, seconds: float = 1.0) -> None:
        """Wait until every response that a client has seen is recorded whole, and at most so long for the others.

        A client in another thread can hold the last byte before the server has returned from writing it. One turn of
        the server's event loop closes that gap.
        """
        if self._loop is None or not self._loop.is_running():
            return
        turned = threading.Event()
        self._loop.call_soon_threadsafe(turned.set)
        turned.wait(seconds)
        with self._settled:
            self._settled.wait_for(lambda: not self._open, seconds)

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
        self._loop = asyncio.get_running_loop()
        with self._settled:
            self._count += 1
            recording = Recording(self._count)
            self._open.add(recording)
        return recording

    def finish(self, recording: Recording, note: str = "") -> None:
        recording.ended = monotonic()
        recording.note = note
        with self._settled:
            self._open.discard(recording)
            self._finished.append(recording)
            self._size += recording.size
            while len(self._finished) > KEEP_EXCHANGES or self._size > KEEP_BYTES:
                self._size -= self._finished.popleft().size
            self._settled.notify_all()
        for callback in list(self._subscribers):
            callback(recording)

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
        self._seen(data)
        self._transport.write(data)


class _TappedProtocol(H11Protocol):
    recorder: Recorder
    recording: Recording | None = None
    dropped = False
    answered = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # scope["state"]["drop"] lets the fault middleware cut the line, which no ASGI message can ask for
        self.app_state = {**self.app_state, "drop": self._drop}
        super().connection_made(_TappedTransport(transport, self._sent))  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self.recording = self.recording or self.recorder.begin()
        self.recording.receive(data)
        super().data_received(data)
        self._finish_if_complete()

    def on_response_complete(self) -> None:
        self.answered = not self.dropped
        self._finish_if_complete()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.recording:
            note = "the server dropped the connection" if self.dropped else ""
            self._finish(note or ("" if self.answered else "the client closed the connection"))

    def _sent(self, data: bytes) -> None:
        if self.recording and not self.dropped:  # uvicorn still writes a 500 to a line that is cut
            self.recording.send(data)

    def _drop(self) -> None:
        self.dropped = True
        self.transport.abort()

    def _finish_if_complete(self) -> None:
        # an early refusal can be out before the request's content is in; its last bytes still belong to this exchange
        if self.answered and self.recording and self.conn.their_state is not h11.SEND_BODY:
            self._finish("")

    def _finish(self, note: str) -> None:
        finished, self.recording, self.answered = self.recording, None, False
        assert finished
        # pipelined: what h11 has not yet read is the start of the next request
        following, _ = self.conn.trailing_data
        if following:
            finished.request_bytes -= len(following)
            del finished.received[finished.request_bytes :]
            self.recording = self.recorder.begin()
            self.recording.receive(following)
        self.recorder.finish(finished, note)
