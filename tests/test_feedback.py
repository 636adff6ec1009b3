from __future__ import annotations

import re

import pytest

from course_support.feedback import Feedback
from course_support.verdict import PASSED, Outcome, Verdict, wrong
from tests.factories import exchange
from tests.views.pages import Page

SHOWN = exchange(status=401, answer="<b>no</b>", number=7)
WRONG = wrong("The `url` <was> not asked.", SHOWN, expected="<a> & b", seen="", next_step="Look at `url`.")
CRASHED = Verdict("crashed", "Your function raised KeyError.", SHOWN, "a return value", "KeyError: 'x'", "Look.")


def feedback(verdict: Verdict, points: int = 0, of: int = 2) -> Feedback:
    return Feedback("rest.every_page", verdict, points, of)


def words(text: str) -> list[str]:
    """What is said, without the marks of layout."""
    return re.findall(r"[\w<>&✔✘○]+", text)


@pytest.mark.parametrize(
    ("outcome", "points", "of", "heading"),
    [
        ("passed", 2, 2, "✔ rest.every_page passed (2 of 2 points)"),
        ("passed", 1, 1, "✔ rest.every_page passed (1 of 1 point)"),
        ("wrong", 0, 2, "✘ rest.every_page not yet (0 of 2 points)"),
        ("not attempted", 0, 2, "○ rest.every_page not attempted yet (0 of 2 points)"),
        ("crashed", 0, 2, "✘ rest.every_page stopped by an error (0 of 2 points)"),
    ],
)
def test_headings_are_stable(outcome: Outcome, points: int, of: int, heading: str) -> None:
    shown = feedback(Verdict(outcome), points, of)
    assert shown.heading == heading
    assert repr(shown).splitlines()[0] == heading
    assert words(Page(shown.html).text)[: len(words(heading))] == words(heading)


def test_of_a_pass_is_its_heading_alone() -> None:
    shown = feedback(PASSED, 2)
    assert shown.text == shown.heading
    assert words(Page(shown.html).text) == words(shown.heading)


def test_text_goes_from_the_cause_to_the_exchange() -> None:
    assert feedback(CRASHED).text.splitlines()[:9] == [
        "✘ rest.every_page stopped by an error (0 of 2 points)",
        "",
        "Your function raised KeyError.",
        "",
        "expected  a return value",
        "seen      KeyError: 'x'",
        "next      Look. Stuck? `rest.every_page.hint()`",
        "",
        "The last exchange before the error:",
    ]
    assert "#7 GET /api/v1/playlists → 401 Unauthorized" in feedback(CRASHED).text


def test_what_is_empty_is_left_out() -> None:
    assert "seen" not in feedback(WRONG).text
    assert "seen" not in Page(feedback(WRONG).html).text
    assert feedback(wrong("No.")).text.splitlines()[2:] == ["No.", "", "next      Stuck? `rest.every_page.hint()`"]


@pytest.mark.parametrize("verdict", [WRONG, CRASHED, PASSED, Verdict("not attempted", "Nothing.", next_step="Return.")])
def test_html_says_what_the_text_says(verdict: Verdict) -> None:
    shown = feedback(verdict)
    page = Page(shown.html)
    before, _, _ = shown.text.partition("\n\n#7")  # the exchange has tests of its own
    said = words(page.text)
    for word in words(before.replace("`", "")):
        assert word in said
        said = said[said.index(word) + 1 :]


def test_hostile_text_stays_text() -> None:
    page = Page(feedback(WRONG).html)
    assert not {"was", "a", "b"} & page.tags
    assert "<a> & b" in page.within("pre")
    assert page.within("p")[:2] == ["The ", " <was> not asked."]


def test_code_in_a_sentence_is_marked_as_code() -> None:
    assert "url" in Page(feedback(WRONG).html).within("code")


def test_a_heading_is_one_for_screen_readers_and_none_for_the_table_of_contents() -> None:
    page = Page(feedback(WRONG).html)
    assert page.attributes("section")[0]["aria-label"] == "Verdict"
    assert {"role": "heading", "aria-level": "4", "class": "api-title"} in page.attributes("div")
    assert not {"h1", "h2", "h3", "h4"} & page.tags


def test_a_notebook_gets_both() -> None:
    shown = feedback(WRONG)
    assert shown._repr_mimebundle_() == {"text/plain": shown.text, "text/html": shown.html}
