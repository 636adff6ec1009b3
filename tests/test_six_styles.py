"""Six ways to bring the same changes to the same shop: they agree on the record, and the figures are the wire's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from itertools import islice

import pytest
import requests

from course_support.errors import CourseError
from course_support.six_styles import (
    BY,
    STYLES,
    Job,
    Measurements,
    by_batch,
    by_rest,
    by_websocket,
    decision_table,
    grid,
    measure,
    measure_all,
)
from course_support.stocktaking import counted, expected

each_style = pytest.mark.parametrize("style", STYLES)
CHANGES = 5


@pytest.fixture(scope="module")
def measured() -> Measurements:
    return measure_all(changes=CHANGES, note_bytes=120)


def test_all_styles_leave_the_same_shelf_behind(measured: Measurements) -> None:
    assert [it.style for it in measured] == list(STYLES)
    wanted = expected(counted(CHANGES, 120))
    assert [it.state for it in measured] == [wanted] * 6
    assert len({note for _, note in wanted.values() if note}) == CHANGES


def test_requests_are_those_that_went_over_the_wire(measured: Measurements) -> None:
    assert {it.style: (it.requests, it.setup_requests) for it in measured} == {
        "REST": (CHANGES, 0),
        "SOAP": (CHANGES + 1, 1),
        "GraphQL": (1, 0),
        "WebSocket": (1, 1),
        "webhooks": (CHANGES, 0),
        "batch": (1, 0),
    }


def test_every_note_has_crossed_the_wire(measured: Measurements) -> None:
    assert all(it.sent > CHANGES * 120 for it in measured)
    assert all(it.received > 0 and it.bytes == it.sent + it.received for it in measured)


@each_style
def test_the_same_settings_send_the_same_bytes(style: str, measured: Measurements) -> None:
    before = measured[STYLES.index(style)]
    again = measure(style, changes=CHANGES, note_bytes=120)
    assert (again.requests, again.sent, again.received) == (before.requests, before.sent, before.received)


@each_style
def test_a_byte_of_a_note_is_a_byte_on_the_wire(style: str, measured: Measurements) -> None:
    shorter, longer = (measure(style, changes=CHANGES, note_bytes=size) for size in (1000, 2000))
    assert 1000 * CHANGES <= longer.sent - shorter.sent < 1010 * CHANGES


def test_more_changes_than_books_are_brought_too() -> None:
    for style in STYLES:
        assert len(measure(style, changes=45).state) == 20


@each_style
def test_latency_is_spent_on_each_round_trip(style: str) -> None:
    found = measure(style, changes=4, latency=0.03)
    trips = {"REST": 4, "SOAP": 5, "GraphQL": 1, "WebSocket": 2, "webhooks": 4, "batch": 1}[style]
    assert found.milliseconds >= trips * 30
    assert found.age_ms >= 15
    assert found.setup_ms >= {"SOAP": 30, "WebSocket": 30}.get(style, 0)


def test_who_waits_for_the_last_change_brings_old_ones() -> None:
    found = {style: measure(style, changes=7, spread=0.1) for style in STYLES}
    assert all(it.milliseconds >= 600 for it in found.values())
    for style in ("GraphQL", "batch"):
        assert found[style].age_ms >= 300
    for style in ("REST", "SOAP", "WebSocket", "webhooks"):
        assert 0 < found[style].age_ms < 250


@pytest.mark.parametrize("by", BY.values(), ids=BY)
def test_each_function_fits_the_lesson(by: Callable[[Job], None]) -> None:
    lines = inspect.getsource(by).strip().splitlines()
    assert len(lines) <= 12
    assert by.__doc__
    assert not any("type: ignore" in line for line in lines)


def test_a_function_of_one_s_own_is_measured() -> None:
    def without_session(job: Job) -> None:
        for isbn, stock, note in job.changes:
            fields = {"Authorization": f"Bearer {job.token}", "Content-Type": "application/merge-patch+json"}
            address = f"{job.url}/api/v1/books/{isbn}"
            requests.get(address, headers=fields)
            requests.patch(address, json={"stock": stock, "note": note}, headers=fields)

    assert measure("REST", changes=3, by=without_session).requests == 6


@pytest.mark.parametrize("by", [by_rest, by_batch, by_websocket])
def test_a_change_that_got_lost_is_seen(by: Callable[[Job], None]) -> None:
    def forgetful(job: Job) -> None:
        by(job._replace(changes=islice(job.changes, 1, None)))

    with pytest.raises(CourseError, match=r"^REST left 1 books other than the warehouse counted them"):
        measure("REST", changes=3, note_bytes=10, by=forgetful)


def test_a_change_that_was_made_twice_is_seen() -> None:
    def careless(job: Job) -> None:
        changes = list(job.changes)
        by_rest(job._replace(changes=[*changes, *changes]))

    with pytest.raises(CourseError, match=r"^REST made 6 changes of 3: bring each of them once\.$"):
        measure("REST", changes=3, by=careless)


@each_style
def test_a_refusal_is_one_sentence(style: str) -> None:
    def stranger(job: Job) -> None:
        BY[style](job._replace(token="nobody", secret="whsec_bm9ib2R5"))

    with pytest.raises(CourseError) as caught:
        measure(style, changes=1, by=stranger)
    assert str(caught.value).startswith(f"{style} could not bring all changes: ")
    assert "\n" not in str(caught.value)


@each_style
def test_what_the_shop_does_not_take_is_one_sentence(style: str) -> None:
    def wrong(job: Job) -> None:
        BY[style](job._replace(changes=[change._replace(isbn="9789999999999") for change in job.changes]))

    with pytest.raises(CourseError) as caught:
        measure(style, changes=1, by=wrong)
    assert str(caught.value).startswith(f"{style} could not bring all changes: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"style": "rest"}, "style is one of 'REST', "),
        ({"changes": 0}, "changes is a whole number from 1 to 500, not 0"),
        ({"changes": 501}, "changes is"),
        ({"note_bytes": -1}, "note_bytes is"),
        ({"note_bytes": 100_001}, "note_bytes is"),
        ({"latency": -0.1}, "latency and spread are seconds"),
        ({"spread": 20.0}, "latency and spread are seconds"),
    ],
    ids=str,
)
def test_numbers_that_cannot_be_are_told(arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        measure(**{"style": "batch", **arguments})  # type: ignore[arg-type]


def test_the_grid_has_every_setting_and_feeds_the_table() -> None:
    found = grid(latencies=(0, 0.01), notes=(10, 20), changes=2, spread=0.01)
    settings = {(it.latency, it.note_bytes, it.spread) for it in found}
    assert settings == {(0, 10, 0), (0, 20, 0), (0.01, 10, 0), (0.01, 20, 0), (0.01, 10, 0.01)}
    assert len(found) == 5 * 6
    assert [row.question for row in decision_table(found).rows] == [
        "fewest requests",
        "fewest bytes, notes of 10 B",
        "fewest bytes, notes of 20 B",
        "fastest, latency 10 ms",
        "youngest, one change in 10 ms, latency 10 ms",
    ]
    assert decision_table(found).rows[0].first == ("GraphQL", "WebSocket", "batch")
    assert decision_table(found).rows[1].first == ("batch",)
