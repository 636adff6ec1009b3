"""Answers to the WebSocket exercises, a module for each module of exercises or more."""

from tests.exercises.answers.websocket import accepting, moving, waiting

MODULES = (accepting, moving, waiting)
