"""Answers to the webhooks exercises, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.webhooks import predicting, registering, rotating, targeting, verifying

MODULES: tuple[ModuleType, ...] = (
    predicting,
    registering,
    rotating,
    targeting,
    verifying,
)
