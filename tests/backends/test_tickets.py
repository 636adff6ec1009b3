"""One-time tickets: each opens one handshake, for half a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from course_support.backends.clock import Clock
from course_support.backends.tickets import LIFETIME, Tickets


def test_a_ticket_tells_whose_it_is_once() -> None:
    tickets = Tickets(1, Clock())
    ada, grace = tickets.issue("ada"), tickets.issue("grace")
    assert ada != grace
    assert tickets.redeem(grace) == "grace"
    assert tickets.redeem(grace) is None
    assert tickets.redeem(ada) == "ada"
    assert tickets.redeem("") is None


@pytest.mark.parametrize(("after", "whose"), [(LIFETIME - timedelta(milliseconds=1), "ada"), (LIFETIME, None)])
def test_it_lasts_half_a_minute(after: timedelta, whose: str | None) -> None:
    clock = Clock()
    tickets = Tickets(1, clock)
    ticket = tickets.issue("ada")
    clock.advance(after)
    assert tickets.redeem(ticket) == whose


def test_what_has_expired_takes_no_room() -> None:
    clock = Clock()
    tickets = Tickets(1, clock)
    for _ in range(50):
        tickets.issue("ada")
        clock.advance(timedelta(seconds=10))
    assert len(tickets._issued) == 3


def test_the_same_seed_gives_the_same_tickets() -> None:
    assert Tickets(1, Clock()).issue("ada") == Tickets(1, Clock()).issue("ada") != Tickets(2, Clock()).issue("ada")
