"""Clients that others wrote read the contract over HTTP and get the record: whatever we believe, they decide."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import zeep
from suds import WebFault
from suds.client import Client as SudsClient
from suds.wsse import Security as SudsSecurity
from suds.wsse import UsernameToken as SudsToken
from zeep.exceptions import Fault, ValidationError
from zeep.plugins import HistoryPlugin
from zeep.wsse.username import UsernameToken

from course_support.backends.patients import Patient
from tests import peers

from .hospital import Hospital


def by_zeep(hospital: Hospital, port: str = "PatientPort", digest: bool = False, **more: Any) -> Any:
    token = UsernameToken("hospital_system", "secure_password", use_digest=digest)
    return zeep.Client(f"{hospital.url}?wsdl", wsse=token, **more).bind("PatientService", port)


PORTS = pytest.mark.parametrize("port", ["PatientPort", "PatientPort12"])


@PORTS
@pytest.mark.parametrize("digest", [False, True], ids=["text", "digest"])
def test_zeep_gets_the_record(hospital: Hospital, patient: Patient, port: str, digest: bool) -> None:
    service = by_zeep(hospital, port, digest)
    for _ in range(2):  # a nonce of its own each time
        record = service.GetPatientRecord(PatientID=12345, IncludeMedications=True)
    assert (record.PatientID, record.Name.Given, record.Name.Family) == (12345, patient.given, patient.family)
    assert record.DateOfBirth == patient.born
    assert [(it.Substance, it.Severity) for it in record.Allergies.Allergy] == [
        (it.substance, it.severity) for it in patient.allergies
    ]
    seen = [(it.Name, it.Dose._value_1, it.Dose.unit, it.From, it.Until) for it in record.Medications.Medication]
    assert seen == [(it.name, it.dose, it.unit, it.start, it.end) for it in patient.medications]
    assert service.GetPatientRecord(PatientID=12345).Medications is None
    assert service.GetPatientRecord(12345, False).Medications is None


@PORTS
def test_zeep_adds_an_allergy_each_time(hospital: Hospital, patient: Patient, port: str) -> None:
    service = by_zeep(hospital, port)
    for count in (1, 2):
        assert service.AddAllergy(12345, "Dust", "mild") == len(patient.allergies) + count


@PORTS
def test_zeep_raises_the_faults(hospital: Hospital, port: str) -> None:
    service = by_zeep(hospital, port)
    with pytest.raises(Fault, match="there is none with the number 10000") as caught:
        service.GetPatientRecord(PatientID=10000)
    assert caught.value.code == ("soap:Client" if port == "PatientPort" else "soap:Sender")
    assert caught.value.detail.findtext(".//{*}PatientNotFound/{*}PatientID") == "10000"
    with pytest.raises(Fault, match='Severity is "deadly"'):  # which zeep itself lets through
        service.AddAllergy(12345, "Dust", "deadly")
    with pytest.raises(Fault, match='PatientID is "7"'):
        service.GetPatientRecord(PatientID=7)
    with pytest.raises(ValidationError, match="Missing element PatientID"):
        service.GetPatientRecord()


def test_zeep_without_a_token_is_told_what_to_send(hospital: Hospital) -> None:
    service = zeep.Client(f"{hospital.url}?wsdl").service
    with pytest.raises(Fault, match="Send one Security header block") as caught:
        service.GetPatientRecord(PatientID=12345)
    assert caught.value.code == "wsse:InvalidSecurity"


def test_zeep_keeps_what_went_over_the_wire(hospital: Hospital) -> None:
    history = HistoryPlugin()
    by_zeep(hospital, plugins=[history]).GetPatientRecord(PatientID=12345)
    assert history.last_sent["envelope"].findtext(".//{*}Username") == "hospital_system"
    assert history.last_received["envelope"].find(".//{*}GetPatientRecordResponse") is not None


def test_zeep_shows_the_signatures(hospital: Hospital) -> None:
    client = zeep.Client(f"{hospital.url}?wsdl")
    ports = client.wsdl.services["PatientService"].ports
    assert list(ports) == ["PatientPort", "PatientPort12"]
    for port in ports.values():
        signatures = {name: str(operation) for name, operation in port.binding._operations.items()}
        assert signatures == {
            "GetPatientRecord": (
                "GetPatientRecord(PatientID: ns0:PatientNumber, IncludeMedications: xsd:boolean)"
                " -> PatientRecord: ns0:PatientRecord"
            ),
            "AddAllergy": (
                "AddAllergy(PatientID: ns0:PatientNumber, Substance: ns0:Substance, Severity: ns0:Severity)"
                " -> NumberOfAllergies: xsd:nonNegativeInteger"
            ),
        }


def test_suds_gets_the_record(hospital: Hospital, patient: Patient) -> None:
    client = SudsClient(f"{hospital.url}?wsdl", cache=None, port="PatientPort")
    client.set_options(wsse=SudsSecurity())
    client.options.wsse.tokens.append(SudsToken("hospital_system", "secure_password"))
    record = client.service.GetPatientRecord(12345, True)
    assert (int(record.PatientID), str(record.Name.Family)) == (12345, patient.family)
    assert [str(it.Name) for it in record.Medications.Medication] == [it.name for it in patient.medications]
    assert int(client.service.AddAllergy(12345, "Dust", "mild")) == len(patient.allergies) + 1
    with pytest.raises(WebFault, match="there is none with the number 10000"):
        client.service.GetPatientRecord(10000)


def test_node_gets_the_record(hospital: Hospital, patient: Patient) -> None:
    results = peers.run("soap.mjs", hospital.url)
    assert len(results) == 4
    for count, result in zip(itertools.count(1), results, strict=False):
        record = result["record"]
        assert (str(record["PatientID"]), record["Name"]["Given"]) == ("12345", patient.given)
        assert [it["Name"] for it in record["Medications"]["Medication"]] == [it.name for it in patient.medications]
        assert int(result["allergies"]) == len(patient.allergies) + count
        assert "there is none with the number 10000" in str(result["fault"])
        assert str(result["detail"]) == "10000"
