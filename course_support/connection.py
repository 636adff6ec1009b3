"""The examiner's end of a WebSocket: a websocket-client connection whose bytes are recorded on its own socket.

Not through the relay that stands between for HTTP: that would read whatever comes, and a server with a client that
does not read would never notice.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from websocket import WebSocket, WebSocketException, create_connection

from course_support.recorder import Recorder

TIMEOUT = 10.0  # seconds of silence that a call waits
LARGEST = 32 * 2**20  # bytes from the server: a frame without an end must not fill the memory
LINGER = 1.0  # seconds that the other side has to answer a goodbye


class Connection(WebSocket):
    """A connection as `websocket.create_connection` gives it, or one that a refusal has left unconnected.

    Each call waits at most 10 seconds. Past 32 MiB from the server it hangs up with a WebSocketException.
    """

    def leave(self, linger: float = LINGER) -> None:
        """Say goodbye, take in what was still under way for so many seconds, and close the socket."""
        self.settimeout(linger)
        with contextlib.suppress(OSError, WebSocketException):
            self.close(timeout=linger)
        if self.sock:  # the other side had said goodbye before
            self.sock.close()


def connect(
    url: str,
    target: str,
    recorder: Recorder,
    subprotocols: Sequence[str] = (),
    recv_buffer: int | None = None,
    fields: Mapping[str, str] | None = None,
) -> Connection:
    """Ask the server at `url` for a WebSocket, and record what passes.

    An answer that is not 101 is an exchange like any other; no redirect is followed. The connection that comes back is
    not `connected` then, and using it raises a WebSocketException. `recv_buffer` is the size of the socket's buffer in
    bytes, which the system may round up (tcp(7), SO_RCVBUF).
    """
    fields = fields or {}
    tapped = _Tapped(recorder)
    tapped.dial(url, recv_buffer)
    try:
        opened = create_connection(
            url.replace("http", "ws", 1) + target,
            TIMEOUT,
            Connection,
            socket=tapped,
            header=dict(fields),
            subprotocols=list(subprotocols),
            suppress_origin="Origin" in fields,
            suppress_host="Host" in fields,
            redirect_limit=0,
        )
    except (OSError, WebSocketException):
        return Connection()  # the record says why
    assert isinstance(opened, Connection)
    return opened


class _Tapped(socket.socket):
    """A socket that shows a recorder what it sends and receives."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_STREAM)
        self._recorder = recorder
        self._recording = recorder.begin()
        self._over = False

    def dial(self, url: str, recv_buffer: int | None) -> None:
        """Connect; where nobody listens, sending will say so."""
        self.settimeout(TIMEOUT)
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if recv_buffer:  # now: the window that the other side may fill is agreed on while connecting
            self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, recv_buffer)
        address = urlsplit(url)
        with contextlib.suppress(OSError):
            self.connect((address.hostname, address.port))

    def send(self, data: Any, flags: int = 0, /) -> int:
        self._recording.receive(bytes(data))  # first, because its answer may come before it returns
        self.sendall(data, flags)
        return len(data)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        recording = self._recording
        if recording.response_bytes > LARGEST:
            raise WebSocketException(f"more than {LARGEST} bytes from the server")
        try:
            data = super().recv(size, flags)
        except ConnectionError:
            self._over = True
            raise
        if data:
            recording.send(data)
            # websocket-client reads a head byte by byte
            if not recording.conversation and recording.sent.startswith(b"HTTP/1.1 101 ") and _ends(recording.sent):
                recording.switch()
        self._over = not data
        return data

    def close(self) -> None:
        super().close()
        if not self._recording.ended:
            self._recorder.finish(self._recording, self._why_ended())

    def _why_ended(self) -> str:
        conversation = self._recording.conversation
        if not self._recording.response_bytes:
            return "the server gave no response"
        if not conversation or conversation.closed:
            return ""
        return f"the {'server' if self._over else 'client'} closed the connection without a close frame"


def _ends(head: bytearray) -> bool:
    return head.endswith(b"\r\n\r\n")
