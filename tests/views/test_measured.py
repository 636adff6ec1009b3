"""The decision table from figures that are made up, so that each row can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from course_support.errors import CourseError
from course_support.views.measured import Decision, Measurement, Measurements, decision_table
from tests.views.pages import Page

ONE = Measurement("REST", 20, 7000, 9000, 30.0, 16.0, 0, 0.3, 20, 50, 0.02, 0.0, {})
BATCH = replace(ONE, style="batch", requests=1, sent=2000, received=250, milliseconds=4.0, age_ms=3.0)
SOCKET = replace(ONE, style="WebSocket", requests=1, sent=3000, received=4000, milliseconds=4.2, age_ms=1.0)


def test_a_row_tells_first_next_and_last() -> None:
    requests, sizes, times = decision_table([ONE, BATCH, SOCKET]).rows
    assert requests == Decision("fewest requests", ("batch", "WebSocket"), "1", "REST: 20 (20.0×)", "–")
    assert sizes == Decision(
        "fewest bytes, notes of 50 B", ("batch",), "2,250 B", "WebSocket: 7,000 B (3.1×)", "REST: 16,000 B (7.1×)"
    )
    assert times == Decision("fastest, latency 20 ms", ("batch", "WebSocket"), "4.0 ms", "REST: 30.0 ms (7.5×)", "–")


def test_times_within_a_tenth_are_level_and_counts_are_not() -> None:
    near = replace(BATCH, style="GraphQL", sent=2001, milliseconds=4.39)
    _, sizes, times = decision_table([BATCH, near]).rows
    assert sizes.first == ("batch",)
    assert times.first == ("batch", "GraphQL")
    assert decision_table([BATCH, replace(near, milliseconds=4.41)]).rows[2].first == ("batch",)


def test_all_that_are_level_are_told_in_every_place() -> None:
    hooks, soap = replace(ONE, style="webhooks"), replace(ONE, style="SOAP", requests=21)
    envelopes = replace(soap, style="SOAP 1.2")
    requests = decision_table([ONE, BATCH, hooks, soap, envelopes]).rows[0]
    assert (requests.next, requests.last) == ("REST, webhooks: 20 (20.0×)", "SOAP, SOAP 1.2: 21 (21.0×)")
    times = decision_table([ONE, BATCH, replace(hooks, milliseconds=29.0)]).rows[2]
    assert (times.next, times.last) == ("webhooks, REST: 29.0 ms (7.2×)", "–")


@pytest.mark.parametrize(
    ("ages", "first"),
    [
        ((11.3, 12.6), ("batch", "REST")),
        ((11.3, 16.3), ("batch", "REST")),
        ((11.3, 16.4), ("batch",)),
        ((200.0, 219.0), ("batch", "REST")),
        ((200.0, 221.0), ("batch",)),
    ],
    ids=["by 1 ms", "by 5 ms", "by more", "by a tenth", "by more than a tenth"],
)
def test_ages_within_5_ms_or_a_tenth_are_level(ages: tuple[float, float], first: tuple[str, ...]) -> None:
    young, old = (replace(it, spread=0.05, age_ms=age) for it, age in zip((BATCH, ONE), ages, strict=True))
    assert decision_table([old, young]).rows[-1].first == first


def test_who_is_fastest_without_latency_is_not_decided() -> None:
    rows = decision_table([replace(it, latency=0.0) for it in (ONE, BATCH)]).rows
    assert [row.question for row in rows] == ["fewest requests", "fewest bytes, notes of 50 B"]


def test_each_latency_note_and_spread_has_its_row() -> None:
    measured = [
        replace(it, latency=latency, note_bytes=note, spread=spread)
        for it in (ONE, BATCH)
        for latency in (0.1, 0.02)
        for note in (2000, 50)
        for spread in (0.0, 0.05)
    ]
    assert [row.question for row in decision_table(measured).rows] == [
        "fewest requests",
        "fewest bytes, notes of 50 B",
        "fewest bytes, notes of 2,000 B",
        "fastest, latency 20 ms",
        "fastest, latency 100 ms",
        "youngest, one change in 50 ms, latency 20 ms",
        "youngest, one change in 50 ms, latency 100 ms",
    ]


def test_of_two_runs_in_one_setting_the_later_counts() -> None:
    rows = decision_table([ONE, replace(BATCH, milliseconds=99.0), BATCH]).rows
    assert rows[2].first == ("batch",)
    assert rows[0].first == ("batch",)


@pytest.mark.parametrize(
    ("measured", "sentence"),
    [
        ([], "Measure at least two styles"),
        ([ONE], "Measure at least two styles"),
        ([ONE, replace(BATCH, changes=3)], "the same number of changes"),
        ([ONE, replace(BATCH, spread=0.1)], "Measure at least two styles"),
    ],
    ids=["nothing", "one style", "other numbers", "other settings"],
)
def test_what_cannot_be_compared_is_told(measured: list[Measurement], sentence: str) -> None:
    with pytest.raises(CourseError, match=sentence):
        decision_table(measured)


def test_text_and_html_of_the_decisions_say_the_same() -> None:
    decisions = decision_table([ONE, BATCH, SOCKET])
    page = Page(decisions.html)
    assert repr(decisions) == decisions.text
    for row in decisions.rows:
        for said in (row.question, ", ".join(row.first), row.figure, row.next, row.last):
            assert said in decisions.text
            assert said in page.text
    assert decisions._repr_mimebundle_() == {"text/plain": decisions.text, "text/html": decisions.html}


def test_text_and_html_of_measurements_say_the_same() -> None:
    measured = Measurements([ONE, SOCKET])
    page = Page(measured.html)
    assert repr(measured) == measured.text
    for cell in measured.text.replace("  ", "\n").split("\n"):
        assert cell.strip() in page.text
    assert measured.text.splitlines()[1].startswith("REST         20 ms  50 B    0 ms        20  7,000 B   9,000 B")
    assert set(measured._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert "state" not in repr(ONE)
