"""What the judges of the SOAP exercises read in a message, and the rules that they share."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass

from lxml import etree

from course_support.backends.envelope import CAREFUL, WSSE, WSU
from course_support.backends.patient_contract import NAMESPACE
from course_support.backends.soap import PATH
from course_support.backends.soap_versions import SOAP11, Version
from course_support.backends.wsse import DIGEST, TEXT, digest
from course_support.evidence import Evidence
from course_support.exercise import Client
from course_support.exercises.rules import not_found, requested
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault: the local part of its code, its sentence, and what it finds fault with, one by one."""

    code: str
    text: str
    findings: tuple[str, ...] = ()


def parsed(body: bytes) -> etree._Element | None:
    """The root of an XML content, or None; nothing outside of it is ever read."""
    try:
        return etree.fromstring(body, etree.XMLParser(remove_pis=True, **CAREFUL))
    except etree.XMLSyntaxError:
        return None


def response_root(exchange: Exchange) -> etree._Element | None:
    return parsed(exchange.response.body) if exchange.response else None


def texts(root: etree._Element | None, name: str) -> list[str]:
    """The text of every element with this local name."""
    return [element.text or "" for element in root.iter(f"{{*}}{name}")] if root is not None else []


def fault(exchange: Exchange) -> Fault | None:
    """The fault in a response, of either version (SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4)."""
    root = response_root(exchange)
    found = None if root is None else root.find(".//{*}Fault")
    if found is None:
        return None
    code = [*texts(found, "faultcode"), *texts(found, "Value")][-1:] or [""]
    text = [*texts(found, "faultstring"), *texts(found, "Text")][:1] or [""]
    return Fault(code[0].rpartition(":")[2].strip(), text[0], tuple(texts(found, "Finding")))


def calls(evidence: Evidence) -> tuple[Exchange, ...]:
    return evidence.sent("POST", PATH)


def good_call(evidence: Evidence) -> Exchange | None:
    """The last call that was answered with a record."""
    return next((e for e in reversed(calls(evidence)) if e.status == 200), None)


def no_call(evidence: Evidence) -> Verdict | None:
    """The contract was read, perhaps, and nothing called."""
    if calls(evidence):
        return None
    if evidence.last and evidence.last.status == 404:
        return _no_contract(evidence.last) or not_found(evidence)
    return wrong(
        "You never called the operation.",
        evidence.last,
        expected=f"a POST to {PATH}",
        seen=requested(evidence.exchanges),
        next_step="With zeep: `client.service.GetPatientRecord(PatientID=…)`; without it, POST an envelope.",
    )


def _no_contract(missed: Exchange) -> Verdict | None:
    if missed.request.path != PATH:
        return None
    return wrong(
        "You asked for the contract without ?wsdl.",
        missed,
        expected=f"GET {PATH}?wsdl",
        seen=f"{missed.request.method} {missed.request.target}",
        next_step=f'The address of the contract is `url + "{PATH}?wsdl"`.',
    )


def fault_left(evidence: Evidence) -> Verdict | None:
    """The last call got a fault, whatever its reason."""
    last = calls(evidence)[-1]
    refusal = fault(last)
    if not refusal:
        return None
    if refusal.findings:
        places = "one place" if len(refusal.findings) == 1 else f"{len(refusal.findings)} places"
        return wrong(
            f"Your last call breaks the contract in {places}.",
            last,
            expected="an envelope that the contract allows",
            seen=" ".join(refusal.findings),
            next_step="Mend what the fault names, the first thing first, and send the envelope again.",
        )
    return wrong(
        f"Your last call was answered with a fault, {refusal.code}.",
        last,
        expected="a call that the service takes",
        seen=refusal.text,
        next_step="Read the fault's sentence: it says what to do.",
    )


def not_answered(evidence: Evidence) -> Verdict | None:
    """No call was answered with a record, and the last one not with a fault: HTTP itself refused it."""
    last = calls(evidence)[-1]
    if good_call(evidence) or fault(last) or not last.response:
        return None
    detail = last.response.json()
    return wrong(
        f"The service answered {last.response.status} {last.response.reason}, and no SOAP message.",
        last,
        expected="the Content-Type of a version of SOAP, and an envelope as the content",
        seen=str(detail.get("detail")) if isinstance(detail, dict) else last.response.text or "nothing",
        next_step="Compare your request's fields with those of a call that zeep has sent.",
    )


def other_patient(evidence: Evidence) -> Verdict | None:
    """The record of somebody else was asked for."""
    call = good_call(evidence) or calls(evidence)[-1]
    number, asked = str(wanted(evidence)), texts(parsed(call.request.body), "PatientID")
    if number in (text.strip() for text in asked):
        return None
    return wrong(
        "You asked for the record of another patient.",
        call,
        expected=f"PatientID {number}",
        seen=", ".join(asked) or "no PatientID",
        next_step="The check draws another patient each time: ask for the one that your function is given.",
    )


def wanted(evidence: Evidence) -> int:
    """The number of the patient that the exercise is about."""
    number: int = (evidence.expected | evidence.arguments)["patient"]
    return number


def call_by(client: Client, content: bytes, version: Version = SOAP11) -> None:
    """Send an envelope as the examiner, with the fields that its version asks for."""
    fields = {"Content_Type": f"{version.media_type}; charset=utf-8", "Accept_Encoding": "identity"}
    if version is SOAP11:
        fields["SOAPAction"] = '"GetPatientRecord"'
    else:
        fields["Content_Type"] += '; action="GetPatientRecord"'
    client.send("POST", PATH, "", content, **fields)


def request(patient: int | str, medications: bool = False, namespace: str = NAMESPACE, prefix: str = "p") -> str:
    """The content of a Body that calls GetPatientRecord."""
    return (
        f'<{prefix}:GetPatientRecord xmlns:{prefix}="{namespace}"><{prefix}:PatientID>{patient}</{prefix}:PatientID>'
        f"<{prefix}:IncludeMedications>{str(medications).lower()}</{prefix}:IncludeMedications>"
        f"</{prefix}:GetPatientRecord>"
    )


def envelope(body: str, header: str = "", version: Version = SOAP11, prefix: str = "soap") -> bytes:
    head = f"<{prefix}:Header>{header}</{prefix}:Header>" if header else ""
    opening = f'<{prefix}:Envelope xmlns:{prefix}="{version.namespace}">'
    text = f"{opening}{head}<{prefix}:Body>{body}</{prefix}:Body></{prefix}:Envelope>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()


def token(username: str, password: str, nonce: bytes = b"", created: str = "") -> str:
    """A Security header block: with a nonce a digest (UsernameToken Profile 1.1, section 3.1), else the clear text."""
    kind, secret, extra = TEXT, password, ""
    if nonce:
        kind, secret = DIGEST, digest(nonce, created, password)
        extra = f"<wsse:Nonce>{b64encode(nonce).decode()}</wsse:Nonce><wsu:Created>{created}</wsu:Created>"
    return (
        f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"><wsse:UsernameToken>'
        f"<wsse:Username>{username}</wsse:Username>"
        f'<wsse:Password Type="{kind}">{secret}</wsse:Password>{extra}</wsse:UsernameToken></wsse:Security>'
    )
