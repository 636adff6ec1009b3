"""The pages of a report, in a browser: they fit a telephone, can be read in light and dark, and load nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_support.grading import reference, report
from course_support.grading.roster import Person, Roster
from course_support.grading.score import Mark, Row
from tests.grading import tiny

from .harness import CONTRAST

SHOWN = "#3 GET /tracks?page=2 → 404 Not Found\n  " + "Content-Type:" * 30
ANSWERS = {"tiny.shout": "def shout(text):\n" + "\n".join(f"    text.step_{number}({number})" for number in range(40))}


def row(item_list, who, isolation, outcomes):
    texts = ("You asked 3 times.", "a list", "a dict", "Look at the field.", SHOWN)
    marks = [
        Mark(item.name, item.title, 0, item.points, outcome, *texts)
        for item, outcome in zip(item_list, outcomes, strict=True)
    ]
    path = f"{who}_7_assignsubmission_file/09_tiny_exercises.ipynb"
    return Row(path, who, "d", "09_tiny", marks=tuple(marks), isolation=isolation, answers=ANSWERS)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    known = reference.reference("09_tiny", tiny.solutions(), tiny.CATALOGUE)
    rows = [
        row(known.items, "Ada Lovelace", "sandbox", ("passed", "wrong", "crashed", "not attempted")),
        row(known.items, "Alan Turing", "process", ("wrong", "wrong", "crashed", "lost")),
        Row("Bob/notes.txt", "Bob", "", problem="It is not a notebook: hand in the file that ends in .ipynb."),
    ]
    people = Roster((Person("1", "Ada Lovelace"), Person("2", "Alan Turing"), Person("3", "Joan Clarke")))
    report.write(rows, [known], folder, roster=people, seed="3f9c2a71d0", isolation="In a sandbox.")
    return [folder / "index.html", *sorted((folder / "learners").iterdir())]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_fit_and_can_be_read(browser, pages: list[Path], scheme):
    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    said = []
    page.on("console", lambda message: said.append(message.text))
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, path.name
        assert page.locator("main").evaluate(CONTRAST) == [], path.name
    page.close()
    assert len(pages) == 5
    assert said == []
