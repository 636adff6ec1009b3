"""The REST door of the bookshop: books as resources, to be cached, and changed without losing another's change."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content
from course_support.backends.conditional import conditional, etag
from course_support.backends.members import checked
from course_support.backends.payments import timestamp
from course_support.backends.problem import Problem
from course_support.backends.shelf import RULES, Book, Change
from course_support.backends.shop_access import LARGEST, authorize, requested, shelf, shown, trace
from course_support.backends.shop_trace import FIELD

BOOKS = "/api/v1/books"
BOOK = BOOKS + "/{isbn}"
MEMBERS = ("isbn", "title", "stock", "price", "note", "version")
BRIEF = "isbn,title,stock,price,version"  # what a list shows unless it is asked for more: a note can be long
CHANGEABLE = {name: RULES[name] for name in ("stock", "note")}


def tagged(what: object) -> Response:
    answer = shown(what)
    answer.headers["ETag"] = etag(bytes(answer.body))
    return answer


def representation(book: Book) -> Response:
    return tagged(book.representation)


def fields(request: Request) -> list[str]:
    """The members that a list is to show, the ISBN always among them."""
    asked = request.query_params.get("fields", BRIEF).split(",")
    if not set(asked) <= set(MEMBERS):
        raise Problem(400, f"Set fields to names out of {', '.join(MEMBERS)}, with commas between them.")
    return [name for name in MEMBERS if name in ("isbn", *asked)]


def told(change: Change) -> dict[str, Any]:
    made = {"version": change.version, "stock": change.stock, "by": change.by}
    return made | {FIELD: change.trace, "at": timestamp(change.at)}


# --- The handlers: one for each method of each resource --------------------------------------------------------------


async def list_books(request: Request) -> Response:
    """List the books; ?fields=stock,note chooses what is shown of each."""
    authorize(request, "read")
    content.require_acceptable(request)
    names = fields(request)
    books = [book.representation for book in shelf(request).books]
    return conditional(request, tagged({"books": [{name: book[name] for name in names} for book in books]}))


async def read_book(request: Request) -> Response:
    """Read a book."""
    authorize(request, "read")
    content.require_acceptable(request)
    return conditional(request, representation(requested(request)))


async def patch_book(request: Request) -> Response:
    """Set the stock of a book, its note, or both; a note of null is removed (RFC 7396)."""
    authorize(request, "write")
    content.require_acceptable(request)
    sent = content.parse(await content.read(request, content.MERGE_PATCH, LARGEST))
    # No await from here to the answer: no other request comes between the check and the write, so none gets lost.
    book = requested(request)
    conditional(request, representation(book))
    if isinstance(sent, dict) and sent.get("note", "") is None:
        sent = sent | {"note": ""}
    change = checked(sent, CHANGEABLE, optional=CHANGEABLE)
    if change:  # an empty patch changes nothing
        shelf(request).change(book.isbn, **change, trace=trace(request), by="rest")
    answer = representation(requested(request))
    answer.headers["Content-Location"] = f"{BOOKS}/{book.isbn}"
    return answer


async def read_history(request: Request) -> Response:
    """Read what has changed the stock of a book, oldest first: by which door, and in which trace."""
    authorize(request, "read")
    content.require_acceptable(request)
    changes = shelf(request).history(requested(request).isbn)
    return conditional(request, tagged({"changes": [told(change) for change in changes]}))


ROUTES = [
    Route(BOOKS, list_books),
    Route(BOOK, read_book),
    Route(BOOK, patch_book, methods=["PATCH"]),
    Route(f"{BOOK}/history", read_history),
]
