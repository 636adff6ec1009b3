"""Answers to the batch exercises, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.batch import (
    all_or_nothing,
    carrying_on,
    fitting,
    grouping,
    importing_once,
    limiting,
    predicting,
    predicting_items,
    serving,
    serving_amiss,
    stopping,
    trying_again,
    waiting,
)

MODULES: tuple[ModuleType, ...] = (
    all_or_nothing,
    carrying_on,
    fitting,
    grouping,
    importing_once,
    limiting,
    predicting,
    predicting_items,
    serving,
    serving_amiss,
    stopping,
    trying_again,
    waiting,
)
