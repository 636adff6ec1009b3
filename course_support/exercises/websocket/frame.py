"""One frame of WebSocket, written and read by hand, as learners are asked to."""

from __future__ import annotations

from itertools import cycle
from typing import Any


def frame(content: bytes, key: bytes = b"", opcode: int = 1, last: bool = True) -> bytes:
    """One frame, masked if there is a key (RFC 6455, section 5.2)."""
    mask, size = 128 * bool(key), len(content)
    length = bytes([mask + size]) if size < 126 else bytes([mask + 126]) + size.to_bytes(2, "big")
    return bytes([128 * last + opcode]) + length + key + masked(content, key)


def masked(content: bytes, key: bytes) -> bytes:
    """Masking and unmasking are the same (section 5.3)."""
    return bytes(byte ^ mask for byte, mask in zip(content, cycle(key), strict=False)) if key else content


def read(data: bytes) -> dict[str, Any]:
    """The right answer."""
    _, _, content = parts(data)
    return {"last": data[0] >= 128, "opcode": data[0] % 16, "masked": data[1] >= 128, "text": content.decode()}


def parts(data: bytes) -> tuple[int, bytes, bytes]:
    """How many bytes tell the length, the key if there is one, and the content without its mask."""
    extended = 2 * (data[1] % 128 == 126)
    start = 2 + extended
    key = data[start : start + 4] if data[1] >= 128 else b""
    return extended, key, masked(data[start + len(key) :], key)
