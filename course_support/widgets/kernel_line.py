"""A WebSocket that the kernel holds for the page: what arrives is handed on as it came, as is what is to be sent."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

import websocket

TIMEOUT = 10.0  # seconds that the handshake may take

OVER = "the kernel has hung up"
BROKEN = (OSError, websocket.WebSocketException)
Tell = Callable[[str, str], object]  # with "opened", "message" or "closed", and a text


class KernelLine:
    """Connects in a thread of its own, and tells of the handshake, of each message, and of the end with its reason."""

    def __init__(self, url: str, token: str, tell: Tell) -> None:
        self._tell = tell
        self._over = False
        self._socket = websocket.WebSocket()
        threading.Thread(target=self._run, args=(url, token), daemon=True).start()

    def send(self, text: str) -> None:
        """Send one text message; once the line has ended this does nothing, as the end is told anyway."""
        with contextlib.suppress(*BROKEN):
            self._socket.send(text)

    def close(self) -> None:
        """End the line as a client should, with a close frame (RFC 6455, section 7.1.2)."""
        self._over = True
        with contextlib.suppress(*BROKEN):
            self._socket.send_close()

    def drop(self) -> None:
        """End the line as a broken cable does: without a close frame."""
        self._over = True
        self._socket.abort()  # type: ignore[no-untyped-call]

    def _run(self, url: str, token: str) -> None:
        try:
            fields = [f"Authorization: Bearer {token}"]
            options = {"header": fields, "subprotocols": ["edit.v1"], "timeout": TIMEOUT}
            self._socket.connect(url, **options)  # type: ignore[no-untyped-call]
            self._socket.settimeout(None)
            self._tell("opened", "")
            self._tell("closed", OVER if self._over else self._listen())
        except BROKEN as error:
            self._tell("closed", _reason(error))
        finally:
            self._socket.shutdown()  # type: ignore[no-untyped-call]

    def _listen(self) -> str:
        """Pass on each message until the other side closes; returns its close code and reason.

        What answers a close of ours is no close of the service (RFC 6455, section 5.5.1), and has no code here.
        """
        while True:
            opcode, content = self._socket.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE and self._over:
                return OVER
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                code = int.from_bytes(content[:2], "big")
                return f"{code or 1005} {content[2:].decode(errors='replace')}".strip()
            self._tell("message", content.decode())


def _reason(error: Exception) -> str:
    if isinstance(error, websocket.WebSocketBadStatusException):
        return f"the handshake was answered with {error.status_code}"
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers: run the cell that starts the backend again"
    return "the connection broke"
