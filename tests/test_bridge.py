"""The assignments for nbgrader: as values, and in nbgrader itself, which `make test` sets up in `.venv-nbgrader`."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from course_support import bridge, cli, notebooks
from course_support.exercises import all_exercises
from course_support.worksheet import Task, worksheet

ROOT = Path(__file__).resolve().parent.parent
NBGRADER = ROOT / ".venv-nbgrader" / "bin" / "nbgrader"
LESSON = "01_rest"
SHEET = f"{LESSON}_exercises.ipynb"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    assert cli.main(["build", "--nbgrader", str(folder)]) == 0
    return folder


def sheets(course: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted(course.glob("source/*/*_exercises.ipynb"))]


def roles(sheet: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {cell["id"]: cell["metadata"]["nbgrader"] for cell in sheet["cells"]}


def test_every_exercise_is_graded_once_with_its_points(course: Path) -> None:
    points = {
        name.removeprefix("check-").replace("-", ".", 1): role["points"]
        for sheet in sheets(course)
        for name, role in roles(sheet).items()
        if role["grade"]
    }
    assert points == {name: exercise.points for name, exercise in all_exercises().items()}


def test_only_answers_are_open_and_every_check_raises(course: Path) -> None:
    for sheet in sheets(course):
        for cell, role in zip(sheet["cells"], roles(sheet).values(), strict=True):
            part = cell["id"].partition("-")[0]
            assert (role["solution"], role["locked"]) == (part == "answer", part != "answer")
            assert ("bridge.check(" in notebooks.source(cell)) == (part == "check")
            assert (notebooks.BEGIN in notebooks.source(cell)) == (part == "answer")
            assert role["schema_version"] == 3
            assert not cell.get("outputs")


def test_settings_that_are_there_already_stay(course: Path, tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    made = bridge.write(ROOT / "solutions", tmp_path)
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"
    assert "nbgrader_config.py" not in made
    assert sheets(tmp_path) == sheets(course)


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").touch()
    assert cli.main(["build", "--nbgrader", str(tmp_path / "taken")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "name a folder that can be written to" in said


@pytest.fixture
def greet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    found: Task = worksheet("start").greet
    return found


def test_a_check_raises_for_an_answer_that_did_not_pass(greet: Task) -> None:
    with pytest.raises(AssertionError, match=r"✘ start.greet not yet \(0 of 1 point\)"):
        bridge.check(greet, lambda url, name: "Hello!")


def test_a_check_puts_nothing_on_standard_error(greet: Task, capsys: pytest.CaptureFixture[str]) -> None:
    def loud(url: str, name: str) -> str:
        print("a warning", file=sys.stderr)
        return ""

    with pytest.raises(AssertionError):
        bridge.check(greet, loud)
    said = capsys.readouterr()
    assert (said.err, "a warning" in said.out) == ("", True)


@pytest.mark.slow
def test_nbgrader_gives_stubs_nothing_solutions_all_and_others_their_share(course: Path, tmp_path: Path) -> None:
    assert NBGRADER.exists(), "`make test` sets it up, and `make .venv-nbgrader/.ready` it alone"

    def nbgrader(command: str) -> None:
        homes = ("COURSE_HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        environment = os.environ | dict.fromkeys(homes, str(tmp_path))
        environment["PATH"] = f"{NBGRADER.parent}{os.pathsep}{environment['PATH']}"  # it calls alembic
        done = subprocess.run([NBGRADER, command, LESSON], cwd=course, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def hand_in(learner: str, path: Path, **sources: str) -> None:
        changed = notebooks.with_sources(json.loads(path.read_text("utf-8")), sources)
        handed_in = course / "submitted" / learner / LESSON / SHEET
        handed_in.parent.mkdir(parents=True)
        handed_in.write_text(json.dumps(changed), "utf-8")

    nbgrader("generate_assignment")
    released = course / "release" / LESSON / SHEET
    solved = course / "source" / LESSON / SHEET
    assert notebooks.STUB in released.read_text("utf-8")
    assert notebooks.BEGIN not in released.read_text("utf-8")
    hand_in("stubs", released)
    hand_in("solutions", solved)
    wrong = "def list_names(url, token):\n    return []"
    hand_in("wrong", solved, **{"answer-rest-list_names": wrong, "check-rest-list_names": "pass"})
    nbgrader("autograde")
    every = sum(e.points for name, e in all_exercises().items() if name.startswith("rest."))
    left = every - all_exercises()["rest.list_names"].points
    assert points(course) == {"stubs": 0, "solutions": every, "wrong": left}


def points(course: Path) -> dict[str, float]:
    with closing(sqlite3.connect(course / "gradebook.db")) as gradebook:
        return dict(
            gradebook.execute(
                "SELECT student_id, sum(auto_score) FROM submitted_assignment AS handed_in"
                " JOIN submitted_notebook AS sheet ON sheet.assignment_id = handed_in.id"
                " JOIN grade ON grade.notebook_id = sheet.id GROUP BY student_id"
            )
        )
