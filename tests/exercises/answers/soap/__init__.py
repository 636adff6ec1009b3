"""Answers to the exercises of the SOAP lesson."""

from tests.exercises.answers.soap import (
    answering,
    answering_amiss,
    answering_refusing,
    calling,
    calling_12,
    calling_with_digest,
    digesting,
    finding,
    predicting,
    reading,
    repairing,
    resigning,
)

MODULES = (
    answering,
    answering_amiss,
    answering_refusing,
    calling,
    calling_12,
    calling_with_digest,
    digesting,
    finding,
    predicting,
    reading,
    repairing,
    resigning,
)
