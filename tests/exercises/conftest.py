"""One way to have an answer examined: over the wire, as `check` does, with values that a seed decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from course_support.examiner import Examiner
from course_support.exercises import all_exercises
from course_support.feedback import Feedback
from course_support.server import Server
from course_support.worksheet import Worksheet, WorksheetError
from tests.exercises.answers.answer import Function

Examine = Callable[..., Feedback]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def examine() -> Examine:
    @cache
    def examine(name: str, answer: Function, seed: object = 1) -> Feedback:
        """What `check` shows for this answer."""
        lesson, _, short = name.partition(".")
        with Server(Examiner([all_exercises()[name]], seed=str(seed)).app) as server:
            try:
                feedback: Feedback = getattr(Worksheet(lesson, server.url), short).examine(answer)
            except WorksheetError as error:
                pytest.fail(f"{error}\n{server.log}")
        return feedback

    return examine
