"""The exercises of the WebSocket lesson, in the order of the worksheet."""

from course_support.exercises.websocket import accepting, closing, connecting, framing, moving, waiting

EXERCISES = (
    connecting.CONNECT,
    accepting.ACCEPT_KEY,
    framing.READ_FRAME,
    closing.PREDICT_CLOSE,
    waiting.WAITS,
    moving.NEW_POSITION,
)
