"""The SOAP service over a real socket: contract, record, both versions, both passwords, and the same record as JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests
from lxml import etree

from course_support.backends import soap
from course_support.backends.envelope import SOAP11, SOAP12, Version
from course_support.backends.patients import Patient

from .hospital import ASK, Hospital, adding, digested, envelope, made, open_hospital, token

BOTH = pytest.mark.parametrize("version", [SOAP11, SOAP12], ids=["1.1", "1.2"])
ALL = ASK.replace("</PatientID>", "</PatientID><IncludeMedications>true</IncludeMedications>")
NOW = "2026-03-02T09:00:00Z"


@BOTH
def test_the_record(hospital: Hospital, patient: Patient, version: Version) -> None:
    answer = hospital(envelope(ALL, version=version), version)
    assert (answer.status, answer.media_type) == (200, f"{version.media_type}; charset=utf-8")
    assert etree.fromstring(answer.text.encode()).tag == version.tag("Envelope")
    record = f"//{'soap11' if version is SOAP11 else 'soap12'}:Body/p:GetPatientRecordResponse/p:PatientRecord"
    assert answer.one(f"{record}/p:PatientID") == "12345"
    assert answer.one(f"{record}/p:Name/p:Given") == patient.given
    assert answer.one(f"{record}/p:DateOfBirth") == patient.born.isoformat()
    severities = answer.all(f"{record}/p:Allergies/p:Allergy/p:Severity/text()")
    assert severities == [allergy.severity for allergy in patient.allergies]
    doses = answer.all(f"{record}/p:Medications/p:Medication/p:Dose")
    assert [(Decimal(it.text), it.get("unit")) for it in doses] == [(it.dose, it.unit) for it in patient.medications]


@pytest.mark.parametrize("value", ["false", "0", "", " false "])
def test_medications_only_if_asked_for(hospital: Hospital, value: str) -> None:
    assert not hospital(envelope()).all("//p:Medications")
    assert not hospital(envelope(ALL.replace("true", value))).all("//p:Medications")
    assert len(hospital(envelope(ALL.replace("true", " 1 "))).all("//p:Medications")) == 1


def test_prefixes_and_comments_do_not_matter(hospital: Hospital) -> None:
    plain = hospital(envelope())
    odd = ASK.replace("<P", "<x:P").replace("</P", "</x:P").replace("xmlns", "xmlns:x").replace("Get", "x:Get")
    assert hospital(envelope(odd.replace("12345", "12<!-- 9 -->345"))).text == plain.text
    assert hospital(envelope(header=token(password="secure<!-- -->_password"))).text == plain.text


@BOTH
def test_an_allergy_is_added_each_time(hospital: Hospital, patient: Patient, version: Version) -> None:
    message = envelope(adding(" Bee \n venom ", "severe"), version=version)
    for count in (1, 2):
        answer = hospital(message, version)
        assert answer.one("//p:AddAllergyResponse/p:NumberOfAllergies") == str(len(patient.allergies) + count)
    assert hospital(envelope()).all("//p:Substance/text()")[-2:] == ["Bee venom", "Bee venom"]


@BOTH
def test_a_digest_works_once(hospital: Hospital, version: Version) -> None:
    hospital.app.state.now = lambda: datetime(2026, 3, 2, 9, 4, tzinfo=UTC)
    message = envelope(header=digested(NOW, b"0123456789abcdef"), version=version)
    assert hospital(message, version).status == 200
    again = hospital(message, version)
    assert again.status == (500 if version is SOAP11 else 400)
    assert again.code == "wsse:InvalidSecurityToken"
    assert again.reason == "This message was sent before: use a new nonce for each message."
    fresh = envelope(header=digested(NOW, b"fedcba9876543210"), version=version)
    assert hospital(fresh, version).status == 200


def test_the_clock_of_the_service_decides_what_is_fresh(hospital: Hospital) -> None:
    message = envelope(header=token(more=made(NOW)))
    assert hospital(message).code == "wsse:MessageExpired"  # by the real time of now
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for seconds, status in ((-301, 500), (-300, 200), (300, 200), (301, 500)):
        hospital.app.state.now = lambda seconds=seconds: start + timedelta(seconds=seconds)
        assert hospital(message).status == status


def test_credentials_can_be_changed(hospital: Hospital) -> None:
    hospital.app.state.credentials["Zoë"] = "pässwörd"
    assert hospital(envelope(header=token("Zoë", "pässwörd"))).status == 200
    hospital.app.state.credentials["hospital_system"] = "another"
    assert hospital(envelope()).code == "wsse:FailedAuthentication"


def test_a_security_block_that_must_be_understood_is(hospital: Hospital) -> None:
    for version in (SOAP11, SOAP12):
        must = token().replace("<wsse:Security", '<wsse:Security s:mustUnderstand="1"')
        assert hospital(envelope(header=must, version=version), version).status == 200


def test_blocks_that_nobody_has_to_understand_are_passed_over(hospital: Hospital) -> None:
    other = '<x xmlns="urn:x"/><y xmlns="urn:y" s:mustUnderstand="0"/>'
    elsewhere = '<z xmlns="urn:z" s:mustUnderstand="1" s:actor="urn:somebody"/>'
    assert hospital(envelope(header=token() + other + elsewhere)).status == 200


@pytest.mark.parametrize("action", ['"GetPatientRecord"', "GetPatientRecord", ' "GetPatientRecord" '])
def test_the_action_of_soap_11(hospital: Hospital, action: str) -> None:
    assert hospital(envelope(), SOAPAction=action.strip()).status == 200


@pytest.mark.parametrize("action", ["", '; action="GetPatientRecord"', "; action=GetPatientRecord"])
def test_the_action_of_soap_12(hospital: Hospital, action: str) -> None:
    sent = f"application/soap+xml; charset=utf-8{action}"
    assert hospital(envelope(version=SOAP12), SOAP12, Content_Type=sent).status == 200


@pytest.mark.parametrize("media_type", ["text/xml", "TEXT/XML;charset=UTF-8", 'text/xml; charset="utf-8"'])
def test_media_types_are_read_as_http_says(hospital: Hospital, media_type: str) -> None:
    assert hospital(envelope(), Content_Type=media_type).status == 200


@pytest.mark.parametrize("query", ["?wsdl", "?WSDL", "?wsdl=1"])
def test_the_contract_has_the_address_that_was_used(hospital: Hospital, query: str) -> None:
    for host in (hospital.url.split("/")[2], "hospital.test:8080", "a.example"):
        answer = requests.get(hospital.url + query, headers={"Host": host}, timeout=10)
        assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
        places = etree.fromstring(answer.content).xpath("//@location")
        assert places == [f"http://{host}/patient-service"] * 2


def test_validation_can_be_switched_off_in_both_directions(hospital: Hospital) -> None:
    hospital.app.state.validate = False
    assert hospital(envelope(adding(severity="deadly"))).status == 200
    assert hospital(envelope()).all("//p:Severity/text()")[-1] == "deadly"
    assert hospital(envelope(ASK.replace("12345", "abc"))).reason.endswith("there is none with the number abc.")
    assert hospital(envelope(f'<GetPatientRecord xmlns="{soap.NAMESPACE}"/>')).status == 500
    hospital.app.state.validate = True
    broken = hospital(envelope())
    assert (broken.status, broken.code) == (500, "soap:Server")
    assert broken.reason == "Report this to the hospital: its answer would have broken the contract."
    assert hospital(envelope(version=SOAP12), SOAP12).code == "soap:Receiver"


def basic(hospital: Hospital, path: str, user: str = "hospital_system", password: str = "secure_password") -> Any:
    address = hospital.url.removesuffix(soap.PATH) + "/api/v1/patients" + path
    auth = (user.encode(), password.encode()) if user else None
    return requests.get(address, auth=auth, timeout=10)


def test_the_same_record_as_json(hospital: Hospital, patient: Patient) -> None:
    brief, full = basic(hospital, "/12345"), basic(hospital, "/12345?medications=true")
    assert brief.headers["Content-Type"] == "application/json"
    assert brief.json() == patient.representation(False)
    assert full.json() == patient.representation(True)
    assert len(full.json()["medications"]) == len(patient.medications)


@pytest.mark.parametrize("id", ["99999", "1", "abc", "12345678901234567890", "٣١٢٣٤", "012345"])
def test_json_of_nobody_is_404(hospital: Hospital, id: str) -> None:
    answer = basic(hospital, f"/{id}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_json_asks_for_the_password(hospital: Hospital) -> None:
    for user, password in (("", ""), ("hospital_system", "wrong"), ("nobody", ""), ("nobody", "secure_password")):
        answer = basic(hospital, "/12345", user, password)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="patients", charset="UTF-8"'
    address = hospital.url.removesuffix(soap.PATH) + "/api/v1/patients/12345"
    for sent in ("Basic", "Basic ä", "Basic !!!!", "Basic //79", "Bearer x", "x"):
        answer = requests.get(address, headers={"Authorization": sent.encode("latin-1")}, timeout=10)
        assert answer.status_code == 401
    hospital.app.state.credentials["Zoë"] = "pä:ss"
    assert basic(hospital, "/12345", "Zoë", "pä:ss").status_code == 200


def test_two_services_share_nothing() -> None:
    with open_hospital(7) as one, open_hospital(7) as other, open_hospital(8) as third:
        assert one(envelope(ALL)).text == other(envelope(ALL)).text != third(envelope(ALL)).text
        one(envelope(adding()))
        one.app.state.credentials.clear()
        assert one.app.state.patients.all() != other.app.state.patients.all()
        assert other(envelope()).status == 200


def test_a_nonce_is_spent_even_if_the_message_breaks_the_contract(hospital: Hospital) -> None:
    created = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    header = digested(created, b"0123456789abcdef")
    assert hospital(envelope(ASK.replace("12345", "abc"), header)).code == "soap:Client"
    assert hospital(envelope(header=header)).code == "wsse:InvalidSecurityToken"


def test_the_password_is_not_sent_back(hospital: Hospital) -> None:
    answers = [
        hospital(envelope()),
        hospital(envelope(header=token(password="secret_guess"))),
        hospital(envelope(header=token(user="secret_guess"))),
        hospital(envelope(header=token() + token(password="secret_guess"))),
    ]
    assert not any("secure_password" in it.text or "secret_guess" in it.text for it in answers)
    assert not answers[0].all(".//wsse:Security")
