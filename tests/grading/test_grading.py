import json
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from course_support import grading, notebooks
from course_support.grading import pipeline
from course_support.grading.errors import GradingError
from course_support.grading.folder import MAX_BYTES
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes
from tests.grading.test_read import changed, without_ids

FORGED = {"outputs": [{"output_type": "stream", "name": "stdout", "text": "✔ tiny.double passed (1 of 1 point)\n"}]}


def forged(cell):
    if cell["id"].startswith("check"):
        return [cell | FORGED | {"source": "print('✔ tiny.double passed (1 of 1 point)')", "execution_count": 1}]
    return [cell]


def without(*ids):
    return changed(answered(**RIGHT), lambda cell: [] if cell.get("id") in ids else [cell])


def backwards():
    return notebooks.with_cells(answered(**RIGHT), reversed(answered(**RIGHT)["cells"]))


def with_helper():
    document = answered(**RIGHT | {"shout": "def shout(text):\n    return loud(text)"})
    document["cells"].insert(0, tiny.code("mine", "def loud(text):\n    return text.upper()"))
    return document


def shouting(source):
    return as_bytes(answered(**RIGHT | {"shout": source}))


SPOILT = {  # a file, its points, and a part of what is said about it
    "nothing.ipynb": (b"", 0, "The file is empty."),
    "essay.docx": (b"PK\x03\x04", 0, "It is not a notebook"),
    "cut off.ipynb": (as_bytes(answered(**RIGHT))[:1500], 0, "it ends too early"),
    "latin.ipynb": ('{"a": "é"}'.encode("latin-1"), 0, "not UTF-8"),
    "another.ipynb": (b'{"cells": []}', 0, "No answer cell of this course"),
    "deep.ipynb": (b"[" * 100_000, 0, "no program could have saved this"),
    "=cmd|x!A1.ipynb": (as_bytes(answered(**RIGHT)), 7, ""),
    "marked.ipynb": (json.dumps(answered(**RIGHT)).encode("utf-8-sig"), 7, ""),
    "no ids.ipynb": (as_bytes(without_ids(answered(**RIGHT))), 7, "found in another cell"),
    "moved.ipynb": (as_bytes(backwards()), 7, ""),
    "missing.ipynb": (as_bytes(without("answer-tiny-shout")), 5, "Its cell is missing."),
    "no checks.ipynb": (as_bytes(without(*[f"check-tiny-{name}" for name in RIGHT])), 7, ""),
    "forged.ipynb": (as_bytes(changed(answered(), forged)), 0, "not attempted"),
    "helper.ipynb": (as_bytes(with_helper()), 5, "move what defines `loud` into the answer cell"),
    "untouched.ipynb": (as_bytes(answered()), 0, ""),
    "syntax.ipynb": (shouting("def shout(text)\n    return text"), 5, "The answer cell stopped with SyntaxError"),
    "null.ipynb": (shouting("x = '\0'\ndef shout(text): return 1"), 5, ""),
    "half.ipynb": (shouting("def shout(text):\n    return '\ud800'"), 5, "The value is not right."),
    "loop.ipynb": (shouting("def shout(text):\n    while True: pass"), 5, "It did not end in time"),
    "exit.ipynb": (shouting("import os\nos._exit(0)"), 5, "It ended the kernel"),
    "flood.ipynb": (
        shouting("def shout(text):\n    print('x' * 10**8)\n    return text.upper()"),
        5,
        "It printed more",
    ),
}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed_in")
    for name, (data, _, _) in SPOILT.items():
        (folder / name).write_bytes(data)
    (folder / "alice").mkdir()
    (folder / "alice" / "lesson.ipynb").write_bytes(as_bytes(answered(double=RIGHT["double"])))
    (folder / "alice" / "my exercises.ipynb").write_bytes(as_bytes(answered(**RIGHT)))
    (folder / "alice" / "loop").symlink_to(folder)
    with (folder / "huge.ipynb").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    return folder


@pytest.fixture(scope="module")
def graded(handed_in, tmp_path_factory):
    """The rows of the whole folder by file, and the report's folder."""
    base = tmp_path_factory.mktemp("course")
    (base / "09_tiny_solutions.ipynb").write_text(json.dumps(tiny.solutions()), "utf-8")
    report = base / "report"
    summary = grading.grade_folder(handed_in, report, solutions=base, settings=tiny.SETTINGS)
    rows = json.loads((report / "grades.json").read_text("utf-8"))
    assert summary.files == len(rows)
    return {row["file"]: row for row in rows}, report


@pytest.mark.slow
def test_every_file_has_a_row(graded, handed_in):
    rows, _ = graded
    assert set(rows) == {*SPOILT, "huge.ipynb", "alice/lesson.ipynb", "alice/my exercises.ipynb", "alice/loop"}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPOILT)
def test_every_row_has_the_right_points_and_its_reason(graded, name):
    row = graded[0][name]
    _, points, said = SPOILT[name]
    assert row["points"] == points
    assert said in json.dumps([row["problem"], row["marks"]], ensure_ascii=False)


@pytest.mark.slow
def test_the_better_of_two_files_counts(graded):
    rows, _ = graded
    alice = {file: (row["points"], row["counts"]) for file, row in rows.items() if row["learner"] == "alice"}
    assert alice == {"alice/lesson.ipynb": (1, False), "alice/my exercises.ipynb": (7, True), "alice/loop": (0, False)}


@pytest.mark.slow
def test_there_is_a_page_for_each_learner(graded):
    rows, report = graded
    assert len(list((report / "learners").glob("*.html"))) == len({row["learner"] for row in rows.values()})
    index = (report / "index.html").read_text("utf-8")
    assert all((report / address).exists() for address in index.split('"') if address.startswith("learners/"))


@pytest.mark.slow
def test_nothing_of_this_machine_is_in_the_report(graded, handed_in):
    _, report = graded
    for path in [*report.glob("*.*"), *report.glob("learners/*")]:
        text = path.read_text("utf-8")
        assert str(handed_in.parent) not in text
        assert os.path.expanduser("~") + os.sep not in text


@pytest.mark.slow
def test_the_same_files_give_the_same_bytes_whatever_runs_the_jobs(solutions, tmp_path):
    folder = tmp_path / "handed_in"
    folder.mkdir()
    seen = "import requests\ndef shout(text):\n    return str(object())"
    asked = "import requests\ndef fetch(url):\n    return requests.get(url + '/number').text"
    (folder / "a.ipynb").write_bytes(as_bytes(answered(**RIGHT | {"shout": seen, "fetch": asked})))
    (folder / "b.ipynb").write_bytes(shouting("import os\nos._exit(0)"))
    reports = []
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        for name, executor in [("threads", None), ("processes", processes)]:
            kinds = {"solutions": solutions, "settings": tiny.SETTINGS, "executor": executor}
            grading.grade_folder(folder, tmp_path / name, **kinds)
            reports.append({p.name: p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()})
    assert reports[0] == reports[1]
    assert b"http://127.0.0.1:54321/number" in reports[0]["grades.json"]


@pytest.mark.slow
def test_a_course_whose_own_solutions_fail_grades_nobody(solutions, tmp_path):
    path = solutions / "09_tiny_solutions.ipynb"
    path.write_text(path.read_text("utf-8").replace("return 2 * x", "return 3 * x"), "utf-8")
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "a.ipynb").write_bytes(as_bytes(answered(**RIGHT)))
    with pytest.raises(GradingError, match=r"do not pass on this machine: tiny\.double"):
        grading.grade_folder(tmp_path / "handed_in", tmp_path / "report", solutions=solutions, settings=tiny.SETTINGS)
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_a_failure_of_the_grader_itself_is_a_row_and_the_batch_goes_on(solutions, tmp_path, monkeypatch):
    def run(sheet, seed, settings):
        if "boom" in sheet.answers["tiny.shout"]:
            raise RuntimeError("no disk")
        return real(sheet, seed, settings)

    real = pipeline.run
    monkeypatch.setattr(pipeline, "run", run)
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "a.ipynb").write_bytes(shouting("boom"))
    (tmp_path / "handed_in" / "b.ipynb").write_bytes(as_bytes(answered(**RIGHT)))
    summary = grading.grade_folder(tmp_path / "handed_in", tmp_path, solutions=solutions, settings=tiny.SETTINGS)
    broken, whole = json.loads((tmp_path / "grades.json").read_text("utf-8"))
    assert (summary.problems, whole["points"]) == (1, 7)
    assert broken["problem"].startswith("The grader itself failed")
