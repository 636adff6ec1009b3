"""What the SOAP service refuses, with which Fault and in which words; whatever is sent, it never fails itself."""

from __future__ import annotations

import http.client
import random
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from lxml import etree

from course_support.backends import patient_contract, soap
from course_support.backends.envelope import SOAP11, SOAP12, WSSE, Version

from .hospital import ASK, SHORTHAND, Answer, Hospital, adding, envelope, open_hospital, token
from .test_envelope import REFUSED, SHAPES, WRONG

BOTH = pytest.mark.parametrize("version", [SOAP11, SOAP12], ids=["1.1", "1.2"])
UNKNOWN = '<p:Priority xmlns:p="urn:clinic" s:mustUnderstand="{}">high</p:Priority>'


@pytest.fixture(scope="module")
def hospital() -> Iterator[Hospital]:
    with open_hospital() as hospital:
        yield hospital


def refused(answer: Answer, version: Version, code: str) -> str:
    """The reason of a Fault in the shape that its version asks for; `code` is what SOAP 1.1 calls it."""
    assert answer.media_type == f"{version.media_type}; charset=utf-8"
    if version is SOAP11:
        assert answer.status == 500
        assert [it.tag for it in answer.all("/soap11:Envelope/soap11:Body/soap11:Fault/*")][:2] == [
            "faultcode",
            "faultstring",
        ]
        assert answer.code == (code if ":" in code else f"soap:{code}")
    else:
        own = {"Client": "Sender", "Server": "Receiver"}
        assert answer.status == (400 if code == "Client" or ":" in code else 500)
        assert (
            answer.one("//soap12:Fault/soap12:Code/soap12:Value")
            == f"soap:{'Sender' if ':' in code else own.get(code, code)}"
        )
        assert answer.all("//soap12:Reason/soap12:Text/@xml:lang") == ["en"]
        assert not answer.all("//faultcode | //faultstring | //detail")
        assert answer.code == (code if ":" in code else f"soap:{own.get(code, code)}")
    details = answer.all("//soap11:Fault/detail/* | //soap12:Fault/soap12:Detail/*")
    assert all(patient_contract.violations(detail) == [] for detail in details)
    prefixed = answer.all("//faultcode | //soap12:Value")
    assert all(element.text.partition(":")[0] in element.nsmap for element in prefixed)
    assert answer.reason.endswith(".")
    return answer.reason


def listed(answer: Answer) -> list[tuple[str, str]]:
    found = answer.all("//p:InvalidMessage/p:Finding")
    return [(it.get("line"), it.text) for it in found]


def test_the_shorthand_is_told_what_it_lacks(hospital: Hospital) -> None:
    answer = hospital(SHORTHAND)
    assert refused(answer, SOAP11, "Client") == (
        f"Put these elements into their namespaces: Security, UsernameToken, Username, Password into {WSSE};"
        f" GetPatientRecord, PatientID, IncludeMedications into {soap.NAMESPACE}."
    )
    found = listed(answer)
    assert [line for line, _ in found] == ["4", "5", "6", "7", "12", "13", "14"]
    assert found[0][1] == f"Security has no namespace: it belongs to {WSSE}."
    assert found[-1][1] == f"IncludeMedications has no namespace: it belongs to {soap.NAMESPACE}."


def test_the_shorthand_step_by_step(hospital: Hospital) -> None:
    """Each step of the repair gets the Fault of the next one, and the last one the record."""
    safe = SHORTHAND.replace("<Security>", f'<Security xmlns="{WSSE}">')
    assert "Put these elements into their namespaces: GetPatientRecord" in hospital(safe).reason
    half = safe.replace("<GetPatientRecord>", f'<p:GetPatientRecord xmlns:p="{soap.NAMESPACE}">')
    half = half.replace("</GetPatientRecord>", "</p:GetPatientRecord>")
    assert "namespaces: PatientID, IncludeMedications into http" in hospital(half).reason
    whole = safe.replace("<GetPatientRecord>", f'<GetPatientRecord xmlns="{soap.NAMESPACE}">')
    assert hospital(whole).status == 200


@BOTH
@pytest.mark.parametrize(("body", "says"), WRONG.values(), ids=WRONG)
def test_what_breaks_the_contract(hospital: Hospital, body: str, says: str, version: Version) -> None:
    answer = hospital(envelope(body, version=version), version)
    reason = refused(answer, version, "Client")
    ((line, sentence),) = listed(answer)
    assert line == "1"
    assert says in sentence
    assert sentence == reason or reason.startswith("Put these elements into their namespaces: ")


@pytest.mark.parametrize(("message", "says"), SHAPES.values(), ids=SHAPES)
def test_what_is_no_envelope_of_one_header_and_one_body(hospital: Hospital, message: str, says: str) -> None:
    answer = hospital(message.replace("</Body><Header/></E>", "</Body><Header/></Envelope>"))
    refused(answer, SOAP11, "Client")
    assert says in listed(answer)[0][1]


@BOTH
@pytest.mark.parametrize(("message", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_careful_xml(hospital: Hospital, message: bytes, says: str, version: Version) -> None:
    answer = hospital(message, version)
    assert says in refused(answer, version, "Client")
    assert "root:" not in answer.text  # of no file
    assert len(answer.text) < 1500


@BOTH
def test_nobody_has_that_number(hospital: Hospital, version: Version) -> None:
    for body in (ASK.replace("12345", "10000"), adding(number=10000)):
        answer = hospital(envelope(body, version=version), version)
        assert refused(answer, version, "Client") == (
            "Ask for a patient of this hospital: there is none with the number 10000."
        )
        assert answer.one("//p:PatientNotFound/p:PatientID") == "10000"


@BOTH
def test_who_asks_must_be_known(hospital: Hospital, version: Version) -> None:
    cases = {
        "": (
            "wsse:InvalidSecurity",
            f"Send one Security header block, of the namespace {WSSE}, with a UsernameToken in",
        ),
        token(password="wrong"): ("wsse:FailedAuthentication", "Check the user name and the password"),
        token(user="nobody"): ("wsse:FailedAuthentication", "Check the user name and the password"),
    }
    for header, (code, says) in cases.items():
        answer = hospital(envelope(header=header, version=version), version)
        assert refused(answer, version, code).startswith(says)
        assert not answer.all("//detail | //soap12:Detail")
    bare = f'<s:Envelope xmlns:s="{version.namespace}"><s:Body>{ASK}</s:Body></s:Envelope>'
    assert hospital(bare, version).code == "wsse:InvalidSecurity"


def test_a_stranger_changes_nothing(hospital: Hospital) -> None:
    before = hospital.app.state.patients.all()
    for header in ("", token(password="wrong")):
        assert hospital(envelope(adding(), header)).status == 500
    assert hospital(envelope(adding()), SOAPAction='"GetPatientRecord"').status == 500
    assert hospital.app.state.patients.all() == before


@BOTH
@pytest.mark.parametrize("value", ["1", "true"])
def test_a_block_that_must_be_understood_and_is_not(hospital: Hospital, version: Version, value: str) -> None:
    answer = hospital(envelope(header=token() + UNKNOWN.format(value), version=version), version)
    assert refused(answer, version, "MustUnderstand") == (
        "Leave out mustUnderstand, or the whole header block: this service does not know Priority of urn:clinic."
    )
    blocks = answer.all("/*/soap12:Header/soap12:NotUnderstood")
    assert [(it.get("qname"), it.nsmap["its"]) for it in blocks] == (
        [("its:Priority", "urn:clinic")] if version is SOAP12 else []
    )


@BOTH
@pytest.mark.parametrize("root", ['<s:Envelope xmlns:s="urn:soap"/>', "<Envelope/>", "<html/>", ASK])
def test_another_version(hospital: Hospital, version: Version, root: str) -> None:
    answer = hospital(root, version)
    refused(answer, version, "VersionMismatch")
    known = answer.all("/*/soap12:Header/soap12:Upgrade/soap12:SupportedEnvelope")
    names = [(prefix, it.nsmap[prefix], name) for it in known for prefix, name in [it.get("qname").split(":")]]
    both = [("soap", SOAP12.namespace, "Envelope"), ("its", SOAP11.namespace, "Envelope")]
    assert names == (both if version is SOAP12 else [])


def test_a_block_of_soap_itself_that_nobody_knows(hospital: Hospital) -> None:
    answer = hospital(envelope(header='<s:Magic s:mustUnderstand="true"/>', version=SOAP12), SOAP12)
    (block,) = answer.all("//soap12:NotUnderstood")
    prefix, name = block.get("qname").split(":")
    assert (block.nsmap[prefix], name) == (SOAP12.namespace, "Magic")


def test_the_media_type_and_the_envelope_must_fit(hospital: Hospital) -> None:
    one = hospital(envelope(version=SOAP11), SOAP12)
    assert refused(one, SOAP11, "Client") == (
        "Make the Content-Type and the Envelope fit: SOAP 1.1 goes as text/xml, not as application/soap+xml."
    )
    other = hospital(envelope(version=SOAP12), SOAP11)
    assert "SOAP 1.2 goes as application/soap+xml, not as text/xml" in refused(other, SOAP12, "Client")


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (None, 'Send the field SOAPAction: "GetPatientRecord", which SOAP 1.1 asks for.'),
        ('""', 'the SOAPAction field says "", and the Body "GetPatientRecord".'),
        (
            '"AddAllergy"',
            'Make them the same: the SOAPAction field says "AddAllergy", and the Body "GetPatientRecord".',
        ),
        ("getpatientrecord", 'says "getpatientrecord", and the Body'),
        ("x" * 5000, "…"),
    ],
)
def test_the_action_of_soap_11_must_fit(hospital: Hospital, action: str | None, says: str) -> None:
    reason = refused(hospital(envelope(), SOAPAction=action), SOAP11, "Client")
    assert says in reason
    assert len(reason) < 200


def test_the_action_of_soap_12_must_fit(hospital: Hospital) -> None:
    sent = 'application/soap+xml; charset=utf-8; action="AddAllergy"'
    reason = refused(hospital(envelope(version=SOAP12), SOAP12, Content_Type=sent), SOAP12, "Client")
    assert 'the action parameter of Content-Type says "AddAllergy", and the Body "GetPatientRecord".' in reason


TYPES = [
    None,
    "",
    "application/json",
    "application/xml",
    "text/xml; charset=iso-8859-1",
    "application/soap+xml; charset=utf-16",
    "text/xml/xml",
    "multipart/related; boundary=x",
    "\xe4",
]


@pytest.mark.parametrize("media_type", TYPES)
def test_other_media_types_are_415(hospital: Hospital, media_type: str | None) -> None:
    sent: dict[str, Any] = {"Content-Type": media_type.encode("latin-1")} if media_type is not None else {}
    answer = requests.post(hospital.url, data=envelope().encode(), headers=sent, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")
    assert answer.headers["Accept-Post"] == "text/xml, application/soap+xml"
    assert "text/xml; charset=utf-8 for SOAP 1.1" in answer.json()["detail"]


@pytest.mark.parametrize(
    "odd", ["charset*=x''%ff", "action*=utf-8''%00", "action*0=Get", 'charset="', ";;=;", "action"]
)
@BOTH
def test_odd_parameters_get_an_answer(hospital: Hospital, version: Version, odd: str) -> None:
    answer = hospital(envelope(version=version), version, Content_Type=f"{version.media_type}; {odd}")
    assert answer.status in (200, 400, 415)


def test_the_largest_message_and_one_byte_more(hospital: Hospital) -> None:
    message = envelope().encode()
    room = 64 * 1024 - len(message)
    assert hospital(message + b" " * room).status == 200
    for size in (room + 1, 5_000_000):
        answer = hospital(message + b" " * size)
        assert (answer.status, answer.media_type) == (413, "application/problem+json")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "X"])
def test_other_methods_are_405(hospital: Hospital, method: str) -> None:
    answer = requests.request(method, hospital.url, timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("query", ["", "?", "?wsd", "?x=wsdl"])
def test_reading_needs_the_question_for_the_contract(hospital: Hospital, query: str) -> None:
    answer = requests.get(hospital.url + query, timeout=10)
    assert answer.status_code == 404
    assert "Add ?wsdl to the address" in answer.json()["detail"]


def test_a_slash_too_many_is_another_path(hospital: Hospital) -> None:
    assert requests.post(f"{hospital.url}/", data=b"", allow_redirects=False, timeout=10).status_code == 404


def test_many_findings_make_no_huge_answer(hospital: Hospital) -> None:
    answer = hospital(envelope(ASK.replace("<PatientID>", "<x/>" + '<PatientID xmlns=""/>' * 2500 + "<PatientID>")))
    refused(answer, SOAP11, "Client")
    assert len(listed(answer)) == 100
    assert len(answer.text) < 20_000


HOSTS = ["", "a b", '<&">', "[", "[::1", "ä", "x" * 5000, "http://x/", "localhost:99999999"]


@pytest.mark.parametrize("host", HOSTS)
def test_odd_hosts_do_not_break_the_contract(hospital: Hospital, host: str) -> None:
    _, _, netloc, path = hospital.url.split("/", 3)
    connection = http.client.HTTPConnection(netloc, timeout=10)
    connection.putrequest("GET", f"/{path}?wsdl", skip_host=True)
    connection.putheader("Host", host.encode("latin-1"))
    connection.endheaders()
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status in (200, 400)
    if answer.status == 200:
        assert len(etree.fromstring(content).xpath("//@location")) == 2


def test_messages_with_random_damage_get_an_answer(hospital: Hospital) -> None:
    draw = random.Random(2026)
    whole = [envelope(adding()).encode(), envelope(version=SOAP12).encode(), SHORTHAND.encode()]
    for _ in range(600):
        message = bytearray(draw.choice(whole))
        for _ in range(draw.randint(1, 3)):
            start = draw.randrange(len(message))
            part = draw.choice([b"", b"<", b">", b"&#0;", b'"', b"\xff", b"<!--", b"]]>", b"&lt;", b"xmlns=''", b"<x>"])
            message[start : start + draw.choice([0, 1, 8])] = part
        version = draw.choice([SOAP11, SOAP12])
        answer = hospital(bytes(message), version)
        assert answer.status in (200, 400, 500)
        assert answer.media_type.partition(";")[0] in (SOAP11.media_type, SOAP12.media_type)
        assert etree.fromstring(answer.text.encode()).tag.endswith("}Envelope")
        if answer.status != 200:
            assert "Report this" not in answer.reason
