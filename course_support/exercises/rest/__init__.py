"""The exercises of the REST lesson, in the order of the worksheet."""

from course_support.exercises.rest import creating, locking, predicting, reading, repeating

EXERCISES = (
    reading.LIST_NAMES,
    creating.CREATE_AND_FOLLOW,
    predicting.PREDICT_PUT,
    reading.EVERY_PAGE,
    creating.REPAIR_REQUEST,
    reading.SECOND_READ,
    predicting.PREDICT_REPEAT,
    repeating.DELETE_SAFELY,
    repeating.PATIENT,
    predicting.PREDICT_CONFLICT,
    locking.ADD_NOTE,
    locking.MEND_THE_LOCK,
)
