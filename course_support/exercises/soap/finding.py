"""The exercise that tells one fault from another by its type, not by its sentence."""

from __future__ import annotations

import random

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as ASGIScope

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import named, sent_nothing
from course_support.exercises.soap.calling import service
from course_support.exercises.soap.messages import calls, fault, no_call, not_answered, other_patient
from course_support.verdict import Verdict, value_text, wrong

SENTENCES = ("This number belongs to nobody.", "Nobody is registered here under that number.", "No such record.")


class Reworded:
    """ASGI middleware: the same fault in other words, as after a new release of the service."""

    def __init__(self, app: ASGIApp, said: str, instead: str) -> None:
        self._app = app
        self._said, self._instead = said.encode(), instead.encode()

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        head: Message = {}

        async def send_reworded(message: Message) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
                return
            body = message.get("body", b"").replace(self._said, self._instead)
            MutableHeaders(scope=head)["Content-Length"] = str(len(body))
            await send(head)
            await send({**message, "body": body})

        await self._app(scope, receive, send_reworded if scope["type"] == "http" else send)


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
    said = f"Ask for a patient of this hospital: there is none with the number {number}."
    reworded = Reworded(backend, said, draw.choice(SENTENCES))
    return Scene(reworded, arguments | {"patient": number}, {"value": value, "case": case})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, sent_nothing, no_call, not_answered, other_patient, _other_outcome)


def _other_outcome(evidence: Evidence) -> Verdict | None:
    expected, value, last = evidence.expected, evidence.value, calls(evidence)[-1]
    if value == expected["value"] and (value is None) == (expected["value"] is None):
        return None
    refusal = fault(last)
    if expected["case"] == "there" and refusal:
        cause = f"Your call for a patient who is there was answered with a fault, {refusal.code}."
        step = "Mend what the fault names first; the exercises before this one show how to call."
        return wrong(cause, last, expected=expected["value"], seen=refusal.text, next_step=step)
    cause, step = _diagnosis(expected["case"], value, refusal.code if refusal else "")
    return wrong(cause, last, expected=value_text(expected["value"]), seen=value_text(value), next_step=step)


def _diagnosis(case: str, value: object, code: str) -> tuple[str, str]:
    """The cause and the next step."""
    after_colon = "A fault's code is a qualified name, such as wsse:SomeCode: return what stands after the colon."
    if case == "there":
        kind = "" if isinstance(value, str) else f", but {named(value)}"
        return f"That is not the patient's name{kind}.", "Given and Family stand in Name; put a blank between them."
    if case == "unknown":
        says = f"gives the code of the fault, {code}" if code and value == code else "does not say so by returning None"
        return (
            f"There is no such patient, and your function {says}.",
            "The detail of the fault holds the element that the contract has for this, PatientNotFound: look for it.",
        )
    if value is None:
        return (
            "The service refused the password, and your function says that there is no such patient.",
            "Not every fault means that nobody is there. Only one has PatientNotFound in its detail.",
        )
    if code and isinstance(value, str) and value.endswith(f":{code}"):
        return "That is the fault's code with its prefix, which each message may choose anew.", after_colon
    return "The service refused the call for another reason, and that is not the code of its fault.", after_colon


FIND_OR_NONE = Exercise(
    "soap.find_or_none",
    "Tell one fault from another",
    2,
    (
        "zeep raises `zeep.exceptions.Fault`. Print its `.code`, `.message` and `.detail` for a patient who is not "
        "there.",
        "`.detail` is an lxml element, or None where the fault has no detail: "
        '`fault.detail is not None and fault.detail.find("{*}PatientNotFound") is not None` tells the one fault from '
        'all others. Of those, return `fault.code.rpartition(":")[2]`.',
    ),
    _scenes,
    _judge,
)
