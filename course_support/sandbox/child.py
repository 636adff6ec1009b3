"""A child of a fork server, from the side of whoever asked for it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from course_support.sandbox import messages

STARTUP = 60.0  # seconds, on a busy machine


class Child:
    """A conversation with a child; the child ends when that is closed. A context manager."""

    def __init__(self, server: socket.socket, request: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Have one made; the descriptors are passed on, and closed here. OSError if the fork server has gone."""
        self._near, far = messages.pair()
        try:
            messages.send(server, request, [far.fileno(), *descriptors])
        finally:
            far.close()
            messages.close(descriptors)

    def says(self, seconds: float) -> tuple[dict[str, Any], list[int]]:
        """The child's next message, and the descriptors with it. TimeoutError; OSError if it failed, or has ended."""
        self._near.settimeout(seconds)
        message, descriptors = messages.receive(self._near)
        if message is None or "exit" in message or "error" in message:
            raise OSError(f"a process of the sandbox failed: {message}")
        return message, descriptors

    def end(self) -> float:
        """End the child, and return what it took: seconds of processor time."""
        with contextlib.suppress(OSError):
            self._near.shutdown(socket.SHUT_WR)
            self._near.settimeout(STARTUP)
            message: dict[str, Any] | None = {}
            while message is not None:
                message, descriptors = messages.receive(self._near)
                messages.close(descriptors)
                if message and "exit" in message:
                    return float(message["processor"])
        return 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._near.close()
