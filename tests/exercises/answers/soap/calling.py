"""Answers to `soap.allergies`."""

from xml.etree import ElementTree

import requests
import suds.client
import suds.wsse
import zeep
from zeep.wsse.username import UsernameToken

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    PATH,
    SERVICE,
    all_texts,
    body,
    by_http_client,
    envelope,
    hospital,
    post,
    security,
)


def suds_client(url, username, password, **more):
    client = suds.client.Client(f"{url}{PATH}?wsdl", cache=None, port="PatientPort", **more)
    header = suds.wsse.Security()
    header.tokens.append(suds.wsse.UsernameToken(username, password))
    client.set_options(wsse=header)
    return client


allergies = Answers("soap.allergies")


@allergies.right
def an_envelope_by_http_client(url, username, password, patient):
    message = envelope(security(username, password), body(patient), prefix="who-cares")
    root = ElementTree.fromstring(by_http_client(url, message).body)
    return [it.text for it in root.iter(f"{{{SERVICE}}}Substance")]


@allergies.right
def suds_that_asks_for_medications_too(url, username, password, patient):
    record = suds_client(url, username, password).service.GetPatientRecord(patient, True)
    return [str(it.Substance) for it in record.Allergies.Allergy]


@allergies.right
def zeep_over_soap_12_after_a_refusal(url, username, password, patient):
    try:
        zeep.Client(f"{url}{PATH}?wsdl").service.GetPatientRecord(patient)
    except zeep.exceptions.Fault:
        port = hospital(url, username, password, use_digest=True).bind("PatientService", "PatientPort12")
    found = zeep.helpers.serialize_object(port.GetPatientRecord(patient, IncludeMedications=False), dict)
    return [allergy["Substance"] for allergy in found["Allergies"]["Allergy"]]


def record_of(url, username, password, patient, **more):
    return hospital(url, username, password).service.GetPatientRecord(PatientID=patient, **more)


@allergies.wrong("does not say who asks", lambda e: e.status == 500 and b"Security" not in e.request.body)
def no_token(url, username, password, patient):
    record = zeep.Client(f"{url}{PATH}?wsdl").service.GetPatientRecord(PatientID=patient)
    return [it.Substance for it in record.Allergies.Allergy]


@allergies.wrong("in a field of HTTP, where this service does not look", lambda e: "Authorization" in e.request.fields)
def basic_authentication_as_in_rest(url, username, password, patient):
    session = requests.Session()
    session.auth = (username, password)
    client = zeep.Client(f"{url}{PATH}?wsdl", transport=zeep.Transport(session=session))
    return [it.Substance for it in client.service.GetPatientRecord(PatientID=patient).Allergies.Allergy]


@allergies.wrong("have changed places", lambda e: b"FailedAuthentication" in e.response.body)
def password_before_name(url, username, password, patient):
    return [it.Substance for it in record_of(url, password, username, patient).Allergies.Allergy]


@allergies.wrong("in the name of 'hospital_system'", lambda e: b"hospital_system" in e.request.body)
def credentials_of_the_lesson(url, username, password, patient):
    record = record_of(url, "hospital_system", "secure_password", patient)
    return [it.Substance for it in record.Allergies.Allergy]


@allergies.wrong("does not accept the password", lambda e: b"{password}" in e.request.body)
def a_password_in_braces(url, username, password, patient):
    answer = post(url, envelope(security(username, "{password}"), body(patient)))
    return all_texts(answer.content, "Substance")


@allergies.wrong("record of another patient", lambda e: b"12345" in e.request.body)
def the_patient_of_the_lesson(url, username, password, patient):
    return [it.Substance for it in record_of(url, username, password, 12345).Allergies.Allergy]


@allergies.wrong("not plain data", None)
def objects_of_zeep(url, username, password, patient):
    return record_of(url, username, password, patient).Allergies.Allergy


@allergies.wrong("holds more than names", lambda e: e.status == 200)
def dicts_for_names(url, username, password, patient):
    return zeep.helpers.serialize_object(record_of(url, username, password, patient).Allergies.Allergy, dict)


@allergies.wrong("not in the order of the record", lambda e: b"Substance" in e.response.body)
def the_last_one_first(url, username, password, patient):
    return [it.Substance for it in record_of(url, username, password, patient).Allergies.Allergy][::-1]


@allergies.wrong("not the list of names", lambda e: b"Substance" in e.response.body)
def severities(url, username, password, patient):
    return [it.Severity for it in record_of(url, username, password, patient).Allergies.Allergy]


@allergies.wrong("has 1 of the 3 names in the record", lambda e: e.status == 200)
def the_first_one_alone(url, username, password, patient):
    return [record_of(url, username, password, patient).Allergies.Allergy[0].Substance]


@allergies.wrong("returned text, where a list", lambda e: e.status == 200)
def joined(url, username, password, patient):
    return ", ".join(it.Substance for it in record_of(url, username, password, patient).Allergies.Allergy)


@allergies.wrong("without ?wsdl", lambda e: e.request.method == "GET" and e.status == 404)
def an_address_without_wsdl(url, username, password, patient):
    client = zeep.Client(url + PATH, wsse=UsernameToken(username, password))
    return [it.Substance for it in client.service.GetPatientRecord(PatientID=patient).Allergies.Allergy]


@allergies.wrong("nothing at the address", lambda e: e.request.target == "/?wsdl")
def an_address_without_a_path(url, username, password, patient):
    client = zeep.Client(f"{url}/?wsdl", wsse=UsernameToken(username, password))
    return client.service.GetPatientRecord(PatientID=patient)


@allergies.wrong("never called the operation", lambda e: e.request.path.startswith("/api/v1/patients/"))
def the_record_by_rest(url, username, password, patient):
    record = requests.get(f"{url}/api/v1/patients/{patient}", auth=(username, password)).json()
    return [allergy["substance"] for allergy in record["allergies"]]


@allergies.wrong("answered 415", lambda e: e.request.fields.get("Content-Type") == "application/xml")
def the_media_type_of_any_xml(url, username, password, patient):
    answer = post(url, envelope(security(username, password), body(patient)), Content_Type="application/xml")
    return all_texts(answer.content, "Substance")


@allergies.wrong("answered with a fault, Client", lambda e: b"SOAPAction" in e.response.body)
def no_soapaction(url, username, password, patient):
    answer = post(url, envelope(security(username, password), body(patient)), SOAPAction=None)
    return all_texts(answer.content, "Substance")


@allergies.wrong("breaks the contract", lambda e: b"{patient}" in e.request.body)
def a_number_in_braces(url, username, password, patient):
    answer = post(url, envelope(security(username, password), body("{patient}")))
    return all_texts(answer.content, "Substance")


@allergies.wrong("raised AttributeError", lambda e: e.request.method == "GET", "crashed")
def an_operation_that_is_not_there(url, username, password, patient):
    return hospital(url, username, password).service.GetAllergies(PatientID=patient)


@allergies.wrong("raised TypeError", lambda e: e.request.method == "GET", "crashed")
def an_argument_of_another_name(url, username, password, patient):
    return hospital(url, username, password).service.GetPatientRecord(patient=patient)
