"""The course's exercises: what is drawn for each check, and how an answer is judged.

Only the examiner imports this package.
"""

from __future__ import annotations

from course_support.exercise import Exercise
from course_support.exercises import rest, start

SHEETS = (start, rest)


def all_exercises() -> dict[str, Exercise]:
    """Every exercise of every lesson by its name, in the order of the lessons."""
    return {exercise.name: exercise for sheet in SHEETS for exercise in sheet.EXERCISES}
