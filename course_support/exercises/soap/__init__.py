"""The exercises of the SOAP lesson, in the order of the worksheet."""

from course_support.exercises.soap import answering, calling, digesting, finding, predicting, reading, repairing

EXERCISES = (
    reading.READ_CONTRACT,
    calling.ALLERGIES,
    calling.WITH_DIGEST,
    finding.FIND_OR_NONE,
    repairing.REPAIR_ENVELOPE,
    predicting.PREDICT_LISTENER,
    calling.CALL_12,
    digesting.DIGEST,
    repairing.RESIGN,
    predicting.PREDICT_ANSWER,
    answering.ANSWER_RECORD,
)
