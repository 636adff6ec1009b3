"""The exercises of the webhooks lesson, in the order of the worksheet."""

from course_support.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
