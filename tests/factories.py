"""Small values for tests, whole by default; a test names only what it is about."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from course_support.wire import Exchange, Fields, Message, Opcode, Request, Response, Sender

Pairs = tuple[tuple[str, str], ...]


def request(
    method: str = "GET", target: str = "/api/v1/playlists", fields: Pairs = (), body: bytes | str = b""
) -> Request:
    return Request(method, target, Fields((("Host", "127.0.0.1:40001"), *fields)), _bytes(body))


def response(status: int = 200, fields: Pairs = (), body: bytes | str = b"", complete: bool = True) -> Response:
    return Response(status, HTTPStatus(status).phrase, Fields(fields), _bytes(body), complete=complete)


def exchange(
    method: str = "GET",
    target: str = "/api/v1/playlists",
    fields: Pairs = (),
    body: bytes | str = b"",
    *,
    status: int | None = 200,
    answer_fields: Pairs = (),
    answer: bytes | str = b"",
    number: int = 1,
    **values: Any,
) -> Exchange:
    """One exchange; `status=None` is one without a response. Further values are those of Exchange."""
    defaults: dict[str, Any] = {
        "request_bytes": 213,
        "response_bytes": 342,
        "started": 5.0,
        "first_byte": 5.0011,
        "ended": 5.0013,
    }
    if status is None:
        defaults |= {"response_bytes": 0, "first_byte": None}
    return Exchange(
        number,
        request(method, target, fields, body),
        None if status is None else response(status, answer_fields, answer),
        **(defaults | values),
    )


def message(sender: Sender, data: bytes | str = b"", opcode: Opcode = "text", at: float = 5.01) -> Message:
    """One message on a WebSocket, 10 ms after its exchange began."""
    return Message(sender, opcode, _bytes(data), at, len(_bytes(data)) + (6 if sender == "client" else 2))


def websocket(*messages: Message, target: str = "/graphql", **values: Any) -> Exchange:
    """An exchange that the server agreed to go on with as WebSocket, and what was said then."""
    switch = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
    return exchange("GET", target, switch, status=101, answer_fields=switch, messages=messages, **values)


def _bytes(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body
