"""Deliveries beside the schedule: manual replays, and what a network does to order and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from .market import FAILING, Market, open_market

SECOND = timedelta(seconds=1)
DAYS = timedelta(days=4)


@pytest.fixture
def market() -> Iterator[Market]:
    with open_market() as market:
        yield market


# --- Replays ---------------------------------------------------------------------------------------------------------


def replay(market: Market, webhook: str) -> int:
    event = market.log(webhook)[0]["event_id"]
    answer = market("POST", f"/webhooks/{webhook}/deliveries/{event}/replay")
    assert market.deliveries.idle(60)
    return answer.status_code


def test_a_dead_letter_can_be_replayed(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(*[500] * 11)
    market.pay()
    market.deliveries.wind(DAYS)
    assert replay(market, webhook) == 202
    assert (market.log(webhook)[0]["status"], len(market.shop.received)) == ("dead", 11)
    assert market.deliveries.wind(DAYS) == 0
    assert replay(market, webhook) == 202
    assert market.log(webhook)[0]["status"] == "delivered"
    assert market("GET", f"/webhooks/{webhook}/dead-letters").json() == {"deliveries": []}
    assert len(set(market.shop.ids)) == 1
    assert [attempt["next_at"] for attempt in market.attempts(webhook)[-3:]] == [None] * 3


def test_a_delivered_one_stays_delivered_whatever_its_replay_gives(market: Market) -> None:
    webhook = market.register()
    market.pay()
    market.shop.answer(500)
    assert replay(market, webhook) == 202
    assert (market.log(webhook)[0]["status"], market.outcomes(webhook)) == ("delivered", [200, 500])
    assert market.deliveries.wind(DAYS) == 0


def test_a_replay_does_not_shift_the_schedule_but_ends_it_if_it_succeeds(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(500, 500, 200)
    market.pay()
    due = market.attempts(webhook)[0]["next_at"]
    replay(market, webhook)
    assert [attempt["next_at"] for attempt in market.attempts(webhook)] == [due, due]
    replay(market, webhook)
    assert market.log(webhook)[0]["status"] == "delivered"
    assert market.deliveries.wind(DAYS) == 0


def test_a_replay_that_is_told_gone_turns_the_webhook_off(market: Market) -> None:
    webhook = market.register()
    market.pay()
    market.shop.answer(410)
    replay(market, webhook)
    assert market("GET", f"/webhooks/{webhook}").json()["status"] == "disabled"
    assert market.log(webhook)[0]["status"] == "delivered"
    assert replay(market, webhook) == 409


@pytest.mark.parametrize("switch_off", [True, False])
def test_a_replay_that_waits_for_its_turn_ends_with_its_webhook(market: Market, switch_off: bool) -> None:
    webhook = market.register()
    market.pay()
    carry, calls = market.network.carry, []

    def meanwhile(sending: object) -> object:
        calls.append(sending)
        event = market.log(webhook)[-1]["event_id"]
        assert market("POST", f"/webhooks/{webhook}/deliveries/{event}/replay").status_code == 202
        if switch_off:
            merge = {"Content-Type": "application/merge-patch+json"}
            market("PATCH", f"/webhooks/{webhook}", data='{"status": "disabled"}', headers=merge)
        else:
            market("DELETE", f"/webhooks/{webhook}")
        return carry(sending)  # type: ignore[arg-type]

    market.network.carry = meanwhile  # type: ignore
    market.pay()
    assert len(calls) == 1
    assert len(market.shop.received) == 2


def test_a_deleted_webhook_takes_its_log_along(market: Market) -> None:
    webhook = market.register()
    subscription = market.app.state.subscriptions.get(webhook)
    market.pay()
    assert len(market.deliveries.of(subscription)) == 1
    market("DELETE", f"/webhooks/{webhook}")
    assert market.deliveries.of(subscription) == []


# --- The network's mischief ------------------------------------------------------------------------------------------


def pay_without_waiting(market: Market, times: int) -> list[str]:
    """The ids of the events in the order in which they happened."""
    for _ in range(times):
        answer = market(
            "POST", "/payments", json={"order_id": "a", "amount": "1.00", "currency": "EUR", "card": FAILING}
        )
        assert answer.status_code == 201
        market.deliveries.run()  # waits for its turn, so what was lined up has been made or is held
    return [event["id"] for event in market("GET", "/events").json()["events"]]


def test_reorder_swaps_pairs_and_idle_lets_go_of_what_is_held(market: Market) -> None:
    webhook = market.register()
    market.network.reorder = True
    first, second, third = pay_without_waiting(market, 3)
    assert market.shop.ids == [second, first]
    assert [delivery["status"] for delivery in market.log(webhook)] == ["pending", "delivered", "delivered"]
    assert market.deliveries.idle(60)
    assert market.shop.ids == [second, first, third]


def test_winding_lets_go_of_what_is_held_and_retries_it(market: Market) -> None:
    webhook = market.register()
    market.network.reorder = True
    market.shop.answer(500)
    pay_without_waiting(market, 1)
    assert market.shop.received == []
    assert market.deliveries.wind(10 * SECOND) == 2
    assert market.outcomes(webhook) == [500, 200]


def test_reorder_without_a_second_one_leaves_the_order(market: Market) -> None:
    market.register()
    market.network.reorder = True
    first = pay_without_waiting(market, 1)
    market.network.reorder = False
    both = pay_without_waiting(market, 1)
    assert market.shop.ids == [both[1], *first]


def test_held_up_a_delivery_arrives_with_an_old_timestamp(market: Market) -> None:
    market.register()
    market.network.hold = timedelta(minutes=10)
    market.pay()
    age = market.app.state.clock.now.timestamp() - int(market.shop.received[0][0]["webhook-timestamp"])
    assert 600 <= age < 602
