"""Answers to `soap.resign`."""

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime
from xml.etree import ElementTree

from lxml import etree

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
    SERVICE,
    all_texts,
    body,
    by_http_client,
    by_urllib,
    digested,
    envelope,
    hospital,
    post,
    security,
    security_with_digest,
    utc,
)
from tests.exercises.answers.soap.repairing import family

resign = Answers("soap.resign")


@resign.right
def another_envelope_around_the_same_body_by_elementtree(url, username, password, envelope):
    found = ElementTree.fromstring(envelope)[-1][0]
    wanted = ElementTree.tostring(found, "unicode")
    message = make(security_with_digest(username, password), wanted)
    return ElementTree.fromstring(by_http_client(url, message).body).findtext(f".//{{{SERVICE}}}Family")


make = envelope


@resign.right
def three_texts_replaced_by_regular_expressions(url, username, password, envelope):
    nonce, created = secrets.token_bytes(8), datetime.now(UTC).isoformat()
    values = {"Nonce": base64.b64encode(nonce).decode(), "Created": created}
    values["Password"] = digested(nonce, created, password)
    for name, value in values.items():
        envelope = re.sub(rf"(:{name}\b[^>]*>)[^<]*", lambda match, value=value: match[1] + value, envelope)
    return all_texts(by_urllib(url, envelope), "Family")[0]


@resign.right
def sent_as_it_is_first_and_then_by_zeep(url, username, password, envelope):
    refusal = post(url, envelope)
    assert refusal.status_code == 500
    asked = etree.fromstring(envelope)
    patient, more = int(asked.findtext(".//{*}PatientID")), asked.findtext(".//{*}IncludeMedications") == "true"
    client = hospital(url, username, password, use_digest=True)
    return client.service.GetPatientRecord(PatientID=patient, IncludeMedications=more).Name.Family


def resent(url, text, **values):
    root = etree.fromstring(text.encode())
    for name, value in values.items():
        root.find(f".//{{*}}{name}").text = value
    return family(post(url, etree.tostring(root).decode()))


def new(password, **more):
    """Texts for a new token."""
    nonce, created = secrets.token_bytes(16), utc()
    return {
        "Nonce": base64.b64encode(nonce).decode(),
        "Created": created,
        "Password": digested(nonce, created, password),
    } | more


@resign.wrong("sent the token as it was", lambda e: e.status == 500)
def as_it_has_waited(url, username, password, envelope):
    return family(post(url, envelope))


@resign.wrong("the service refused it; that caused the AttributeError", lambda e: e.status == 500)
def as_it_has_waited_and_no_doubt(url, username, password, envelope):
    return etree.fromstring(post(url, envelope).content).find(".//{*}Family").text


@resign.wrong("has the nonce of the old one", lambda e: b"sent before" in e.response.body)
def the_time_alone(url, username, password, envelope):
    nonce = base64.b64decode(etree.fromstring(envelope.encode()).findtext(".//{*}Nonce"))
    created = utc()
    return resent(url, envelope, Created=created, Password=digested(nonce, created, password))


@resign.wrong("made when the old one was", lambda e: b"MessageExpired" in e.response.body)
def the_nonce_alone(url, username, password, envelope):
    created = etree.fromstring(envelope.encode()).findtext(".//{*}Created")
    nonce = secrets.token_bytes(16)
    return resent(url, envelope, Nonce=base64.b64encode(nonce).decode(), Password=digested(nonce, created, password))


@resign.wrong("with the digest of the old one", lambda e: b"FailedAuthentication" in e.response.body)
def nonce_and_time_without_the_digest(url, username, password, envelope):
    fresh = new(password)
    return resent(url, envelope, Nonce=fresh["Nonce"], Created=fresh["Created"])


@resign.wrong("does not accept the digest", lambda e: b"FailedAuthentication" in e.response.body)
def a_digest_over_the_nonce_as_it_is_written(url, username, password, envelope):
    nonce, created = base64.b64encode(secrets.token_bytes(16)).decode(), utc()
    hashed = hashlib.sha1((nonce + created + password).encode()).digest()
    return resent(url, envelope, Nonce=nonce, Created=created, Password=base64.b64encode(hashed).decode())


@resign.wrong("with another Body", lambda e: e.status == 200 and b"PasswordDigest" in e.request.body)
def the_question_turned_around(url, username, password, envelope):
    asked = etree.fromstring(envelope)
    patient, more = int(asked.findtext(".//{*}PatientID")), asked.findtext(".//{*}IncludeMedications") == "true"
    client = hospital(url, username, password, use_digest=True)
    return client.service.GetPatientRecord(PatientID=patient, IncludeMedications=not more).Name.Family


@resign.wrong("password went over the wire in clear", lambda e: PASSWORD_TEXT.encode() in e.request.body)
def the_password_itself(url, username, password, envelope):
    patient = etree.fromstring(envelope.encode()).findtext(".//{*}PatientID")
    return family(post(url, make(security(username, password), body(patient))))


@resign.wrong("a digest, and is the password itself", lambda e: PASSWORD_DIGEST.encode() in e.request.body)
def the_password_under_the_name_of_a_digest(url, username, password, envelope):
    return resent(url, envelope, **new(password, Password=password))


@resign.wrong("refused the token in your call: Write times like", lambda e: b"Write times like" in e.response.body)
def a_time_as_python_prints_it(url, username, password, envelope):
    nonce, created = secrets.token_bytes(16), str(datetime.now(UTC))
    proof = digested(nonce, created, password)
    return resent(url, envelope, Nonce=base64.b64encode(nonce).decode(), Created=created, Password=proof)


@resign.wrong("time in your token is too far from the present time", lambda e: b"MessageExpired" in e.response.body)
def a_time_of_another_zone(url, username, password, envelope):
    nonce, created = secrets.token_bytes(16), utc().replace("Z", "-05:00")
    proof = digested(nonce, created, password)
    return resent(url, envelope, Nonce=base64.b64encode(nonce).decode(), Created=created, Password=proof)


@resign.wrong("token in your call: Send the Nonce as random bytes", lambda e: b"InvalidSecurity" in e.response.body)
def a_nonce_in_hexadecimal(url, username, password, envelope):
    return resent(url, envelope, **new(password, Nonce="f" + secrets.token_hex(16)))


@resign.wrong("answered with a fault, Client", lambda e: b"SOAPAction" in e.response.body)
def a_new_token_and_no_soapaction(url, username, password, envelope):
    root = etree.fromstring(envelope.encode())
    for name, value in new(password).items():
        root.find(f".//{{*}}{name}").text = value
    return family(post(url, etree.tostring(root).decode(), SOAPAction=None))


@resign.wrong("record of another patient", lambda e: b"12345" in e.request.body)
def another_body(url, username, password, envelope):
    return family(post(url, make(security_with_digest(username, password), body(12345))))


@resign.wrong("not the patient's family name", lambda e: e.status == 200)
def the_name_of_the_user(url, username, password, envelope):
    resent(url, envelope, **new(password))
    return username
