"""Answers to the webhooks exercises, a module for each module of exercises or more."""

from types import ModuleType

from tests.exercises.answers.webhooks import (
    acknowledging,
    fulfilling,
    ordering,
    predicting,
    receiving,
    registering,
    reviving,
    rotating,
    sending,
    sending_amiss,
    signing_amiss,
    targeting,
    verifying,
)

MODULES: tuple[ModuleType, ...] = (
    acknowledging,
    fulfilling,
    ordering,
    predicting,
    receiving,
    registering,
    reviving,
    rotating,
    sending,
    sending_amiss,
    signing_amiss,
    targeting,
    verifying,
)
