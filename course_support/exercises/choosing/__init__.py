"""The exercises of the lesson on choosing, in the order of the worksheet."""

from course_support.exercise import Exercise
from course_support.exercises.choosing.asking import ASKING
from course_support.exercises.choosing.copying import LIVE_COPY
from course_support.exercises.choosing.counting import COUNTED
from course_support.exercises.choosing.measuring import CHEAPEST
from course_support.exercises.choosing.moving import MOVING
from course_support.exercises.choosing.partnering import PARTNER
from course_support.exercises.choosing.telling import TELLING
from course_support.exercises.choosing.viewing import THREE_VIEWS
from course_support.exercises.choosing.weighing import WEIGHING

EXERCISES: tuple[Exercise, ...] = (
    ASKING,
    TELLING,
    MOVING,
    WEIGHING,
    CHEAPEST,
    THREE_VIEWS,
    LIVE_COPY,
    COUNTED,
    PARTNER,
)
