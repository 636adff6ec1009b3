"""What others make of our deliveries: the Standard Webhooks libraries of npm and PyPI, and a shop under Node."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from course_support.backends.subscriptions import Subscriptions
from tests.peers import HERE, install, program, run

from .market import FAILING, PAYMENT, SECRET, Market, open_market

NEW = "whsec_" + "bmV3" * 8


@pytest.fixture
def market() -> Iterator[Market]:
    """Its clock starts now: the libraries look at the real one, and take nothing older than five minutes."""
    with open_market(start=datetime.now(UTC)) as market:
        yield market


def received(market: Market) -> list[dict[str, Any]]:
    return [{"fields": fields, "body": body.decode()} for fields, body in market.shop.received]


def test_npm_verifies_what_we_sign(market: Market) -> None:
    webhook = market.register()
    market.pay()
    market("POST", f"/webhooks/{webhook}/rotate", json={"secret": NEW})
    market.pay(card=FAILING)
    plain, rotated = received(market)
    wrong = plain | {"body": plain["body"].replace("49.90", "99.90")}
    other_id = plain | {"fields": plain["fields"] | {"webhook-id": "msg_0"}}
    stamp = str(int(plain["fields"]["webhook-timestamp"]) + 1)
    other_time = plain | {"fields": plain["fields"] | {"webhook-timestamp": stamp}}
    given = [
        *(plain | {"secret": SECRET}, plain | {"secret": NEW}),
        *(rotated | {"secret": SECRET}, rotated | {"secret": NEW}),
        *(changed | {"secret": SECRET} for changed in (wrong, other_id, other_time)),
    ]
    none = "No matching signature found"
    first, second = json.loads(plain["body"]), json.loads(rotated["body"])
    assert run("webhooks.mjs", "verify", given=given) == [first, none, second, second, none, none, none]


@pytest.mark.parametrize("length", [24, 25, 32, 64])
def test_both_libraries_read_a_secret_alike(length: int) -> None:
    """What npm signs, the Python library verifies, and what we sign is the same."""
    secret = "whsec_" + base64.b64encode(bytes(range(length))).decode()
    body, stamp = '{"amount":"49,90 €"}', int(datetime.now(UTC).timestamp())
    given = [{"secret": secret, "id": "msg_1", "timestamp": stamp, "body": body}]
    (signature,) = run("webhooks.mjs", "sign", given=given)
    fields = {"webhook-id": "msg_1", "webhook-timestamp": str(stamp), "webhook-signature": signature}
    assert Webhook(secret).verify(body, fields) == json.loads(body)
    assert Webhook(secret).sign("msg_1", datetime.fromtimestamp(stamp, UTC), body) == signature


def test_npm_reads_the_secrets_that_we_make_up() -> None:
    made = [Subscriptions(seed).new_secret() for seed in range(20)]
    given = [{"secret": secret, "id": "msg_1", "timestamp": 1, "body": "{}"} for secret in made]
    ours = [Webhook(secret).sign("msg_1", datetime.fromtimestamp(1, UTC), "{}") for secret in made]
    assert run("webhooks.mjs", "sign", given=given) == ours


def test_the_python_library_verifies_raw_bytes_and_nothing_else(market: Market) -> None:
    market.register()
    market.pay()
    fields, body = market.shop.received[0]
    assert Webhook(SECRET).verify(body, fields)["event_type"] == "payment.completed"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(json.dumps(json.loads(body)), fields)


def test_mischief_is_seen_by_whoever_verifies(market: Market) -> None:
    market.register()
    market.network.tamper = True
    market.pay()
    market.network.tamper = False
    market.pay()
    market.network.replay()
    tampered, good, replayed = [given | {"secret": SECRET} for given in received(market)]
    none, first, again = run("webhooks.mjs", "verify", given=[tampered, good, replayed])
    assert (none, first) == ("No matching signature found", again)
    assert replayed == good  # a signature does not tell a replay: only the id does


def test_an_old_timestamp_is_refused_although_its_signature_is_right() -> None:
    with open_market() as market:  # its clock stands in March 2026
        market.register()
        market.pay()
        (verdict,) = run("webhooks.mjs", "verify", given=[received(market)[0] | {"secret": SECRET}])
    assert verdict in ("Message timestamp too old", "Message timestamp too new")


@contextmanager
def javascript_shop() -> Iterator[tuple[int, IO[str]]]:
    """The port of a shop under Node, and its lines: what it made of each delivery."""
    install()
    command = [program("node"), str(HERE / "webhooks.mjs"), "receive"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdin
        assert node.stdout
        try:
            node.stdin.write(json.dumps({"secret": SECRET}) + "\n")
            node.stdin.flush()
            yield json.loads(node.stdout.readline())["port"], node.stdout
        finally:
            node.kill()


def test_a_shop_under_node_takes_our_deliveries(market: Market) -> None:
    with javascript_shop() as (port, lines):
        webhook = market.register(target_url=f"http://shop.localhost:{port}/webhooks/payments")
        payment = market.pay(**PAYMENT)
        assert json.loads(lines.readline())["payment_id"] == payment
        assert market.outcomes(webhook) == [200]
        market.network.tamper = True
        market.pay()
        assert json.loads(lines.readline()) == "No matching signature found"
        assert market.outcomes(webhook) == [401]
        assert market.log(webhook)[0]["status"] == "pending"
