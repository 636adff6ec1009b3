"""Payments and their events: what a shop may send, and what it is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from course_support.backends.clock import START
from course_support.backends.payments import Ledger, checked_payment
from course_support.backends.problem import Problem

from .market import FAILING, PAYMENT


def paid(ledger: Ledger, **members: str) -> Any:
    return ledger.pay("yourstore", **{**PAYMENT, **members}, now=START)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"card": FAILING},
        {"amount": "0.01"},
        {"amount": "9999999.99"},
        {"order_id": "a"},
        {"order_id": "A_-9" * 16},
        *({"currency": currency} for currency in ("CHF", "EUR", "GBP", "USD")),
    ],
)
def test_a_good_payment_is_taken(members: dict[str, str]) -> None:
    assert checked_payment(PAYMENT | members) == PAYMENT | members


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("order_id", [None, "", "a" * 65, "a b", "a\n", "é", 1, ["a"], "a.b"]),
        ("amount", [None, 49.9, 49, "49.9", "49", "-1.00", "0.00", "01.00", "1.000", "10000000.00", "1.00\n", "١.٠٠"]),
        ("currency", [None, "", "eur", "JPY", "EURO", 978, ["EUR"], {}]),
        ("card", [None, "", "4242", "4242424242424241", 4242424242424242, ["4242424242424242"], {}]),
    ],
)
def test_a_bad_member_is_pointed_at(member: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(Problem) as refused:
            checked_payment(PAYMENT | {member: value})
        assert [error["pointer"] for error in refused.value.errors] == [f"#/{member}"], value


def test_the_card_decides_and_is_not_kept() -> None:
    ledger = Ledger(1)
    assert paid(ledger).event_type == "payment.completed"
    failed = paid(ledger, card=FAILING)
    assert failed.event_type == "payment.failed"
    assert FAILING not in str(vars(ledger))


def test_an_event_tells_what_was_and_the_ledger_what_is() -> None:
    ledger = Ledger(1)
    completed = paid(ledger)
    disputed = ledger.dispute(completed.payment, START + timedelta(days=1))
    assert json.loads(completed.payload)["event_type"] == "payment.completed"
    assert json.loads(disputed.payload) == {
        "event_type": "payment.disputed",
        "payment_id": completed.payment.id,
        "order_id": "order-1",
        "amount": "49.90",
        "currency": "EUR",
        "created_at": "2026-03-03T09:00:00.000Z",
    }
    now = ledger.payment(completed.payment.id)
    assert now
    assert (now.status, now.created_at) == ("disputed", START)
    assert ledger.events("yourstore") == [completed, disputed]
    assert ledger.events("otherstore") == []


def test_the_payload_differs_from_what_json_writes_by_itself() -> None:
    """Who verifies JSON that was written anew instead of the bytes that came shall notice."""
    payload = paid(Ledger(1)).payload
    assert json.dumps(json.loads(payload)).encode() != payload


def test_ids_come_from_the_seed_and_are_never_given_twice() -> None:
    first, again, other = Ledger(1), Ledger(1), Ledger(2)
    ids = [paid(first).id for _ in range(50)]
    assert [paid(again).id for _ in range(50)] == ids
    assert len({*ids, *(paid(other).id for _ in range(50))}) == 100
    assert all("." not in id for id in ids)  # it is signed as ID.TIMESTAMP.PAYLOAD
