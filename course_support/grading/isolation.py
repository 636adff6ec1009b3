"""How well a learner's code is kept apart from this machine while it is graded, and what this machine can do."""

from __future__ import annotations

from dataclasses import dataclass

from course_support.grading.errors import GradingError

LEVELS = ("process", "sandbox")  # from the weakest


@dataclass(frozen=True, slots=True)
class Isolation:
    """A level of `LEVELS`, and a sentence on it for reports and the terminal."""

    level: str
    text: str


def probe(least: str = "") -> Isolation:
    """The strongest level that works on this machine. Raises GradingError where that is less than `least`."""
    if least == "sandbox":
        raise GradingError("This machine has no sandbox.")
    return Isolation("process", "Without a sandbox: answers run with the rights of whoever started the grading.")
