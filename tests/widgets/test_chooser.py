"""The chooser without a page: answers ticked from Python, the ranking and the call beside it."""

from __future__ import annotations

from html import unescape

import pytest

import course_support as course
from course_support.choosing import QUESTIONS, rank
from course_support.widgets.chooser import Chooser


@pytest.fixture
def chooser() -> Chooser:
    return course.chooser()


def test_begins_unanswered(chooser: Chooser) -> None:
    assert chooser.ranking == rank()
    assert "all six styles are level" in chooser.said.value
    assert "<code>rank()</code>" in chooser.python.value


def test_asks_what_the_framework_asks(chooser: Chooser) -> None:
    asked = {name: (tree.label, tree.fields) for name, tree in chooser.questions.items()}
    assert asked == {name: (it.text, [option.text for option in it.options]) for name, it in QUESTIONS.items()}


def test_a_tick_ranks_at_once(chooser: Chooser) -> None:
    chooser.questions["communication"].chosen = ["event notices"]
    assert chooser.ranking.best == ("webhooks",)
    assert "webhooks comes first" in chooser.said.value
    chooser.questions["data"].chosen = ["flexible queries", "strict validation"]
    assert "GraphQL" in chooser.shown.value
    assert chooser.answers == {
        "data": ("flexible queries", "strict validation"),
        "communication": "event notices",
    }


def test_the_python_beside_it_does_the_same(chooser: Chooser) -> None:
    chooser.choose(communication=("bulk", "event notices"), performance="caching")
    call = unescape(chooser.python.value.partition("<code>")[2].partition("</code>")[0])
    assert eval(call, {"rank": rank}) == chooser.ranking


def test_starts_over(chooser: Chooser) -> None:
    chooser.choose(team="XML")
    assert chooser.questions["team"].chosen == ["XML"]
    chooser.start_over.click()
    assert chooser.ranking == rank()
    assert chooser.questions["team"].chosen == []


def test_an_answer_that_is_no_option_changes_nothing(chooser: Chooser) -> None:
    chooser.choose(team="XML")
    with pytest.raises(ValueError, match="team is"):
        chooser.choose(data="flexible queries", team="COBOL")
    assert chooser.answers == {"team": "XML"}


def test_its_text_is_stable(chooser: Chooser) -> None:
    text = "Chooser of a style: use course_support.choosing.rank(…) to do the same from Python"
    assert chooser._repr_mimebundle_()["text/plain"] == text
