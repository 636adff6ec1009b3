"""Keeps every exchange of a server as the bytes that `tap` hands in, and parses nothing until somebody looks."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic

from course_support.conversation import KEEP_PER_MESSAGE, Conversation
from course_support.http1 import parse_request, parse_response
from course_support.wire import Exchange, Response

PATIENCE = 1.0  # seconds that a look at the exchanges waits for those in flight
KEEP_EXCHANGES = 10_000
KEEP_BYTES = 64 * 2**20
EARLY = "the response came before the request was complete"
OPEN = "the WebSocket is open"
CLOSING = "the WebSocket is closing"


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
        self.conversation: Conversation | None = None
        self._parsed: Exchange | None = None

    def receive(self, data: bytes) -> None:
        self.request_bytes += len(data)
        if self.conversation:
            self.conversation.feed("client", data)
        else:
            self.received += data[: KEEP_PER_MESSAGE - len(self.received)]

    def send(self, data: bytes) -> None:
        self.last_byte = monotonic()
        self.first_byte = self.first_byte or self.last_byte
        self.response_bytes += len(data)
        if self.conversation:
            self.conversation.feed("server", data)
        else:
            self.sent += data[: KEEP_PER_MESSAGE - len(self.sent)]

    def switch(self) -> None:
        """From here on the bytes are those of a WebSocket."""
        self.conversation = Conversation()

    @property
    def resting(self) -> bool:
        """Whether what passed until now is whole although the exchange has not ended: an open WebSocket.

        Not one on which both sides have said goodbye: its end is a matter of milliseconds.
        """
        return self.conversation is not None and not self.conversation.halfway and len(self.conversation.closed) < 2

    @property
    def size(self) -> int:
        return len(self.received) + len(self.sent) + (self.conversation.size if self.conversation else 0)

    @property
    def exchange(self) -> Exchange:
        if not self.ended:
            return self.parse()
        self._parsed = self._parsed or self.parse()
        return self._parsed

    def parse(self) -> Exchange:
        request = parse_request(bytes(self.received))
        response = parse_response(bytes(self.sent), request.method)
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
            "; ".join(self._notes(response)),
            self.conversation.messages if self.conversation else (),
        )

    def _notes(self, response: Response | None) -> Iterator[str]:
        if self.note:
            yield self.note
        elif not self.ended:
            yield _state(self.conversation) if self.conversation else _unfinished(response)
        elif not self.conversation and max(self.request_bytes, self.response_bytes) > KEEP_PER_MESSAGE:
            yield CUT
        if self.conversation:
            yield from _left_out(self.conversation)


CUT = f"content beyond {KEEP_PER_MESSAGE // 2**20} MiB was counted, not kept"


def _state(conversation: Conversation) -> str:
    return CLOSING if conversation.closed else OPEN


def _left_out(conversation: Conversation) -> Iterator[str]:
    if conversation.cut:
        yield CUT
    if conversation.left_out:
        yield f"{conversation.left_out:,} more messages were counted, not kept"
    for sender in conversation.broken:
        yield f"the {sender} sent bytes that are no WebSocket frames"


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
        return newest.exchange

    def so_far(self) -> tuple[Exchange, ...]:
        """The same without any wait: an exchange whose answer a client has just read may still look unfinished."""
        with self._settled:
            recordings = [*self._finished, *self._open]
        exchanges = (recording.exchange for recording in recordings)
        return tuple(sorted(exchanges, key=lambda exchange: exchange.number))

    def settle(self, seconds: float | None = None) -> None:
        """Wait until every exchange in flight is recorded whole, but at most so long.

        An open WebSocket is waited for only while one of its frames is half way.

        A client in another thread can hold the last byte before the server has returned from writing it: such an
        exchange is still in flight here. In the server's own thread a wait would only block what it waits for.
        """
        if threading.get_ident() != self.thread:
            with self._settled:
                self._settled.wait_for(self._at_rest, PATIENCE if seconds is None else seconds)

    def _at_rest(self) -> bool:
        return all(recording.resting for recording in self._open)

    def clear(self) -> None:
        """Forget what is finished; numbers go on."""
        self.settle()
        with self._settled:
            self._finished.clear()
            self._size = 0

    def subscribe(self, callback: Callable[[Recording], None]) -> Callable[[], None]:
        """Call `callback` in the server's thread for each finished recording; returns the way to stop it.

        That of a WebSocket comes each time that bytes have passed, too.
        """
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback) if callback in self._subscribers else None

    def begin(self) -> Recording:
        with self._settled:
            self._count += 1
            recording = Recording(self._count)
            self._open.add(recording)
        return recording

    def finish(self, recording: Recording, note: str = "") -> None:
        recording.note = note
        recording.ended = (not note and not recording.conversation and recording.last_byte) or monotonic()
        with self._settled:
            self._open.discard(recording)
            self._finished.append(recording)
            self._size += recording.size
            while len(self._finished) > KEEP_EXCHANGES or self._size > KEEP_BYTES:
                self._size -= self._finished.popleft().size
            self._settled.notify_all()
        self._tell(recording)

    def progress(self, recording: Recording) -> None:
        """Bytes have passed on a WebSocket."""
        with self._settled:
            self._settled.notify_all()
        self._tell(recording)

    def _tell(self, recording: Recording) -> None:
        for callback in list(self._subscribers):
            try:
                callback(recording)
            except Exception:
                logging.getLogger("uvicorn.error").exception("A subscriber of the traffic failed.")
