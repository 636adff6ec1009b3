"""The line on which every change is told: who gets on it, what is said on it, and how it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import websocket

from .shops import ISBN, NOBODYS, PARENT, TRACE, Shop, open_shop, refused, trace_of


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


def test_a_line_starts_with_where_the_shelf_is(shop: Shop) -> None:
    line = shop.live()
    assert line.raw.getsubprotocol() == "stock.v1"
    assert line.read() == {"type": "ready", "version_of_shelf": shop.shelf.version}
    books = [{"isbn": it.isbn, "stock": it.stock, "version": it.version} for it in shop.shelf.books]
    assert shop.live("/live?snapshot=1").read() == {"type": "stock_list", "books": books}


def test_changes_are_pipelined_and_everybody_hears_of_them(shop: Shop) -> None:
    line, other, version = shop.follow(), shop.follow(who="partner"), shop.version()
    for n in range(300):
        line.send(id=n, isbn=ISBN, stock=n, note="x" * 300)
    heard = [line.read() for _ in range(600)]
    acks = [{"type": "ack", "id": n, "version": version + 1 + n} for n in range(300)]
    assert [it for it in heard if it["type"] == "ack"] == acks
    told = [it for it in heard if it["type"] == "stock"]
    assert [(it["isbn"], it["stock"], it["version"]) for it in told] == [(ISBN, n, version + 1 + n) for n in range(300)]
    assert [other.read() for _ in range(300)] == told
    assert shop.shelf.state()[ISBN] == (299, "x" * 300)


def test_a_trace_comes_with_the_message_or_else_with_the_handshake(shop: Shop) -> None:
    line, alone = shop.follow(header=PARENT), shop.follow()
    another = PARENT["traceparent"].replace(TRACE, TRACE[::-1])
    line.send(id=1, isbn=ISBN, stock=1)
    line.send(id=2, isbn=ISBN, stock=1, traceparent=another)
    told = [alone.read(), alone.read()]
    alone.send(id=3, isbn=ISBN, stock=1, traceparent=7)
    traces = [trace_of(it["traceparent"]) for it in (*told, alone.read())]
    assert traces[:2] == [TRACE, TRACE[::-1]]
    assert traces[2] not in traces[:2]


FAULTY: dict[str, tuple[dict[str, Any], str]] = {
    "no isbn": ({"stock": 1}, "isbn: Send the thirteen digits"),
    "no stock": ({"isbn": ISBN}, "stock: Send a whole number"),
    "a bad stock": ({"isbn": ISBN, "stock": 1.5}, "stock: Send a whole number"),
    "a bad note": ({"isbn": ISBN, "stock": 1, "note": None}, "note: Send a string"),
    "a member more": ({"isbn": ISBN, "stock": 1, "price": "1.00"}, "Leave out"),
    "an unknown book": ({"isbn": NOBODYS, "stock": 1}, "Take the ISBN of a book from the list"),
}


@pytest.mark.parametrize(("sent", "message"), FAULTY.values(), ids=FAULTY)
def test_a_faulty_change_is_answered_and_the_line_stays(shop: Shop, sent: dict[str, Any], message: str) -> None:
    line, version = shop.follow(), shop.shelf.version
    line.send(id=9, **sent)
    answer = line.read()
    assert (answer["type"], answer["id"]) == ("error", 9)
    assert answer["message"].startswith(message)
    assert shop.shelf.version == version
    line.send(id=10, isbn=ISBN, stock=1)
    assert [line.read()["type"] for _ in range(2)] == ["stock", "ack"]


def test_who_may_only_read_only_hears(shop: Shop) -> None:
    line = shop.follow(who="partner")
    line.send(id=1, isbn=ISBN, stock=1)
    assert line.read() == {"type": "error", "id": 1, "message": "Use a token that may write: this one may only read."}


MALFORMED = {
    "no json": "stock",
    "no object": "[]",
    "another type": '{"type": "get_stock", "id": 1}',
    "no id": json.dumps({"type": "set_stock", "isbn": ISBN, "stock": 1}),
    "a number that is none": '{"type": "set_stock", "id": NaN}',
    "deep": "[" * 50_000,
    "an id without end": f'{{"type": "set_stock", "id": {"1" * 5000}}}',
}


@pytest.mark.parametrize("text", MALFORMED.values(), ids=MALFORMED)
def test_what_is_malformed_ends_the_line(shop: Shop, text: str) -> None:
    line = shop.follow()
    line.raw.send(text)
    assert line.closed()[0] == 1008


def test_what_is_too_large_or_binary_ends_the_line(shop: Shop) -> None:
    line = shop.follow()
    line.send(id=1, isbn=ISBN, stock=1, note="x" * 100_000)  # as long as a note may be
    assert [line.read()["type"] for _ in range(2)] == ["stock", "ack"]
    line.raw.send("x" * (128 * 1024 + 1))
    assert line.closed()[0] == 1009
    line = shop.follow()
    line.raw.send_binary(b"{}")
    assert line.closed()[0] == 1003


def test_who_does_not_read_is_told_why() -> None:
    """A hundred changes come in one go, and only fifty may wait."""
    with open_shop(backlog=50) as shop:
        line = shop.follow()
        assert shop.batch(*[{"isbn": ISBN, "stock": 1}] * 100).status_code == 200
        assert line.closed() == (1013, "You read too slowly: connect again with ?snapshot=1.")
        assert shop.live("/live?snapshot=1").read()["books"][0]["version"] == 101


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "nobody": (401, {"who": None}),
    "the warehouse": (403, {"who": "warehouse secret"}),
    "no subprotocol": (400, {"subprotocols": None}),
    "another subprotocol": (400, {"subprotocols": ["edit.v1"]}),
    "a page of elsewhere": (403, {"origin": "https://elsewhere.example"}),
    "another address": (404, {"path": "/live/1"}),
}


@pytest.mark.parametrize(("status", "more"), REFUSED.values(), ids=REFUSED)
def test_a_handshake_is_refused_with_a_problem(shop: Shop, status: int, more: dict[str, Any]) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as caught:
        shop.live(**more)
    assert caught.value.status_code == status
    assert json.loads(caught.value.resp_body or b"")["status"] == status


def test_a_plain_get_is_told_to_upgrade(shop: Shop) -> None:
    answer = shop("GET", "/live")
    refused(answer, 426)
    assert answer.headers["Upgrade"] == "websocket"


def test_who_leaves_is_forgotten(shop: Shop) -> None:
    followers = shop.app.state.followers
    before, line = len(followers.connections), shop.follow()
    line.raw.close()
    deadline = time.monotonic() + 20
    while len(followers.connections) > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)
