"""Answers to every exercise, other than those in the solutions: right ones, and wrong ones that beginners write."""

from tests.exercises.answers import batch, choosing, graphql, soap, start, webhooks, websocket
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

_REST = (caching, creating, deleting, locking, paging, patience, predicting, reading, repairing)
_MODULES = (
    start,
    *_REST,
    *soap.MODULES,
    *graphql.MODULES,
    *websocket.MODULES,
    *webhooks.MODULES,
    *batch.MODULES,
    *choosing.MODULES,
)
ANSWERS: dict[str, Answers] = {
    answers.name: answers for module in _MODULES for answers in vars(module).values() if isinstance(answers, Answers)
}

__all__ = ["ANSWERS", "Answers", "Wrong"]
