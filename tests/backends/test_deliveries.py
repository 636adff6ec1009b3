"""Deliveries over real connections: the schedule on a wound clock, the log, and the order in which things arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from course_support.backends.schedule import SCHEDULE

from .market import FAILING, Market, open_market

SECOND = timedelta(seconds=1)
DAYS = timedelta(days=4)


@pytest.fixture
def market() -> Iterator[Market]:
    with open_market() as market:
        yield market


def moments(market: Market, webhook: str) -> list[datetime]:
    return [datetime.fromisoformat(attempt["at"]) for attempt in market.attempts(webhook)]


def test_the_first_attempt_needs_no_winding(market: Market) -> None:
    webhook = market.register()
    market.pay()
    (attempt,) = market.attempts(webhook)
    assert (attempt["status"], attempt["next_at"]) == (200, None)
    assert market.log(webhook)[0]["status"] == "delivered"


def test_the_whole_schedule_in_one_go(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(*[500] * 20)
    market.pay()
    pending = market.log(webhook)[0]
    assert pending["status"] == "pending"
    before = market.app.state.clock.now
    assert market.deliveries.wind(DAYS) == 9
    assert market.app.state.clock.now == before + DAYS
    dead = market.log(webhook)[0]
    assert dead["status"] == "dead"
    assert [attempt["status"] for attempt in dead["attempts"]] == [500] * 10
    at = moments(market, webhook)
    for delay, earlier, later, attempt in zip(SCHEDULE[1:], at, at[1:], dead["attempts"], strict=False):
        assert delay <= later - earlier <= delay * 1.1 + timedelta(milliseconds=1)
        assert datetime.fromisoformat(attempt["next_at"]) == later
    assert dead["attempts"][-1]["next_at"] is None
    assert market.deliveries.wind(30 * DAYS) == 0
    assert market("GET", f"/webhooks/{webhook}").json()["status"] == "enabled"
    assert len(market.shop.received) == 10


def test_each_attempt_has_the_same_id_and_content_and_its_own_timestamp(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(*[500] * 20)
    market.pay()
    market.deliveries.wind(DAYS)
    assert len(set(market.shop.ids)) == 1
    assert len({body for _, body in market.shop.received}) == 1
    stamps = [int(fields["webhook-timestamp"]) for fields, _ in market.shop.received]
    assert stamps == [int(at.timestamp()) for at in moments(market, webhook)]
    assert len({fields["webhook-signature"] for fields, _ in market.shop.received}) == 10


def test_a_success_ends_the_schedule(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(500, 301)
    market.pay()
    assert market.deliveries.wind(DAYS) == 2
    assert market.outcomes(webhook) == [500, 301, 200]
    assert market.log(webhook)[0]["status"] == "delivered"
    assert market.attempts(webhook)[-1]["next_at"] is None


def test_nothing_is_attempted_before_it_is_due(market: Market) -> None:
    market.register()
    market.shop.answer(*[500] * 20)
    market.pay()
    assert market.deliveries.wind(4 * SECOND) == 0
    assert market.deliveries.wind(2 * SECOND) == 1
    assert market.deliveries.wind(timedelta()) == 0
    with pytest.raises(ValueError, match="forward"):
        market.deliveries.wind(-SECOND)


def test_the_clock_stands_at_the_moment_of_each_attempt(market: Market) -> None:
    """Attempts of several deliveries are made in the order in which they fall due."""
    seen: list[datetime] = []
    carry = market.network.carry
    market.network.carry = lambda sending: seen.append(market.app.state.clock.now) or carry(sending)  # type: ignore
    webhook = market.register()
    market.shop.answer(*[500] * 40)
    market.pay()
    market.pay()
    del seen[:], market.shop.received[:]
    market.deliveries.wind(DAYS)
    assert seen == sorted(seen)
    assert len(seen) == 18
    first, second = market.log(webhook)
    logged = sorted(attempt["at"] for delivery in (first, second) for attempt in delivery["attempts"][1:])
    assert [f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z" for at in seen] == logged
    order = [int(fields["webhook-timestamp"]) for fields, _ in market.shop.received]
    assert order == sorted(order)


def test_what_was_overdue_when_the_winding_began_is_attempted_at_once(market: Market) -> None:
    market.register()
    market.shop.answer(500)
    market.pay()
    market.app.state.clock.advance(timedelta(hours=1))  # as traffic does, by small steps
    now = market.app.state.clock.now
    market.deliveries.wind(timedelta())
    assert int(market.shop.received[-1][0]["webhook-timestamp"]) == int(now.timestamp())


def test_jitter_differs_between_deliveries_and_not_between_runs() -> None:
    def waits(seed: int) -> list[timedelta]:
        with open_market(seed=seed) as market:
            webhook = market.register(target_url="https://yourstore.com/")
            for _ in range(3):
                market.pay()
            logs = [delivery["attempts"][0] for delivery in market.log(webhook)]
            return [datetime.fromisoformat(it["next_at"]) - datetime.fromisoformat(it["at"]) for it in logs]

    first = waits(1)
    assert first == waits(1)
    assert len({*first, *waits(2)}) == 6


def test_retry_after_puts_the_next_attempt_off(market: Market) -> None:
    market.register()
    market.shop.answer(503, Retry_After="3600")
    market.pay()
    assert market.deliveries.wind(timedelta(minutes=59)) == 0
    assert market.deliveries.wind(timedelta(minutes=1)) == 1
    assert len(market.shop.received) == 2


def test_gone_turns_the_webhook_off_at_once_and_everything_pending_is_dead(market: Market) -> None:
    webhook, other = market.register(), market.register(event_types=["payment.failed"])
    market.shop.answer(500)
    market.pay()
    market.shop.answer(410)
    market.pay()
    assert market("GET", f"/webhooks/{webhook}").json()["status"] == "disabled"
    assert market("GET", f"/webhooks/{other}").json()["status"] == "enabled"
    assert [delivery["status"] for delivery in market.log(webhook)] == ["dead", "dead"]
    assert market.deliveries.wind(DAYS) == 0
    market.pay()
    assert len(market.log(webhook)) == len(market.shop.received) == 2


def test_a_deleted_webhook_is_told_nothing_more(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(500)
    market.pay()
    assert market("DELETE", f"/webhooks/{webhook}").status_code == 204
    assert market.deliveries.wind(DAYS) == 0
    assert market("GET", f"/webhooks/{webhook}/deliveries").status_code == 404


def test_deleted_while_an_attempt_is_under_way(market: Market) -> None:
    webhook = market.register()
    market.shop.answer(500)
    carry = market.network.carry

    def delete_meanwhile(sending: object) -> object:
        outcome = carry(sending)  # type: ignore[arg-type]
        assert market("DELETE", f"/webhooks/{webhook}").status_code == 204
        return outcome

    market.network.carry = delete_meanwhile  # type: ignore
    market.pay()
    assert market.deliveries.wind(DAYS) == 0
    assert len(market.shop.received) == 1


def test_two_webhooks_are_two_deliveries(market: Market) -> None:
    webhooks = [market.register(), market.register(event_types=["payment.failed", "payment.completed"])]
    market.shop.answer(500)
    market.pay()
    assert [market.outcomes(webhook) for webhook in webhooks] == [[500], [200]]
    market.pay(card=FAILING)
    assert [len(market.log(webhook)) for webhook in webhooks] == [2, 2]
