"""The course's exercises: what is drawn for each check, and how an answer is judged.

Only the examiner imports this package.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from course_support.exercise import Exercise


def all_exercises() -> dict[str, Exercise]:
    """Every exercise of every lesson by its name, in the order of the worksheets."""
    modules = [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
    sheets = [getattr(import_module(f"{__name__}.{module}"), "EXERCISES", ()) for module in modules]
    return {exercise.name: exercise for sheet in sheets for exercise in sheet}
