"""The examiner's deliveries are what they are said to be, by the package that shops verify with."""

from __future__ import annotations

import random

import pytest
import requests
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from course_support.evidence import Evidence
from course_support.exercise import Client
from course_support.exercises.webhooks import deliveries, shops
from course_support.exercises.webhooks.deliveries import Delivery
from course_support.server import Server


@pytest.fixture
def draw() -> random.Random:
    return random.Random(5)


def is_genuine(delivery: Delivery, *secrets: str) -> bool:
    def signs(secret: str) -> bool:
        try:
            Webhook(secret).verify(delivery.content, delivery.signed())
        except (WebhookVerificationError, ValueError):
            return False
        return True

    return any(map(signs, secrets))


def test_a_delivery_is_genuine_by_each_of_its_secrets(draw: random.Random) -> None:
    old, new = deliveries.secret(draw), deliveries.secret(draw)
    delivery = deliveries.delivery(draw, new, old)
    assert is_genuine(delivery, old)
    assert is_genuine(delivery, new)
    assert not is_genuine(delivery, deliveries.secret(draw))
    assert not delivery.amiss


def test_what_is_amiss_is_not_genuine(draw: random.Random) -> None:
    secret = deliveries.secret(draw)
    genuine = deliveries.delivery(draw, secret)
    amiss = [*deliveries.strangers(draw, secret), deliveries.early(genuine), deliveries.without(genuine, "webhook-id")]
    assert len({it.amiss for it in amiss}) == len(amiss) == 8
    assert not any(is_genuine(it, secret) for it in amiss)


def test_what_was_tampered_with_has_the_same_id_and_is_still_json(draw: random.Random) -> None:
    genuine = deliveries.delivery(draw, deliveries.secret(draw))
    tampered = deliveries.tampered(genuine)
    assert tampered.id == genuine.id
    assert tampered.event == genuine.event | {"amount": f"9{genuine.event['amount']}"}


def test_exchanges_are_matched_with_what_was_sent(draw: random.Random) -> None:
    secret = deliveries.secret(draw)
    first, second = (deliveries.delivery(draw, secret) for _ in range(2))
    with Server(_shop(secret)) as server:
        client = Client(server.url)
        deliveries.send(client, deliveries.tampered(first), first)
        deliveries.send_at_once(client, second, second)
        client.close()
        evidence = Evidence(
            afterwards=server.recorder.exchanges,
            expected={"deliveries": [first, second, deliveries.tampered(first)]},
        )
    found = [(it.id, bool(it.amiss), exchange.status) for it, exchange in deliveries.sent(evidence)]
    assert found == [(first.id, True, 401), (first.id, False, 200), *[(second.id, False, 200)] * 2]


def test_what_breaks_off_is_told(draw: random.Random) -> None:
    """A shop that hangs up ends the play, and the exchange shows it."""
    delivery = deliveries.delivery(draw, deliveries.secret(draw))
    with Server(_shop("")) as server:
        server.faults.drop_next()
        client = Client(server.url)
        with pytest.raises(requests.ConnectionError):
            deliveries.send(client, delivery)
        client.close()
        evidence = Evidence(afterwards=server.recorder.exchanges, expected={"deliveries": [delivery]})
    verdict = shops.no_answer(evidence)
    assert verdict
    assert verdict.cause == "Your application gave no answer."
    assert verdict.exchange == evidence.afterwards[0]


def _shop(secret: str) -> Starlette:
    async def receive(request: Request) -> Response:
        try:
            Webhook(secret).verify(await request.body(), dict(request.headers))
        except WebhookVerificationError:
            return PlainTextResponse(shops.INVALID, 401)
        return PlainTextResponse(shops.PROCESSED)

    return Starlette(routes=[Route(deliveries.PATH, receive, methods=["POST"])])
