"""The exercise that tells one fault from another by its type, not by its sentence."""

from __future__ import annotations

import random

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import sent_nothing
from course_support.exercises.soap.calling import service
from course_support.exercises.soap.messages import calls, fault, no_call, other_patient, response_root
from course_support.verdict import Verdict, value_text, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, "there"), _scene(draw, "unknown"), _scene(draw, "refused")]


def _scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    known = backend.state.patients.all()
    patient = draw.choice(known)
    number = patient.number
    value: str | None = f"{patient.given} {patient.family}"
    if case == "unknown":
        numbers = {it.number for it in known}
        number = draw.choice([n for n in range(20_000, 20_100) if n not in numbers])
        value = None
    if case == "refused":
        arguments["password"] += "x"
        value = "FailedAuthentication"
    return Scene(backend, arguments | {"patient": number}, {"value": value, "case": case})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, sent_nothing, no_call, other_patient, _other_outcome)


def _other_outcome(evidence: Evidence) -> Verdict | None:
    expected, value, last = evidence.expected, evidence.value, calls(evidence)[-1]
    if value == expected["value"] and (value is None) == (expected["value"] is None):
        return None
    refusal = fault(last)
    if expected["case"] == "there" and refusal:
        cause = f"Your call for a patient who is there was answered with a fault, {refusal.code}."
        step = "Mend what the fault names first; the exercises before this one show how to call."
        return wrong(cause, last, expected=expected["value"], seen=refusal.text, next_step=step)
    if expected["case"] == "there":
        cause, step = "That is not the patient's name.", "Given and Family stand in Name; put a blank between them."
    elif expected["case"] == "unknown":
        cause = "There is no such patient, and your function does not say so by returning None."
        step = f"The detail of the fault holds an element of the contract: {_detail(evidence)}. Look for it there."
    elif value is None:
        cause = "The service refused the password, and your function says that there is no such patient."
        step = "Not every fault means that nobody is there. Only one has PatientNotFound in its detail."
    else:
        cause = "The service refused the call for another reason, and that is not the code of its fault."
        step = "A fault's code is a qualified name, such as wsse:SomeCode: return what stands after the colon."
    return wrong(cause, last, expected=value_text(expected["value"]), seen=value_text(value), next_step=step)


def _detail(evidence: Evidence) -> str:
    root = response_root(calls(evidence)[-1])
    found = None if root is None else root.find(".//{*}PatientNotFound")
    return "PatientNotFound" if found is not None else "none here"


FIND_OR_NONE = Exercise(
    "soap.find_or_none",
    "Tell one fault from another",
    2,
    (
        "zeep raises `zeep.exceptions.Fault`. Print its `.code`, `.message` and `.detail` for a patient who is not "
        "there.",
        '`.detail` is an lxml element: `fault.detail.find("{*}PatientNotFound") is not None` tells the one fault from '
        'all others. Of those, return `fault.code.rpartition(":")[2]`.',
    ),
    _scenes,
    _judge,
)
