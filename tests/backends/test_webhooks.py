"""Webhooks over a real socket: what a shop can do with its registrations, and what the log tells."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import requests

from course_support.backends.subscriptions import secret_advice

from .market import ALL, FAILING, PAYMENT, SECRET, Market, open_market, refused, things

DAYS = timedelta(days=4)


@pytest.fixture(scope="module")
def market() -> Any:
    with open_market() as market:
        yield market


@pytest.fixture
def fresh() -> Any:
    with open_market() as market:
        yield market


# --- Webhooks --------------------------------------------------------------------------------------------------------


def test_register_to_the_letter(market: Market) -> None:
    sent = {"event_types": ALL, "target_url": "https://yourstore.com/webhooks/payments", "secret": SECRET}
    answer = market("POST", "/webhooks/register", json=sent)
    assert answer.status_code == 201
    new = answer.json()
    assert list(new) == ["id", "event_types", "target_url", "status", "created_at"]
    assert (new["event_types"], new["target_url"], new["status"]) == (ALL, sent["target_url"], "enabled")
    assert answer.headers["Location"] == f"/api/webhooks/{new['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert market("GET", f"/webhooks/{new['id']}").json() == new
    assert new in market("GET", "/webhooks").json()["webhooks"]


def test_a_secret_that_is_left_out_is_made_up_and_shown_once(market: Market) -> None:
    answer = market("POST", "/webhooks/register", json={"event_types": ALL, "target_url": market.target_url}).json()
    secret = answer["secret"]
    assert secret_advice(secret) is None
    for path in (f"/webhooks/{answer['id']}", "/webhooks", f"/webhooks/{answer['id']}/deliveries"):
        assert secret not in market("GET", path).text


def test_a_bad_registration_lists_all_faults(market: Market) -> None:
    before = market("GET", "/webhooks").json()
    sent = {"event_types": [], "target_url": "https://metadata.yourstore.com/", "secret": "abc", "more": 1}
    problem = refused(market("POST", "/webhooks/register", json=sent), 422)
    assert {error["pointer"]: error["detail"] for error in problem["errors"]} == {
        "#/event_types": "Send a list of some of payment.completed, payment.failed, payment.disputed.",
        "#/target_url": "Choose a public address: 169.254.169.254 is not one (link-local).",
        "#/secret": "Send whsec_ and the Base64 of 24 to 64 random bytes, or leave it out to get one.",
        "#/more": "Leave this out: nothing here has this name.",
    }
    assert market("GET", "/webhooks").json() == before


def test_a_registration_looks_names_up_as_the_switch_says(fresh: Market) -> None:
    fresh.app.state.resolve = lambda name: ["10.0.0.1"]
    sent = {"event_types": ALL, "target_url": "https://yourstore.com/"}
    assert "private use" in refused(fresh("POST", "/webhooks/register", json=sent), 422)["errors"][0]["detail"]


def test_a_name_that_leads_elsewhere_after_the_registration_is_refused(fresh: Market) -> None:
    webhook = fresh.register(target_url=f"https://yourstore.com:{fresh.port}/webhooks/payments")
    fresh.pay()
    assert fresh.outcomes(webhook) == ["unreachable"]
    fresh.app.state.resolve = lambda name: ["127.0.0.1"]
    fresh.deliveries.wind(timedelta(seconds=10))
    assert fresh.outcomes(webhook)[1] == "refused: Choose a public address: 127.0.0.1 is not one (loopback)."
    assert fresh.shop.received == []


def test_a_webhook_can_be_turned_off_and_on(fresh: Market) -> None:
    webhook = fresh.register()
    merge = {"Content-Type": "application/merge-patch+json"}

    def switch(status: Any) -> requests.Response:
        return fresh("PATCH", f"/webhooks/{webhook}", data=json.dumps({"status": status}), headers=merge)

    fresh.shop.answer(500)
    fresh.pay()
    assert switch("disabled").json()["status"] == "disabled"
    assert fresh.log(webhook)[0]["status"] == "dead"
    fresh.pay()
    assert len(fresh.log(webhook)) == 1
    event = fresh.log(webhook)[0]["event_id"]
    problem = refused(fresh("POST", f"/webhooks/{webhook}/deliveries/{event}/replay"), 409)
    assert "Enable the webhook first" in problem["detail"]
    assert switch("enabled").json()["status"] == "enabled"
    assert fresh("GET", f"/webhooks/{webhook}").json()["status"] == "enabled"
    assert fresh.deliveries.wind(DAYS) == 0
    fresh.pay()
    assert len(fresh.shop.received) == 2
    for status in (None, "on", 1, []):
        assert refused(switch(status), 422)["errors"][0]["pointer"] == "#/status"
    wrong = refused(fresh("PATCH", f"/webhooks/{webhook}", json={"status": "enabled"}), 415)
    assert "application/merge-patch+json" in wrong["detail"]


def test_a_deleted_webhook_is_gone(market: Market) -> None:
    webhook = market.register()
    answer = market("DELETE", f"/webhooks/{webhook}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        refused(market(method, f"/webhooks/{webhook}"), 404)
    assert webhook not in market("GET", "/webhooks").text


def test_rotation_signs_with_both_secrets_for_a_day(fresh: Market) -> None:
    webhook, new = fresh.register(), "whsec_" + "bmV3" * 8
    answer = fresh("POST", f"/webhooks/{webhook}/rotate", json={"secret": new})
    assert (answer.status_code, list(answer.json())) == (200, ["secret", "old_expires_at"])
    assert answer.json()["secret"] == new
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["old_expires_at"].startswith("2026-03-03T09:00:00")
    fresh.pay()
    fresh.deliveries.wind(timedelta(hours=24))
    fresh.pay()
    signatures = [fields["webhook-signature"].split(" ") for fields, _ in fresh.shop.received]
    assert [len(of_one) for of_one in signatures] == [2, 1]


@pytest.mark.parametrize("more", [{}, {"json": {}}])
def test_rotation_makes_a_secret_up(market: Market, more: dict[str, Any]) -> None:
    webhook = market.register()
    first, second = (market("POST", f"/webhooks/{webhook}/rotate", **more).json()["secret"] for _ in range(2))
    assert (secret_advice(first), secret_advice(second)) == (None, None)
    assert first != second


def test_rotation_refuses_a_secret_that_is_none_or_in_use(market: Market) -> None:
    webhook = market.register()
    for secret in ("abc", None, SECRET, 1):
        answer = market("POST", f"/webhooks/{webhook}/rotate", json={"secret": secret})
        assert refused(answer, 422)["errors"][0]["pointer"] == "#/secret"
    refused(market("POST", f"/webhooks/{webhook}/rotate", data="secret=abc"), 415)
    chunked = iter([b'{"secret": "abc"}'])
    answer = market("POST", f"/webhooks/{webhook}/rotate", data=chunked, headers={"Content-Type": "application/json"})
    refused(answer, 422)


def test_rotation_refuses_a_sixth_secret_until_one_has_expired(fresh: Market) -> None:
    webhook = fresh.register()
    rotate = partial(fresh, "POST", f"/webhooks/{webhook}/rotate")
    for _ in range(4):
        assert rotate().status_code == 200
    for more in ({}, {"json": {"secret": "whsec_" + "bmV3" * 8}}):
        assert "Rotate again after 2026-03-03T09:00:00" in refused(rotate(**more), 409)["detail"]
    fresh.pay()
    assert len(fresh.shop.received[-1][0]["webhook-signature"].split(" ")) == 5
    fresh.deliveries.wind(timedelta(hours=24))
    assert rotate().status_code == 200


# --- Log -------------------------------------------------------------------------------------------------------------


def test_the_log_is_newest_first_and_limited(fresh: Market) -> None:
    webhook = fresh.register()
    for _ in range(22):
        fresh("POST", "/payments", json=PAYMENT)
    assert fresh.deliveries.idle(60)
    events = [event["id"] for event in fresh("GET", "/events?limit=100").json()["events"]]
    newest = [delivery["event_id"] for delivery in fresh.log(webhook)]
    assert newest == events[:1:-1]
    answer = fresh("GET", f"/webhooks/{webhook}/deliveries?limit=3").json()
    assert [delivery["event_id"] for delivery in answer["deliveries"]] == events[:-4:-1]


def test_a_delivery_in_the_log(fresh: Market) -> None:
    webhook = fresh.register(target_url="https://yourstore.com/")
    fresh.pay(card=FAILING)
    (delivery,) = fresh.log(webhook)
    assert list(delivery) == ["event_id", "event_type", "status", "attempts"]
    assert (delivery["event_type"], delivery["status"]) == ("payment.failed", "pending")
    (attempt,) = delivery["attempts"]
    assert (list(attempt), attempt["error"]) == (["at", "error", "next_at"], "unreachable")
    fresh.deliveries.wind(DAYS)
    (dead,) = fresh("GET", f"/webhooks/{webhook}/dead-letters").json()["deliveries"]
    assert (dead["event_id"], dead["status"], len(dead["attempts"])) == (delivery["event_id"], "dead", 10)


def test_dead_letters_are_only_those_that_were_given_up(fresh: Market) -> None:
    webhook = fresh.register()
    fresh.pay()
    fresh.shop.answer(*[500] * 10)
    fresh.pay()
    assert fresh("GET", f"/webhooks/{webhook}/dead-letters").json() == {"deliveries": []}
    fresh.deliveries.wind(DAYS)
    newest = fresh.log(webhook)[0]
    assert fresh("GET", f"/webhooks/{webhook}/dead-letters").json() == {"deliveries": [newest]}


def test_a_replay_is_accepted_and_made_afterwards(fresh: Market) -> None:
    ids = things(fresh)
    answer = fresh("POST", "/webhooks/{webhook}/deliveries/{event}/replay".format(**ids))
    assert answer.status_code == 202
    assert answer.json()["event_id"] == ids["event"]
    assert fresh.deliveries.idle(60)
    assert fresh.shop.ids == [ids["event"]] * 2
    refused(fresh("POST", f"/webhooks/{ids['webhook']}/deliveries/msg_0/replay"), 404)
