"""Payments, events and the test clock of the processor over a real socket."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from .market import FAILING, PAYMENT, Market, open_market, refused


@pytest.fixture(scope="module")
def market() -> Any:
    with open_market() as market:
        yield market


@pytest.fixture
def fresh() -> Any:
    with open_market() as market:
        yield market


# --- Payments and events ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("card", "status"), [("4242424242424242", "completed"), (FAILING, "failed")])
def test_a_payment(market: Market, card: str, status: str) -> None:
    answer = market("POST", "/payments", json=PAYMENT | {"card": card})
    assert answer.status_code == 201
    payment = answer.json()
    assert list(payment) == ["id", "order_id", "amount", "currency", "status", "created_at"]
    assert payment["id"].startswith("pay_")
    assert (payment["status"], payment["amount"]) == (status, "49.90")
    assert answer.headers["Location"] == f"/api/payments/{payment['id']}"
    assert market("GET", f"/payments/{payment['id']}").json() == payment
    assert card not in answer.text


def test_a_completed_payment_can_be_disputed_once(market: Market) -> None:
    payment = market.pay()
    answer = market("POST", f"/payments/{payment}/dispute")
    assert (answer.status_code, answer.json()["status"]) == (200, "disputed")
    assert market("GET", f"/payments/{payment}").json() == answer.json()
    assert "this one is disputed" in refused(market("POST", f"/payments/{payment}/dispute"), 409)["detail"]
    failed = market.pay(card=FAILING)
    assert "this one is failed" in refused(market("POST", f"/payments/{failed}/dispute"), 409)["detail"]


def test_the_shop_is_told_of_each_event_under_its_id(fresh: Market) -> None:
    fresh.register()
    payment = fresh.pay()
    fresh("POST", f"/payments/{payment}/dispute")
    assert fresh.deliveries.idle(60)
    fresh.pay(card=FAILING)
    polled = fresh("GET", "/events").json()["events"]
    told = [{"id": fields["webhook-id"]} | json.loads(body) for fields, body in fresh.shop.received]
    assert told == polled
    assert [event["event_type"] for event in told] == ["payment.completed", "payment.disputed", "payment.failed"]
    assert list(told[0]) == ["id", "event_type", "payment_id", "order_id", "amount", "currency", "created_at"]
    fields, _ = fresh.shop.received[0]
    assert fields["content-type"] == "application/json"
    assert fields["host"] == f"shop.localhost:{fresh.port}"


def test_events_are_polled_with_a_cursor(fresh: Market) -> None:
    for _ in range(5):
        fresh("POST", "/payments", json=PAYMENT)
    everything = fresh("GET", "/events").json()["events"]
    assert len(everything) == 5
    seen: list[Any] = []
    path = "/events?limit=2"
    pages = 0
    while path:
        answer = fresh("GET", path)
        seen += answer.json()["events"]
        path = answer.links.get("next", {}).get("url", "").removeprefix("/api")
        pages += 1
    assert (seen, pages) == (everything, 3)
    assert fresh("GET", "/events?limit=5").links == {}
    last = everything[-1]["id"]
    nothing_new = fresh("GET", f"/events?after={last}")
    assert (nothing_new.json(), nothing_new.links) == ({"events": []}, {})
    tag = {"If-None-Match": nothing_new.headers["ETag"]}
    assert fresh("GET", f"/events?after={last}", headers=tag).status_code == 304
    fresh("POST", "/payments", json=PAYMENT)
    assert len(fresh("GET", f"/events?after={last}", headers=tag).json()["events"]) == 1
    for bad in ("msg_0", ""):
        assert "after" in refused(fresh("GET", f"/events?after={bad}"), 400)["detail"]


def test_an_event_of_another_shop_is_no_cursor(fresh: Market) -> None:
    fresh("POST", "/payments", json=PAYMENT)
    event = fresh("GET", "/events").json()["events"][0]["id"]
    refused(fresh("GET", f"/events?after={event}", who="otherstore"), 400)


# --- Time ------------------------------------------------------------------------------------------------------------


def test_the_test_clock_winds(fresh: Market) -> None:
    webhook = fresh.register(target_url="https://yourstore.com/")
    fresh.pay()
    before = fresh.app.state.clock.now
    answer = fresh("POST", "/test-clock/advance", json={"seconds": 400_000})
    assert (answer.status_code, list(answer.json())) == (200, ["now", "attempts"])
    assert answer.json()["attempts"] == 9
    assert fresh.app.state.clock.now >= before + timedelta(seconds=400_000)
    assert answer.json()["now"][:19] == f"{fresh.app.state.clock.now:%Y-%m-%dT%H:%M:%S}"
    assert fresh.log(webhook)[0]["status"] == "dead"
    later = fresh("GET", "/webhooks").headers["Date"]
    assert later.startswith("Sat, 07 Mar 2026 00:06:40")


@pytest.mark.parametrize("seconds", [None, -1, 1.5, "5", True, [], 366 * 86400 + 1, 10**30])
def test_seconds_are_whole_and_not_too_many(market: Market, seconds: Any) -> None:
    problem = refused(market("POST", "/test-clock/advance", json={"seconds": seconds}), 422)
    assert problem["errors"][0]["pointer"] == "#/seconds"
