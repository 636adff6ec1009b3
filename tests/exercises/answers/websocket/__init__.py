"""Answers to the WebSocket exercises, a module for each module of exercises or more."""

from tests.exercises.answers.websocket import accepting, closing, connecting, framing, moving, waiting

MODULES = (accepting, closing, connecting, framing, moving, waiting)
