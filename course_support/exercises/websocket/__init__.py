"""The exercises of the WebSocket lesson, in the order of the worksheet."""

from course_support.exercises.websocket import (
    accepting,
    broadcasting,
    carrying_on,
    closing,
    connecting,
    following,
    framing,
    moving,
    pinging,
    staying,
    waiting,
)

EXERCISES = (
    connecting.CONNECT,
    accepting.ACCEPT_KEY,
    framing.READ_FRAME,
    closing.PREDICT_CLOSE,
    following.READ_ALONG,
    pinging.IS_ALIVE,
    waiting.WAITS,
    carrying_on.CARRY_ON,
    staying.STAY,
    moving.NEW_POSITION,
    broadcasting.BROADCAST,
)
