"""Answers to `soap.call_12`."""

from xml.etree import ElementTree

import zeep

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.calling import record_of
from tests.exercises.answers.soap.envelopes import (
    FIELDS12,
    PATH,
    SERVICE,
    SOAP12,
    all_texts,
    body,
    by_http_client,
    by_urllib,
    envelope,
    hospital,
    post,
    security,
    security_with_digest,
)

call_12 = Answers("soap.call_12")


@call_12.right
def an_envelope_of_12_by_http_client(url, username, password, patient):
    message = envelope(security(username, password), body(patient), SOAP12, "env")
    return ElementTree.fromstring(by_http_client(url, message, FIELDS12).body).findtext(f".//{{{SERVICE}}}DateOfBirth")


@call_12.right
def an_envelope_of_12_without_an_action(url, username, password, patient):
    message = envelope(security_with_digest(username, password), body(patient), SOAP12, "s")
    (born,) = all_texts(by_urllib(url, message, {"Content-Type": "application/soap+xml"}), "DateOfBirth")
    return born


@call_12.right
def the_port_that_speaks_it(url, username, password, patient):
    client = hospital(url, username, password)
    client.service.GetPatientRecord(PatientID=patient)
    (service,) = client.wsdl.services.values()
    (name,) = (it.name for it in service.ports.values() if type(it.binding) is zeep.wsdl.bindings.Soap12Binding)
    return str(client.bind(service.name, name).GetPatientRecord(PatientID=patient).DateOfBirth)


def born_by_12(url, username, password, patient):
    port = hospital(url, username, password).bind("PatientService", "PatientPort12")
    return port.GetPatientRecord(PatientID=patient).DateOfBirth


@call_12.wrong("record over SOAP 1.1", lambda e: e.request.media_type == "text/xml")
def the_first_port(url, username, password, patient):
    return record_of(url, username, password, patient).DateOfBirth.isoformat()


@call_12.wrong("answered with a fault, Client", lambda e: e.request.media_type == "application/soap+xml")
def the_old_envelope_under_a_new_label(url, username, password, patient):
    message = envelope(security(username, password), body(patient))
    return all_texts(by_urllib(url, message, FIELDS12), "DateOfBirth")[0]


@call_12.wrong("answered with a fault, Sender", lambda e: e.request.media_type == "text/xml" and e.status == 400)
def the_new_envelope_under_the_old_label(url, username, password, patient):
    found = all_texts(post(url, envelope(security(username, password), body(patient), SOAP12)).content, "DateOfBirth")
    return found[0] if found else ""


@call_12.wrong("not plain data", None)
def a_date_of_python(url, username, password, patient):
    return born_by_12(url, username, password, patient)


@call_12.wrong("not the date of birth as the record writes it", lambda e: e.status == 200)
def a_date_as_people_write_it(url, username, password, patient):
    return born_by_12(url, username, password, patient).strftime("%d.%m.%Y")


@call_12.wrong("returned a whole number, where text", lambda e: e.status == 200)
def the_year(url, username, password, patient):
    return born_by_12(url, username, password, patient).year


@call_12.wrong("raised ValueError", lambda e: e.request.method == "GET", "crashed")
def a_port_that_is_not_there(url, username, password, patient):
    return hospital(url, username, password).bind("PatientService", "PatientPort1.2")


@call_12.wrong("who asks", lambda e: e.status == 400 and b"Security" not in e.request.body)
def a_port_without_a_token(url, username, password, patient):
    port = zeep.Client(f"{url}{PATH}?wsdl").bind("PatientService", "PatientPort12")
    return port.GetPatientRecord(PatientID=patient).DateOfBirth.isoformat()


@call_12.wrong("record of another patient", lambda e: b"12345" in e.request.body)
def the_patient_of_the_lesson_by_12(url, username, password, patient):
    return born_by_12(url, username, password, 12345).isoformat()


@call_12.wrong("answered 415", lambda e: e.request.media_type == "application/soap")
def a_media_type_by_ear(url, username, password, patient):
    message = envelope(security(username, password), body(patient), SOAP12)
    return by_urllib(url, message, {"Content-Type": "application/soap"}).decode()
