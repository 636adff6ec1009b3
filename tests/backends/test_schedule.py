"""When a failed delivery is attempted again: the schedule, its jitter, and what a shop asks for."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from course_support.backends.clock import START, http_date
from course_support.backends.network import Outcome
from course_support.backends.schedule import JITTER, SCHEDULE, asked_to_wait, next_attempt

HOURS = timedelta(hours=1)
FAILED = Outcome(500)


def test_the_schedule_is_the_example_of_standard_webhooks() -> None:
    assert [delay.total_seconds() for delay in SCHEDULE] == [
        *(0, 5, 300, 1800),
        *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)),
    ]
    assert sum(SCHEDULE, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)


@pytest.mark.parametrize("tries", range(1, 10))
def test_each_delay_is_stretched_by_at_most_a_tenth(tries: int) -> None:
    delays = [(next_attempt(tries, START, FAILED, random.Random(seed)) or START) - START for seed in range(200)]
    assert SCHEDULE[tries] <= min(delays) < SCHEDULE[tries] * 1.01
    assert SCHEDULE[tries] * 1.09 < max(delays) <= SCHEDULE[tries] * (1 + JITTER)


def test_after_the_last_attempt_there_is_none() -> None:
    assert next_attempt(9, START, FAILED, random.Random(1)) is not None
    assert next_attempt(10, START, FAILED, random.Random(1)) is None
    assert next_attempt(10, START, Outcome(503, retry_after="5"), random.Random(1)) is None


@pytest.mark.parametrize(
    ("status", "field", "wait"),
    [
        (503, "3600", HOURS),
        (429, "3600", HOURS),
        (429, " 3600 ", HOURS),
        (503, "0", timedelta()),
        (503, "86401", 24 * HOURS),
        (503, "9" * 5000, 24 * HOURS),
        (503, http_date(int(START.timestamp()) + 7200), 2 * HOURS),
        (503, http_date(int(START.timestamp()) + 7 * 86400), 24 * HOURS),
        (503, "Fri, 31 Dec 9999 23:59:59 GMT", 24 * HOURS),
        (500, "3600", timedelta()),
        (302, "3600", timedelta()),
        (503, None, timedelta()),
        (503, "", timedelta()),
        (503, "soon", timedelta()),
        (503, "-5", timedelta()),
        (503, "1.5", timedelta()),
        (503, "١٢", timedelta()),
    ],
)
def test_retry_after_is_honoured_within_a_day(status: int, field: str | None, wait: timedelta) -> None:
    assert asked_to_wait(Outcome(status, retry_after=field), START) == wait


def test_a_date_in_the_past_does_not_bring_the_next_attempt_forward() -> None:
    past = Outcome(503, retry_after=http_date(0))
    assert (next_attempt(1, START, past, random.Random(1)) or START) >= START + SCHEDULE[1]


def test_the_later_of_schedule_and_wish_counts() -> None:
    wish = Outcome(503, retry_after="3600")
    assert next_attempt(1, START, wish, random.Random(1)) == START + HOURS
    assert (next_attempt(5, START, wish, random.Random(1)) or START) >= START + 5 * HOURS
