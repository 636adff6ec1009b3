"""Exercises that predict: what the service says of an envelope, and what somebody on the line can read."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from course_support.backends.patient_contract import NAMESPACE
from course_support.backends.soap_versions import SOAP11, SOAP12, Version
from course_support.backends.wsse import moment_text
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_form
from course_support.exercises.soap.calling import at_a_drawn_moment, patients_with, service
from course_support.exercises.soap.messages import call_by, envelope, fault, request, token
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

# --- predict_answer --------------------------------------------------------------------------------------------------

UNKNOWN = '<t:Trace xmlns:t="http://elsewhere.example/trace"{}>7</t:Trace>'
MUST = f' xmlns:m="{SOAP11.namespace}" m:mustUnderstand="1"'
Message = Callable[[str, int], bytes]
"""What makes the envelope out of a good token and the number of a patient."""


def _changes(username: str, password: str) -> dict[str, tuple[Message, Version]]:
    """Each change to an envelope that is right, as the exercise calls it."""
    other = token(username, password + "x")
    bare = request(0).replace(f' xmlns:p="{NAMESPACE}"', "").replace("p:", "")
    return {
        "other prefix": (lambda t, n: envelope(request(n, prefix="x"), t, prefix="env"), SOAP11),
        "no namespace": (lambda t, n: envelope(bare.replace(">0<", f">{n}<"), t), SOAP11),
        "other namespace": (lambda t, n: envelope(request(n, namespace="http://clinic.example/"), t), SOAP11),
        "wrong password": (lambda t, n: envelope(request(n), other), SOAP11),
        "unknown header": (lambda t, n: envelope(request(n), t + UNKNOWN.format("")), SOAP11),
        "unknown header that must be understood": (lambda t, n: envelope(request(n), t + UNKNOWN.format(MUST)), SOAP11),
        "unknown envelope": (
            lambda t, n: envelope(request(n), t).replace(SOAP11.namespace.encode(), b"http://envelope.example/"),
            SOAP11,
        ),
        "SOAP 1.2 and a wrong password": (lambda t, n: envelope(request(n), other, SOAP12), SOAP12),
    }


def _answer_scenes(draw: random.Random) -> list[Scene]:
    names = list(_changes("", ""))
    draw.shuffle(names)
    return [_answer_scene(draw, name) for name in names]


def _answer_scene(draw: random.Random, change: str) -> Scene:
    backend, arguments = service(draw)
    username, password = arguments["username"], arguments["password"]
    patient = draw.choice(backend.state.patients.all()).number
    message, version = _changes(username, password)[change]

    def show(client: Client) -> None:
        call_by(client, message(token(username, password), patient), version)

    return Scene(backend, {"change": change}, afterwards=show)


def _judge_answer(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_form({"status": 500, "code": "Client"}), _other_answer)


MEANING = {
    "other prefix": "A prefix is an abbreviation that each sender chooses; what counts is the namespace it stands for.",
    "no namespace": "Without a namespace it is another element, whatever its name: the sender has broken the contract.",
    "other namespace": "The same name in another namespace is another element: the sender has broken the contract.",
    "wrong password": "WS-Security has fault codes of its own (section 12), and one of them is for this.",
    "unknown header": "A header block that a service does not know may be left alone, unless it says otherwise.",
    "unknown header that must be understood": "A service that does not know such a block must not go on; the code "
    "says so.",
    "unknown envelope": "The namespace of the Envelope is the version of SOAP, and this is none that the service "
    "knows.",
    "SOAP 1.2 and a wrong password": "In SOAP 1.2 a fault of the sender comes with another status than in SOAP 1.1 "
    "(part 2, table 20); the code from WS-Security stays.",
}


def _other_answer(evidence: Evidence) -> Verdict | None:
    exchange, value, change = evidence.afterwards[-1], evidence.value, evidence.arguments["change"]
    refusal, step = fault(exchange), MEANING[change]
    actual = {"status": exchange.status, "code": refusal.code if refusal else ""}
    if same(value, actual):
        return None
    if value["status"] != actual["status"]:
        cause = f"With “{change}” the service answers {actual['status']}, not {value_text(value['status'], 20)}."
    elif refusal and value["code"].endswith(f":{refusal.code}"):
        cause = f"With “{change}” you name the right code, with its prefix."
        step = "The local part is asked for: what stands after the colon."
    elif not refusal:
        cause = f"With “{change}” there is no fault at all."
    else:
        cause = f"With “{change}” the fault's code is {refusal.code}, not {value_text(value['code'], 60)}."
    return wrong(cause, exchange, expected=actual, seen=value, next_step=step)


PREDICT_ANSWER = Exercise(
    "soap.predict_answer",
    "Predict what the service says",
    3,
    (
        "Take the changes one by one. Two of the eight are no mistake at all. Of the others, ask who is to blame: "
        "SOAP's envelope, a header, the password, or the contract.",
        'Status 200 and code "" twice; a broken contract is `Client`; the others are `VersionMismatch`, '
        "`MustUnderstand` and `FailedAuthentication`. All faults come with 500, except the one in SOAP 1.2.",
    ),
    _answer_scenes,
    _judge_answer,
)

# --- predict_listener ------------------------------------------------------------------------------------------------

LISTENED = {"username": True, "password": True, "allergy": True, "medication": True}


def _listener_scenes(draw: random.Random) -> list[Scene]:
    cases = [(kind, medications) for kind in ("PasswordText", "PasswordDigest") for medications in (True, False)]
    draw.shuffle(cases)
    return [_listener_scene(draw, kind, medications) for kind, medications in cases]


def _listener_scene(draw: random.Random, kind: str, medications: bool) -> Scene:
    backend, arguments = service(draw)
    username, password = arguments["username"], arguments["password"]
    allergic = patients_with(backend, "allergies")
    patient = draw.choice([it for it in allergic if it.medications])
    nonce = draw.randbytes(16) if kind == "PasswordDigest" else b""
    moment = at_a_drawn_moment(backend, draw)

    def show(client: Client) -> None:
        block = token(username, password, nonce, moment_text(moment))
        call_by(client, envelope(request(patient.number, medications), block))

    secrets = {
        "username": username,
        "password": password,
        "allergy": patient.allergies[0].substance,
        "medication": patient.medications[0].name,
    }
    return Scene(backend, {"password_type": kind, "medications": medications}, secrets, afterwards=show)


def _judge_listener(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_form(LISTENED), _other_secrets)


HEARD = {
    "username": "Only the password goes into the digest. Everything else is sent as it is.",
    "password": "A digest proves that the sender knows the password without sending it. In PasswordText it is "
    "simply there; this page shows dots for either.",
    "allergy": "A digest hides the password and nothing else: it is no encryption. For that, there is TLS.",
    "medication": "What is in the answer can be read, and what was not asked for is not in it.",
}


def _other_secrets(evidence: Evidence) -> Verdict | None:
    exchange, value = evidence.afterwards[-1], evidence.value
    actual: dict[str, Any] = {name: _heard(exchange, evidence.expected[name]) for name in LISTENED}
    odd = next((name for name in LISTENED if value[name] is not actual[name]), None)
    if not odd:
        return None
    can = "can" if actual[odd] else "cannot"
    return wrong(
        f"With {evidence.arguments['password_type']}, a listener {can} read the {odd} in this exchange.",
        exchange,
        expected=actual,
        seen=value,
        next_step=HEARD[odd],
    )


def _heard(exchange: Exchange, secret: str) -> bool:
    """Whether it stands in the bytes of either message."""
    bodies = [exchange.request.body, exchange.response.body if exchange.response else b""]
    return any(secret.encode() in body for body in bodies)


PREDICT_LISTENER = Exercise(
    "soap.predict_listener",
    "Predict what a listener can read",
    2,
    (
        "Look at the two exchanges of the lesson that differ only in the password's type: what else is in them?",
        "`password` is readable with PasswordText only; `medication` only where it was asked for; the other two "
        "always.",
    ),
    _listener_scenes,
    _judge_listener,
)
