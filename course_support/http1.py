"""Reads requests and responses from the bytes on a socket (RFC 9112), cut off and malformed ones as far as they go."""

from __future__ import annotations

import h11

from course_support.wire import Fields, Request, Response


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
    """The final response in the bytes that a server sent to a request with this method, or None where there is none.

    101 Switching Protocols is final: nothing of HTTP follows it.
    """
    connection = h11.Connection(h11.CLIENT)
    # of the methods, which can be any noise that a client sent, only HEAD changes how a response is read
    # and h11 believes in 101 only where an upgrade was asked for
    asked = [("Host", ""), ("Upgrade", "websocket"), ("Connection", "upgrade")]
    connection.send(h11.Request(method="HEAD" if method == "HEAD" else "GET", target="/", headers=asked))
    connection.receive_data(raw)
    connection.receive_data(b"")
    head, body = _read(connection)
    if not isinstance(head, h11.Response | h11.InformationalResponse):
        return None
    version = head.http_version.decode()
    complete = connection.their_state in (h11.DONE, h11.CLOSED, h11.MUST_CLOSE, h11.SWITCHED_PROTOCOL)
    return Response(head.status_code, head.reason.decode("latin-1"), _fields(head), body, version, complete)


def _read(connection: h11.Connection) -> tuple[h11.Event | None, bytes]:
    """The head and the content of the first message, without its chunk framing, as far as it is there."""
    head: h11.Event | None = None
    body = bytearray()
    try:
        while isinstance(event := connection.next_event(), h11.Event):
            if isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.Request | h11.Response) or _is_switch(event):
                head = event
            elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
                break
    except h11.RemoteProtocolError:
        pass  # cut off or malformed: what was read until here is what there is
    return head, bytes(body)


def _is_switch(event: h11.Event) -> bool:
    return isinstance(event, h11.InformationalResponse) and event.status_code == 101


def _fields(head: h11.Request | h11.Response | h11.InformationalResponse) -> Fields:
    return Fields(tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers.raw_items()))
