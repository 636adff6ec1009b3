"""Answers to the WebSocket exercises, a module for each module of exercises or more."""

from tests.exercises.answers.websocket import (
    accepting,
    broadcasting,
    broadcasting_amiss,
    carrying_on,
    carrying_on_amiss,
    closing,
    connecting,
    following,
    framing,
    moving,
    pinging,
    staying,
    waiting,
)

MODULES = (
    accepting,
    broadcasting,
    broadcasting_amiss,
    carrying_on,
    carrying_on_amiss,
    closing,
    connecting,
    following,
    framing,
    moving,
    pinging,
    staying,
    waiting,
)
