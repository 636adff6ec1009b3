"""Envelopes read without trust: what is found in them, on which line, and what never reaches the parser."""

from __future__ import annotations

import pytest
from lxml import etree

from course_support.backends import envelope as envelopes
from course_support.backends.envelope import SOAP11, SOAP12, WSSE, Fault, Finding, Version, findings
from course_support.backends.soap import NAMESPACE

from .hospital import ASK, SHORTHAND, adding, envelope, token

BOTH = pytest.mark.parametrize("version", [SOAP11, SOAP12], ids=["1.1", "1.2"])


def sentences(message: str | bytes) -> list[str]:
    found = findings(message if isinstance(message, bytes) else message.encode())
    assert all(finding.sentence.endswith(".") and finding.line >= 1 for finding in found)
    return [finding.sentence for finding in found]


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        ASK,
        ASK.replace("</PatientID>", "</PatientID><IncludeMedications>1</IncludeMedications>"),
        ASK.replace("</PatientID>", "</PatientID><IncludeMedications/>"),
        ASK.replace("12345", " 12345\n"),
        ASK.replace("12345", "12<!-- a comment -->345"),
        ASK.replace("12345", "<![CDATA[12345]]>"),
        ASK.replace("<P", "<p:P").replace("</P", "</p:P").replace("xmlns", "xmlns:p").replace("Get", "p:Get"),
        adding(),
        adding("x" * 60, "severe"),
    ],
)
def test_nothing_is_wrong(body: str, version: Version) -> None:
    assert sentences(envelope(body, version=version)) == []
    assert sentences(envelope(body, "", version)) == []
    assert sentences(f'<e:Envelope xmlns:e="{version.namespace}"> <e:Body>\n{body}</e:Body></e:Envelope>') == []


def test_the_shorthand_lacks_namespaces() -> None:
    lacking = "{} has no namespace: it belongs to {}."
    assert findings(SHORTHAND.encode()) == [
        Finding(4, lacking.format("Security", WSSE)),
        Finding(5, lacking.format("UsernameToken", WSSE)),
        Finding(6, lacking.format("Username", WSSE)),
        Finding(7, lacking.format("Password", WSSE)),
        Finding(12, lacking.format("GetPatientRecord", NAMESPACE)),
        Finding(13, lacking.format("PatientID", NAMESPACE)),
        Finding(14, lacking.format("IncludeMedications", NAMESPACE)),
    ]


def test_what_hides_behind_a_missing_namespace_is_found_as_well() -> None:
    found = findings(SHORTHAND.replace("12345", "abc").encode())
    assert len(found) == 8
    assert Finding(13, 'PatientID is "abc": it takes a whole number of five digits, 10000 to 99999.') in found


WRONG = {
    "another namespace": (
        ASK.replace("patient-service", "patients").replace("<PatientID", f'<PatientID xmlns="{NAMESPACE}"'),
        "GetPatientRecord is in the namespace http://hospital.example/patients: it belongs to " + NAMESPACE,
    ),
    "child in none": (ASK.replace("<PatientID", '<PatientID xmlns=""'), "PatientID has no namespace"),
    "letters": (ASK.replace("12345", "abc"), 'PatientID is "abc": it takes a whole number of five digits'),
    "four digits": (ASK.replace("12345", "1234"), 'PatientID is "1234"'),
    "six digits": (ASK.replace("12345", "123456"), 'PatientID is "123456"'),
    "leading zero": (ASK.replace("12345", "01234"), 'PatientID is "01234"'),
    "a sign": (ASK.replace("12345", "+12345"), 'PatientID is "+12345"'),
    "empty": (ASK.replace("12345", ""), 'PatientID is ""'),
    "long": (ASK.replace("12345", "9" * 5000), 'PatientID is "9999999999999999999999999999999999999999…"'),
    "no child": (f'<GetPatientRecord xmlns="{NAMESPACE}"/>', "GetPatientRecord lacks PatientID."),
    "yes": (
        ASK.replace("</PatientID>", "</PatientID><IncludeMedications>yes</IncludeMedications>"),
        'IncludeMedications is "yes": it takes true or false.',
    ),
    "order": (
        ASK.replace("<PatientID>", "<IncludeMedications>true</IncludeMedications><PatientID>"),
        "IncludeMedications is not expected here, but PatientID.",
    ),
    "too many": (ASK.replace("</PatientID>", "</PatientID><Ward/>"), "Ward is not expected here, but Include"),
    "severity": (adding(severity="deadly"), 'Severity is "deadly": it takes mild, moderate or severe.'),
    "no substance": (adding(""), 'Substance is "": it takes a text of 1 to 60 characters.'),
    "blanks": (adding("   "), 'Substance is "   ": it takes a text'),
    "61 characters": (adding("x" * 61), "it takes a text of 1 to 60 characters."),
    "attribute": (ASK.replace("<PatientID>", '<PatientID x="1">'), "attribute 'x' is not allowed"),
    "with a prefix": (
        f'<p:GetPatientRecord xmlns:p="{NAMESPACE}"><p:PatientID>abc</p:PatientID></p:GetPatientRecord>',
        'PatientID is "abc"',
    ),
    "text in between": (ASK.replace("<PatientID>", "please<PatientID>"), "GetPatientRecord holds elements or text"),
    "no operation": (
        f'<Ping xmlns="{NAMESPACE}"/>',
        "There is no operation Ping: send AddAllergy or GetPatientRecord.",
    ),
    "a response": (
        ASK.replace("GetPatientRecord", "GetPatientRecordResponse"),
        "There is no operation GetPatientRecordR",
    ),
    "empty body": ("", "The Body must hold one element, not 0"),
    "two requests": (ASK + ASK, "The Body must hold one element, not 2"),
    "text beside": (ASK + "please", "Text stands in the Body beside its elements"),
}


@BOTH
@pytest.mark.parametrize(("body", "says"), WRONG.values(), ids=WRONG)
def test_one_mistake_is_one_finding(body: str, says: str, version: Version) -> None:
    sentence, *more = sentences(envelope(body, version=version))
    assert not more
    assert says in sentence
    assert "{http" not in sentence


def test_a_child_where_a_number_belongs() -> None:
    first, second = sentences(envelope(ASK.replace("12345", "<b/>")))
    assert first == "PatientID holds elements or text in a place where the contract has none."
    assert second.startswith('PatientID is ""')


PLAIN = envelope()
SHAPES = {
    "no body": (PLAIN.replace("s:Body", "s:Torso"), "The Envelope must hold one Header"),
    "body first": (
        f'<E xmlns="{SOAP11.namespace}"><Body>{ASK}</Body><Header/></E>'.replace("E", "Envelope", 1),
        "must",
    ),
    "two bodies": (PLAIN.replace("</s:Envelope>", f"<s:Body>{ASK}</s:Body></s:Envelope>"), "and then one Body"),
    "trailer": (PLAIN.replace("</s:Envelope>", '<x xmlns="urn:x"/></s:Envelope>'), "and then one Body"),
    "body in none": (PLAIN.replace("<s:Body", "<Body").replace("</s:Body", "</Body"), "Body has no namespace"),
    "block in none": (
        envelope(header=token() + "<Priority/>"),
        "Priority has no namespace: every header block has one.",
    ),
    "old security": (PLAIN.replace("secext-1.0", "secext-1.1"), "it belongs to " + WSSE),
    "text in header": (envelope(header=token() + "x"), "Text stands in the Header"),
}


@pytest.mark.parametrize(("message", "says"), SHAPES.values(), ids=SHAPES)
def test_the_shape_of_an_envelope(message: str, says: str) -> None:
    assert says in sentences(message.replace("</Body><Header/></E>", "</Body><Header/></Envelope>"))[0]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (PLAIN.replace(SOAP11.namespace, "urn:soap"), "The Envelope is of urn:soap: it must be of http://schemas."),
        ("<Envelope/>", "The Envelope is of no namespace"),
        (ASK, "The message starts with GetPatientRecord"),
        ("<html><body/></html>", "The message starts with html"),
    ],
)
def test_what_is_no_envelope(message: str, says: str) -> None:
    assert says in sentences(message)[0]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY a{n} "{("&a" + (str(n - 1) if n else "") + ";") * 10}">' for n in range(12)
)
REFUSED = {
    "nothing": (b"", "Send well-formed XML"),
    "JSON": (b'{"PatientID": 12345}', "Send well-formed XML"),
    "cut off": (PLAIN.encode()[:-20], "Send well-formed XML"),
    "no end": (SHORTHAND.encode().replace(b"</PatientID>", b"</PatientId>"), "tag mismatch"),
    "two roots": (PLAIN.encode() * 2, "Send well-formed XML"),
    "NUL": (PLAIN.encode() + b"\0", "Send well-formed XML"),
    "control character": (PLAIN.replace("12345", "&#1;").encode(), "Send well-formed XML"),
    "unknown entity": (PLAIN.replace("12345", "&nbsp;").encode(), "Send well-formed XML"),
    "unbound prefix": (PLAIN.replace("</s:Header>", "<x:y/></s:Header>").encode(), "Send well-formed XML"),
    "deep": (b"<a>" * 15_000, "Send well-formed XML"),
    "deep and closed": (b"<a>" * 9_000 + b"</a>" * 9_000, "Send well-formed XML"),
    "doctype": (b"<!DOCTYPE html>" + PLAIN.encode(), "Leave out the DOCTYPE"),
    "doctype after more": (
        b"<?xml version='1.0'?><!-- a --> <?b c?>\n<!DOCTYPE x>" + PLAIN.encode(),
        "Leave out the DOC",
    ),
    "doctype after a mark": (b"\xef\xbb\xbf<!DOCTYPE x>" + PLAIN.encode(), "Leave out the DOCTYPE"),
    "bomb": ((BOMB + "]>" + PLAIN.replace("12345", "&a11;")).encode(), "Leave out the DOCTYPE"),
    "attribute bomb": ((BOMB + "]>" + PLAIN.replace("<s:Body", '<s:Body b="&a11;"')).encode(), "Leave out the DOCTYPE"),
    "file": (
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + PLAIN.replace("12345", "&f;")).encode(),
        "Leave out the DOCTYPE",
    ),
    "instruction before": (b"<?php echo 1 ?>" + PLAIN.encode(), "Leave out the processing instruction"),
    "instruction inside": (PLAIN.replace("12345", "<?x y?>12345").encode(), "Leave out the processing instruction"),
    "instruction after": (PLAIN.encode() + b"<?x y?>", "Leave out the processing instruction"),
    "UTF-16": (PLAIN.encode("utf-16"), "Send the envelope encoded in UTF-8."),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "Send well-formed XML"),
    "Latin-1": (PLAIN.replace("12345", "ä").encode("latin-1"), "Send the envelope encoded in UTF-8."),
    "said to be Latin-1": (b'<?xml version="1.0" encoding="ISO-8859-1"?>' + PLAIN.encode(), '"ISO-8859-1"'),
    "said to be UTF-7": (b"<?xml version='1.0' encoding='UTF-7'?>+ADw-", '"UTF-7"'),
}


@pytest.mark.parametrize(("message", "says"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_before_it_is_read(message: bytes, says: str) -> None:
    with pytest.raises(Fault, match=says.replace("(", r"\(")) as caught:
        envelopes.parse(message)
    (finding,) = findings(message)
    assert finding.sentence == caught.value.reason
    assert "\n" not in finding.sentence


def test_the_line_of_a_syntax_error() -> None:
    (finding,) = findings(REFUSED["no end"][0])
    assert finding.line == 13


@pytest.mark.parametrize(
    "message", ["\ufeff" + PLAIN, '<?xml version="1.0" encoding="utf-8"?>' + PLAIN, " <!-- a -->" + PLAIN]
)
def test_what_may_stand_before_the_envelope(message: str) -> None:
    assert sentences(message) == []


def test_a_doctype_in_a_text_is_a_text() -> None:
    (sentence,) = sentences(envelope(ASK.replace("12345", "<![CDATA[<!DOCTYPE x>]]>")))
    assert 'PatientID is "<!DOCTYPE x>"' in sentence


def test_looking_for_a_doctype_stays_quick() -> None:
    # each of these takes longer than the tests may run if the search can go back
    for part in ("<!---->", "<?a?>", "<!-- ", "<?", " ", "<!----><?a?> "):
        assert not envelopes.DOCTYPE.match(part * 8000)
    assert not envelopes.ENCODING.match("<?xml " + "encoding " * 7000)


def test_a_schema_that_the_message_brings_along_is_not_fetched(tmp_path) -> None:  # type: ignore[no-untyped-def]
    lax = tmp_path / "lax.xsd"
    lax.write_text(
        f'<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}">'
        '<s:element name="GetPatientRecord"/></s:schema>'
    )
    brought = f'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="{NAMESPACE} {lax.as_uri()}"'
    (sentence,) = sentences(
        envelope(ASK.replace("12345", "abc").replace("<GetPatientRecord", f"<GetPatientRecord {brought}"))
    )
    assert sentence.startswith('PatientID is "abc"')


def test_blocks_for_others_are_not_ours() -> None:
    for version, role in ((SOAP11, "urn:somebody"), (SOAP12, "http://www.w3.org/2003/05/soap-envelope/role/none")):
        header = f'<x xmlns="urn:x" s:{version.role}="{role}"/><y xmlns="urn:y" s:{version.role}=""/>'
        root = etree.fromstring(envelope(header=header, version=version))
        assert [block.tag for block in envelopes.header_blocks(root, version)] == ["{urn:y}y"]


def test_a_fault_lists_so_many_findings_and_no_more() -> None:
    found = [Finding(line, f"Finding {line}.") for line in range(1, 200)]
    fault = envelopes.invalid(found)
    assert fault.detail is not None
    assert len(fault.detail) == envelopes.MOST
    assert fault.reason == "Finding 1. The detail lists 99 more findings."
    assert envelopes.invalid(found[:2]).reason == "Finding 1. The detail lists 1 more finding."
    assert envelopes.invalid(found[:1]).reason == "Finding 1."
