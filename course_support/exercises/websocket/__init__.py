"""The exercises of the WebSocket lesson, in the order of the worksheet."""

from course_support.exercises.websocket import accepting, moving, waiting

EXERCISES = (accepting.ACCEPT_KEY, waiting.WAITS, moving.NEW_POSITION)
