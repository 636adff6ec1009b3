"""The exercises of the WebSocket lesson, in the order of the worksheet."""

from course_support.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
