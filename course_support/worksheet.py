"""The learner's side of the exercises: `check`, `hint` and `solution`, as a notebook calls them.

It knows nothing of judges or expected values. It calls the learner's function with the arguments that the examiner
hands out, and hands back what came of it.
"""

from __future__ import annotations

import json
import linecache
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from IPython.display import Markdown, display

from course_support import records
from course_support.errors import CourseError
from course_support.feedback import Feedback
from course_support.overview import Line, Overview
from course_support.reporting import Reporting
from course_support.server import ServeError, Server
from course_support.verdict import MAX_ANSWER, Verdict, value_text

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"


class WorksheetError(CourseError):
    """A worksheet or an exercise that is not there, or an examiner that does not answer."""


@dataclass(frozen=True)
class Task:
    """One exercise of a worksheet."""

    name: str
    title: str
    points: int
    hints: tuple[str, ...]
    examiner: str

    def check(self, answer: Callable[..., Any] | None = None) -> None:
        """Call `answer` against fresh backends and show the verdict. Never raises; nothing is lost by trying."""
        try:
            feedback = self.examine(answer)
            display(feedback)
            real = feedback.verdict.outcome != "not attempted"
            records.record(self.name, feedback.points, feedback.of, attempted=real)
        except KeyboardInterrupt:
            print(f"The check of {self.name} was interrupted.")
        except OSError as error:
            print(f"Your progress could not be kept: {error}.")
        except WorksheetError as error:
            print(f"{self.name} could not be checked. {error}")

    def hint(self, number: int = 1) -> None:
        """Show a hint; the first is a nudge, the last nearly the answer."""
        if number not in range(1, len(self.hints) + 1):
            print(f"{self.name} has hints 1 to {len(self.hints)}: ask for one of them.")
            return
        more = f" There is another: `{self.name}.hint({number + 1})`." if number < len(self.hints) else ""
        display(Markdown(f"**Hint {number} of {len(self.hints)}.** {self.hints[number - 1]}{more}"))

    def solution(self) -> None:
        """Show one right answer, once you have tried."""
        if not records.load().get(self.name, records.Record()).attempts:
            print(f"Try {self.name} first: after a check of your own answer, the solution is yours to see.")
            return
        source = _solution_source(f"answer-{self.name.replace('.', '-', 1)}")
        display(Markdown(f"**One right answer to {self.name}:**\n\n```python\n{source}\n```"))

    def examine(self, answer: Callable[..., Any] | None) -> Feedback:
        """What `check` shows, as a value; WorksheetError where there is no verdict to be had."""
        if not callable(answer):
            call = f"{self.name}.check({self.name.partition('.')[2]})"
            raise WorksheetError(f"Give the function itself, without calling it: {call}.")
        with requests.Session() as line:
            reply = _ask("POST", f"{self.examiner}/trials", json.dumps({"exercise": self.name}), line)
            trial = reply.get("trial")
            while "arguments" in reply:
                come_of = _served if reply["serves"] else _outcome
                with come_of(answer, reply["arguments"]) as outcome:
                    reply = _ask("POST", f"{self.examiner}/trials/{trial}/answers", outcome, line)
        return Feedback(self.name, Verdict.from_json(reply["verdict"]), reply["points"], reply["of"])

    def __repr__(self) -> str:
        return f"{self.name}: {self.title} ({self.points} {'point' if self.points == 1 else 'points'})"


class Worksheet:
    """The exercises of one lesson, each an attribute: `rest.every_page.check(every_page)`."""

    def __init__(self, lesson: str, examiner: str) -> None:
        """Ask the examiner for the lesson's exercises; WorksheetError if it knows none."""
        exercises = _ask("GET", f"{examiner}/exercises")
        tasks = [Task(e["name"], e["title"], e["points"], tuple(e["hints"]), examiner) for e in exercises]
        self._tasks = {task.name.partition(".")[2]: task for task in tasks if task.name.startswith(f"{lesson}.")}
        if not self._tasks:
            known = sorted({task.name.partition(".")[0] for task in tasks})
            raise WorksheetError(f"There is no worksheet {lesson!r}: choose one of {', '.join(known)}.")

    def __getattr__(self, name: str) -> Task:
        try:
            return self.__dict__["_tasks"][name]  # type: ignore[no-any-return]
        except KeyError:
            known = list(self.__dict__.get("_tasks", ()))
            meant = get_close_matches(name, known, 1)
            advice = f"did you mean {meant[0]}?" if meant else f"choose one of {', '.join(known)}."
            raise AttributeError(f"There is no exercise {name!r} on this worksheet: {advice}") from None

    def __dir__(self) -> list[str]:
        return list(self._tasks)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self._tasks.values()))


def worksheet(lesson: str) -> Worksheet:
    """The exercises of a lesson: `rest = worksheet("rest")`. WorksheetError if there is no such lesson."""
    return Worksheet(lesson, _examiner())


def progress() -> Overview:
    """What you have passed and tried, in all lessons."""
    known, exercises = records.load(), _ask("GET", f"{_examiner()}/exercises")
    return Overview([Line(e["name"], e["points"], known.get(e["name"], records.Record())) for e in exercises])


_in_this_kernel: list[Server] = []


def _examiner() -> str:
    """Where the examiner listens: `$COURSE_EXAMINER` while grading, else one that runs in this kernel."""
    if url := os.environ.get("COURSE_EXAMINER"):
        return url
    if not _in_this_kernel:
        from course_support.examiner import Examiner
        from course_support.exercises import all_exercises

        _in_this_kernel.append(Server(Examiner(all_exercises().values(), seed=secrets.token_hex()).app))
    return _in_this_kernel[0].url


@contextmanager
def _outcome(answer: Callable[..., Any], arguments: list[Any]) -> Iterator[str]:
    """Call the learner's function; whatever comes of it is an outcome to report as JSON, an interrupt included."""
    value, failure = _called(answer, arguments)
    yield failure or _reported(value)


@contextmanager
def _served(answer: Callable[..., Any], arguments: list[Any]) -> Iterator[str]:
    """Call the learner's function and serve the application that it returns, for as long as the examiner asks it."""
    app, failure = _called(answer, arguments)
    if failure or not callable(app):
        yield failure or _unusable(app)
        return
    try:
        server = Server(Reporting(app, lambda error: _failure(error, _globals(answer))))
    except ServeError as error:
        yield json.dumps({"unusable": str(error)})
        return
    with server:
        yield json.dumps({"serving": server.url})


def _called(answer: Callable[..., Any], arguments: list[Any]) -> tuple[Any, str]:
    """What the learner's function returned, and the outcome to report if it raised."""
    try:
        return answer(*arguments), ""
    except BaseException as error:
        return None, json.dumps({"error": _failure(error, _globals(answer))})


def _globals(answer: Callable[..., Any]) -> dict[str, Any]:
    return getattr(answer, "__globals__", {})


def _reported(value: Any) -> str:
    try:
        outcome = json.dumps({"value": value}, allow_nan=False)
    except Exception:  # not JSON, nested too deeply, or an object of the learner's own that raises whatever it likes
        return _unusable(value)
    if len(outcome) > MAX_ANSWER:
        kind = type(value).__name__
        return json.dumps({"unusable": f"{kind} of {len(outcome):,} characters, which is too much"})
    return outcome


def _unusable(value: Any) -> str:
    return json.dumps({"unusable": f"{type(value).__name__}: {value_text(value, 200)}"})


def _failure(error: BaseException, namespace: dict[str, Any]) -> dict[str, Any]:
    line, source = _where(error.__traceback__, namespace)
    try:
        message = str(error)
    except Exception:  # the learner's own class
        message = ""
    return {"type": type(error).__name__, "message": message[:500], "line": line, "source": source}


def _where(traceback: TracebackType | None, namespace: dict[str, Any]) -> tuple[int | None, str]:
    """The deepest line of the learner's own code in a traceback, and its text."""
    found: tuple[int | None, str] = (None, "")
    while traceback:
        if traceback.tb_frame.f_globals is namespace:
            source = linecache.getline(traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
            found = traceback.tb_lineno, source.strip()
        traceback = traceback.tb_next
    return found


def _ask(method: str, url: str, content: str | None = None, line: requests.Session | None = None) -> Any:
    try:
        line = line or requests.Session()
        line.trust_env = False
        response = line.request(method, url, data=content, timeout=60)
        if response.ok:
            return response.json()
        detail = response.json()["detail"]
    except (requests.RequestException, KeyError, TypeError):
        raise WorksheetError("The examiner does not answer: restart the kernel and check again.") from None
    raise WorksheetError(detail)


def _solution_source(cell_id: str) -> str:
    for path in sorted(SOLUTIONS.glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            if cell.get("id") == cell_id:
                lines = "".join(cell["source"]).splitlines()
                return "\n".join(line for line in lines if not line.strip().startswith("### "))
    return "# The solutions are not part of this copy of the course."
