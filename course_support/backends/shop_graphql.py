"""The GraphQL door of the bookshop: as many books as a document names in one request, and only the fields asked for.

What HTTP sees of it is as in lesson 3.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from course_support.backends import content
from course_support.backends.graphql import answered, negotiated, well_formed
from course_support.backends.graphql_context import Named, Schema, refusal, require_write, response_of, shown, unnamed
from course_support.backends.graphql_limits import Limited, Limits
from course_support.backends.shelf import Shelf, first_advice
from course_support.backends.shop_access import LARGEST, SCOPES, UNKNOWN, authorize, shelf, trace

PATH = "/graphql"
LIMITS = Limits(depth=8, cost=10_000, tokens=40_000)  # far more than lesson 3 allows: a document may hold a stocktaking
QUERY_OR_MUTATION = (OperationType.QUERY, OperationType.MUTATION)


@dataclass
class Asked:
    """One request: what its token may do, its trace, and the shelf."""

    shelf: Shelf
    scopes: set[str]
    trace: str
    operation: str | None
    limits: Limits = LIMITS


Info = strawberry.Info[Any, None]


def described(make: Callable[..., Any], resolver: Callable[..., Any]) -> Any:
    """What the resolver's docstring says is what clients read in the schema."""
    return make(resolver, description=resolver.__doc__)


@strawberry.type(description="A book, and how many of it stand on the shelf.")
class Book:
    isbn: str
    title: str
    stock: int
    price: str = strawberry.field(description="A decimal number.")
    note: str
    version: int = strawberry.field(description="1, and one more with each change.")


def book(info: Info, isbn: str) -> Book | None:
    """One book; null if the shop has none with this ISBN."""
    found: Book | None = info.context.shelf.get(isbn)
    return found


def books(info: Info, first: int = 20) -> list[Book]:
    """The first books in the order of their ISBNs."""
    if not 1 <= first <= 100:
        raise refusal("BAD_USER_INPUT", "Set first to a whole number from 1 to 100.")
    found: list[Book] = info.context.shelf.books[:first]
    return found


def set_stock(info: Info, isbn: str, stock: int, note: str | None = None) -> Book | None:
    """Set the stock of a book, and its note if there is one; null, with an error, if that cannot be."""
    require_write(info)
    sent = {"isbn": isbn, "stock": stock} | ({} if note is None else {"note": note})
    if advice := first_advice(sent.items()):
        raise refusal("BAD_USER_INPUT", advice)
    if not info.context.shelf.get(isbn):
        raise refusal("NOT_FOUND", UNKNOWN)
    info.context.shelf.change(**sent, trace=info.context.trace, by="graphql")
    changed: Book | None = info.context.shelf.get(isbn)
    return changed


@strawberry.type
class Query:
    book: Book | None = described(strawberry.field, book)
    books: list[Book] = described(strawberry.field, books)


@strawberry.type
class Mutation:
    set_stock: Book | None = described(strawberry.mutation, set_stock)


SCHEMA = Schema(Query, Mutation, extensions=[Limited, Named])


async def executed(asked: Asked, sent: dict[str, Any]) -> dict[str, Any]:
    try:
        result = await SCHEMA.execute(
            sent["query"],
            sent.get("variables"),
            asked,
            operation_name=asked.operation,
            allowed_operation_types=QUERY_OR_MUTATION,
        )
    except (CannotGetOperationTypeError, InvalidOperationTypeError):
        return {"errors": [shown(unnamed())]}
    return response_of(result)


async def post(request: Request) -> Response:
    """Run a query or a mutation: send JSON with query, variables and operationName."""
    label, media_type = authorize(request, "read"), negotiated(request)
    sent = well_formed(content.parse(await content.read(request, largest=LARGEST)))
    asked = Asked(shelf(request), SCOPES[label], trace(request), sent.get("operationName") or None)
    return answered(await executed(asked, sent), media_type)


ROUTES = [Route(PATH, post, methods=["POST"])]
