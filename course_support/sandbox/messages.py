"""JSON between the processes of the grader, and descriptors beside it: a message is a packet, nothing is unpickled."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 65_536
MOST_DESCRIPTORS = 4


def pair() -> tuple[socket.socket, socket.socket]:
    """Two ends that packets go between."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send(to: socket.socket, message: dict[str, Any], descriptors: Sequence[int] = ()) -> None:
    """Send one message. OSError if nobody is there to take it."""
    socket.send_fds(to, [json.dumps(message).encode()], descriptors)


def receive(source: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """The next message, or None at the end, and the descriptors that came with it, which are the caller's to close."""
    data, descriptors, _, _ = socket.recv_fds(source, MOST_BYTES, MOST_DESCRIPTORS)
    return (json.loads(data) if data else None), descriptors


def close(descriptors: Sequence[int]) -> None:
    """Close them, whether or not they are open."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)
