"""Answers to the exercises on choosing, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.choosing import (
    asking,
    measuring,
    moving,
    viewing,
)

MODULES: tuple[ModuleType, ...] = (
    asking,
    measuring,
    moving,
    viewing,
)
