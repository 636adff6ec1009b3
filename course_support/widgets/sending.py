"""Sends one request to a backend from words that a learner typed, and hands back what the backend recorded of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import requests

from course_support.errors import CourseError
from course_support.server import Server
from course_support.wire import Exchange

TIMEOUT = 10.0  # seconds

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


class PlaygroundError(CourseError):
    """A request that cannot be sent, with the reason in one sentence."""


def send(
    server: Server,
    method: str = "GET",
    path: str = "/",
    headers: Mapping[str, str] | None = None,
    body: str | bytes = "",
    *,
    credentials: str | None = None,
    timeout: float = TIMEOUT,
) -> Exchange:
    """Send one request to `server` and return the exchange, which has no response where none came in time.

    `credentials` is a label of `server.card.credentials`, whose token goes into `Authorization: Bearer …` unless
    `headers` has that field. Redirects are not followed. Raises PlaygroundError for what cannot be sent.
    """
    fields = {name: _checked(name, value) for name, value in (headers or {}).items()}
    if credentials is not None and "authorization" not in map(str.lower, fields):
        fields["Authorization"] = f"Bearer {_token(server, credentials)}"
    with requests.Session() as session:
        session.trust_env = False  # no proxy between the learner and the wire, no password from ~/.netrc
        request = session.prepare_request(_request(server, method, path, fields, body))
        known = max((exchange.number for exchange in server.recorder.exchanges), default=0)
        refused = _send(session, request, timeout)
    if exchange := _recorded(server, request, known):
        return exchange
    raise PlaygroundError(f"Nothing answers at {server.url}: run the cell that starts the backend again.") from refused


def parse_headers(text: str) -> dict[str, str]:
    """Fields from lines of `Name: value`; empty lines are skipped, a repeated name is joined with a comma.

    Raises PlaygroundError that names the line (RFC 9110, section 5.1 and 5.5).
    """
    fields: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or not _TOKEN.fullmatch(name):
            raise PlaygroundError(f"Line {number} of the headers is not of the form “Name: value”: {line}")
        known = next((known for known in fields if known.lower() == name.lower()), None)
        value = _checked(name, value)
        fields[known or name] = f"{fields[known]}, {value}" if known else value
    return fields


def _checked(name: str, value: str) -> str:
    value = value.strip(" \t")
    if not _TOKEN.fullmatch(name):
        raise PlaygroundError(f"“{name}” is no name of a header: letters, digits and hyphens only.")
    if not value.isascii() or not value.isprintable():
        raise PlaygroundError(f"The value of {name} holds a character that is not plain ASCII: {value}")
    return value


def _token(server: Server, label: str) -> str:
    credentials = server.card.credentials
    if label not in credentials:
        known = ", ".join(credentials) or "none"
        raise PlaygroundError(f"This backend knows no credentials called {label}; it knows: {known}.")
    return credentials[label]


def _request(server: Server, method: str, path: str, fields: dict[str, str], body: str | bytes) -> requests.Request:
    if not _TOKEN.fullmatch(method):
        raise PlaygroundError(f"“{method}” is no method: write GET, PUT or another single word.")
    if not path.startswith("/"):  # `@other.example/` would send the token to another host
        raise PlaygroundError(f"A path starts with “/”: write /{path} instead of {path or 'nothing'}.")
    content = body.encode() if isinstance(body, str) else body
    return requests.Request(method, server.url + path, fields, data=content or None)


def _send(session: requests.Session, request: requests.PreparedRequest, timeout: float) -> Exception | None:
    try:
        session.send(request, timeout=timeout, allow_redirects=False)
    except requests.RequestException as error:  # the recorder knows better what happened
        return error
    return None


def _recorded(server: Server, request: requests.PreparedRequest, known: int) -> Exchange | None:
    wanted = request.method, request.path_url.lstrip("/")  # requests shortens `//`
    fresh = [exchange for exchange in server.recorder.exchanges if exchange.number > known]
    return next((e for e in reversed(fresh) if (e.request.method, e.request.target.lstrip("/")) == wanted), None)
