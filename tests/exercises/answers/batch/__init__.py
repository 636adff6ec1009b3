"""Answers to the batch exercises, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.batch import (
    serving,
    serving_amiss,
)

MODULES: tuple[ModuleType, ...] = (
    serving,
    serving_amiss,
)
