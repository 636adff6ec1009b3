"""The processor's HTTP API over a real socket: every resource, and every refusal as a problem."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests

from course_support.backends import webhooks
from course_support.backends.subscriptions import secret_advice

from .market import ALL, FAILING, PAYMENT, SECRET, Market, open_market

DAYS = timedelta(days=4)
# Every method of every path that asks for a key; the ids are those of `others` below.
ASKED = [
    ("POST", "/webhooks/register"),
    ("GET", "/webhooks"),
    ("GET", "/webhooks/{webhook}"),
    ("PATCH", "/webhooks/{webhook}"),
    ("DELETE", "/webhooks/{webhook}"),
    ("POST", "/webhooks/{webhook}/rotate"),
    ("GET", "/webhooks/{webhook}/deliveries"),
    ("GET", "/webhooks/{webhook}/dead-letters"),
    ("POST", "/webhooks/{webhook}/deliveries/{event}/replay"),
    ("POST", "/payments"),
    ("GET", "/payments/{payment}"),
    ("POST", "/payments/{payment}/dispute"),
    ("GET", "/events"),
    ("POST", "/test-clock/advance"),
]


@pytest.fixture(scope="module")
def market() -> Any:
    with open_market() as market:
        yield market


@pytest.fixture
def fresh() -> Any:
    with open_market() as market:
        yield market


def things(market: Market) -> dict[str, str]:
    """The ids of something of every kind that belongs to yourstore."""
    webhook, payment = market.register(), market.pay()
    return {"webhook": webhook, "payment": payment, "event": market.log(webhook)[0]["event_id"]}


def refused(answer: requests.Response, status: int) -> Any:
    """The problem that the answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem


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


# --- Log -------------------------------------------------------------------------------------------------------------


def test_the_log_is_newest_first_and_limited(fresh: Market) -> None:
    webhook = fresh.register()
    for _ in range(22):
        fresh("POST", "/payments", json=PAYMENT)
    assert fresh.deliveries.idle()
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
    assert fresh.deliveries.idle()
    assert fresh.shop.ids == [ids["event"]] * 2
    refused(fresh("POST", f"/webhooks/{ids['webhook']}/deliveries/msg_0/replay"), 404)


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
    assert fresh.deliveries.idle()
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


# --- Refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_nobody_gets_anywhere_without_a_key(market: Market, method: str, path: str) -> None:
    answer = market(method, path, who=None)
    refused(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="payments"'
    wrong = market(method, path, who=None, headers={"Authorization": "Bearer abc"})
    refused(wrong, 401)
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in ASKED if "{" in path])
def test_another_shop_s_things_are_not_there(market: Market, method: str, path: str) -> None:
    ids = things(market)
    before = [market("GET", f"/webhooks/{ids['webhook']}").json(), market("GET", f"/payments/{ids['payment']}").json()]
    known, unknown = path.format(**ids), path.format(webhook="wh_0", payment="pay_0", event="msg_0")
    more = {"data": '{"status": "disabled"}', "headers": {"Content-Type": "application/merge-patch+json"}}
    answers = [market(method, it, who="otherstore", **(more if method == "PATCH" else {})) for it in (known, unknown)]
    assert refused(answers[0], 404)["detail"] == refused(answers[1], 404)["detail"]
    assert market("GET", "/webhooks", who="otherstore").json() == {"webhooks": []}
    assert market("GET", "/events", who="otherstore").json() == {"events": []}
    after = [market("GET", f"/webhooks/{ids['webhook']}").json(), market("GET", f"/payments/{ids['payment']}").json()]
    assert after == before


def test_one_shop_s_payment_is_not_told_to_another(fresh: Market) -> None:
    sent = {"event_types": ALL, "target_url": fresh.target_url}
    assert fresh("POST", "/webhooks/register", json=sent, who="otherstore").status_code == 201
    fresh.pay()
    assert fresh.shop.received == []


@pytest.mark.parametrize("path", [path for method, path in ASKED if method == "POST" and "{" not in path])
def test_content_that_is_no_json_is_refused(market: Market, path: str) -> None:
    json_type = {"Content-Type": "application/json"}
    refused(market("POST", path, data="a=b"), 415)
    refused(market("POST", path, data=b"{", headers=json_type), 400)
    refused(market("POST", path, data=b'{"a": NaN}', headers=json_type), 400)
    refused(market("POST", path, data=b"[" * 50_000, headers=json_type), 400)
    refused(market("POST", path, data=b" " * 70_000, headers=json_type), 413)
    assert refused(market("POST", path, json=[]), 422)["errors"][0]["pointer"] == "#"
    refused(market("POST", path, json={}, headers={"Accept": "text/html"}), 406)


@pytest.mark.parametrize("path", ["/events", "/webhooks/{webhook}/deliveries", "/webhooks/{webhook}/dead-letters"])
def test_limits(market: Market, path: str) -> None:
    path = path.format(webhook=market.register())
    for good in ("1", "100"):
        assert market("GET", f"{path}?limit={good}").status_code == 200
    for bad in ("0", "101", "-1", "a", "", "1.0"):
        refused(market("GET", f"{path}?limit={bad}"), 400)


def test_every_path_tells_its_methods_and_head_is_get_without_content(market: Market) -> None:
    ids = things(market)
    for path in webhooks.PATHS:
        filled = path.removeprefix("/api")
        filled = filled.replace("{id}", ids["webhook" if "webhooks" in path else "payment"])
        filled = filled.replace("{event}", ids["event"])
        answer = market("OPTIONS", filled, who=None)
        assert (answer.status_code, answer.content) == (204, b"")
        methods = {method for route in webhooks.ROUTES if route.path == path for method in route.methods or ()}
        assert answer.headers["Allow"] == ", ".join(sorted({*methods, "OPTIONS"}))
        assert refused(market("PUT", filled), 405)["detail"]
        if "GET" in methods:
            get, head = market("GET", filled), market("HEAD", filled)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["Content-Length"] == str(len(get.content))
    refused(market("GET", "/nothing"), 404)
    refused(market("GET", "/webhooks/"), 404)


def test_every_route_says_in_one_line_what_it_does() -> None:
    for route in webhooks.ROUTES:
        line = str(route.endpoint.__doc__)
        assert line.endswith(".")
        assert "\n" not in line


def test_keys_and_ids_come_from_the_seed() -> None:
    def drawn(seed: int) -> tuple[dict[str, str], dict[str, str]]:
        with open_market(seed=seed) as market:
            return market.app.state.credentials, things(market)

    assert drawn(1) == drawn(1)
    assert drawn(1)[0] != drawn(2)[0]
    assert not set(drawn(1)[1].values()) & set(drawn(2)[1].values())
    assert webhooks.app().state.credentials == webhooks.app(1).state.credentials
