import json
import os
import tracemalloc
from collections.abc import Sequence

import pytest

from course_support.grading import report
from course_support.grading.roster import Person, Roster
from course_support.grading.score import Mark, Row

FILES = {"grades.csv", "grades.json", "junit.xml", "canvas.csv", "moodle.csv", "index.html"}


def mark(exercise="tiny.shout", points=2, **more):
    outcome = "passed" if points else "wrong"
    return Mark(exercise, "Shout <loudly>", points, 2, **({"outcome": outcome} | more))


def row(file="alice/a.ipynb", learner="alice", lesson="09_tiny", marks=None, **more):
    return Row(file, learner, "seed-of-file", lesson, marks=tuple(marks or [mark()]), **more)


def unreadable(file="alice/a.txt", learner="alice"):
    return Row(file, learner, "seed-of-file", problem="It is not a notebook.")


def written(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_json_has_everything_but_the_answers(reference, tmp_path):
    report.write([row(answers={"tiny.shout": "secret"}), unreadable("bob.txt", "bob")], [reference], tmp_path)
    text = (tmp_path / "grades.json").read_text("utf-8")
    assert "secret" not in text
    first, second = json.loads(text)
    assert (first["learner"], first["points"], first["of"], first["counts"], first["seed"]) == (
        "alice",
        2,
        2,
        True,
        "seed-of-file",
    )
    assert first["marks"][0]["exercise"] == "tiny.shout"
    assert second["problem"] == "It is not a notebook."


def test_the_report_is_all_there_and_the_same_again(reference, tmp_path):
    rows = [row(), unreadable("bob.txt", "bob")]
    for name in ("first", "second", "first"):
        report.write(rows, [reference], tmp_path / name, seed="s", isolation="In a sandbox.")
    first = written(tmp_path / "first")
    assert first == written(tmp_path / "second")
    assert set(first) > FILES
    assert len(first) == len(FILES) + 2


def test_nothing_handed_in_of_any_lesson_is_a_report_too(reference, tmp_path):
    report.write([], [reference], tmp_path)
    assert set(written(tmp_path)) == FILES
    assert json.loads((tmp_path / "grades.json").read_text("utf-8")) == []


def test_a_page_of_an_earlier_report_does_not_stay(reference, tmp_path):
    report.write([row(), row("bob.ipynb", "bob")], [reference], tmp_path)
    report.write([row()], [reference], tmp_path)
    assert [page.name.partition("-")[0] for page in (tmp_path / "learners").iterdir()] == ["alice"]


def test_a_learners_page_shows_nobody_else_and_nothing_that_is_the_examiners(reference, tmp_path):
    copied = {"tiny.shout": "def shout(text):\n" + "\n".join(f"    text.step_{n}({n})" for n in range(40))}
    rows = [
        row(answers=copied),
        row("bobby.ipynb", "bobby", marks=[mark(points=0, reason="robert", seen="roberto")], answers=copied),
    ]
    people = Roster((Person("1000001", "alice"), Person("1000002", "bobby"), Person("1000003", "zoe")))
    report.write(rows, [reference], tmp_path, roster=people, seed="run-seed")
    (alice,) = (tmp_path / "learners").glob("alice-*.html")
    page = alice.read_text("utf-8")
    for secret in ("bob", "rober", "zoe", "1000002", "run-seed", "seed-of-file", "step_1", reference.items[0].solution):
        assert secret not in page
    assert "Answers that are alike" in (tmp_path / "index.html").read_text("utf-8")


def test_where_writing_fails_what_was_there_stays(reference, tmp_path, monkeypatch):
    report.write([row()], [reference], tmp_path)
    before = written(tmp_path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        report.write([row(marks=[mark(points=0)])], [reference], tmp_path)
    assert written(tmp_path) == before


def test_text_that_no_file_can_hold_stops_nothing(reference, tmp_path):
    report.write([row("\ud800.ipynb", "\ud800", marks=[mark(points=0, reason="\ud800\0")])], [reference], tmp_path)
    assert set(written(tmp_path)) > FILES


class Kept(Sequence):
    """Rows that are made when they are asked for, as from a store."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index >= self.count:
            raise IndexError
        marks = [
            mark(f"tiny.{name}", 0, reason="No.", shown="x" * 3_000) for name in ("double", "shout", "fetch", "again")
        ]
        answers = {"tiny.shout": f"def shout(text):\n    return text.upper() + '{index}'"}
        return row(f"{index}/a.ipynb", str(index), marks=marks, answers=answers)


@pytest.mark.slow
def test_memory_does_not_grow_with_what_the_rows_hold(reference, tmp_path):
    tracemalloc.start()
    try:
        report.write(Kept(2_000), [reference], tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 12 * 2**20  # the exchanges alone are twice as much
    finally:
        tracemalloc.stop()
    assert len(list((tmp_path / "learners").iterdir())) == 2_000
