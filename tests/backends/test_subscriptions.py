"""Subscriptions: what can be registered, who wants what, and which secrets sign while one is replaced."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest

from course_support.backends.clock import START
from course_support.backends.payments import Event, Ledger
from course_support.backends.problem import Problem
from course_support.backends.subscriptions import (
    MOST_SECRETS,
    Subscription,
    Subscriptions,
    checked_registration,
    secret_advice,
)
from course_support.backends.targets import resolve

from .market import ALL, PAYMENT, SECRET

GOOD = {"event_types": ALL, "target_url": "https://yourstore.com/webhooks/payments", "secret": SECRET}
DAY = timedelta(days=1)


def secret(length: int, filling: bytes = b"x") -> str:
    return "whsec_" + base64.b64encode(filling * length).decode()


def event(owner: str = "yourstore") -> Event:
    return Ledger(1).pay(owner, **PAYMENT, now=START)


@pytest.fixture
def subscription() -> Subscription:
    return Subscriptions(1).add("yourstore", ALL, GOOD["target_url"], SECRET, START)


def test_a_registration_may_leave_out_the_secret() -> None:
    assert checked_registration(GOOD, resolve) == GOOD
    without = {member: value for member, value in GOOD.items() if member != "secret"}
    assert checked_registration(without, resolve) == without


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("event_types", [None, [], "payment.completed", ["payment"], [*ALL, ALL[0]], [1], [[]], {}, ["payment.*"]]),
        ("target_url", [None, 1, [], "", "http://yourstore.com/", "https://10.0.0.1/", "https://\ud800/"]),
        ("secret", [None, "", SECRET[:-1], secret(23), secret(65), SECRET.removeprefix("whsec_"), 1, [SECRET]]),
        ("url", ["https://yourstore.com/"]),
    ],
)
def test_a_bad_member_is_pointed_at(member: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(Problem) as refused:
            checked_registration(GOOD | {member: value}, resolve)
        assert [error["pointer"] for error in refused.value.errors] == [f"#/{member}"], value


def test_a_target_is_looked_up_as_the_service_does() -> None:
    with pytest.raises(Problem, match="422"):
        checked_registration(GOOD, lambda name: ["127.0.0.1"])


@pytest.mark.parametrize("length", [24, 25, 26, 32, 64])
def test_a_secret_has_24_to_64_bytes(length: int) -> None:
    assert secret_advice(secret(length)) is None


@pytest.mark.parametrize(
    "value",
    [
        secret(25).rstrip("="),
        secret(25)[:-3] + "B==",  # bits are left over, and they are not zero
        secret(24) + "\n",
        secret(24, b"\xff").replace("/", "_"),
        "WHSEC_" + secret(24)[6:],
        "whsk_" + secret(24)[6:],
        "whsec_" + "é" * 40,
        "whsec_" + "=" * 40,
    ],
)
def test_a_secret_has_one_spelling(value: str) -> None:
    assert secret_advice(value) == "Send whsec_ and the Base64 of 24 to 64 random bytes, or leave it out to get one."


def test_a_new_secret_is_a_good_one_and_none_is_given_twice() -> None:
    made = [Subscriptions(1).new_secret(), *[Subscriptions(2).new_secret() for _ in range(1)]]
    one = Subscriptions(3)
    made += [one.new_secret() for _ in range(20)]
    assert len(set(made)) == len(made)
    assert [secret_advice(it) for it in made] == [None] * len(made)


def test_only_who_asked_for_an_event_is_told() -> None:
    all_of_them = Subscriptions(1)
    wants = all_of_them.add("yourstore", ["payment.completed"], GOOD["target_url"], SECRET, START)
    all_of_them.add("yourstore", ["payment.failed"], GOOD["target_url"], SECRET, START)
    all_of_them.add("otherstore", ALL, GOOD["target_url"], SECRET, START)
    also = all_of_them.add("yourstore", ALL, GOOD["target_url"], SECRET, START)
    off = all_of_them.add("yourstore", ALL, GOOD["target_url"], SECRET, START)
    off.status = "disabled"
    gone = all_of_them.add("yourstore", ALL, GOOD["target_url"], SECRET, START)
    all_of_them.remove(gone)
    assert all_of_them.wanting(event()) == [wants, also]
    assert gone not in all_of_them.of("yourstore")


def test_the_representation_holds_no_secret(subscription: Subscription) -> None:
    assert list(subscription.representation) == ["id", "event_types", "target_url", "status", "created_at"]
    assert SECRET not in str(subscription.representation)


def test_a_delivery_is_signed_as_standard_webhooks_says(subscription: Subscription) -> None:
    now, told = START + timedelta(seconds=7, milliseconds=900), event()
    fields = subscription.fields(told, now)
    stamp = str(int(START.timestamp()) + 7)  # whole seconds that have passed
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{told.id}.{stamp}.".encode() + told.payload
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert fields == {
        "webhook-id": told.id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def test_a_replaced_secret_signs_for_a_day_behind_the_new_one(subscription: Subscription) -> None:
    before = subscription.fields(event(), START)["webhook-signature"]
    expires = subscription.rotate(secret(24), START)
    assert expires == START + DAY
    assert subscription.alive(START) == [secret(24), SECRET]
    new, old = subscription.fields(event(), START)["webhook-signature"].split(" ")
    assert (old, new != old) == (before, True)
    assert subscription.alive(START + DAY - timedelta(microseconds=1)) == [secret(24), SECRET]
    assert subscription.alive(START + DAY) == [secret(24)]


def test_two_rotations_in_a_day_leave_three_secrets(subscription: Subscription) -> None:
    subscription.rotate(secret(24), START)
    subscription.rotate(secret(25), START + DAY / 2)
    assert subscription.alive(START + DAY / 2) == [secret(25), secret(24), SECRET]
    assert subscription.alive(START + DAY) == [secret(25), secret(24)]
    assert subscription.alive(START + 2 * DAY) == [secret(25)]


def test_five_secrets_sign_at_most(subscription: Subscription) -> None:
    for number in range(1, MOST_SECRETS):
        subscription.rotate(secret(24 + number), START + number * DAY / 24)
    before, last = subscription.alive(START + DAY / 4), START + 25 * DAY / 24 - timedelta(milliseconds=1)
    assert len(before) == MOST_SECRETS == 5
    with pytest.raises(Problem) as refused:
        subscription.rotate(secret(40), last)
    assert refused.value.status_code == 409
    said = "Rotate again after 2026-03-03T10:00:00.000Z: 5 secrets sign already, and one expires then."
    assert refused.value.detail == said
    assert subscription.alive(last) == before
    subscription.rotate(secret(40), START + 25 * DAY / 24)
    assert subscription.alive(START + 25 * DAY / 24) == [secret(40), *before[:-1]]


def test_an_old_secret_can_come_back(subscription: Subscription) -> None:
    subscription.rotate(secret(24), START)
    subscription.rotate(SECRET, START + 2 * DAY)
    assert subscription.alive(START + 2 * DAY) == [SECRET, secret(24)]
    assert subscription.alive(START + 9 * DAY) == [SECRET]
