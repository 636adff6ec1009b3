"""Answers to the WebSocket exercises, a module for each module of exercises or more."""

from tests.exercises.answers.websocket import accepting, connecting, framing, moving, waiting

MODULES = (accepting, connecting, framing, moving, waiting)
