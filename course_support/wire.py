"""What went over the wire, as frozen values in the words of RFC 9110: request, response, field, exchange.

Nothing here talks to a socket. The values are made from raw bytes, so that what a learner reads is what was sent.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import h11


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
        try:
            return json.loads(self.body)
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the response that it got, or None where it got none.

    `request_bytes` and `response_bytes` count what crossed the socket, heads and framing included; what waited in the
    server's buffer for a client that left is counted too. `started`, `first_byte` and `ended` are seconds on one
    monotonic clock: the request's first byte in, the response's first byte out, the response's last byte out. `note`
    says in words what the two messages cannot show.
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
            "request": _message_to_json(self.request),
            "response": self.response and _message_to_json(self.response),
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Exchange:
        response = data["response"] and Response(**_message_from_json(data["response"]))
        return cls(
            data["number"],
            Request(**_message_from_json(data["request"])),
            response,
            **{name: data[name] for name in _PLAIN},
        )


_PLAIN = ("request_bytes", "response_bytes", "started", "first_byte", "ended", "note")


def _message_to_json(message: Request | Response) -> dict[str, Any]:
    values = {name: getattr(message, name) for name in message.__dataclass_fields__}
    return values | {"fields": list(message.fields.pairs), "body": b64encode(message.body).decode()}


def _message_from_json(data: dict[str, Any]) -> dict[str, Any]:
    fields = Fields(tuple((name, value) for name, value in data["fields"]))
    return data | {"fields": fields, "body": b64decode(data["body"])}


def parse_request(raw: bytes) -> Request:
    """The request in the bytes that a client sent (RFC 9112), as far as it got.

    What is not HTTP becomes a request whose method is the first word of its first line and whose body is all of it.
    """
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(raw)
    head, body = _read(connection)
    if not isinstance(head, h11.Request):
        method, _, target = raw.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        return Request(method, target.partition(" ")[0], body=raw)
    return Request(head.method.decode(), head.target.decode("latin-1"), _fields(head), body, head.http_version.decode())


def parse_response(raw: bytes, method: str) -> Response | None:
    """The final response in the bytes that a server sent to a request with this method, or None where there is none."""
    connection = h11.Connection(h11.CLIENT)
    # of the methods, which can be any noise that a client sent, only HEAD changes how a response is read
    connection.send(h11.Request(method="HEAD" if method == "HEAD" else "GET", target="/", headers=[("Host", "")]))
    connection.receive_data(raw)
    connection.receive_data(b"")
    head, body = _read(connection)
    if not isinstance(head, h11.Response):
        return None
    version = head.http_version.decode()
    complete = connection.their_state in (h11.DONE, h11.CLOSED, h11.MUST_CLOSE)
    return Response(head.status_code, head.reason.decode("latin-1"), _fields(head), body, version, complete)


def _read(connection: h11.Connection) -> tuple[h11.Event | None, bytes]:
    """The head and the content of the first message, without its chunk framing, as far as it is there."""
    head: h11.Event | None = None
    body = bytearray()
    try:
        while isinstance(event := connection.next_event(), h11.Event):
            if isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.Request | h11.Response):
                head = event
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
    except h11.RemoteProtocolError:
        pass  # cut off or malformed: what was read until here is what there is
    return head, bytes(body)


def _fields(head: h11.Request | h11.Response) -> Fields:
    return Fields(tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers.raw_items()))
