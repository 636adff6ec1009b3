"""Answers to `soap.find_or_none`."""

from xml.etree import ElementTree

import suds
import zeep
from lxml import etree

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.calling import suds_client
from tests.exercises.answers.soap.envelopes import (
    FIELDS12,
    PATH,
    SERVICE,
    SOAP12,
    body,
    by_http_client,
    by_urllib,
    envelope,
    hospital,
    security,
    security_with_digest,
)

find_or_none = Answers("soap.find_or_none")


@find_or_none.right
def from_the_xml_of_whatever_was_answered(url, username, password, patient):
    root = ElementTree.fromstring(by_http_client(url, envelope(security(username, password), body(patient))).body)
    if root.find(f".//{{{SERVICE}}}PatientNotFound") is not None:
        return None
    code = root.findtext(".//faultcode")
    if code is not None:
        return code.split(":")[-1]
    return " ".join(root.findtext(f".//{{{SERVICE}}}{name}") for name in ("Given", "Family"))


@find_or_none.right
def over_soap_12_where_the_code_has_a_subcode(url, username, password, patient):
    message = envelope(security_with_digest(username, password), body(patient), SOAP12)
    root = etree.fromstring(by_urllib(url, message, FIELDS12))
    if root.find(".//{*}PatientNotFound") is not None:
        return None
    codes = root.findall(".//{*}Value")
    if codes:
        return codes[-1].text.split(":")[1]
    return root.xpath("concat(//s:Given, ' ', //s:Family)", namespaces={"s": SERVICE})


@find_or_none.right
def suds_and_its_web_fault(url, username, password, patient):
    try:
        name = suds_client(url, username, password).service.GetPatientRecord(patient).Name
    except suds.WebFault as refusal:
        if hasattr(refusal.fault, "detail") and hasattr(refusal.fault.detail, "PatientNotFound"):
            return None
        return str(refusal.fault.faultcode).partition(":")[2]
    return f"{name.Given} {name.Family}"


@find_or_none.right
def with_one_more_look_before_it_is_believed(url, username, password, patient):
    for _ in range(2):
        try:
            name = hospital(url, username, password).service.GetPatientRecord(PatientID=patient).Name
            answer = " ".join([name.Given, name.Family])
        except zeep.exceptions.Fault as fault:
            typed = fault.detail is not None and [etree.QName(it).localname for it in fault.detail]
            answer = None if typed == ["PatientNotFound"] else fault.code.split(":")[1]
    return answer


def call(url, username, password, patient):
    return hospital(url, username, password).service.GetPatientRecord(PatientID=patient)


def full(name):
    return f"{name.Given} {name.Family}"


@find_or_none.wrong("says that there is no such patient", lambda e: b"FailedAuthentication" in e.response.body)
def every_fault_is_nobody(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault:
        return None


@find_or_none.wrong("gives the code of the fault, Client", lambda e: b"PatientNotFound" in e.response.body)
def a_code_for_every_fault(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault as fault:
        return fault.code.rpartition(":")[2]


@find_or_none.wrong("does not say so by returning None", lambda e: b"PatientNotFound" in e.response.body)
def a_word_for_nothing(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault:
        return "None"


@find_or_none.wrong("with its prefix", lambda e: b"FailedAuthentication" in e.response.body)
def a_code_with_its_prefix(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault as fault:
        return None if fault.detail is not None else fault.code


@find_or_none.wrong("not the code of its fault", lambda e: b"FailedAuthentication" in e.response.body)
def the_sentence_for_the_code(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault as fault:
        return None if fault.code == "soap:Client" else fault.message


@find_or_none.wrong("raised Fault", lambda e: b"PatientNotFound" in e.response.body, "crashed")
def no_fault_is_caught(url, username, password, patient):
    return full(call(url, username, password, patient).Name)


@find_or_none.wrong("raised AttributeError", lambda e: b"FailedAuthentication" in e.response.body, "crashed")
def a_detail_that_every_fault_is_thought_to_have(url, username, password, patient):
    try:
        return full(call(url, username, password, patient).Name)
    except zeep.exceptions.Fault as fault:
        found = fault.detail.find("{*}PatientNotFound")
        return None if found is not None else fault.code.rpartition(":")[2]


@find_or_none.wrong("That is not the patient's name", lambda e: e.status == 200)
def the_family_first(url, username, password, patient):
    name = call(url, username, password, patient).Name
    return f"{name.Family}, {name.Given}"


@find_or_none.wrong("That is not the patient's name, but a dict", lambda e: e.status == 200)
def the_name_in_parts(url, username, password, patient):
    return zeep.helpers.serialize_object(call(url, username, password, patient).Name, dict)


@find_or_none.wrong("not plain data", None)
def the_name_as_zeep_has_it(url, username, password, patient):
    return call(url, username, password, patient).Name


@find_or_none.wrong("a patient who is there was answered with a fault", lambda e: b"Security" not in e.request.body)
def no_token_and_all_faults_caught(url, username, password, patient):
    try:
        return full(zeep.Client(f"{url}{PATH}?wsdl").service.GetPatientRecord(PatientID=patient).Name)
    except zeep.exceptions.Fault as fault:
        return fault.code.rpartition(":")[2]


@find_or_none.wrong("never called the operation", lambda e: e.request.method == "GET")
def the_contract_alone(url, username, password, patient):
    return hospital(url, username, password).service.__class__.__name__
