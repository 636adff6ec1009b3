"""Shows the frames of a WebSocket byte by byte: what each part of a head says, and the payload masked and unmasked.

RFC 6455, section 5.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import islice

from course_support.views import content, messages
from course_support.views.exchange import request_title
from course_support.views.quantity import bytes_text, count_text
from course_support.views.style import table, view
from course_support.views.table import text_table
from course_support.wire import Exchange, Message, Sender

FIRST = 4
HEX_BYTES = 12
NONE = "no frames; only a WebSocket on which something was said has any"
HIDDEN = "not shown: a credential is in this message, and goes on from frame to frame"
OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}

Row = tuple[str, str]  # bytes in hexadecimal, what they mean


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame. `said` is its payload in words, `payload` its first bytes as they crossed the wire, `size` of them."""

    sender: Sender
    head: bytes
    payload: bytes
    size: int
    said: str

    @property
    def heading(self) -> str:
        arrow = "client → server" if self.sender == "client" else "server → client"
        return f"{arrow}, {bytes_text(len(self.head) + self.size)}"

    @property
    def rows(self) -> list[Row]:
        first, second = self.head[:2]
        final = "the message ends with this frame" if first & 0x80 else "more of the message follows"
        opcode = first & 0x0F
        kind = f"FIN {first >> 7} ({final}), opcode {opcode} ({OPCODES.get(opcode, 'reserved')})"
        return [
            (f"{first:02x}", f"{_bits(first)}: {kind}"),
            (f"{second:02x}", f"{_bits(second)}: MASK {second >> 7}, length {_length(second & 0x7F)}"),
            *self._rest_of_head(),
            *self._rows_of_payload(),
        ]

    def _rest_of_head(self) -> Iterator[Row]:
        masked = self.head[1] >> 7
        key = self.head[-4:] if masked else b""
        if longer := self.head[2 : len(self.head) - len(key)]:
            yield longer.hex(" "), f"length {int.from_bytes(longer):,}"
        if masked:
            yield key.hex(" "), "masking key: XORed with the payload, four bytes at a time"

    def _rows_of_payload(self) -> Iterator[Row]:
        more = " …" if self.size > len(self.payload) else ""
        if self.payload:
            kind = "payload, masked" if self.head[1] & 0x80 else "payload"
            yield self.payload.hex(" ") + more, f"{kind} ({bytes_text(self.size)})"
        if self.said:
            yield "", f"it says: {self.said}"


def _bits(byte: int) -> str:
    return f"{byte >> 4:04b} {byte & 0x0F:04b}"


def _length(seven_bits: int) -> str:
    if seven_bits < 126:
        return f"{seven_bits}"
    return f"{seven_bits} (it stands in the next {2 if seven_bits == 126 else 8} bytes)"


class Frames:
    """The first frames of one exchange, as a notebook shows them."""

    def __init__(self, exchange: Exchange, first: int = FIRST) -> None:
        self._exchange = exchange
        self._frames = list(islice(_frames(exchange), first))
        self._count = sum(len(message.heads) for message in exchange.messages)

    @property
    def text(self) -> str:
        parts = [f"{self._title}: {self._summary}"]
        for number, frame in enumerate(self._frames, 1):
            parts.append("\n".join([f"{number}. {frame.heading}", *(f"   {it}" for it in _lines(frame))]))
        return "\n\n".join(parts)

    @property
    def html(self) -> str:
        rows: list[list[str]] = []
        for number, frame in enumerate(self._frames, 1):
            rows.append([f"<strong>{number}. {escape(frame.heading)}</strong>"])
            rows += map(_cells, frame.rows)
        if not rows:
            rows = [[escape(self._summary)]]
        caption = f"{self._title}: {self._summary}" if self._frames else self._title
        return view(f"Frames of exchange {self._exchange.number}", table(caption, ("bytes", "meaning"), rows))

    @property
    def _title(self) -> str:
        return f"#{self._exchange.number} {request_title(self._exchange.request)}"

    @property
    def _summary(self) -> str:
        if not self._frames:
            return NONE
        if len(self._frames) == self._count:
            return count_text(self._count, "frame")
        return f"the first {len(self._frames)} of {count_text(self._count, 'frame')}"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def frames(exchange: Exchange, first: int = FIRST) -> Frames:
    """The first frames of a WebSocket's exchange, byte by byte: `frames(backend.last, first=2)`.

    The frames of a message stand together, although control frames may have come between them. ValueError for fewer
    than one frame.
    """
    if first < 1:
        raise ValueError(f"Ask for 1 frame or more, not for {first}.")
    return Frames(exchange, first)


def _cells(row: Row) -> list[str]:
    """HTML in which bytes stay on one line, and what a message says may be broken anywhere."""
    hexadecimal, means = map(escape, row)
    return [
        f'<span style="white-space: nowrap; font-family: var(--api-code)">{hexadecimal}</span>',
        f'<span style="overflow-wrap: anywhere">{means}</span>',
    ]


def _lines(frame: Frame) -> list[str]:
    return text_table(frame.rows, "<<", (3 * HEX_BYTES + 1,))


def _frames(exchange: Exchange) -> Iterator[Frame]:
    for message in exchange.messages:
        at = 0
        for head in message.heads:
            size = _size(head)
            yield _frame(message, head, message.data[at : at + size], size)
            at += size


def _size(head: bytes) -> int:
    seven_bits = head[1] & 0x7F
    longer = {126: 2, 127: 8}.get(seven_bits, 0)
    return int.from_bytes(head[2 : 2 + longer]) if longer else seven_bits


def _frame(message: Message, head: bytes, data: bytes, size: int) -> Frame:
    """Secrets are hidden in what is said and in the bytes too: with the key next to them they could be read."""
    if len(message.heads) > 1 and content.masked(message.data) != message.data:
        return Frame(message.sender, head, b"", size, HIDDEN)
    key = head[-4:] if head[1] & 0x80 else bytes(4)
    shown = content.masked(data)[:HEX_BYTES]
    crossed = bytes(byte ^ key[at % 4] for at, byte in enumerate(shown))
    return Frame(message.sender, head, crossed, size, messages.said(replace(message, data=data)))
