"""Who may do what in the event app: one rule for HTTP and for WebSocket."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.websockets import WebSocket

from course_support.backends import bearer
from course_support.backends.problem import Problem

SCOPES = {"organizer": {"read", "write"}, "guest": {"read"}}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def authorize(request: Request) -> set[str]:
    """What the token of the request may do; a Problem 401 without one. What may not be written, the schema knows."""
    return SCOPES[bearer.authorize(request, "read", realm="events", scopes=SCOPES)]


def admitted(websocket: WebSocket, authorization: str) -> set[str] | None:
    """What the token may do that came in a message, as browsers can add no field to a handshake; None if it is none."""
    field = (b"authorization", authorization.encode(errors="replace"))
    try:
        return authorize(Request({**websocket.scope, "type": "http", "method": "GET", "headers": [field]}))
    except Problem:
        return None


def from_here(websocket: WebSocket) -> bool:
    """Whether no web page is asking, or one of this machine: browsers let any page connect (RFC 6455, section 10.2)."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return True
    try:
        sent = urlsplit(origin)
    except ValueError:
        return False
    return sent.scheme in ("http", "https") and sent.hostname in LOOPBACK
