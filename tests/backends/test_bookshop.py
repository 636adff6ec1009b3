"""Six doors, one shelf: whichever way a change came in, all others show it, and its trace goes wherever it goes."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator

import pytest
import requests
from standardwebhooks import Webhook

from course_support.backends import bookshop
from course_support.backends.shelf import Shelf
from course_support.backends.shop_trace import trace_id
from course_support.server import Server

from .shops import ISBN, PARENT, TRACE, Partner, Shop, open_shop, refused, trace_of

DOORS = ["rest", "soap", "graphql", "websocket", "webhook", "batch"]
NOTE = 'Regal 3, "oben"\n& <rechts> 🎂'


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


@pytest.mark.parametrize("door", DOORS)
def test_every_other_door_shows_what_came_by_one(shop: Shop, door: str) -> None:
    isbn, stock = shop.shelf.books[DOORS.index(door)].isbn, 100 + DOORS.index(door)
    follower, version = shop.follow(), shop.version(isbn) + 1
    shop.doors[door](isbn, stock, NOTE)
    assert shop.shelf.state()[isbn] == (stock, NOTE)
    by_rest = shop("GET", f"/api/v1/books/{isbn}").json()
    assert (by_rest["stock"], by_rest["note"], by_rest["version"]) == (stock, NOTE, version)
    assert (
        shop.graphql(f'{{ book(isbn: "{isbn}") {{ isbn title stock price note version }} }}')["data"]["book"] == by_rest
    )
    by_soap = shop.soap().GetBook(isbn=isbn)
    assert {name: type(value)(by_soap[name]) for name, value in by_rest.items()} == by_rest
    in_list = {"isbn": isbn, "stock": stock, "version": version}
    assert in_list in shop.live("/live?snapshot=1").read()["books"]
    told = follower.read()
    assert trace_of(told.pop("traceparent")) == TRACE
    assert told == {"type": "stock", **in_list}
    (change,) = shop("GET", f"/api/v1/books/{isbn}/history").json()["changes"]
    assert trace_of(change.pop("traceparent")) == TRACE
    assert change.pop("at").startswith("2026-03-02T09:00:")
    assert change == {"version": version, "stock": stock, "by": door}


def test_the_doors_end_in_the_same_state() -> None:
    changes = [(book.isbn, number, f"counted {number}") for number, book in enumerate(Shelf(5).books[:3])]
    states = []
    for door in DOORS:
        with open_shop(5) as shop:
            for change in changes:
                shop.doors[door](*change)
            states.append(shop.shelf.state())
            listed = shop("GET", "/api/v1/books?fields=stock,note").json()["books"]
            assert states[-1] == {it["isbn"]: (it["stock"], it["note"]) for it in listed}
    assert states == states[:1] * 6
    assert {isbn: states[0][isbn] for isbn, *_ in changes} == {isbn: (stock, note) for isbn, stock, note in changes}


def test_one_event_is_traced_from_the_warehouse_to_the_partner(shop: Shop) -> None:
    partner, follower = Partner(), shop.follow()
    with Server(partner.app) as served:
        target = f"http://partner.localhost:{served.port}/stock"
        registered = shop("POST", "/api/v1/partners", "partner", json={"target_url": target}).json()
        shop.hook({"isbn": ISBN, "stock": 5}, id="traced", **PARENT)
        assert shop.app.state.partners.idle(20)
        shop("DELETE", f"/api/v1/partners/{registered['id']}", "partner")
    ((fields, body),) = partner.received
    assert Webhook(registered["secret"]).verify(body, fields)["isbn"] == ISBN
    version = shop.version()
    assert json.loads(body) == {"event_type": "stock.changed", "isbn": ISBN, "version": version}
    (*_, last) = shop("GET", f"/api/v1/books/{ISBN}/history").json()["changes"]
    assert fields["traceparent"] == follower.read()["traceparent"] == last["traceparent"]
    assert trace_of(last["traceparent"]) == TRACE


def test_without_a_trace_the_shop_starts_one(shop: Shop) -> None:
    answers = [shop("GET", "/api/v1/books", headers=sent) for sent in ({}, {"traceparent": "00-bad-bad-01"}, PARENT)]
    traces = [trace_id(answer.headers["traceparent"]) for answer in answers]
    assert len({*traces, None}) == 4
    assert traces[2] == TRACE


def test_two_traceparents_are_none(shop: Shop) -> None:
    """By hand: http.client joins no fields, and requests sends none twice."""
    line = http.client.HTTPConnection("127.0.0.1", shop.server.port, timeout=20)
    line.putrequest("GET", "/api/v1/books")
    for _ in range(2):
        line.putheader("traceparent", PARENT["traceparent"])
    line.endheaders()
    assert trace_of(str(line.getresponse().headers["traceparent"])) != TRACE
    line.close()


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/books/", "/api/v1/books/123/x", "/hooks", "/soap/"])
def test_there_is_nothing_elsewhere(shop: Shop, path: str) -> None:
    refused(shop("GET", path), 404)


METHODS = {
    "/api/v1/books": "GET, HEAD, OPTIONS",
    f"/api/v1/books/{ISBN}": "GET, HEAD, OPTIONS, PATCH",
    "/api/v1/books/batch": "OPTIONS, POST",
    "/soap": "GET, HEAD, OPTIONS, POST",
    "/graphql": "OPTIONS, POST",
    "/hooks/warehouse": "OPTIONS, POST",
    "/api/v1/partners": "OPTIONS, POST",
}


@pytest.mark.parametrize("path", METHODS)
def test_each_address_says_what_it_takes(shop: Shop, path: str) -> None:
    assert shop("OPTIONS", path, None).headers["Allow"] == METHODS[path]
    answer = shop("DELETE", path)
    refused(answer, 405)
    assert answer.headers["Allow"] == METHODS[path]


GUARDED = {
    "list": ("GET", "/api/v1/books", "read"),
    "book": ("GET", f"/api/v1/books/{ISBN}", "read"),
    "history": ("GET", f"/api/v1/books/{ISBN}/history", "read"),
    "patch": ("PATCH", f"/api/v1/books/{ISBN}", "write"),
    "batch": ("POST", "/api/v1/books/batch", "write"),
    "soap": ("POST", "/soap", "read"),
    "graphql": ("POST", "/graphql", "read"),
    "partners": ("POST", "/api/v1/partners", "read"),
    "partner": ("DELETE", "/api/v1/partners/x", "read"),
}


@pytest.mark.parametrize(("method", "path", "scope"), GUARDED.values(), ids=GUARDED)
def test_a_door_opens_to_a_token_that_reaches(shop: Shop, method: str, path: str, scope: str) -> None:
    assert 'realm="bookshop"' in shop(method, path, None).headers["WWW-Authenticate"]
    refused(shop(method, path, None), 401)
    refused(shop(method, path, "warehouse secret"), 403)
    if scope == "write":
        refused(shop(method, path, "partner"), 403)


@pytest.mark.parametrize("path", ["/api/v1/books/batch", "/soap", "/graphql", "/hooks/warehouse", "/api/v1/partners"])
def test_a_body_without_end_is_not_kept(shop: Shop, path: str) -> None:
    body = (b"x" * 65536 for _ in range(160))
    media_type = {"Content-Type": "text/xml" if path == "/soap" else "application/json"}
    assert "2097152" in refused(shop("POST", path, data=body, headers=media_type), 413)["detail"]


def test_a_seed_makes_a_shop() -> None:
    one, same, other = (bookshop.app(seed) for seed in (1, 1, 2))
    assert one.state.credentials == same.state.credentials != other.state.credentials
    assert list(one.state.credentials) == ["shop", "partner", "warehouse secret"]
    assert one.state.shelf.state() == same.state.shelf.state() != other.state.shelf.state()


def test_a_shelf_can_be_kept_over_a_restart() -> None:
    shelf = Shelf()
    for stock in (3, 4):
        with open_shop(shelf=shelf) as shop:
            assert shop.patch(sent={"stock": stock}).json()["version"] == stock - 1
    assert len(shelf.followers) == 2


def test_the_clock_dates_what_the_doors_do(shop: Shop) -> None:
    answer: requests.Response = shop("GET", "/api/v1/books")
    assert answer.headers["Date"].startswith("Mon, 02 Mar 2026 09:")
