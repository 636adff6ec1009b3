"""Turns what came of a run into marks: points where the examiner has the pass and nbval saw the line, else a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from course_support.grading.read import Submission
from course_support.grading.reference import Item
from course_support.grading.run import Result, Run
from course_support.verdict import Verdict
from course_support.views.exchange import exchange_text

TROUBLE = {
    "died": "It ended the kernel: an answer must not leave Python (os._exit, a crash, too much memory).",
    "flooded": "It printed more than the grader takes: take the print out of the loop.",
    "garbled": "It put out what no kernel sends: leave the kernel's own messages and sockets alone.",
    "timed out": "It did not end in time: look for a loop that goes on for ever, or a wait without a limit.",
    "not started": "The course's own setup did not run beside it, which is not the learner's fault: grade it again.",
    "": "No verdict was reached: something in the answer kept the check from asking the examiner.",
}
UNSEEN = (
    "The answer was right, but the check's own line did not appear: something in the answer hides or changes output."
)


@dataclass(frozen=True, slots=True)
class Mark:
    """The points of one exercise, and why: `outcome` is the verdict's, or `lost` where there is none to go by.

    `shown` is the exchange that the verdict shows, as text. `note` says where the answer was found, if not in place.
    """

    exercise: str
    title: str
    points: int
    of: int
    outcome: str
    reason: str = ""
    expected: str = ""
    seen: str = ""
    next_step: str = ""
    shown: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One file's line in the report. `seed` decided its values; `problem` says why there are no marks.

    `isolation` is the level under which it ran. `answers` are sources by exercise, for the teacher's eyes alone.
    """

    file: str
    learner: str
    seed: str
    lesson: str = ""
    problem: str = ""
    marks: tuple[Mark, ...] = ()
    isolation: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def points(self) -> int:
        return sum(mark.points for mark in self.marks)

    @property
    def of(self) -> int:
        return sum(mark.of for mark in self.marks)


def score(run: Run, submission: Submission) -> Row:
    """The marks of a submission that was run."""
    marks = tuple(_mark(item, run.results[item.name], submission) for item in run.sheet.items)
    return Row(
        submission.path,
        submission.learner,
        run.seed,
        submission.lesson,
        marks=marks,
        isolation=run.isolation,
        answers=submission.answers,
    )


def without_marks(submission: Submission) -> Row:
    """The row of a submission that could not be run."""
    return Row(submission.path, submission.learner, "", submission.lesson, submission.problem)


def _mark(item: Item, result: Result, submission: Submission) -> Mark:
    mark = Mark(item.name, item.title, 0, item.points, "lost", note=submission.notes.get(item.name, ""))
    verdict = Verdict.from_json(dict(result.entry["verdict"])) if result.entry else None
    if verdict and verdict.passed and result.seen:
        return replace(mark, points=item.points, outcome="passed")
    if result.trouble == "error":
        return replace(mark, outcome="crashed", reason=f"The answer cell stopped with {_steady(result.detail)}.")
    if not verdict and result.trouble == "check":
        return replace(mark, reason=f"The check could not be run on it: {_steady(result.detail)}.")
    if not verdict or result.trouble:
        return replace(mark, reason=TROUBLE[result.trouble])
    if verdict.passed:
        return replace(mark, reason=UNSEEN)
    return _judged(mark, verdict, submission)


def _judged(mark: Mark, verdict: Verdict, submission: Submission) -> Mark:
    return replace(
        mark,
        outcome=verdict.outcome,
        reason=_steady(verdict.cause) or "It was not attempted.",
        expected=_steady(verdict.expected),
        seen=_steady(verdict.seen),
        next_step=_steady(_helper(verdict, submission) or verdict.next_step),
        shown=_shown(verdict),
    )


def _helper(verdict: Verdict, submission: Submission) -> str:
    """What to say where an answer needs something that the learner wrote outside of it."""
    missing = re.search(r"NameError: name '(\w+)' is not defined", verdict.seen)
    if not missing or missing[1] not in submission.elsewhere:
        return ""
    return f"An answer stands on its own when it is graded: move what defines `{missing[1]}` into the answer cell."


def _shown(verdict: Verdict) -> str:
    if not verdict.exchange:
        return ""
    heading, _, rest = exchange_text(verdict.exchange).partition("\n")
    heading = re.sub(r", [\d.,]+ m?s(, first byte after [\d.,]+ m?s)?$", "", heading)
    return _steady(f"{heading}\n{rest}")


def _steady(text: str) -> str:
    """Text without what changes from run to run: ports, addresses in memory, names of temporary folders."""
    text = text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate, which no file takes
    text = re.sub(r"\b(127\.0\.0\.1|localhost):\d+", r"\1:54321", text)
    text = re.sub(r"\b0x[0-9a-f]{6,}", "0x…", text)
    if "grading-" in text:
        text = re.sub(r"(?<![^\s'\"])[^\s'\"]*\bgrading-\w{8}\b", "…", text)
    return re.sub(r"\((?:\S*[\\/])?\d+\.py, line (\d+)\)", r"(line \1)", text)
