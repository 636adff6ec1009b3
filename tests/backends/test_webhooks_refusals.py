"""Whom and what the processor refuses, always as a problem, and what every path of it has in common."""

from __future__ import annotations

from typing import Any

import pytest

from course_support.backends import webhooks

from .market import ALL, Market, open_market, refused, things

# Every method of every path that asks for a key; `things` fills in the ids.
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
