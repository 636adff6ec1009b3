"""The exercises of the batch lesson, in the order of the worksheet."""

from course_support.exercise import Exercise
from course_support.exercises.batch.all_or_nothing import ALL_OR_NOTHING
from course_support.exercises.batch.carrying_on import CARRY_ON
from course_support.exercises.batch.fitting import FIT_IN
from course_support.exercises.batch.grouping import SEND_IN_GROUPS
from course_support.exercises.batch.importing_once import IMPORT_ONCE
from course_support.exercises.batch.limiting import WITHIN_LIMIT
from course_support.exercises.batch.predicting import PREDICT_STATUS
from course_support.exercises.batch.predicting_items import PREDICT_ITEMS
from course_support.exercises.batch.serving import CONTACTS_SERVICE
from course_support.exercises.batch.stopping import STOP_IF_BAD
from course_support.exercises.batch.trying_again import TRY_AGAIN
from course_support.exercises.batch.waiting import AWAIT_JOB

EXERCISES: tuple[Exercise, ...] = (
    SEND_IN_GROUPS,
    PREDICT_STATUS,
    PREDICT_ITEMS,
    TRY_AGAIN,
    ALL_OR_NOTHING,
    IMPORT_ONCE,
    CARRY_ON,
    FIT_IN,
    WITHIN_LIMIT,
    AWAIT_JOB,
    STOP_IF_BAD,
    CONTACTS_SERVICE,
)
