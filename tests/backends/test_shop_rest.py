"""Books as resources: what is cached, what is chosen, and whose change is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .shops import ISBN, MERGE, NOBODYS, Shop, open_shop, refused

BOOK = f"/api/v1/books/{ISBN}"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


def test_the_list_is_brief_unless_it_is_asked_for_more(shop: Shop) -> None:
    books = shop("GET", "/api/v1/books", "partner").json()["books"]
    assert len(books) == 20
    assert list(books[0]) == ["isbn", "title", "stock", "price", "version"]
    chosen = shop("GET", "/api/v1/books?fields=note,stock").json()["books"]
    assert {tuple(book) for book in chosen} == {("isbn", "stock", "note")}
    for bad in ("", "stock,", "Stock", "stock%2Cnote,x"):
        refused(shop("GET", f"/api/v1/books?fields={bad}"), 400)


@pytest.mark.parametrize("path", ["/api/v1/books", BOOK, f"{BOOK}/history"])
def test_what_is_not_new_is_not_sent_again(shop: Shop, path: str) -> None:
    first = shop("GET", path)
    unchanged = {"If-None-Match": first.headers["ETag"]}
    again = shop("GET", path, headers=unchanged)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    shop.patch(sent={"stock": 3})
    assert shop("GET", path, headers=unchanged).status_code == 200


def test_a_patch_changes_what_it_names(shop: Shop) -> None:
    shop.patch(sent={"stock": 4, "note": "shelf 4"})
    answer = shop.patch(sent={"stock": 5})
    assert (answer.json()["stock"], answer.json()["note"]) == (5, "shelf 4")
    assert answer.headers["Content-Location"] == BOOK
    assert shop("GET", BOOK).headers["ETag"] == answer.headers["ETag"]
    assert shop.patch(sent={"note": None}).json()["note"] == ""


def test_an_empty_patch_changes_nothing(shop: Shop) -> None:
    version = shop.version()
    assert shop.patch(sent={}).json()["version"] == version == shop.version()


def test_a_change_to_what_has_changed_since_is_refused(shop: Shop) -> None:
    seen = shop("GET", BOOK).headers["ETag"]
    assert shop.patch(sent={"stock": 6}, If_Match=seen).status_code == 200
    refused(shop.patch(sent={"stock": 7}, If_Match=seen), 412)
    assert shop("GET", BOOK).json()["stock"] == 6


BAD: dict[str, tuple[Any, str]] = {
    "no object": ([], "#"),
    "stock null": ({"stock": None}, "#/stock"),
    "stock text": ({"stock": "7"}, "#/stock"),
    "note": ({"note": "\0"}, "#/note"),
    "note too long": ({"note": "x" * 100_001}, "#/note"),
    "price": ({"price": "1.00"}, "#/price"),
    "half a character": ({"\ud800": 1}, "#/%3F"),
}


@pytest.mark.parametrize(("sent", "place"), BAD.values(), ids=BAD)
def test_a_bad_patch_is_pointed_at(shop: Shop, sent: Any, place: str) -> None:
    state = shop.shelf.state()
    assert [error["pointer"] for error in refused(shop.patch(sent=sent), 422)["errors"]] == [place]
    assert shop.shelf.state() == state


@pytest.mark.parametrize("body", ["", "{", '{"stock": NaN}', "[" * 100_000, b'{"note": "\xff"}'], ids=range(5))
def test_what_is_no_json_is_refused(shop: Shop, body: str | bytes) -> None:
    refused(shop("PATCH", BOOK, data=body, headers=MERGE), 400)


def test_what_cannot_be_is_refused(shop: Shop) -> None:
    refused(shop("PATCH", BOOK, json={"stock": 1}), 415)
    refused(shop.patch(NOBODYS, {"stock": 1}), 404)
    refused(shop("GET", f"/api/v1/books/{NOBODYS}/history"), 404)
    refused(shop("GET", BOOK, headers={"Accept": "text/html"}), 406)
