from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course_support.records import Record, home, load, record


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "a" / "home"))
    return tmp_path / "a" / "home"


def test_home_is_where_the_variable_says(here: Path) -> None:
    assert home() == here
    record("rest.a", 1, 1, attempted=True)
    assert [path.name for path in here.iterdir()] == ["progress.json"]


def test_home_is_else_in_the_learners_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_HOME")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert home() == tmp_path / ".api-architectures-course"


def test_nothing_is_known_at_first_and_asking_leaves_no_trace(here: Path) -> None:
    assert load() == {}
    assert not here.exists()


def test_keeps_each_exercise_by_itself() -> None:
    record("rest.a", 0, 2, attempted=True)
    record("rest.b", 1, 1, attempted=True)
    assert load() == {"rest.a": Record(0, 2, 1), "rest.b": Record(1, 1, 1)}


def test_points_never_fall() -> None:
    record("rest.a", 2, 2, attempted=True)
    record("rest.a", 0, 2, attempted=True)
    assert load()["rest.a"] == Record(2, 2, 2)
    assert load()["rest.a"].passed


def test_counts_real_attempts_only() -> None:
    record("rest.a", 0, 2, attempted=False)
    assert load()["rest.a"] == Record(0, 2, 0)
    record("rest.a", 0, 2, attempted=True)
    assert load()["rest.a"].attempts == 1


@pytest.mark.parametrize(("points", "of", "passed"), [(0, 2, False), (1, 2, False), (2, 2, True), (0, 0, False)])
def test_passed_is_all_points(points: int, of: int, passed: bool) -> None:
    assert Record(points, of).passed is passed


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"rest.a": {"points": 1, "of',
        b"\xff\xfe\x00",
        b"[]",
        b"null",
        b'"text"',
        b'{"rest.a": 1}',
        b'{"rest.a": {"points": "1", "of": 1, "attempts": 1}}',
        b'{"rest.a": {"points": null}}',
        b'{"rest.a": {"points": 1, "of": 1, "attempts": 1, "stars": 3}}',
        b"[" * 100_000,
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_read_is_put_aside_whole(here: Path, content: bytes) -> None:
    here.mkdir(parents=True)
    (here / "progress.json").write_bytes(content)
    assert load() == {}
    assert (here / "progress.unreadable.json").read_bytes() == content
    record("rest.a", 1, 1, attempted=True)
    assert load() == {"rest.a": Record(1, 1, 1)}


WRITER = """
from course_support.records import record
print("ready", flush=True)
number = 0
while True:
    number += 1
    record(f"rest.exercise{number % 50}", 1, 1, attempted=True)
"""


def test_a_crash_in_the_middle_of_a_write_leaves_a_whole_file(here: Path) -> None:
    draw = random.Random(1)
    seen = 0
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE) as process:
            assert process.stdout
            process.stdout.readline()
            while not (here / "progress.json").exists():
                time.sleep(0.001)
            time.sleep(draw.uniform(0, 0.02))  # anywhere in the middle of what it does
            process.kill()
        known = json.loads((here / "progress.json").read_text("utf-8"))
        assert len(load()) == len(known) >= seen, "nothing that was kept is lost"
        assert all(entry.points == entry.of == 1 for entry in load().values())
        seen = len(known)
    assert not (here / "progress.unreadable.json").exists()


def test_the_draft_lies_beside_the_file_so_that_no_disk_is_crossed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[tuple[Path, Path]] = []
    replace = os.replace

    def note(source: Path, target: Path) -> None:
        moves.append((source, target))
        assert json.loads(source.read_text("utf-8"))["rest.a"]["points"] == 1, "it is whole before it takes its place"
        replace(source, target)

    monkeypatch.setattr(os, "replace", note)
    record("rest.a", 1, 1, attempted=True)
    assert [(source.parent, target) for source, target in moves] == [(here, here / "progress.json")]
