"""Answers to the exercises on choosing, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.choosing import (
    asking,
    copying,
    copying_amiss,
    counting,
    measuring,
    moving,
    partnering,
    partnering_amiss,
    viewing,
)

MODULES: tuple[ModuleType, ...] = (
    asking,
    copying,
    copying_amiss,
    counting,
    measuring,
    moving,
    partnering,
    partnering_amiss,
    viewing,
)
