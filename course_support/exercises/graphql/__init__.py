"""The exercises of the GraphQL lesson, in the order of the worksheet."""

from course_support.exercises.graphql import asking, changing, paging, predicting, resolving

EXERCISES = (
    asking.PHONE_VIEW,
    asking.LOOK_UP,
    predicting.PREDICT_STATUS,
    asking.PHOTOS,
    paging.ATTENDEES,
    predicting.PREDICT_STATEMENTS,
    changing.REGISTER,
    predicting.PREDICT_NULL,
    asking.PROGRAMME,
    changing.FOLLOW,
    predicting.PREDICT_CLOSE,
    resolving.SPEAKER_SERVICE,
)
