"""Answers to the webhooks exercises, a module for each module of exercises or more."""

from types import ModuleType

MODULES: tuple[ModuleType, ...] = ()
