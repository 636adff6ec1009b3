"""A hospital that shares patient records: SOAP 1.1 and 1.2 over HTTP, written to be read from top to bottom.

First the rules, then one handler for each operation of the contract; `app()` puts them together.
"""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import Message
from typing import Any

from lxml import etree
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content, envelope, problem, wsse
from course_support.backends.clock import Clock, Dated
from course_support.backends.patient_contract import NAMESPACE, XML, described, quoted, violations
from course_support.backends.patients import Allergy, Medication, Patient, Register
from course_support.backends.problem import Problem
from course_support.backends.soap_versions import SOAP11, SOAP12, Fault, Version

PATH = "/patient-service"
RECORD = "/api/v1/patients/{id}"


def announced(request: Request) -> tuple[Version, str | None]:
    """The version of SOAP and the action that the fields of the request announce.

    Raises a Problem 415 for a media type of neither version, and for another charset than UTF-8.
    """
    field = Message()
    field["Content-Type"] = request.headers.get("content-type", "")[:1000]  # of far more, reading takes seconds
    version = {SOAP11.media_type: SOAP11, SOAP12.media_type: SOAP12}.get(field.get_content_type())
    if not version or field.get_content_charset("utf-8") != "utf-8":
        types = f"{SOAP11.media_type}; charset=utf-8 for SOAP 1.1, {SOAP12.media_type}; charset=utf-8 for SOAP 1.2"
        raise Problem(415, f"Send Content-Type: {types}.", headers={"Accept-Post": "text/xml, application/soap+xml"})
    action = request.headers.get("soapaction") if version is SOAP11 else field.get_param("action")
    return version, None if action is None else str(action).strip().strip('"')


def require_action(action: str | None, operation: str, version: Version) -> None:
    """Raises a Fault unless the action is the operation's; SOAP 1.2 may leave it out (part 2, 6.5)."""
    if action == operation or (action is None and version is SOAP12):
        return
    if action is None:
        raise Fault("Client", f'Send the field SOAPAction: "{operation}", which SOAP 1.1 asks for.')
    where = "SOAPAction field" if version is SOAP11 else "action parameter of Content-Type"
    raise Fault("Client", f"Make them the same: the {where} says {quoted(action)}, and the Body {quoted(operation)}.")


def received(root: etree._Element, body: bytes, announced: Version) -> Version:
    """The version of a well-formed message. Raises a Fault if it is no request, or not of the version announced."""
    version = envelope.version_of(root)
    if not version:
        raise Fault("VersionMismatch", envelope.not_an_envelope(root))
    if version is not announced:
        types = f"SOAP {version.number} goes as {version.media_type}, not as {announced.media_type}"
        raise Fault("Client", f"Make the Content-Type and the Envelope fit: {types}.")
    if misfits := envelope.astray(root, version):
        raise envelope.invalid(envelope.findings(body), misfits)
    if found := envelope.misshapen(root, version):
        raise envelope.invalid(found)
    envelope.require_understood(root, version)
    return version


def perform(request: Request, root: etree._Element, body: bytes, announced: Version, action: str | None) -> bytes:
    """The answer to a message, as the bytes of an envelope. Raises a Fault wherever it has to be refused."""
    state = request.app.state
    version = received(root, body, announced)
    asked = envelope.content(root, version)
    operation = etree.QName(asked).localname
    require_action(action, operation, version)
    wsse.authenticate(envelope.header_blocks(root, version), state.credentials, state.now(), state.nonces)
    if state.validate and (found := violations(asked)):
        raise envelope.invalid(found)
    answer = OPERATIONS[operation](state, asked)
    if state.validate and violations(answer):
        raise Fault("Server", "Report this to the hospital: its answer would have broken the contract.")
    return version.envelope(answer)


# --- The handlers: one for each operation, each from the request element to the response element ---------------------


def get_patient_record(state: Any, asked: etree._Element) -> etree._Element:
    patient = found(state.patients.get(number(asked)), asked)
    medications = text(asked, "IncludeMedications") in ("true", "1")
    return XML("GetPatientRecordResponse", record(patient, medications))


def add_allergy(state: Any, asked: etree._Element) -> etree._Element:
    noted = Allergy(" ".join(text(asked, "Substance").split()), text(asked, "Severity"))
    patient = found(state.patients.add_allergy(number(asked), noted), asked)
    return XML("AddAllergyResponse", XML("NumberOfAllergies", str(len(patient.allergies))))


OPERATIONS: dict[str, Callable[[Any, etree._Element], etree._Element]] = {
    "GetPatientRecord": get_patient_record,
    "AddAllergy": add_allergy,
}


def text(element: etree._Element, name: str) -> str:
    return (element.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def number(asked: etree._Element) -> int:
    """The number asked for; 0, which no patient has, for what is none and came in with the validation switched off."""
    sent = text(asked, "PatientID")
    return int(sent) if re.fullmatch("[0-9]{5}", sent) else 0


def found(patient: Patient | None, asked: etree._Element) -> Patient:
    if patient is None:
        sent = text(asked, "PatientID")
        reason = f"Ask for a patient of this hospital: there is none with the number {sent}."
        raise Fault("Client", reason, detail=XML("PatientNotFound", XML("PatientID", sent)))
    return patient


def record(patient: Patient, medications: bool) -> etree._Element:
    element = XML(
        "PatientRecord",
        XML("PatientID", str(patient.number)),
        XML("Name", XML("Given", patient.given), XML("Family", patient.family)),
        XML("DateOfBirth", patient.born.isoformat()),
        XML("Allergies", *(allergy(it) for it in patient.allergies)),
    )
    if medications:
        element.append(XML("Medications", *(medication(it) for it in patient.medications)))
    return element


def allergy(it: Allergy) -> etree._Element:
    return XML("Allergy", XML("Substance", it.substance), XML("Severity", it.severity))


def medication(it: Medication) -> etree._Element:
    until = [XML("Until", it.end.isoformat())] if it.end else []
    dose = XML("Dose", str(it.dose), unit=it.unit)
    return XML("Medication", XML("Name", it.name), dose, XML("From", it.start.isoformat()), *until)


# --- What HTTP sees --------------------------------------------------------------------------------------------------


async def call(request: Request) -> Response:
    """Call an operation: send a SOAP envelope, get one back."""
    version, action = announced(request)
    body = await content.read(request, version.media_type)
    spoken, status = version, 200  # what cannot be read is answered in the version that was announced
    try:
        root = envelope.parse(body)
        spoken = envelope.version_of(root) or version
        message = perform(request, root, body, version, action)
    except Fault as fault:
        message, status = fault.message(spoken), fault.status(spoken)
    return Response(message, status, {"Content-Type": f"{spoken.media_type}; charset=utf-8"})


async def describe(request: Request) -> Response:
    """The contract: add ?wsdl to the address to get it."""
    if "wsdl" not in {parameter.lower() for parameter in request.query_params}:
        raise Problem(404, "Add ?wsdl to the address for the contract, or send a SOAP envelope to it by POST.")
    address = str(request.base_url).rstrip("/") + PATH
    return Response(described(address), media_type="text/xml")


async def read_patient(request: Request) -> Response:
    """The same record as JSON, with Basic authentication: add ?medications=true for all of it."""
    authorize(request)
    id = request.path_params["id"]
    patient = request.app.state.patients.get(int(id)) if re.fullmatch("[1-9][0-9]{4}", id) else None
    if not patient:
        raise Problem(404, "Ask for a patient of this hospital: there is none with this number.")
    shown = patient.representation(request.query_params.get("medications") in ("true", "1"))
    return Response(content.encode(shown), media_type=content.JSON)


def authorize(request: Request) -> None:
    """Raises a Problem 401 unless the user and the password came as RFC 7617 says."""
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        user = password = ""
    if scheme.lower() != "basic" or not wsse.knows(request.app.state.credentials, user, password):
        challenge = {"WWW-Authenticate": 'Basic realm="patients", charset="UTF-8"'}
        raise Problem(401, "Send the user and the password in an Authorization field, scheme Basic.", headers=challenge)


ROUTES = [
    Route(PATH, call, methods=["POST"]),
    Route(PATH, describe),
    Route(RECORD, read_patient),
]


def utc() -> datetime:
    return datetime.now(UTC)


def app(seed: int = 1) -> Starlette:
    """The service, with its patients drawn from the seed.

    Two switches can be turned while it runs: `app.state.validate` (False: the schema is not looked at, in neither
    direction) and `app.state.now`, which says what time it is when the freshness of a message is judged.
    """
    service = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Dated, clock=Clock()), Middleware(content.Drained)],
        exception_handlers=problem.HANDLERS,
    )
    service.router.redirect_slashes = False
    service.state.name = "SOAP: a hospital shares patient records"
    service.state.credentials = {"hospital_system": "secure_password"}
    service.state.patients = Register(seed)
    service.state.nonces = wsse.Nonces()
    service.state.validate = True
    service.state.now = utc
    return service
