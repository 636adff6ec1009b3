"""Answers to the WebSocket exercises, a module for each module of exercises or more."""

from tests.exercises.answers.websocket import (
    accepting,
    closing,
    connecting,
    following,
    framing,
    moving,
    pinging,
    staying,
    waiting,
)

MODULES = (accepting, closing, connecting, following, framing, moving, pinging, staying, waiting)
