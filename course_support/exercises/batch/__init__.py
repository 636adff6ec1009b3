"""The exercises of the batch lesson, in the order of the worksheet."""

from course_support.exercise import Exercise
from course_support.exercises.batch.serving import CONTACTS_SERVICE

EXERCISES: tuple[Exercise, ...] = (CONTACTS_SERVICE,)
