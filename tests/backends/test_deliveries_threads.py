"""Deliveries and the threads that make them: nobody waits who need not, nothing is lost or doubled."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from course_support.backends.clock import START
from course_support.backends.deliveries import WindingClock

from .market import FAILING, PAYMENT, Market, open_market

SECOND = timedelta(seconds=1)
DAYS = timedelta(days=4)


@pytest.fixture
def market() -> Iterator[Market]:
    with open_market() as market:
        yield market


# --- Threads and time ------------------------------------------------------------------------------------------------


def test_idle_waits_for_an_attempt_that_is_under_way() -> None:
    with open_market(timeout=30) as market, socket.create_server(("127.0.0.1", 0)) as slow:
        slow.settimeout(60)
        market.register(target_url=f"http://shop.localhost:{slow.getsockname()[1]}/")
        thread = threading.Thread(target=market.pay)
        thread.start()
        line, _ = slow.accept()
        line.recv(65536)
        assert market.deliveries.idle(timeout=0) is False
        assert market.deliveries.idle(timeout=0.05) is False
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        line.close()
        assert market.deliveries.idle(60) is True
        thread.join(60)


def test_who_pays_does_not_wait_for_the_shop() -> None:
    with open_market(timeout=30) as market, socket.create_server(("127.0.0.1", 0)) as slow:
        slow.settimeout(60)
        market.register(target_url=f"http://shop.localhost:{slow.getsockname()[1]}/")
        sent = {"order_id": "a", "amount": "1.00", "currency": "EUR", "card": FAILING}
        assert market("POST", "/payments", json=sent).status_code == 201
        assert market("POST", "/payments", json=sent).status_code == 201
        assert market("GET", "/events").status_code == 200
        slow.accept()[0].close()
        slow.accept()[0].close()
        assert market.deliveries.idle(60)


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


def test_what_happens_during_a_winding_is_told_in_its_moment(market: Market) -> None:
    market.register()
    market.shop.answer(500)
    payment, carry = market.pay(), market.network.carry

    def dispute(sending: object) -> object:
        market.network.carry = carry  # type: ignore[method-assign]
        assert market("POST", f"/payments/{payment}/dispute").status_code == 200
        return carry(sending)  # type: ignore[arg-type]

    market.network.carry = dispute  # type: ignore
    assert market.deliveries.wind(DAYS) == 2
    _, completed, disputed = (int(fields["webhook-timestamp"]) for fields, _ in market.shop.received)
    assert completed <= disputed <= completed + 1


def test_what_had_to_wait_for_a_winding_is_not_dated_back(market: Market) -> None:
    webhook = market.register()
    event = market.app.state.ledger.pay("yourstore", **PAYMENT, now=market.app.state.clock.now)
    with market.deliveries._turn:  # no thread was free yet
        market.deliveries.announce(event, [market.app.state.subscriptions.get(webhook)])
        market.deliveries._reach(event.created_at + DAYS)
    market.deliveries.run()
    stamp = int(market.shop.received[0][0]["webhook-timestamp"])
    assert stamp == int((event.created_at + DAYS).timestamp())


def test_many_at_once_lose_and_double_nothing(market: Market) -> None:
    webhook = market.register()
    threads = [threading.Thread(target=market.pay) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert market.deliveries.idle(60)
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
