"""Answers to every exercise, other than those in the solutions: right ones, and wrong ones that beginners write."""

from tests.exercises.answers import start
from tests.exercises.answers.answer import Answers, Wrong
from tests.exercises.answers.rest import (
    caching,
    creating,
    deleting,
    locking,
    paging,
    patience,
    predicting,
    reading,
    repairing,
)
from tests.exercises.answers.soap import answering as soap_answering
from tests.exercises.answers.soap import calling as soap_calling
from tests.exercises.answers.soap import digesting as soap_digesting
from tests.exercises.answers.soap import finding as soap_finding
from tests.exercises.answers.soap import predicting as soap_predicting
from tests.exercises.answers.soap import reading as soap_reading
from tests.exercises.answers.soap import repairing as soap_repairing

_REST = (caching, creating, deleting, locking, paging, patience, predicting, reading, repairing)
_SOAP = (
    soap_answering,
    soap_calling,
    soap_digesting,
    soap_finding,
    soap_predicting,
    soap_reading,
    soap_repairing,
)
_MODULES = (start, *_REST, *_SOAP)
ANSWERS: dict[str, Answers] = {
    answers.name: answers for module in _MODULES for answers in vars(module).values() if isinstance(answers, Answers)
}

__all__ = ["ANSWERS", "Answers", "Wrong"]
