import csv
import io
import json

from course_support.grading import report
from course_support.grading.score import Mark, Row


def mark(exercise="tiny.shout", points=2, **more):
    outcome = "passed" if points else "wrong"
    return Mark(exercise, "Shout <loudly>", points, 2, **({"outcome": outcome} | more))


def row(file="alice/a.ipynb", learner="alice", lesson="09_tiny", marks=None, **more):
    return Row(file, learner, "d1", lesson, marks=tuple(marks or [mark()]), **more)


def unreadable(file="alice/a.txt", learner="alice"):
    return Row(file, learner, "d1", problem="It is not a notebook.")


def written(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lines(rows, reference):
    return list(csv.DictReader(io.StringIO(report.as_csv(rows, report.counting(rows), reference.items))))


def test_csv_has_a_line_for_each_file_and_a_column_for_each_exercise(reference):
    first, second = lines([row(), unreadable("bob.txt", "bob")], reference)
    assert first == {
        "learner": "alice", "file": "alice/a.ipynb", "lesson": "09_tiny", "points": "2", "of": "2", "counts": "yes",
        "problem": "", "tiny.double": "", "tiny.shout": "2", "tiny.fetch": "", "tiny.again": "",
    }  # fmt: skip
    assert (second["points"], second["of"], second["problem"]) == ("0", "", "It is not a notebook.")


def test_no_spreadsheet_takes_a_name_for_a_formula(reference):
    found = lines([row("=cmd|'/c calc'!A1.ipynb", "@sum", lesson="-x"), row("+1.ipynb", "\t=1")], reference)
    assert [line["learner"] for line in found] == ["'@sum", "'\t=1"]
    assert [line["file"] for line in found] == ["'=cmd|'/c calc'!A1.ipynb", "'+1.ipynb"]


def test_of_a_learners_files_for_a_lesson_the_best_counts_and_of_equals_the_first():
    rows = [
        row("alice/exercises.ipynb", marks=[mark(points=0)]),
        row("alice/lesson.ipynb", marks=[mark(points=2)]),
        row("alice/lesson again.ipynb", marks=[mark(points=2)]),
        row("alice/soap.ipynb", lesson="02_soap", marks=[mark(points=0)]),
        row("bob/lesson.ipynb", "bob", marks=[mark(points=0)]),
    ]
    assert report.counting(rows) == [False, True, False, True, True]


def test_what_is_no_notebook_counts_only_where_there_is_nothing_else():
    rows = [unreadable("alice/notes.txt"), row(), unreadable("bob/a", "bob"), unreadable("bob/b", "bob")]
    assert report.counting(rows) == [False, True, True, False]


def test_json_has_everything(reference):
    (found,) = json.loads(report.as_json([row()], [True]))
    assert (found["learner"], found["points"], found["of"], found["counts"], found["seed"]) == (
        "alice",
        2,
        2,
        True,
        "d1",
    )
    assert found["marks"][0]["exercise"] == "tiny.shout"


def test_the_report_is_all_there_and_the_same_again(reference, tmp_path):
    rows = [row(), unreadable("bob.txt", "bob")]
    for name in ("first", "second", "first"):
        report.write(rows, [reference], tmp_path / name)
    first = written(tmp_path / "first")
    assert first == written(tmp_path / "second")
    assert {"grades.csv", "grades.json", "index.html"} < set(first)
    assert len(first) == 5


def test_a_page_of_an_earlier_report_does_not_stay(reference, tmp_path):
    report.write([row(), row("bob.ipynb", "bob")], [reference], tmp_path)
    report.write([row()], [reference], tmp_path)
    assert [page.name.partition("-")[0] for page in (tmp_path / "learners").iterdir()] == ["alice"]


def test_a_learners_page_shows_nobody_else(reference, tmp_path):
    report.write([row(), row("bob.ipynb", "bob", marks=[mark(seen="bob's")])], [reference], tmp_path)
    (alice,) = (tmp_path / "learners").glob("alice-*.html")
    assert "bob" not in alice.read_text("utf-8")
