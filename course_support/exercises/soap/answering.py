"""The exercise of the server's half: an application that answers as the contract says."""

from __future__ import annotations

import random
from typing import Any

from lxml import etree
from starlette.applications import Starlette

from course_support.backends.patient_contract import NAMESPACE, violations
from course_support.backends.patients import Patient, Register
from course_support.backends.soap import PATH
from course_support.backends.soap_versions import SOAP11
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.soap.messages import call_by, envelope, fault, request, response_root, texts
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
    return first_of(evidence, _no_answer, _no_xml, _no_envelope, _against_the_schema, _other_record, _no_typed_fault)


def _records(evidence: Evidence) -> tuple[Exchange, ...]:
    """The exchanges in which somebody who is there was asked for."""
    return evidence.afterwards[:-1]


def _number(exchange: Exchange) -> str:
    root = etree.fromstring(exchange.request.body)
    return texts(root, "PatientID")[0]


def _no_answer(evidence: Evidence) -> Verdict | None:
    silent = next((e for e in evidence.afterwards if not e.response or e.status in (404, 405)), None)
    if not silent:
        return None
    return wrong(
        f"Your application has nothing for POST {PATH}.",
        silent,
        expected=f"a route for {PATH} that takes POST",
        seen=f"{silent.status} {silent.response.reason}" if silent.response else "no answer at all",
        next_step=f'`Route("{PATH}", answer, methods=["POST"])` is the route.',
    )


def _no_xml(evidence: Evidence) -> Verdict | None:
    for exchange in evidence.afterwards:
        if response_root(exchange) is None or not exchange.response or exchange.response.media_type != "text/xml":
            label = exchange.response.fields.get("Content-Type") if exchange.response else None
            return wrong(
                "What your application answers is no XML that says it is XML.",
                exchange,
                expected="Content-Type: text/xml; charset=utf-8, and well-formed XML",
                seen=f"Content-Type: {label or 'not said'}",
                next_step='`Response(text, media_type="text/xml; charset=utf-8")`; each element that opens must close.',
            )
    return None


def _no_envelope(evidence: Evidence) -> Verdict | None:
    for exchange in evidence.afterwards:
        root = response_root(exchange)
        body = None if root is None else root.find(SOAP11.tag("Body"))
        if root is None or root.tag != SOAP11.tag("Envelope") or body is None or len(body) != 1:
            return wrong(
                "What your application answers is no SOAP 1.1 envelope with one element in its Body.",
                exchange,
                expected=f"Envelope and Body in {SOAP11.namespace}",
                seen=str(root.tag if root is not None else "nothing"),
                next_step="Look at an answer of the lesson's service: which elements stand around the record?",
            )
    return None


def _content(exchange: Exchange) -> etree._Element:
    root = response_root(exchange)
    assert root is not None
    found: etree._Element = root.find(SOAP11.tag("Body"))[0]  # type: ignore[index]
    return found


def _against_the_schema(evidence: Evidence) -> Verdict | None:
    for exchange in _records(evidence):
        if refusal := fault(exchange):
            return wrong(
                f"Your application refused to give the record of {_number(exchange)}, who is there.",
                exchange,
                expected="a GetPatientRecordResponse",
                seen=f"a fault: {refusal.text}",
                next_step="Find the PatientID by its namespace and name; prefixes differ from client to client.",
            )
        content = _content(exchange)
        if content.tag != f"{{{NAMESPACE}}}GetPatientRecordResponse":
            return wrong(
                "The element in the Body of your answer is not the one that the contract names.",
                exchange,
                expected=f"GetPatientRecordResponse in {NAMESPACE}",
                seen=str(content.tag),
                next_step="The WSDL's output message for GetPatientRecord names the element.",
            )
        if found := violations(content):
            return wrong(
                "Your answer breaks the schema, so no client would take it.",
                exchange,
                expected="an answer that is valid by the contract's schema",
                seen="; ".join(finding.sentence for finding in found),
                next_step="Elements of a sequence stand in its order, and all of them in the service's namespace.",
            )
    return None


def _other_record(evidence: Evidence) -> Verdict | None:
    for exchange in _records(evidence):
        number = _number(exchange)
        expected = {"number": number} | evidence.expected["patients"][number]
        content = _content(exchange)
        seen: dict[str, Any] = {
            "number": texts(content, "PatientID")[0],
            "given": texts(content, "Given")[0],
            "family": texts(content, "Family")[0],
            "born": texts(content, "DateOfBirth")[0],
            "allergies": [
                list(pair) for pair in zip(texts(content, "Substance"), texts(content, "Severity"), strict=True)
            ],
        }
        odd = next((name for name in expected if seen[name] != expected[name]), None)
        if odd:
            return wrong(
                f"Your answer is valid, and its {odd} is not that of patient {number}.",
                exchange,
                expected=expected[odd],
                seen=seen[odd] or "none",
                next_step="The schema can say what a record looks like; whose it is only your code can get right.",
            )
    return None


def _no_typed_fault(evidence: Evidence) -> Verdict | None:
    exchange = evidence.afterwards[-1]
    refusal, number = fault(exchange), _number(exchange)
    root = response_root(exchange)
    detail = None if root is None else root.find(f".//{SOAP11.tag('Fault')}/detail/{{{NAMESPACE}}}PatientNotFound")
    if refusal and exchange.status == 500 and detail is not None and not violations(detail) and refusal.code:
        return None
    if not refusal:
        cause, seen = f"There is no patient {number}, and your application answers as if there were.", "no fault"
    elif exchange.status != 500:
        cause, seen = "Your fault comes with another status than SOAP 1.1 asks for.", str(exchange.status)
    elif not refusal.code:
        cause, seen = "Your fault has no faultcode.", refusal.text or "a Fault without faultcode"
    else:
        cause, seen = (
            "Your fault does not say in its detail, as the contract does, that the patient is not there.",
            refusal.text,
        )
    return wrong(
        cause,
        exchange,
        expected="status 500, and a Fault with faultcode, faultstring and a detail that holds PatientNotFound",
        seen=seen,
        next_step="In SOAP 1.1 faultcode, faultstring and detail have no namespace; PatientNotFound, with its "
        "PatientID, "
        "has the service's.",
    )


ANSWER_RECORD = Exercise(
    "soap.answer_record",
    "Write the server's half",
    3,
    (
        "Parse the request, find PatientID in its namespace, and fill the record's elements in the order of the "
        "schema: "
        "PatientID, Name with Given and Family, DateOfBirth, Allergies.",
        '`etree.fromstring(await request.body()).findtext(f".//{{{NS}}}PatientID")` is the number. A default '
        "namespace on GetPatientRecordResponse saves all prefixes. For a patient who is not there: status 500 and "
        "`<soap:Fault><faultcode>soap:Client</faultcode><faultstring>…</faultstring><detail>…</detail></soap:Fault>`.",
    ),
    _scenes,
    _judge,
)
