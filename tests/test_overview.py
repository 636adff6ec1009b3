from __future__ import annotations

from course_support.overview import Line, Overview
from course_support.records import Record
from tests.views.pages import Page

LINES = [
    Line("start.greet", 1, Record(1, 1, 1)),
    Line("rest.list_names", 1, Record(0, 1, 4)),
    Line("rest.every_page", 2, Record()),
    Line("rest.<patient>", 3, Record(3, 3, 2)),
]


def test_text_has_every_exercise_every_lesson_and_the_sum() -> None:
    assert repr(Overview(LINES)).splitlines() == [
        "exercise           state             points",
        "start                                1 of 1",
        "  start.greet      ✔ passed          1 of 1",
        "rest                                 3 of 6",
        "  rest.list_names  ✘ tried, not yet  0 of 1",
        "  rest.every_page  ○ not tried       0 of 2",
        "  rest.<patient>   ✔ passed          3 of 3",
        "all lessons                          4 of 7",
    ]


def test_html_says_the_same() -> None:
    page = Page(Overview(LINES)._repr_mimebundle_()["text/html"])
    assert page.within("caption") == ["start: 1 of 1 points", "rest: 3 of 6 points"]
    assert page.within("code") == [line.name for line in LINES]
    assert [cell for cell in page.within("td") if cell[0] in "✔✘○"] == [line.state for line in LINES]
    assert "All lessons: 4 of 7 points." in page.text


def test_of_nothing_is_no_error() -> None:
    assert "0 of 0" in Overview([]).text
    assert "0 of 0" in Page(Overview([]).html).text


def test_points_of_an_older_edition_do_not_overflow() -> None:
    line = Line("rest.a", 2, Record(5, 5, 1))
    assert (line.points, line.state) == (2, "✔ passed")


def test_a_pass_that_is_now_worth_more_is_tried() -> None:
    assert Line("rest.a", 3, Record(2, 2, 1)).state == "✘ tried, not yet"
