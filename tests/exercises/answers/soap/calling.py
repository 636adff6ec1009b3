"""Answers to `soap.allergies`, `soap.with_digest` and `soap.call_12`."""

from xml.etree import ElementTree

import requests
import suds.client
import suds.wsse
import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    FIELDS12,
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
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


with_digest = Answers("soap.with_digest")
MEDICATIONS = "<IncludeMedications>true</IncludeMedications>"


@with_digest.right
def a_digest_by_hand_and_urllib(url, username, password, patient):
    message = envelope(security_with_digest(username, password), body(patient, MEDICATIONS.replace("true", "1")))
    root = etree.fromstring(by_urllib(url, message))
    return root.xpath("//s:Medication/s:Name/text()", namespaces={"s": SERVICE})


@with_digest.right
def zeep_with_a_namespace_of_its_own_and_soap_12(url, username, password, patient):
    client = hospital(url, username, password, use_digest=True)
    client.set_ns_prefix("praxis", SERVICE)
    port = client.bind("PatientService", "PatientPort12")
    names = []
    for medication in port.GetPatientRecord(patient, True)["Medications"]["Medication"]:
        names.append(medication["Name"])
    return names


@with_digest.right
def by_http_client_after_a_digest_that_was_refused(url, username, password, patient):
    wanted = body(patient, MEDICATIONS)
    assert by_http_client(url, envelope(security_with_digest(username, ""), wanted)).status == 500
    answer = by_http_client(url, envelope(security_with_digest(username, password), wanted)).body
    return [it.findtext(f"{{{SERVICE}}}Name") for it in ElementTree.fromstring(answer).iter(f"{{{SERVICE}}}Medication")]


def medications_of(url, username, password, patient, asked=True):
    client = hospital(url, username, password, use_digest=True)
    return client.service.GetPatientRecord(PatientID=patient, IncludeMedications=asked).Medications


@with_digest.wrong("in clear, for everybody", lambda e: b"PasswordText" in e.request.body)
def the_password_itself(url, username, password, patient):
    record = record_of(url, username, password, patient, IncludeMedications=True)
    return [it.Name for it in record.Medications.Medication]


@with_digest.wrong("did not ask for the medications", lambda e: b"IncludeMedications" not in e.request.body)
def medications_that_nobody_asked_for(url, username, password, patient):
    record = hospital(url, username, password, use_digest=True).service.GetPatientRecord(PatientID=patient)
    return [it.Name for it in record.Medications.Medication] if record.Medications else []


@with_digest.wrong("raised AttributeError", lambda e: b"IncludeMedications" not in e.request.body, "crashed")
def medications_that_nobody_asked_for_and_no_doubt(url, username, password, patient):
    record = hospital(url, username, password, use_digest=True).service.GetPatientRecord(PatientID=patient)
    return [it.Name for it in record.Medications.Medication]


@with_digest.wrong("says that it is the password in clear", lambda e: b"FailedAuthentication" in e.response.body)
def a_digest_that_is_called_a_text(url, username, password, patient):
    message = envelope(security_with_digest(username, password, PASSWORD_TEXT), body(patient, MEDICATIONS))
    return all_texts(post(url, message).content, "Name")


@with_digest.wrong("and is the password itself", lambda e: PASSWORD_DIGEST.encode() in e.request.body)
def a_text_that_is_called_a_digest(url, username, password, patient):
    block = security_with_digest(username, password)
    start, end = block.index(f'"{PASSWORD_DIGEST}">') + len(PASSWORD_DIGEST) + 3, block.index("</Password>")
    message = envelope(block[:start] + password + block[end:], body(patient, MEDICATIONS))
    return all_texts(post(url, message).content, "Name")


@with_digest.wrong("does not accept the digest", lambda e: b"FailedAuthentication" in e.response.body)
def a_digest_of_another_password(url, username, password, patient):
    return [it.Name for it in medications_of(url, username, password.upper(), patient).Medication]


@with_digest.wrong("refused the token in your call: Send a wsse:Nonce", lambda e: b"Nonce" not in e.request.body)
def a_digest_without_a_nonce(url, username, password, patient):
    message = envelope(security(username, password[::-1], PASSWORD_DIGEST), body(patient, MEDICATIONS))
    return all_texts(post(url, message).content, "Name")


@with_digest.wrong("is not the list of names", lambda e: b"Dose" in e.response.body)
def names_with_their_doses(url, username, password, patient):
    medications = medications_of(url, username, password, patient).Medication
    return [f"{it.Name} {it.Dose._value_1} {it.Dose.unit}" for it in medications]


@with_digest.wrong("has 1 of the 2 names", lambda e: b"Until" in e.response.body)
def what_is_taken_today(url, username, password, patient):
    return [it.Name for it in medications_of(url, username, password, patient).Medication if not it.Until]


@with_digest.wrong("returned text, where a list", lambda e: e.status == 200)
def medications_as_text(url, username, password, patient):
    return str(medications_of(url, username, password, patient))


@with_digest.wrong("breaks the contract", lambda e: b"True" in e.request.body)
def true_as_python_writes_it(url, username, password, patient):
    wanted = body(patient, f"<IncludeMedications>{True}</IncludeMedications>")
    return all_texts(post(url, envelope(security_with_digest(username, password), wanted)).content, "Name")


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
