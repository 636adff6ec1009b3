import io
import sys

import pytest
from rich.console import Console

from course_support.grading import progress


@pytest.mark.parametrize("terminal", [True, False])
def test_the_values_come_through_as_they_are(terminal, monkeypatch, capsys):
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=sys.stderr, force_terminal=terminal))
    monkeypatch.setattr(progress, "BETWEEN_LINES", -1)
    assert list(progress.watched(iter("abc"), 3)) == ["a", "b", "c"]
    said = capsys.readouterr()
    assert said.out == ""
    assert ("3/3" if terminal else "Graded 2 of 3, about 0 seconds left.\n") in said.err
    assert "Graded 3 of 3" not in said.err


def test_nothing_is_shown_unasked(monkeypatch, capsys):
    monkeypatch.setattr(progress, "BETWEEN_LINES", -1)
    assert list(progress.watched(iter("abc"), 3, show=False)) == ["a", "b", "c"]
    progress.say("hello", show=False)
    assert capsys.readouterr() == ("", "")


def test_lines_come_now_and_then_only(capsys):
    assert len(list(progress.watched(iter(range(1000)), 1000))) == 1000
    assert capsys.readouterr().err == ""


def test_a_bar_that_is_left_early_leaves_the_terminal_as_it_was(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=out, force_terminal=True))
    values = progress.watched(iter("abc"), 3)
    next(values)
    values.close()
    assert "\x1b[?25h" in out.getvalue().split("\x1b[?25l")[-1]  # the cursor is shown again


@pytest.mark.parametrize(
    ("seconds", "said"), [(12.4, "about 12 seconds"), (600, "about 10 minutes"), (7200, "2.0 hours")]
)
def test_a_span_in_words(seconds, said):
    assert said in progress._span(seconds)
