"""Keeps every exchange of a server as the bytes that `tap` hands in, and parses nothing until somebody looks."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from time import monotonic

from course_support.wire import Exchange, Response, parse_request, parse_response

PATIENCE = 1.0  # seconds that a look at the exchanges waits for those in flight
KEEP_EXCHANGES = 10_000
KEEP_BYTES = 64 * 2**20
KEEP_PER_MESSAGE = 2**20
EARLY = "the response came before the request was complete"


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
