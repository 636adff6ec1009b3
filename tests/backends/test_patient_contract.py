"""The WSDL: what it promises is what the service has, and its schema is the one that messages are held against."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lxml import etree

from course_support.backends import patient_contract, soap
from course_support.backends.envelope import findings
from course_support.backends.patients import SEVERITIES, Register

from .hospital import ASK, adding, envelope

ADDRESS = "http://127.0.0.1:5000/a&b"
NAMES = {"w": patient_contract.WSDL, "x": patient_contract.SCHEMA}


def test_there_is_a_handler_for_every_operation() -> None:
    assert set(soap.OPERATIONS) == patient_contract.operations()


def test_the_address_is_written_into_both_ports() -> None:
    wsdl = etree.fromstring(patient_contract.described(ADDRESS))
    assert wsdl.xpath("w:service/w:port/*/@location", namespaces=NAMES) == [ADDRESS, ADDRESS]
    assert wsdl.xpath("w:service/w:port/@name", namespaces=NAMES) == ["PatientPort", "PatientPort12"]
    assert b"5000" not in patient_contract.definitions()


def test_every_operation_declares_its_faults() -> None:
    wsdl = etree.fromstring(patient_contract.definitions())
    for path in ("w:portType/w:operation", "w:binding/w:operation"):
        for operation in wsdl.xpath(path, namespaces=NAMES):
            assert operation.xpath("w:fault/@name", namespaces=NAMES) == ["PatientNotFound", "InvalidMessage"]


def test_the_rules_in_words_are_those_of_the_schema() -> None:
    wsdl = etree.fromstring(patient_contract.definitions())
    assert wsdl.xpath("//x:simpleType[@name='Severity']//@value", namespaces=NAMES) == SEVERITIES
    assert set(patient_contract.RULES) == {"PatientID", "IncludeMedications", "Substance", "Severity"}
    assert patient_contract.asked() == set(patient_contract.RULES) | patient_contract.operations()


def test_every_record_keeps_the_contract() -> None:
    for seed in range(5):
        for patient in Register(seed).all():
            for medications in (True, False):
                answer = patient_contract.XML("GetPatientRecordResponse", soap.record(patient, medications))
                assert patient_contract.violations(answer) == []


def test_threads_do_not_see_the_findings_of_each_other() -> None:
    messages = [envelope(ASK.replace("12345", "abc")), envelope(adding(severity="deadly")), envelope()]
    expected = [findings(message.encode()) for message in messages]
    assert [len(found) for found in expected] == [1, 1, 0]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda turn: findings(messages[turn % 3].encode()), range(600))) == expected * 200


def test_a_value_that_reads_like_the_parser_s_own_words_is_told_its_rule() -> None:
    (finding,) = findings(envelope(ASK.replace("12345", "content is not allowed")).encode())
    assert finding.sentence.startswith('PatientID is "content is not allowed": it takes a whole number')


def test_an_element_inside_that_lost_its_namespace_is_told_so() -> None:
    outside = f'xmlns:p="{patient_contract.NAMESPACE}"'
    answer = etree.fromstring(f"<p:GetPatientRecordResponse {outside}><PatientRecord/></p:GetPatientRecordResponse>")
    sentences = [finding.sentence for finding in patient_contract.violations(answer)]
    assert sentences == [f"PatientRecord has no namespace: it belongs to {patient_contract.NAMESPACE}."]
