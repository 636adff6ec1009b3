"""The exercises of the GraphQL lesson, in the order of the worksheet."""

from course_support.exercises.graphql import (
    asking,
    changing,
    following,
    paging,
    photos,
    predicting,
    predicting_codes,
    programme,
    resolving,
)

EXERCISES = (
    asking.PHONE_VIEW,
    asking.LOOK_UP,
    predicting_codes.PREDICT_STATUS,
    photos.PHOTOS,
    paging.ATTENDEES,
    predicting.PREDICT_STATEMENTS,
    changing.REGISTER,
    predicting.PREDICT_NULL,
    programme.PROGRAMME,
    following.FOLLOW,
    predicting_codes.PREDICT_CLOSE,
    resolving.SPEAKER_SERVICE,
)
