"""Shows the recorder the bytes on a server's sockets.

Why a tap under uvicorn's protocol and not ASGI middleware: ASGI hides the spelling of field names, chunk framing,
refusals by the HTTP parser, and broken connections, and it cannot count bytes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from course_support.line import Fate, Line, Lines
from course_support.recorder import EARLY, Recorder, Recording


def tapped(recorder: Recorder, lines: Lines) -> type[H11Protocol]:
    """uvicorn's HTTP/1.1 protocol with this recorder tapped in, for `uvicorn.Config(http=…)`.

    Its open WebSockets go over `lines`; the recorder sees what passes on the client's side of them.
    """
    return type("TappedProtocol", (_TappedProtocol,), {"recorder": recorder, "lines": lines})


class _TappedTransport:
    """A transport that shows each write to the recorder and is otherwise the one it wraps, or the line before it."""

    line: Line | None = None

    def __init__(self, transport: asyncio.Transport, seen: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not data:  # so h11 ends content of a known length, and uvicorn answers frames that come after its goodbye
            return
        if self.line:
            self.line.write(data)
        else:
            self._seen(data)
            self._transport.write(data)

    def close(self) -> None:
        (self.line or self._transport).close()

    def abort(self) -> None:
        (self.line or self._transport).abort()

    def is_closing(self) -> bool:
        return (self.line or self._transport).is_closing()

    def pause_reading(self) -> None:
        (self.line or self._transport).pause_reading()

    def resume_reading(self) -> None:
        (self.line or self._transport).resume_reading()

    def lay(self, lines: Lines, seen: Callable[[bytes], None], fate: Fate | None) -> None:
        """From here on there is a line between the protocol and the client."""
        protocol = self._transport.get_protocol()
        assert isinstance(protocol, _TappedWebSocket)
        self.line = protocol.line = Line(lines, self._transport, protocol.protocol, seen, fate)
        if not self._transport.is_reading():  # frames have come before the handshake was answered
            self.line.pause_reading()


_COMPLETE = (h11.DONE, h11.MUST_CLOSE, h11.CLOSED)


class _TappedProtocol(H11Protocol):
    recorder: Recorder
    lines: Lines
    recording: Recording | None = None
    arrived = 0.0
    dropped = False
    left = False
    upgraded = False
    fate: Fate | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.recorder.thread = threading.get_ident()
        # scope["state"] lets the fault middleware do what no ASGI message can ask for
        self.app_state = {**self.app_state, "drop": self._drop, "befall": self._befall}
        # between two requests h11 knows, and only then, which bytes belong to the next one
        self.conn.start_next_cycle = self._start_next_cycle  # type: ignore[method-assign]
        self.tap = _TappedTransport(transport, self._sent)
        super().connection_made(self.tap)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        self.arrived = monotonic()
        self.recording = self.recording or self.recorder.begin()
        self.recording.receive(data)
        super().data_received(data)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self.upgraded = True
        super().handle_websocket_upgrade(event)
        self.transport.set_protocol(_TappedWebSocket(self.transport.get_protocol(), self))

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
            if self.upgraded:
                self._sent_by_websocket(self.recording, data)

    def _sent_by_websocket(self, recording: Recording, data: bytes) -> None:
        if recording.conversation:
            self.recorder.progress(recording)
        elif data.startswith(b"HTTP/1.1 101 "):
            recording.switch()
            self.tap.lay(self.lines, self._sent, self.fate)

    def frames_received(self, data: bytes) -> None:
        if self.recording:
            self.recording.receive(data)
            self.recorder.progress(self.recording)

    def websocket_lost(self, exc: Exception | None) -> None:
        self.left = self.left or exc is not None
        if recording := self.recording:
            self.recording = None
            self.recorder.finish(recording, self._why_ended(recording))

    def _drop(self) -> None:
        self.dropped = True
        self.transport.abort()

    def _befall(self, fate: Fate) -> None:
        self.fate = fate

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

    def _why_ended(self, recording: Recording) -> str:
        if self.dropped or not recording.response_bytes:
            return self._why_broken(recording)
        if self.tap.line and self.tap.line.broken:
            return "the line was cut"
        if not recording.conversation or recording.conversation.closed:  # a refusal is an exchange like any other
            return ""
        return f"the {'client' if self.left else 'server'} closed the connection without a close frame"

    def _why_broken(self, recording: Recording) -> str:
        if self.dropped:
            return "the server dropped the connection"
        if self._answered(recording):
            return EARLY
        if self.left:
            return "the client closed the connection"
        when = "in the middle of the response" if recording.response_bytes else "without a response"
        return f"the server closed the connection {when}"


class _TappedWebSocket(asyncio.Protocol):
    """What the transport talks to after the upgrade: uvicorn's protocol, with the tap before it, and once it is open
    a line between the two.
    """

    line: Line | None = None

    def __init__(self, protocol: Any, http: _TappedProtocol) -> None:
        self.protocol = protocol
        self._http = http

    def data_received(self, data: bytes) -> None:
        self._http.frames_received(data)
        if self.line:
            self.line.received(data)
        else:
            self.protocol.data_received(data)

    def eof_received(self) -> None:
        self._http.left = True
        self.protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._http.websocket_lost(exc)
        if self.line:
            self.line.lost(exc)
        else:
            self.protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        (self.line or self.protocol).pause_writing()

    def resume_writing(self) -> None:
        (self.line or self.protocol).resume_writing()
