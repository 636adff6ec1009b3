"""The exercise of lesson 0: one request, and the first thing that goes wrong with addresses built by hand."""

from __future__ import annotations

import random

from course_support.backends.hello import app
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import not_found, of_type, sent_nothing
from course_support.verdict import Verdict, value_text, wrong

FIRST, SECOND = ("Ada", "Ben", "Cem", "Dora", "Eva", "Finn"), ("Gus", "Hana", "Ida", "Jon", "Kai", "Lea")


def _scenes(draw: random.Random) -> list[Scene]:
    one = draw.choice(FIRST)
    return [Scene(app(), {"url": URL, "name": name}) for name in (one, f"{one} & {draw.choice(SECOND)}")]


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_found,
        _nobody,
        _cut_off,
        of_type(str, '"Hello, Ada!"'),
        _other_greeting,
    )


def _nobody(evidence: Evidence) -> Verdict | None:
    refused = next((e for e in evidence.exchanges if e.status == 400), None)
    if not refused:
        return None
    return wrong(
        "The service was not told whom to greet.",
        refused,
        expected=f"a query with the name {evidence.arguments['name']}",
        seen=refused.request.target,
        next_step="Read the detail of the answer: it shows what the address should look like.",
    )


def _cut_off(evidence: Evidence) -> Verdict | None:
    name, got = evidence.arguments["name"], evidence.exchanges[-1].request.query.get("name", "")
    if got == name:
        return None
    if name.startswith(got.strip()):
        cause = "Not the whole name reached the service: in a query, & begins the next parameter."
        step = "Let requests build the query: `params={…}` encodes what has a meaning in addresses."
    else:
        cause = "The service was asked to greet somebody else."
        step = "Send the argument `name` as it is: it is another one in each check."
    return wrong(cause, evidence.last, expected=value_text(name), seen=value_text(got), next_step=step)


def _other_greeting(evidence: Evidence) -> Verdict | None:
    greeting = f"Hello, {evidence.arguments['name']}!"
    if evidence.value == greeting:
        return None
    return wrong(
        "What you returned is not the greeting that the service sent.",
        evidence.last,
        expected=value_text(greeting),
        seen=value_text(evidence.value),
        next_step='The content of the answer is JSON: an object with one member, "greeting".',
    )


GREET = Exercise(
    "start.greet",
    "Ask for a greeting",
    1,
    (
        "Look at the cell that greeted Ada. Two things in it are different now: the address and the name.",
        '`requests.get(f"{url}/hello", params={"name": name}).json()["greeting"]` is what to return.',
    ),
    _scenes,
    _judge,
)
EXERCISES = (GREET,)
