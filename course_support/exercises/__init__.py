"""The course's exercises: what is drawn for each check, and how an answer is judged.

Only the examiner imports this package.
"""

from __future__ import annotations

from importlib import import_module

from course_support.exercise import Exercise

LESSONS = ("start", "rest", "soap", "graphql", "websocket", "webhooks", "batch", "choosing")


def all_exercises() -> dict[str, Exercise]:
    """Every exercise by its name, in the order of the lessons and of their worksheets."""
    sheets = [import_module(f"{__name__}.{lesson}").EXERCISES for lesson in LESSONS]
    return {exercise.name: exercise for sheet in sheets for exercise in sheet}
