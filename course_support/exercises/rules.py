"""Rules that the judges of several exercises share, and the other client that some scenes play."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.exercise import Evidence
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

NAMES = {str: "text", int: "a whole number", bool: "True or False", list: "a list", dict: "a dict"}


def sent_nothing(evidence: Evidence) -> Verdict | None:
    """The service was never asked."""
    if evidence.exchanges:
        return None
    return wrong(
        "Your function sent no request to the service.",
        expected="at least one request to the URL that your function is given",
        seen="none",
        next_step="Build the address from the `url` argument: each check starts a fresh backend at another port.",
    )


def not_let_in(evidence: Evidence) -> Verdict | None:
    """A request without a token that the service knows (RFC 6750, section 2.1)."""
    refused = next((e for e in evidence.exchanges if e.status == 401), None)
    if not refused:
        return None
    return wrong(
        "The service does not know who asks: it answered 401 Unauthorized.",
        refused,
        expected="Authorization: Bearer <token>",
        seen="no Authorization field" if "Authorization" not in refused.request.fields else "another credential",
        next_step="Read the WWW-Authenticate field of the answer: it names the scheme that the service wants.",
    )


def not_found(evidence: Evidence) -> Verdict | None:
    """An address that the service does not have."""
    missed = next((e for e in evidence.exchanges if e.status == 404), None)
    if not missed:
        return None
    return wrong(
        "The service has nothing at the address that you asked for.",
        missed,
        seen=missed.request.target,
        next_step="Compare the target in the request's first line with the routes that the backend shows.",
    )


def wrong_type(evidence: Evidence, kind: type, example: str) -> Verdict | None:
    """The value is not of the type that is asked for; `example` shows one that is."""
    if type(evidence.value) is kind:
        return None
    return wrong(
        f"Your function returned {_named(evidence.value)}; it is asked for {NAMES[kind]}.",
        evidence.last,
        expected=example,
        seen=repr(evidence.value),
        next_step="Check what the last line of your function returns.",
    )


def _named(value: object) -> str:
    return "nothing (None)" if value is None else NAMES.get(type(value), "a number")


class Meanwhile:
    """ASGI middleware: while the answer to the first GET of `path` is on its way, another client changes the data.

    The change happens when the answer has been made and before its first byte is out, so that each run is the same.
    """

    def __init__(self, app: ASGIApp, path: str, change: Callable[[], object]) -> None:
        self._app = app
        self._path = path
        self._change: Callable[[], object] | None = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_after_change(message: Message) -> None:
            if self._change and scope["method"] == "GET" and scope["path"] == self._path:
                self._change()
                self._change = None
            await send(message)

        await self._app(scope, receive, send_after_change if scope["type"] == "http" else send)


def json_object(exchange: Exchange) -> dict[str, Any]:
    """The JSON object in a response's content; an empty one where there is none."""
    content = exchange.response.json() if exchange.response else None
    return content if isinstance(content, dict) else {}


def next_link(exchange: Exchange) -> str | None:
    """The target of `rel="next"` in a response's Link field (RFC 8288), or None."""
    links = (exchange.response.fields.get("Link") or "") if exchange.response else ""
    parts = [link.partition(">") for link in links.split(",") if 'rel="next"' in link]
    return parts[0][0].strip(" <") if parts else None
