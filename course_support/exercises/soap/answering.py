"""The exercise of the server's half: an application that answers as the contract says."""

from __future__ import annotations

import random
from typing import Any

from lxml import etree
from starlette.applications import Starlette

from course_support.backends.patient_contract import NAMESPACE, violations
from course_support.backends.patients import Patient, Register
from course_support.backends.soap_versions import SOAP11
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.soap.messages import call_by, envelope, fault, parsed, request, texts
from course_support.exercises.soap.served import content, no_answer, no_envelope, no_xml
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    everybody = Register(draw.randrange(2**32)).all()
    allergic = draw.sample([it for it in everybody if it.allergies], 3)
    healthy = draw.choice([it for it in everybody if not it.allergies])
    return [_scene(draw, [*allergic[:2], healthy], allergic[2].number), _scene(draw, allergic, healthy.number)]


def _scene(draw: random.Random, patients: list[Patient], unknown: int) -> Scene:
    known = {str(patient.number): _plain(patient) for patient in patients}

    def visit(client: Client) -> None:
        for prefix, patient in zip(("p", "hospital", "x"), patients, strict=True):
            call_by(client, envelope(request(patient.number, prefix=prefix), prefix="env"))
        call_by(client, envelope(request(unknown)))

    return Scene(Starlette(), {"patients": known}, {"patients": known}, afterwards=visit, serves=True)


def _plain(patient: Patient) -> dict[str, Any]:
    return {
        "given": patient.given,
        "family": patient.family,
        "born": patient.born.isoformat(),
        "allergies": [[allergy.substance, allergy.severity] for allergy in patient.allergies],
    }


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, no_answer, no_xml, no_envelope, _no_record, _against_the_schema, _other_record, _no_fault)


def _records(evidence: Evidence) -> tuple[Exchange, ...]:
    """The exchanges in which somebody who is there was asked for."""
    return evidence.afterwards[:-1]


def _number(exchange: Exchange) -> str:
    return texts(parsed(exchange.request.body), "PatientID")[0]


def _no_record(evidence: Evidence) -> Verdict | None:
    for exchange in _records(evidence):
        found, wanted = content(exchange), f"{{{NAMESPACE}}}GetPatientRecordResponse"
        odd = next((it for it in found.iter("*") if etree.QName(it).namespace != NAMESPACE), None)
        if refusal := fault(exchange):
            cause = f"Your application refused to give the record of {_number(exchange)}, who is there."
            seen = f"a fault: {refusal.text}"
            step = (
                "Find the PatientID by its namespace and name, since prefixes differ from client to client, and look "
                "it up as the text that it is."
            )
        elif odd is not None:
            cause = f"In your answer {etree.QName(odd).localname} is not in the namespace of the service."
            seen = str(odd.tag)
            step = "A prefix stands before each element; a default namespace (`xmlns=`) holds for all that are inside."
        elif found.tag != wanted:
            cause, seen = (
                "The element in the Body of your answer is not the one that the contract names.",
                str(found.tag),
            )
            step = "The WSDL's output message for GetPatientRecord names the element."
        elif not 200 <= (exchange.status or 0) < 300:
            cause, seen = f"Your record comes with status {exchange.status}, as a refusal does.", str(exchange.status)
            step = "An answer that is no fault comes with 200."
        else:
            continue
        expected = f"status 200, and GetPatientRecordResponse in {NAMESPACE}"
        return wrong(cause, exchange, expected=expected, seen=seen, next_step=step)
    return None


def _against_the_schema(evidence: Evidence) -> Verdict | None:
    for exchange in _records(evidence):
        if found := violations(content(exchange)):
            return wrong(
                f"Your answer breaks the schema: {found[0].sentence[:250]}",
                exchange,
                expected="an answer that is valid by the contract's schema",
                seen=" ".join(finding.sentence for finding in found),
                next_step="Elements of a sequence stand in its order, and only those with minOccurs 0 may be left out.",
            )
    return None


def _other_record(evidence: Evidence) -> Verdict | None:
    for exchange in _records(evidence):
        number = _number(exchange)
        expected = {"number": number} | evidence.expected["patients"][number]
        seen = _told(content(exchange))
        if odd := next((name for name in expected if seen[name] != expected[name]), None):
            return wrong(
                f"Your answer is valid, and the {WORDS[odd]} in it is not that of patient {number}.",
                exchange,
                expected=expected[odd],
                seen=seen[odd] or "none",
                next_step="The schema can say what a record looks like; whose it is only your code can get right.",
            )
    return None


WORDS = {
    "number": "PatientID",
    "given": "given name",
    "family": "family name",
    "born": "date of birth",
    "allergies": "list of allergies",
}


def _told(response: etree._Element) -> dict[str, Any]:
    """What a valid record says, in the form in which the learner was given it."""
    pairs = zip(texts(response, "Substance"), texts(response, "Severity"), strict=True)
    return {
        "number": texts(response, "PatientID")[0].strip(),
        "given": texts(response, "Given")[0],
        "family": texts(response, "Family")[0],
        "born": texts(response, "DateOfBirth")[0].strip(),
        "allergies": [[substance.strip(), severity] for substance, severity in pairs],
    }


def _no_fault(evidence: Evidence) -> Verdict | None:
    """No fault as SOAP 1.1, section 4.4, and the contract want it for somebody who is not there."""
    exchange = evidence.afterwards[-1]
    if not (cause := _odd_fault(exchange)):
        return None
    parts = ", ".join(str(it.tag) for it in content(exchange).iter("*"))
    return wrong(
        cause,
        exchange,
        expected="status 500, and a Fault with faultcode, faultstring and a detail that holds PatientNotFound",
        seen=f"status {exchange.status}, and in the Body {parts}",
        next_step="Let the lesson's service refuse such a number, and put its Fault beside yours, part by part: which "
        "have a namespace, and which have none?",
    )


def _odd_fault(exchange: Exchange) -> str:
    """What is odd about it, in a sentence; nothing for one that is right."""
    found, number = content(exchange), _number(exchange)
    parts = [str(part.tag) for part in found.iterchildren("*")]
    lacking = [name for name in ("faultcode", "faultstring", "detail") if not (found.findtext(name) or "").strip()]
    typed = found.find(f"detail/{{{NAMESPACE}}}PatientNotFound")
    if not fault(exchange):
        return f"There is no patient {number}, and your application answers as if there were."
    if found.tag != SOAP11.tag("Fault"):
        return "Your Fault is not in the namespace of the envelope."
    if exchange.status != 500:
        return f"Your fault comes with status {exchange.status}, and SOAP 1.1 asks for 500."
    if any(part.startswith("{") for part in parts):
        return "The parts of your Fault are in a namespace, and SOAP 1.1 leaves them without one."
    if lacking[:1] in (["faultcode"], ["faultstring"]) or "detail" not in parts:
        return f"Your Fault has no {lacking[0]}."
    if typed is None:
        return "The detail of your Fault does not hold what the contract puts there."
    if odd := violations(typed):
        return f"The detail of your Fault breaks the schema: {odd[0].sentence[:250]}"
    if texts(typed, "PatientID")[0].strip() != number:
        return "The detail of your Fault names another patient than the one who was asked for."
    return ""


ANSWER_RECORD = Exercise(
    "soap.answer_record",
    "Write the server's half",
    3,
    (
        "Parse the request, find PatientID in its namespace, and fill the record's elements in the order of the "
        "schema: PatientID, Name with Given and Family, DateOfBirth, Allergies.",
        '`etree.fromstring(await request.body()).findtext(".//{*}PatientID")` is the number. A default '
        "namespace on GetPatientRecordResponse saves all prefixes. For a patient who is not there: status 500 and "
        "`<soap:Fault><faultcode>soap:Client</faultcode><faultstring>…</faultstring><detail>…</detail></soap:Fault>`.",
    ),
    _scenes,
    _judge,
)
