"""Deliveries over real connections: the schedule on a wound clock, the log, and the order in which things arrive."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from course_support.backends.clock import START
from course_support.backends.deliveries import WindingClock
from course_support.backends.schedule import SCHEDULE

from .market import FAILING, Market, open_market

SECOND = timedelta(seconds=1)
DAYS = timedelta(days=4)


@pytest.fixture
def market() -> Iterator[Market]:
    with open_market(timeout=20) as market:
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


# --- Replays ---------------------------------------------------------------------------------------------------------


def replay(market: Market, webhook: str) -> int:
    event = market.log(webhook)[0]["event_id"]
    answer = market("POST", f"/webhooks/{webhook}/deliveries/{event}/replay")
    assert market.deliveries.idle()
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
    assert market.deliveries.idle()
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


# --- Threads and time ------------------------------------------------------------------------------------------------


def test_idle_waits_for_an_attempt_that_is_under_way() -> None:
    with open_market(timeout=30) as market, socket.create_server(("127.0.0.1", 0)) as slow:
        market.register(target_url=f"http://shop.localhost:{slow.getsockname()[1]}/")
        thread = threading.Thread(target=market.pay)
        thread.start()
        line, _ = slow.accept()
        line.recv(65536)
        assert market.deliveries.idle(timeout=0) is False
        assert market.deliveries.idle(timeout=0.05) is False
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        line.close()
        assert market.deliveries.idle(timeout=20) is True
        thread.join(20)


def test_who_pays_does_not_wait_for_the_shop() -> None:
    with open_market(timeout=30) as market, socket.create_server(("127.0.0.1", 0)) as slow:
        market.register(target_url=f"http://shop.localhost:{slow.getsockname()[1]}/")
        sent = {"order_id": "a", "amount": "1.00", "currency": "EUR", "card": FAILING}
        assert market("POST", "/payments", json=sent).status_code == 201
        assert market("POST", "/payments", json=sent).status_code == 201
        assert market("GET", "/events").status_code == 200
        market.network.timeout = 5
        slow.accept()[0].close()
        slow.accept()[0].close()
        assert market.deliveries.idle(timeout=20)


def test_a_shop_may_ask_the_processor_while_it_is_told(market: Market) -> None:
    webhook = market.register()
    carry, states = market.network.carry, []

    def ask(sending: object) -> object:
        payment = market("GET", "/events").json()["events"][-1]["payment_id"]
        states.append(market("GET", f"/payments/{payment}").json()["status"])
        return carry(sending)  # type: ignore[arg-type]

    market.network.carry = ask  # type: ignore
    market.pay()
    assert states == ["completed"]
    assert market.outcomes(webhook) == [200]


def test_many_at_once_lose_and_double_nothing(market: Market) -> None:
    webhook = market.register()
    threads = [threading.Thread(target=market.pay) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert market.deliveries.idle(timeout=30)
    events = [event["id"] for event in market("GET", "/events").json()["events"]]
    assert market.shop.ids == events
    assert {delivery["status"] for delivery in market.log(webhook)} == {"delivered"}


def test_the_same_traffic_gives_the_same_log() -> None:
    def log() -> object:
        with open_market() as market:
            webhook = market.register(target_url="https://yourstore.com/")
            for _ in range(3):
                market.pay()
            market.deliveries.wind(DAYS)
            return market.log(webhook)

    assert log() == log()


def test_two_services_share_nothing() -> None:
    with open_market() as one, open_market() as other:
        webhook = one.register()
        one.pay()
        assert other("GET", f"/webhooks/{webhook}").status_code == 404
        assert other("GET", "/events").json() == {"events": []}
        one.network.tamper = True
        assert other.network.tamper is False
        one.deliveries.wind(DAYS)
        assert other.app.state.clock.now < START + timedelta(minutes=1)


def test_a_clock_that_two_threads_move_loses_no_step() -> None:
    clock = WindingClock(START)
    threads = [threading.Thread(target=lambda: [clock.advance(SECOND) for _ in range(5_000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert clock.now == START + 20_000 * SECOND
    clock.reach(START)
    assert clock.now == START + 20_000 * SECOND


def test_three_days_take_no_time(market: Market) -> None:
    """A generous limit: it is days if the clock is not the one that is wound."""
    market.register()
    market.shop.answer(*[500] * 10)
    market.pay()
    started = time.monotonic()
    assert market.deliveries.wind(DAYS) == 9
    assert time.monotonic() - started < 15
