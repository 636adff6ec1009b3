"""The learner's side, over real sockets, with everything that a learner's function can do to it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from IPython.display import Markdown

import course_support
from course_support import records
from course_support.examiner import Examiner
from course_support.feedback import Feedback
from course_support.server import Server
from course_support.verdict import MAX_ANSWER
from course_support.worksheet import Task, Worksheet, WorksheetError
from tests.echoes import ECHO, right

OTHER = replace(ECHO, name="lesson.other", hints=("Nudge.", "More.", "Nearly all."), points=1)
MODULE = sys.modules["course_support.worksheet"]  # the package's own name for it is the function
PASSED = "✔ lesson.echo passed (2 of 2 points)"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def examiner() -> Iterator[Server]:
    with Server(Examiner([ECHO, OTHER, replace(ECHO, name="later.echo")], seed="seed").app) as server:
        yield server


@pytest.fixture
def sheet(examiner: Server) -> Worksheet:
    return Worksheet("lesson", examiner.url)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was displayed, instead of its display."""
    displayed: list[Any] = []
    monkeypatch.setattr(MODULE, "display", displayed.append)
    return displayed


def points(name: str = "lesson.echo") -> tuple[int, int]:
    record = records.load().get(name, records.Record())
    return record.points, record.attempts


class TestCheck:
    def test_of_a_pass_prints_one_line_each_time_the_same(self, sheet: Worksheet, capsys: Any) -> None:
        for _ in range(2):
            assert sheet.echo.check(right) is None  # type: ignore[func-returns-value]
            assert capsys.readouterr() == (f"{PASSED}\n", "")

    def test_shows_the_verdict_and_keeps_the_points(self, sheet: Worksheet, shown: list[Any]) -> None:
        sheet.echo.check(lambda url, word: "nonsense")
        assert isinstance(shown[0], Feedback)
        assert shown[0].text.startswith("✘ lesson.echo not yet (0 of 2 points)\n\nThat is not the word.")
        assert points() == (0, 1)
        sheet.echo.check(right)
        assert shown[1].text == PASSED
        assert points() == (2, 2)

    def test_of_a_stub_is_no_attempt(self, sheet: Worksheet, shown: list[Any]) -> None:
        def stub(url: str, word: str) -> None:
            raise NotImplementedError

        sheet.echo.check(stub)
        assert shown[0].text == "○ lesson.echo not attempted yet (0 of 2 points)"
        assert points() == (0, 0)

    def test_names_the_learners_own_line(self, sheet: Worksheet, shown: list[Any]) -> None:
        namespace: dict[str, Any] = {}
        exec("import json\n\ndef answer(url, word):\n    return json.loads('{')\n", namespace)
        sheet.echo.check(namespace["answer"])
        assert "Your function raised JSONDecodeError in line 4" in shown[0].verdict.cause

    def test_of_a_function_with_other_parameters_says_so(self, sheet: Worksheet, shown: list[Any]) -> None:
        sheet.echo.check(lambda url: url)
        assert "raised TypeError" in shown[0].verdict.cause
        assert "arguments" in shown[0].verdict.next_step


class Impostor:
    """Equal to everything."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class Sulky(dict[str, Any]):
    def __repr__(self) -> str:
        raise ArithmeticError("no picture of me")

    def items(self) -> Any:
        raise ArithmeticError("nor of what I hold")


class Speechless(Exception):
    def __str__(self) -> str:
        raise ArithmeticError("no message")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


ITSELF: list[Any] = []
ITSELF.append(ITSELF)
VALUES = {
    "a response": requests.Response(),
    "bytes": b"word",
    "a set": {1},
    "nan": float("nan"),
    "infinity": [float("inf")],
    "equal to everything": Impostor(),
    "raises when looked at": Sulky(a=1),
    "a function": right,
    "a class": dict,
    "keys that are no text": {(1, 2): 3},
    "too many digits": 10**5000,
    "too long": "x" * 2 * 2**20,
    "exactly what fits and no more": "x" * MAX_ANSWER,
    "itself within itself": ITSELF,
    "a generator": (n for n in [1]),
} | {f"nested {depth} deep": nested(depth) for depth in (100, 900, 960, 980, 990, 1000, 1100, 100_000)}


class TestCheckNeverRaises:
    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
    def test_whatever_is_returned(self, value: Any, sheet: Worksheet, shown: list[Any]) -> None:
        sheet.echo.check(lambda url, word: value)
        assert shown[0].verdict.outcome == "wrong"
        assert points() == (0, 1)

    @pytest.mark.parametrize("value", ["\ud800", {"\udfff": "\ud800"}, (1, 2), {1: 2}, True, 10**400], ids=range(6))
    def test_what_is_json_after_all_is_judged(self, value: Any, sheet: Worksheet, shown: list[Any]) -> None:
        sheet.echo.check(lambda url, word: value)
        assert shown[0].verdict.cause == "That is not the word."

    @pytest.mark.parametrize(
        "error",
        [KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError, StopIteration, BaseException, Speechless],
    )
    def test_whatever_is_raised(self, error: type[BaseException], sheet: Worksheet, shown: list[Any]) -> None:
        def answer(url: str, word: str) -> None:
            raise error

        sheet.echo.check(answer)
        assert shown[0].verdict.outcome == "crashed"
        assert shown[0].verdict.seen == error.__name__

    def test_an_endless_recursion(self, sheet: Worksheet, shown: list[Any]) -> None:
        def answer(url: str, word: str) -> Any:
            return answer(url, word)

        sheet.echo.check(answer)
        assert "RecursionError" in shown[0].verdict.cause

    def test_a_coroutine(self, sheet: Worksheet, shown: list[Any]) -> None:
        async def answer(url: str, word: str) -> str:
            return word

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # it was never awaited
            sheet.echo.check(answer)
        assert "coroutine" in shown[0].verdict.seen

    @pytest.mark.parametrize("answer", [None, "right", 3, {}])
    def test_what_is_no_function(self, answer: Any, sheet: Worksheet, shown: list[Any], capsys: Any) -> None:
        sheet.echo.check(answer)
        assert shown == []
        assert "Give the function itself" in capsys.readouterr().out
        assert points() == (0, 0)

    def test_without_an_examiner(self, examiner: Server, sheet: Worksheet, shown: list[Any], capsys: Any) -> None:
        examiner.close()
        sheet.echo.check(right)
        assert shown == []
        out = "lesson.echo could not be checked. The examiner does not answer: restart the kernel and check again.\n"
        assert capsys.readouterr() == (out, "")

    def test_where_something_else_answers_for_the_examiner(self, server: Server, capsys: Any) -> None:
        task = Task("lesson.echo", "", 2, ("a", "b"), server.url)
        task.check(right)
        assert "does not answer" in capsys.readouterr().out

    def test_interrupted_while_the_examiner_works(
        self, sheet: Worksheet, monkeypatch: pytest.MonkeyPatch, capsys: Any
    ) -> None:
        def interrupt(*arguments: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(MODULE, "_ask", interrupt)
        sheet.echo.check(right)
        assert capsys.readouterr().out == "The check of lesson.echo was interrupted.\n"

    def test_where_progress_cannot_be_kept(self, home: Path, sheet: Worksheet, shown: list[Any], capsys: Any) -> None:
        home.write_text("a file where the directory should be")
        sheet.echo.check(right)
        assert shown[0].text == PASSED
        assert "could not be kept" in capsys.readouterr().out


class TestHint:
    @pytest.mark.parametrize(("ask", "number"), [((), 1), ((2,), 2), ((3,), 3)])
    def test_is_shown(self, ask: tuple[int, ...], number: int, sheet: Worksheet, shown: list[Any]) -> None:
        sheet.other.hint(*ask)
        assert isinstance(shown[0], Markdown)
        text = shown[0].data
        assert text.startswith(f"**Hint {number} of 3.** {OTHER.hints[number - 1]}")
        assert ("`lesson.other.hint(" in text) is (number < 3), "the last names no further one"

    @pytest.mark.parametrize("number", [0, -1, 4, "2", None, 1.5])
    def test_that_is_not_there_is_one_sentence(
        self, number: Any, sheet: Worksheet, shown: list[Any], capsys: Any
    ) -> None:
        sheet.other.hint(number)
        assert shown == []
        assert capsys.readouterr().out == "lesson.other has hints 1 to 3: ask for one of them.\n"


class TestSolution:
    @pytest.fixture
    def greet(self) -> Iterator[Task]:
        from course_support.exercises import all_exercises

        with Server(Examiner(all_exercises().values(), seed="seed").app) as server:
            yield Worksheet("start", server.url).greet

    def test_is_kept_back_until_there_was_an_attempt(self, greet: Task, shown: list[Any], capsys: Any) -> None:
        def stub(url: str, name: str) -> None:
            raise NotImplementedError

        greet.solution()
        greet.check(stub)
        greet.check(lambda url, name: None)
        greet.solution()
        assert not any(isinstance(it, Markdown) for it in shown)
        assert capsys.readouterr().out.count("Try start.greet first") == 2

    def test_is_shown_after_one(self, greet: Task, shown: list[Any]) -> None:
        greet.check(lambda url, name: "Hello!")
        greet.solution()
        text = shown[1].data
        assert "def greet(url, name):" in text
        assert "requests.get" in text
        assert "### " not in text

    def test_of_a_copy_without_solutions_says_so(
        self, greet: Task, shown: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(MODULE, "SOLUTIONS", tmp_path)
        greet.check(lambda url, name: "Hello!")
        greet.solution()
        assert "not part of this copy" in shown[1].data


class TestWorksheet:
    def test_completes_to_its_exercises(self, sheet: Worksheet, examiner: Server) -> None:
        assert dir(sheet) == ["echo", "other"]
        code = """
import json
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from course_support.worksheet import Worksheet

shell = InteractiveShell(user_ns={{"sheet": Worksheet("lesson", {url!r})}})
with provisionalcompleter():
    found = [[it.text for it in shell.Completer.completions(text, len(text))] for text in ("sheet.", "sheet.echo.")]
print(json.dumps(found))
"""
        exercises, doings = json.loads(run(code.format(url=examiner.url)))
        assert exercises == ["echo", "other"]
        assert {"check", "hint", "solution"} <= set(doings)

    def test_shows_what_there_is_to_do(self, sheet: Worksheet) -> None:
        assert repr(sheet) == "lesson.echo: Say it again (2 points)\nlesson.other: Say it again (1 point)"

    def test_of_an_unknown_lesson_names_those_there_are(self, examiner: Server) -> None:
        with pytest.raises(WorksheetError, match=r"no worksheet 'rst': choose one of later, lesson\."):
            Worksheet("rst", examiner.url)

    def test_names_its_exercises_where_another_is_asked_for(self, sheet: Worksheet) -> None:
        with pytest.raises(AttributeError, match=r"no exercise 'ecko' on this worksheet: did you mean echo\?"):
            sheet.ecko  # noqa: B018
        with pytest.raises(AttributeError, match=r"no exercise 'hint' on this worksheet: choose one of echo, other\."):
            sheet.hint  # noqa: B018

    def test_a_check_without_the_function_says_how(self, sheet: Worksheet, capsys: pytest.CaptureFixture[str]) -> None:
        sheet.echo.check()
        assert "lesson.echo.check(echo)" in capsys.readouterr().out

    def test_can_be_copied(self, sheet: Worksheet) -> None:
        assert dir(copy.deepcopy(sheet)) == dir(sheet)

    def test_without_an_examiner_is_one_sentence(self) -> None:
        with pytest.raises(WorksheetError, match="does not answer"):
            Worksheet("lesson", "http://127.0.0.1:9")


def run(code: str, **environment: str) -> str:
    variables = {name: value for name, value in os.environ.items() if name != "COURSE_EXAMINER"} | environment
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


class TestWhereTheExaminerIs:
    CODE = """
import json, sys
import course_support as course
rest = course.worksheet("rest")
{act}
print(json.dumps(sorted(name for name in sys.modules if name.startswith("course_support"))))
"""
    JUDGES = ("course_support.exercise", "course_support.trial", "course_support.examiner")

    def test_a_kernel_that_is_graded_never_loads_a_judge(self, home: Path) -> None:
        from course_support.exercises import all_exercises

        with Server(Examiner(all_exercises().values(), seed="seed").app) as server:
            act = "rest.predict_repeat.check(lambda method: {})\nrest.predict_repeat.hint()\ncourse.progress()"
            out = run(self.CODE.format(act=act), COURSE_EXAMINER=server.url, COURSE_HOME=str(home))
        assert out.startswith("✘ rest.predict_repeat not yet (0 of 2 points)")
        modules = json.loads(out.splitlines()[-1])
        assert [name for name in modules if name.startswith(self.JUDGES)] == []

    def test_else_it_runs_in_the_kernel(self, home: Path) -> None:
        act = "rest.predict_repeat.check(lambda method: {}); print(course.progress())"
        out = run(self.CODE.format(act=act), COURSE_HOME=str(home))
        assert out.startswith("✘ rest.predict_repeat not yet (0 of 2 points)")
        assert "✘ tried" in out
        assert "course_support.examiner" in json.loads(out.splitlines()[-1])

    def test_one_kernel_has_one_examiner(self) -> None:
        url: Callable[[], str] = lambda: course_support.worksheet("rest").list_names.examiner  # noqa: E731
        assert url() == url()
