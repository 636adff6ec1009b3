"""The exercises of the webhooks lesson, in the order of the worksheet."""

from course_support.exercise import Exercise
from course_support.exercises.webhooks.acknowledging import ACKNOWLEDGE
from course_support.exercises.webhooks.fulfilling import ONCE
from course_support.exercises.webhooks.ordering import IN_ANY_ORDER
from course_support.exercises.webhooks.predicting import PREDICT_OUTCOME
from course_support.exercises.webhooks.receiving import RECEIVER
from course_support.exercises.webhooks.registering import REGISTER
from course_support.exercises.webhooks.reviving import REVIVE
from course_support.exercises.webhooks.rotating import ROTATE
from course_support.exercises.webhooks.sending import DELIVER
from course_support.exercises.webhooks.targeting import MAY_DELIVER
from course_support.exercises.webhooks.verifying import GENUINE

EXERCISES: tuple[Exercise, ...] = (
    REGISTER,
    GENUINE,
    PREDICT_OUTCOME,
    RECEIVER,
    ONCE,
    ACKNOWLEDGE,
    ROTATE,
    IN_ANY_ORDER,
    DELIVER,
    MAY_DELIVER,
    REVIVE,
)
