"""Shows what was said on a WebSocket: one line for each message, its content laid out on it and cut short."""

from __future__ import annotations

from course_support.views import content
from course_support.views.content import one_line, short
from course_support.views.quantity import bytes_text, count_text
from course_support.wire import Exchange, Message, Sender

MAX_MESSAGES = 40
EDGE_MESSAGES = 15  # shown from each end where there are more
MAX_CONTENT = 160  # characters
HEX_BYTES = 16

Line = tuple[Sender, str, str]  # who, the opcode, what


def lines(exchange: Exchange) -> tuple[list[Line], str, list[Line]]:
    """The first messages, a sentence on what is left out, the last messages."""
    said = exchange.messages
    if len(said) <= MAX_MESSAGES:
        return [_line(message) for message in said], "", []
    left_out = f"… {count_text(len(said) - 2 * EDGE_MESSAGES, 'message')} between are not shown …"
    first, last = said[:EDGE_MESSAGES], said[-EDGE_MESSAGES:]
    return [_line(message) for message in first], left_out, [_line(message) for message in last]


def count(exchange: Exchange) -> str:
    """`2 messages`; control frames are none (RFC 6455, section 5.5)."""
    return count_text(sum(message.opcode in ("text", "binary") for message in exchange.messages), "message")


def is_websocket(exchange: Exchange) -> bool:
    """Whether the server agreed to go on as WebSocket."""
    return exchange.status == 101


def said(message: Message) -> str:
    """What the message says, without its opcode; nothing for a ping that says nothing."""
    if message.opcode == "close":
        return _close(message)
    if message.opcode == "text" or message.data.isascii():
        return short(one_line(message.text), MAX_CONTENT)
    more = "…" if len(message.data) > HEX_BYTES else ""
    return f"{content.masked(message.data)[:HEX_BYTES].hex(' ')}{more} ({bytes_text(len(message.data))})"


def _close(message: Message) -> str:
    match message.close_code:
        case None:
            return "without a code that one can read"
        case 1005:
            return "without a code"
        case code:
            return short(f"{code} {one_line(message.close_reason or '')}".rstrip(), MAX_CONTENT)


def message_text(message: Message) -> str:
    """`> text {"type": "ping"}`: `>` before what the client sent, `<` before what the server did."""
    return text_line(*_line(message))


def text_line(sender: Sender, opcode: str, said: str) -> str:
    return f"{'>' if sender == 'client' else '<'} {opcode} {said}".rstrip()


def _line(message: Message) -> Line:
    return message.sender, message.opcode, said(message)
