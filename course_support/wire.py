"""What went over the wire, as frozen values in the words of RFC 9110 and RFC 6455: exchange, request, field, message.

Nothing here talks to a socket. The values are made from raw bytes, so that what a learner reads is what was sent.
"""

from __future__ import annotations

import builtins
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

from websockets.exceptions import ProtocolError
from websockets.frames import Close


@dataclass(frozen=True, slots=True)
class Fields:
    """Header fields in the order and the spelling of the sender (RFC 9110, section 5)."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, *pairs: tuple[str, str], **named: str) -> Fields:
        """Fields from pairs and from keywords, where `_` stands for `-`: `Fields.of(Content_Type="text/plain")`."""
        return cls((*pairs, *((name.replace("_", "-"), value) for name, value in named.items())))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of one field; field names do not care about case."""
        return tuple(value for field, value in self.pairs if field.lower() == name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:
        """The combined value of one field (RFC 9110, section 5.3), or `default` where it is absent."""
        values = self.all(name)
        return ", ".join(values) if values else default


class Content:
    """How a request's and a response's content is read."""

    __slots__ = ()
    fields: Fields
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case, or an empty string."""
        return (self.fields.get("Content-Type") or "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 show as the replacement character."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content as JSON, or None where it is not JSON."""
        return _json(self.body)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Request(Content):
    """A request as the client sent it. `target` is the path with its query (RFC 9112, section 3.2)."""

    method: str
    target: str
    fields: Fields = Fields()
    body: bytes = b""
    http_version: str = "1.1"

    @property
    def path(self) -> str:
        """The path alone, from either form of target that a resource can have: `/a?b` and `http://host/a?b`."""
        path = self.target.partition("?")[0]
        scheme, colon, rest = path.partition("://")
        return "/" + rest.partition("/")[2] if colon and "/" not in scheme else path

    @property
    def query(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Response(Content):
    """A response as the server sent it. `complete` is False where the connection ended before the content did."""

    status: int
    reason: str = ""
    fields: Fields = Fields()
    body: bytes = b""
    http_version: str = "1.1"
    complete: bool = True


Sender = Literal["client", "server"]
Opcode = Literal["text", "binary", "close", "ping", "pong"]


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said on a WebSocket (RFC 6455): a message, its fragments joined, or a control frame.

    `at` is the time of its last byte in seconds on the clock of its exchange; `bytes` counts what crossed the socket,
    the framing included. Of a message longer than 1 MiB `data` has the first MiB. `heads` are the heads of its frames,
    2 to 14 bytes each, a client's with the masking key (section 5.2); of more than 1,000 frames the first 1,000.
    """

    sender: Sender
    opcode: Opcode
    data: builtins.bytes = b""
    at: float = 0.0
    bytes: int = 0
    heads: tuple[builtins.bytes, ...] = ()

    @property
    def text(self) -> str:
        """The content as text; bytes that are not UTF-8 show as the replacement character."""
        return self.data.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content as JSON, or None where it is not JSON."""
        return _json(self.data)

    @property
    def close_code(self) -> int | None:
        """Why a close frame ends the connection, 1005 where it does not say (section 7.1.5); None for anything else."""
        return int(close.code) if (close := self._close()) else None

    @property
    def close_reason(self) -> str | None:
        """What a close frame says in words, often nothing; None for anything else."""
        return close.reason if (close := self._close()) else None

    def _close(self) -> Close | None:
        try:
            return Close.parse(self.data) if self.opcode == "close" else None
        except (ProtocolError, UnicodeDecodeError):
            return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response that it got, or None where it got none.

    `request_bytes` and `response_bytes` count what crossed the socket, heads and framing included; what waited in the
    server's buffer for a client that left is counted too. `started`, `first_byte` and `ended` are seconds on one
    monotonic clock: the request's first byte in, the response's first byte out, the response's last byte out. `note`
    says in words what the two cannot show.

    Where the response is 101 Switching Protocols to WebSocket, `messages` are those of both sides in the order in which
    they passed; the counts include them, and the exchange ends with the connection.
    """

    number: int
    request: Request
    response: Response | None
    request_bytes: int = 0
    response_bytes: int = 0
    started: float = 0.0
    first_byte: float | None = None
    ended: float = 0.0
    note: str = ""
    messages: tuple[Message, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds from the request's first byte to the response's last."""
        return self.ended - self.started

    @property
    def status(self) -> int | None:
        """The response's status code, or None where there is no response."""
        return self.response.status if self.response else None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, so that an exchange can cross from one process to another; `from_json` is the way back."""
        return {
            "number": self.number,
            "request": _part_to_json(self.request),
            "response": self.response and _part_to_json(self.response),
            "messages": [_message_to_json(message) for message in self.messages],
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Exchange:
        response = data["response"] and Response(**_part_from_json(data["response"]))
        return cls(
            data["number"],
            Request(**_part_from_json(data["request"])),
            response,
            messages=tuple(map(_message_from_json, data["messages"])),
            **{name: data[name] for name in _PLAIN},
        )


_PLAIN = ("request_bytes", "response_bytes", "started", "first_byte", "ended", "note")


def _part_to_json(part: Request | Response) -> dict[str, Any]:
    values = {name: getattr(part, name) for name in part.__dataclass_fields__}
    return values | {"fields": list(part.fields.pairs), "body": b64encode(part.body).decode()}


def _part_from_json(data: dict[str, Any]) -> dict[str, Any]:
    fields = Fields(tuple((name, value) for name, value in data["fields"]))
    return data | {"fields": fields, "body": b64decode(data["body"])}


def _message_to_json(message: Message) -> list[Any]:
    heads = [head.hex() for head in message.heads]
    return [message.sender, message.opcode, b64encode(message.data).decode(), message.at, message.bytes, heads]


def _message_from_json(values: list[Any]) -> Message:
    sender, opcode, data, at, size, heads = values
    return Message(sender, opcode, b64decode(data), at, size, tuple(map(bytes.fromhex, heads)))
