"""Answers to `soap.with_digest`."""

from xml.etree import ElementTree

from lxml import etree

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.calling import record_of
from tests.exercises.answers.soap.envelopes import (
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
    SERVICE,
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
