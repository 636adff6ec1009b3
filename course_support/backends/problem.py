"""Errors that a program can read: every refusal of every backend is `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MEDIA_TYPE = "application/problem+json"
# Python before 3.13 still names these two as RFC 7231 and RFC 4918 did.
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
DETAILS = {
    404: "Check the path: this service has nothing there.",
    405: "Use one of the methods that the Allow field lists.",
    500: "Report this to the service: it is not your mistake.",
}
# A name that nobody else will use, and no address: RFC 9457 allows that (section 3.1.1), and RFC 4151 makes such names.
VALIDATION = {"type": "tag:course.example,2026:invalid-content", "title": "Invalid Content"}


class Problem(HTTPException):
    """Raise it in a handler to refuse a request.

    `detail` is one sentence that says what to do. `errors` lists single faults as
    `{"pointer": "#/name", "detail": "…"}`, the pointer being a JSON Pointer in its URI fragment form (RFC 6901).
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = errors


def invalid(faults: Mapping[str, str]) -> Problem:
    """The 422 for a body that is JSON but breaks the rules: pointer -> one sentence that says what to do."""
    errors = [{"pointer": place, "detail": advice} for place, advice in faults.items()]
    return Problem(422, "Correct what the errors point at, then send all of it again.", errors=errors)


def pointer(*members: str) -> str:
    """The JSON Pointer to a member as a URI fragment: `pointer("a/b")` is `#/a~1b` (RFC 6901, section 6)."""
    escaped = (member.replace("~", "~0").replace("/", "~1") for member in members)
    # A lone surrogate has no UTF-8 form, so it can only be shown replaced.
    return "#" + "".join("/" + quote(member, safe="~", errors="replace") for member in escaped)


def allowed(request: Request) -> str:
    """The methods that the requested path knows, as the value of `Allow` (RFC 9110, section 10.2.1)."""
    path = request.scope["route"].path
    same = (route for route in request.app.routes if isinstance(route, Route) and route.path == path)
    return ", ".join(sorted({method for route in same for method in route.methods or ()}))


async def respond(request: Request, error: Exception) -> Response:
    """The answer for an exception: as it says if it is a `Problem` or an `HTTPException`, otherwise a plain 500."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": error.detail if isinstance(error, Problem) else DETAILS.get(status, str(error)),
        "instance": request.scope["raw_path"].decode("latin-1"),
    }
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, Problem) and error.errors:
        content |= VALIDATION | {"errors": list(error.errors)}
    if status == 405:
        headers["Allow"] = allowed(request)
    return Response(json.dumps(content, ensure_ascii=False), status, headers, MEDIA_TYPE)


HANDLERS = {HTTPException: respond, Exception: respond}
