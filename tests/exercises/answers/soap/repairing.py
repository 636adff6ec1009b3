"""Answers to `soap.repair_envelope`."""

import re
from xml.etree import ElementTree

import requests
from lxml import etree

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.soap.envelopes import (
    FIELDS,
    PATH,
    SERVICE,
    WSSE,
    WSU,
    all_texts,
    by_http_client,
    by_urllib,
    hospital,
    post,
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


@repair_envelope.wrong("that caused the", lambda e: e.status == 405)
def another_method(url, envelope):
    answer = requests.put(url + PATH, data=with_record(with_security(envelope)), headers=FIELDS)
    return etree.fromstring(answer.content).findtext(".//{*}Family")
