"""The GraphQL door: many changes in one document, each of which can fail by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .shops import ISBN, NOBODYS, SET_STOCK, Shop, open_shop, refused


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


def document(count: int) -> str:
    heads = ", ".join(f"$isbn{n}: String!, $stock{n}: Int!, $note{n}: String" for n in range(count))
    fields = " ".join(
        f"set{n}: setStock(isbn: $isbn{n}, stock: $stock{n}, note: $note{n}) {{ isbn stock version }}"
        for n in range(count)
    )
    return f"mutation({heads}) {{ {fields} }}"


def code(answer: Any) -> str:
    """Of the one error that the answer must have."""
    (error,) = answer["errors"]
    assert error["message"].endswith(".")
    return str(error["extensions"]["code"])


@pytest.mark.parametrize("count", [2, 300])
def test_one_document_changes_many_in_order(shop: Shop, count: int) -> None:
    isbns = [book.isbn for book in shop.shelf.books]
    changes = [(isbns[n % 20], n, f"note {n}") for n in range(count)]
    variables = {
        name: value
        for n, change in enumerate(changes)
        for name, value in zip((f"isbn{n}", f"stock{n}", f"note{n}"), change, strict=True)
    }
    answer = shop.graphql(document(count), variables)
    assert "errors" not in answer
    assert [(it["isbn"], it["stock"]) for it in answer["data"].values()] == [change[:2] for change in changes]
    for isbn, stock, note in changes[-20:]:
        assert shop.shelf.state()[isbn] == (stock, note)


def test_what_cannot_be_changed_is_null_beside_what_can(shop: Shop) -> None:
    query = f"""mutation {{
      good: setStock(isbn: "{ISBN}", stock: 9) {{ stock note }}
      unknown: setStock(isbn: "{NOBODYS}", stock: 9) {{ stock }}
      bad: setStock(isbn: "{ISBN}", stock: -1) {{ stock }}
    }}"""
    note = shop.shelf.state()[ISBN][1]
    answer = shop.graphql(query)
    assert answer["data"] == {"good": {"stock": 9, "note": note}, "unknown": None, "bad": None}
    assert [(it["path"], it["extensions"]["code"]) for it in answer["errors"]] == [
        (["unknown"], "NOT_FOUND"),
        (["bad"], "BAD_USER_INPUT"),
    ]


@pytest.mark.parametrize(
    "sent", [{"isbn": "1"}, {"note": "\0"}, {"note": "x" * 100_001}, {"note": "\ud800"}], ids=range(4)
)
def test_bad_values_change_nothing(shop: Shop, sent: dict[str, Any]) -> None:
    version = shop.version()
    variables = {"isbn": ISBN, "stock": 1} | sent
    answer = shop("POST", "/graphql", json={"query": SET_STOCK, "variables": variables}).json()
    assert code(answer) == "BAD_USER_INPUT"
    assert shop.version() == version


def test_books_are_queried(shop: Shop) -> None:
    answer = shop.graphql(f'{{ book(isbn: "{NOBODYS}") {{ title }} books(first: 2) {{ isbn }} }}', who="partner")
    first = [{"isbn": book.isbn} for book in shop.shelf.books[:2]]
    assert answer["data"] == {"book": None, "books": first}
    assert len(shop.graphql("{ books { isbn } }")["data"]["books"]) == 20
    for bad in (0, 101):
        assert code(shop.graphql(f"{{ books(first: {bad}) {{ isbn }} }}")) == "BAD_USER_INPUT"


def test_who_may_only_read_does_not_write(shop: Shop) -> None:
    version = shop.version()
    assert code(shop.graphql(SET_STOCK, {"isbn": ISBN, "stock": 1}, who="partner")) == "FORBIDDEN"
    assert shop.version() == version


def test_the_schema_tells_what_there_is(shop: Shop) -> None:
    query = '{ __type(name: "Mutation") { fields { name description } } }'
    (field,) = shop.graphql(query)["data"]["__type"]["fields"]
    assert field["name"] == "setStock"
    assert field["description"].startswith("Set the stock of a book")


def test_a_document_has_limits(shop: Shop) -> None:
    assert code(shop.graphql(document(1300))) == "TOKEN_LIMIT_EXCEEDED"
    aliases = " ".join(f"a{n}: books {{ isbn }}" for n in range(1000))
    assert code(shop.graphql(f"{{ {aliases} }}")) == "COST_LIMIT_EXCEEDED"


def test_what_cannot_run_says_so(shop: Shop) -> None:
    refused(shop("POST", "/graphql", json=[]), 400)
    for query, name in (("query A { __typename } query B { __typename }", None), ("query A { __typename }", "C")):
        assert (
            code(shop("POST", "/graphql", json={"query": query, "operationName": name}).json()) == "OPERATION_NOT_FOUND"
        )
    assert shop.graphql("subscription { x }")["errors"]
    assert shop.graphql("{ nothing }")["errors"][0]["message"] == "Cannot query field 'nothing' on type 'Query'."
