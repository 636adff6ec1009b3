"""The exercises of the REST lesson, in the order of the worksheet."""

from course_support.exercises.rest import (
    caching,
    creating,
    deleting,
    locking,
    noting,
    patience,
    predicting,
    reading,
    repairing,
)

EXERCISES = (
    reading.LIST_NAMES,
    creating.CREATE_AND_FOLLOW,
    predicting.PREDICT_PUT,
    reading.EVERY_PAGE,
    repairing.REPAIR_REQUEST,
    caching.SECOND_READ,
    predicting.PREDICT_REPEAT,
    deleting.DELETE_SAFELY,
    patience.PATIENT,
    predicting.PREDICT_CONFLICT,
    noting.ADD_NOTE,
    locking.MEND_THE_LOCK,
)
