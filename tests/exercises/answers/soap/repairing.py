"""Answers to `soap.repair_envelope` and `soap.resign`."""

import base64
import hashlib
import re
import secrets
from datetime import UTC, datetime
from xml.etree import ElementTree

import requests
from lxml import etree

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    FIELDS,
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
    PATH,
    SERVICE,
    WSSE,
    WSU,
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

repair_envelope = Answers("soap.repair_envelope")


@repair_envelope.right
def each_element_renamed_by_elementtree(url, envelope):
    root = ElementTree.fromstring(envelope)
    for part, namespace in zip(root, (WSSE, SERVICE), strict=True):
        for element in part.iter():
            if not element.tag.startswith("{"):
                element.tag = f"{{{namespace}}}{element.tag}"
    answer = by_http_client(url, ElementTree.tostring(root, "unicode")).body
    return ElementTree.fromstring(answer).find(f".//{{{SERVICE}}}Family").text


@repair_envelope.right
def prefixes_declared_at_the_top_after_the_fault_was_read(url, envelope):
    assert by_http_client(url, envelope).status == 500
    text = envelope.replace("xmlns:soap", f'xmlns:w="{WSSE}" xmlns:h="{SERVICE}" xmlns:soap')
    text = re.sub(r"<(/?)(Security|UsernameToken|Username|Password)\b", r"<\1w:\2", text)
    text = re.sub(r"<(/?)(GetPatientRecord|PatientID|IncludeMedications)\b", r"<\1h:\2", text)
    return re.search(r"Family>([^<]+)<", by_urllib(url, text).decode())[1]


@repair_envelope.right
def what_it_says_said_again_by_zeep(url, envelope):
    root = etree.fromstring(envelope)
    username, password, patient = (root.findtext(f".//{it}") for it in ("Username", "Password", "PatientID"))
    asked = root.findtext(".//IncludeMedications") == "true"
    record = hospital(url, username, password).service.GetPatientRecord(int(patient), asked)
    return record.Name.Family


def with_security(text, namespace=WSSE):
    return text.replace("<Security>", f'<Security xmlns="{namespace}">')


def with_record(text, namespace=SERVICE):
    return text.replace("<GetPatientRecord>", f'<GetPatientRecord xmlns="{namespace}">')


def family(answer):
    return etree.fromstring(answer.content).findtext(".//{*}Family")


@repair_envelope.wrong("sent the shorthand as it is", lambda e: b"Finding" in e.response.body)
def as_it_is(url, envelope):
    return family(post(url, envelope))


@repair_envelope.wrong("breaks the contract in 3 places", lambda e: b"GetPatientRecord has no" in e.response.body)
def one_half_of_it(url, envelope):
    return family(post(url, with_security(envelope)))


@repair_envelope.wrong("breaks the contract in 4 places", lambda e: WSU.encode() in e.request.body)
def the_other_namespace_of_oasis(url, envelope):
    return family(post(url, with_record(with_security(envelope, WSU))))


@repair_envelope.wrong("breaks the contract in 2 places", lambda e: b"PatientID has no namespace" in e.response.body)
def a_prefix_on_the_outer_element_alone(url, envelope):
    text = envelope.replace("<GetPatientRecord>", f'<h:GetPatientRecord xmlns:h="{SERVICE}">')
    return family(post(url, with_security(text.replace("</GetPatientRecord>", "</h:GetPatientRecord>"))))


@repair_envelope.wrong("answered 415", lambda e: e.status == 415)
def no_content_type(url, envelope):
    answer = requests.post(url + PATH, data=with_record(with_security(envelope)))
    return answer.json()["detail"]


@repair_envelope.wrong("answered with a fault, Client", lambda e: b"SOAPAction" in e.response.body)
def no_soapaction(url, envelope):
    return family(post(url, with_record(with_security(envelope)), SOAPAction=None))


@repair_envelope.wrong("not the patient's family name", lambda e: e.status == 200)
def the_given_name(url, envelope):
    return all_texts(post(url, with_record(with_security(envelope))).content, "Given")[0]


@repair_envelope.wrong("returned nothing (None), where text", lambda e: e.status == 200)
def a_name_without_a_namespace(url, envelope):
    answer = post(url, with_record(with_security(envelope)))
    return etree.fromstring(answer.content).findtext(".//Family")


@repair_envelope.wrong("the whole answer", lambda e: e.status == 200)
def all_of_the_answer(url, envelope):
    return post(url, with_record(with_security(envelope))).text


@repair_envelope.wrong("raised AttributeError", lambda e: e.status == 200, "crashed")
def a_search_without_a_namespace(url, envelope):
    return etree.fromstring(post(url, with_record(with_security(envelope))).content).find(".//Family").text


@repair_envelope.wrong("record of another patient", lambda e: b"12345" in e.request.body)
def the_envelope_of_the_lesson(url, envelope):
    return family(post(url, with_record(with_security(re.sub(r"\d{5}<", "12345<", envelope)))))


@repair_envelope.wrong("never called the operation", lambda e: e.request.method == "GET")
def a_get_with_an_envelope(url, envelope):
    answer = requests.get(f"{url}{PATH}?wsdl", data=with_record(with_security(envelope)), headers=FIELDS)
    return etree.fromstring(answer.content).findtext(".//{*}Family") or ""


@repair_envelope.wrong("came of that", lambda e: e.status == 405)
def another_method(url, envelope):
    answer = requests.put(url + PATH, data=with_record(with_security(envelope)), headers=FIELDS)
    return etree.fromstring(answer.content).findtext(".//{*}Family")


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
    patient = int(etree.fromstring(envelope.encode()).findtext(".//{*}PatientID"))
    client = hospital(url, username, password, use_digest=True)
    return client.service.GetPatientRecord(PatientID=patient).Name.Family


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


@resign.wrong("sent the token as it was, and the service refused it; the AttributeError", lambda e: e.status == 500)
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
