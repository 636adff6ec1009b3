"""Runs every notebook of the course with nbval, as a learner would: from top to bottom, in a fresh kernel."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from course_support import notebooks
from course_support.exercises import all_exercises

ROOT = Path(__file__).resolve().parent.parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))
IMPORT = re.compile(r"^(?:import|from) ", re.MULTILINE)


def nbval(path, home):
    options = ["-p", "tests.notebooks.conftest", "-p", "nbval.plugin", "-p", "no:cacheprovider", "-q", "--color=no"]
    options += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "--rootdir", str(ROOT)]
    options += ["--nbval-sanitize-with", str(Path(__file__).with_name("sanitize.cfg")), str(path)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        env={**os.environ, "COURSE_HOME": str(home), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def read(path):
    return json.loads(path.read_text("utf-8"))


def code_cells(document):
    return [cell for cell in document["cells"] if cell["cell_type"] == "code"]


def walkthrough(document):
    """The lesson without its exercises, which learners run and not we."""
    if any(cell["id"] == "exercises" for cell in document["cells"]):
        return notebooks.with_section(document, "exercises", "summary", [])
    return document


def test_there_are_notebooks():
    assert LESSONS
    assert SOLUTIONS
    assert len(EXERCISES) == len(SOLUTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS, *EXERCISES], ids=lambda path: path.stem)
def test_the_notebook_gives_what_is_stored_in_it(path, tmp_path):
    ran = nbval(path, tmp_path)
    assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS], ids=lambda path: path.stem)
def test_every_cell_was_run_because_nbval_compares_no_other(path):
    unrun = [cell["id"] for cell in code_cells(walkthrough(read(path))) if cell["execution_count"] is None]
    assert unrun == [], "run `course build --run`"


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_every_solution_passes_its_check(path):
    document = read(path)
    for name in notebooks.answers(document):
        outputs = json.dumps(notebooks.cell_of(document, f"check-{name}")["outputs"], ensure_ascii=False)
        assert f"✔ {name.replace('-', '.', 1)} passed" in outputs


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_imports_are_in_one_early_cell(path):
    cells = code_cells(walkthrough(read(path)))
    assert [index for index, cell in enumerate(cells) if IMPORT.search(notebooks.source(cell))] == [0]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_defines_nothing_that_an_exercise_asks_for(path):
    """Grading takes such a cell for an answer where the answer's own cell was left as it was."""
    document = read(path)
    asked = {name.partition("-")[2] for name in notebooks.answers(document)}
    taught = {name for cell in code_cells(walkthrough(document)) for name in notebooks.defined(notebooks.source(cell))}
    assert not asked & taught


def test_sheets_have_the_exercises_in_the_order_of_the_package():
    in_cells = [name.replace("-", ".", 1) for path in SOLUTIONS for name in notebooks.answers(read(path))]
    assert in_cells == list(all_exercises())


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_a_lesson_says_how_many_exercises_follow(path):
    document = read(path)
    count = len(notebooks.answers(document))
    said = notebooks.source(notebooks.cell_of(document, "exercises"))
    assert f"\n{['Nine', 'Ten', 'Eleven', 'Twelve'][count - 9]} exercises" in said


SMALL = {
    "cells": [
        {
            "cell_type": "code",
            "id": "only",
            "metadata": {},
            "source": "from IPython.display import HTML, display\n"
            "display({'text/plain': 'http://127.0.0.1:40123 took 12.5 ms', 'text/html': '<b>x</b>'}, raw=True)",
            "execution_count": 1,
            "outputs": [
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/plain": "http://127.0.0.1:54321 took    9.8 ms"},
                }
            ],
        }
    ],
    "metadata": notebooks.METADATA,
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.mark.slow
@pytest.mark.parametrize(("took", "passes"), [("took", True), ("lasted", False)])
def test_ports_times_and_pages_may_differ_and_words_may_not(tmp_path, took, passes):
    (tmp_path / "small.ipynb").write_text(notebooks.dumps(SMALL).replace("took    9.8", f"{took}    9.8"), "utf-8")
    assert (nbval(tmp_path / "small.ipynb", tmp_path).returncode == 0) is passes
