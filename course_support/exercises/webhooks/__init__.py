"""The exercises of the webhooks lesson, in the order of the worksheet."""

from course_support.exercise import Exercise
from course_support.exercises.webhooks.targeting import MAY_DELIVER
from course_support.exercises.webhooks.verifying import GENUINE

EXERCISES: tuple[Exercise, ...] = (
    GENUINE,
    MAY_DELIVER,
)
