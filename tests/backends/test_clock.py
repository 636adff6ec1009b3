"""Dates that are the same in every run."""

import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from course_support.backends.clock import START, Clock, http_date, parse_http_date

from .conftest import Client


def test_dates_advance_with_the_requests_twenty_to_a_second(client: Client) -> None:
    dates = [client("GET", who=None).headers["Date"] for _ in range(41)]
    assert dates[0] == dates[18] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert dates[19] == dates[38] == "Mon, 02 Mar 2026 09:00:01 GMT"
    assert dates[39] == "Mon, 02 Mar 2026 09:00:02 GMT"


def test_every_answer_has_one_date(client: Client) -> None:
    for answer in [client("OPTIONS"), client("HEAD", "/1"), client("GET", "/999"), client("DELETE", "/123")]:
        assert parsedate_to_datetime(answer.headers["Date"]) == START


def test_the_clock_never_goes_back() -> None:
    clock = Clock()
    clock.catch_up(clock.seconds - 1)
    assert clock.now == START
    clock.advance(timedelta(hours=1))
    clock.catch_up(clock.seconds + 5)
    assert clock.now == START + timedelta(hours=1, seconds=5)


def test_http_date_and_back() -> None:
    assert parse_http_date(http_date(1_772_442_000)) == 1_772_442_000


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
def test_the_oldest_form_of_a_date_is_read_as_gmt_wherever_the_server_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        assert parse_http_date("Mon Mar  2 09:00:00 2026") == START.timestamp()
    time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "now",
        "Mon, 32 Mar 2026 09:00:00 GMT",
        "Mon, 02 Mar 99999 09:00:00 GMT",
        "Mon, 02 Mar 99999999999999999999 09:00:00 GMT",
        "Mon, 02 Mar 2026 09:00:00 +99999999999999999999",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_http_date(text) is None
