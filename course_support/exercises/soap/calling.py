"""Exercises that call the service from its contract: with a password in clear, with a digest, and over SOAP 1.2."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from course_support.backends.clock import START
from course_support.backends.envelope import version_of
from course_support.backends.soap import app
from course_support.backends.soap_versions import SOAP12
from course_support.evidence import Evidence, Rule, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import of_type, sent_nothing
from course_support.exercises.soap.messages import (
    calls,
    fault_left,
    good_call,
    no_call,
    not_answered,
    other_patient,
    parsed,
    texts,
)
from course_support.exercises.soap.security import security_refused
from course_support.verdict import Verdict, value_text, wrong

CALLED: tuple[Rule, ...] = (no_call, security_refused, fault_left, not_answered)
"""The rules that come first wherever a call is asked for: there is one, and the service took it."""

SYLLABLES = ("ra", "do", "mi", "so", "ke", "lu", "ban", "ter", "vi", "nor")


def drawn_user(draw: random.Random) -> tuple[str, str]:
    """A name and a password, other ones in each check."""
    name, secret = ("".join(draw.choices(SYLLABLES, k=3)) for _ in range(2))
    return f"{name}_clinic", f"{secret}-{draw.randrange(1000, 10_000)}"


def service(draw: random.Random) -> tuple[Any, dict[str, Any]]:
    """A fresh hospital that knows one client, and the arguments that every call needs."""
    backend = app(draw.randrange(2**32))
    username, password = drawn_user(draw)
    backend.state.credentials.clear()
    backend.state.credentials[username] = password
    return backend, {"url": URL, "username": username, "password": password}


def at_a_drawn_moment(backend: Any, draw: random.Random) -> datetime:
    """From here on it is this time for the hospital: a token of that time stays fresh however long a check takes."""
    moment = START + timedelta(seconds=draw.randrange(10**6))
    backend.state.now = lambda: moment
    return moment


def patients_with(backend: Any, attribute: str, least: int = 1) -> list[Any]:
    return [patient for patient in backend.state.patients.all() if len(getattr(patient, attribute)) >= least]


# --- allergies -------------------------------------------------------------------------------------------------------


def _allergy_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    patient = draw.choice(patients_with(backend, "allergies", 2))
    expected = {"names": [allergy.substance for allergy in patient.allergies]}
    return [Scene(backend, arguments | {"patient": patient.number}, expected)]


def _judge_allergies(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        *CALLED,
        other_patient,
        of_type(list, 'a list of substances, such as ["Penicillin", "Latex"]'),
        _other_names,
    )


def _other_names(evidence: Evidence) -> Verdict | None:
    names, value = evidence.expected["names"], evidence.value
    if value == names:
        return None
    if value and isinstance(value[0], dict):
        cause = "Your list holds more than names."
    elif len(value) == len(names) and all(name in value for name in names):
        cause = "Your list has the right names, and not in the order of the record."
    elif value and all(name in names for name in value):
        cause = f"Your list has {len(value)} of the {len(names)} names in the record."
    else:
        cause = "Your list is not the list of names in the record."
    return wrong(
        cause,
        good_call(evidence),
        expected=names,
        seen=value_text(value),
        next_step="Look at the answer: which elements repeat, and which one inside them holds the name?",
    )


ALLERGIES = Exercise(
    "soap.allergies",
    "Call an operation",
    2,
    (
        'zeep reads the contract at `url + "/patient-service?wsdl"` and makes a function of each operation. '
        "Who asks goes into a header, which zeep writes if it is given `wsse=`.",
        '`client = zeep.Client(f"{url}/patient-service?wsdl", wsse=UsernameToken(username, password))`; '
        "`client.service.GetPatientRecord(PatientID=patient)` returns the record, and `record.Allergies.Allergy` "
        "is a list of objects with a `Substance`.",
    ),
    _allergy_scenes,
    _judge_allergies,
)

# --- with_digest -----------------------------------------------------------------------------------------------------


def _digest_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    patient = draw.choice(patients_with(backend, "medications"))
    expected = {"names": [medication.name for medication in patient.medications]}
    return [Scene(backend, arguments | {"patient": patient.number}, expected)]


def _judge_digest(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        *CALLED,
        other_patient,
        _in_clear,
        _not_asked_for,
        of_type(list, 'a list of names, such as ["Metformin"]'),
        _other_names,
    )


def _in_clear(evidence: Evidence) -> Verdict | None:
    password = evidence.arguments["password"]
    open_calls = [call for call in calls(evidence) if password.encode() in call.request.body]
    if not open_calls:
        return None
    return wrong(
        "The password went over the wire in clear, for everybody on the way to read.",
        open_calls[0],
        expected="a Password of the type PasswordDigest, with a Nonce and the time in Created",
        seen="the password itself (the dots below stand for it)",
        next_step="zeep's UsernameToken makes a digest if it is told to: read its signature with "
        "`help(UsernameToken)`.",
    )


def _not_asked_for(evidence: Evidence) -> Verdict | None:
    call = good_call(evidence)
    asked = texts(parsed(call.request.body), "IncludeMedications") if call else []
    if any(text.strip() in ("true", "1") for text in asked):
        return None
    return wrong(
        "You did not ask for the medications, so the record came without them.",
        call,
        expected="IncludeMedications true",
        seen=f"IncludeMedications {asked[0]}" if asked else "no IncludeMedications",
        next_step="The operation takes a second argument; the signature that zeep shows names it.",
    )


WITH_DIGEST = Exercise(
    "soap.with_digest",
    "Prove that you know the password",
    2,
    (
        "The lesson called the service twice as the same client: once with the password itself, once with a digest of "
        "it. Which argument made the difference?",
        "`UsernameToken(username, password, use_digest=True)`, and "
        "`GetPatientRecord(PatientID=patient, IncludeMedications=True).Medications.Medication`.",
    ),
    _digest_scenes,
    _judge_digest,
)

# --- call_12 ---------------------------------------------------------------------------------------------------------


def _version_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    patient = draw.choice(backend.state.patients.all())
    return [Scene(backend, arguments | {"patient": patient.number}, {"born": patient.born.isoformat()})]


def _judge_version(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        *CALLED,
        other_patient,
        _old_version,
        of_type(str, 'a date such as "1984-05-17"'),
        _other_date,
    )


def _old_version(evidence: Evidence) -> Verdict | None:
    call = good_call(evidence)
    root = parsed(call.request.body) if call else None
    if not call or root is None or version_of(root) is SOAP12:
        return None
    return wrong(
        "You got the record over SOAP 1.1.",
        call,
        expected=f"Content-Type: application/soap+xml, and an Envelope in {SOAP12.namespace}",
        seen=f"Content-Type: {call.request.fields.get('Content-Type')}",
        next_step="The WSDL has two ports, one for each version; `client.wsdl.dump()` shows their names.",
    )


def _other_date(evidence: Evidence) -> Verdict | None:
    born, value = evidence.expected["born"], evidence.value
    if value == born:
        return None
    return wrong(
        "What you returned is not the date of birth as the record writes it.",
        good_call(evidence),
        expected=value_text(born),
        seen=value_text(value),
        next_step="An xsd:date is written year-month-day; zeep makes a `datetime.date` of it, and `.isoformat()` "
        "undoes that.",
    )


CALL_12 = Exercise(
    "soap.call_12",
    "Choose SOAP 1.2",
    2,
    (
        "`client.service` is the first port of the WSDL, and speaks SOAP 1.1. `client.bind(…)` gives you another one.",
        '`client.bind("PatientService", "PatientPort12").GetPatientRecord(PatientID=patient).DateOfBirth.isoformat()`',
    ),
    _version_scenes,
    _judge_version,
)
