"""Who may come in by the doors of the bookshop, and with how much: the rules that every handler starts with."""

from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from course_support.backends import bearer, content
from course_support.backends.problem import Problem
from course_support.backends.shelf import Book, Shelf

SECRET = "warehouse secret"
SCOPES: dict[str, set[str]] = {"shop": {"read", "write"}, "partner": {"read"}, SECRET: set()}  # it signs, opens nothing
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
LARGEST = 2 * 1024 * 1024  # bytes of a body
UNKNOWN = "Take the ISBN of a book from the list: this shop has none with the one that you sent."


def authorize(request: Request, scope: str) -> str:
    """Whose token it is."""
    return bearer.authorize(request, scope, realm="bookshop", scopes=SCOPES)


def shelf(connection: HTTPConnection) -> Shelf:
    state: Shelf = connection.app.state.shelf
    return state


def trace(request: Request) -> str:
    found: str = request.state.trace
    return found


def requested(request: Request) -> Book:
    book = shelf(request).get(request.path_params["isbn"])
    if book is None:
        raise Problem(404, UNKNOWN)
    return book


def shown(what: Any, status: int = 200, **fields: str) -> Response:
    return Response(content.encode(what), status, CACHING | fields, content.JSON)
