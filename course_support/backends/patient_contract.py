"""The WSDL as a program uses it: the schema that messages are held against, and what breaks it in plain words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from threading import Lock

from lxml import etree

from course_support.backends.soap_versions import element

NAMESPACE = "http://hospital.example/patient-service"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
RULES = {
    "PatientID": "a whole number of five digits, 10000 to 99999",
    "IncludeMedications": "true or false",
    "Substance": "a text of 1 to 60 characters",
    "Severity": "mild, moderate or severe",
}
XML = partial(element, NAMESPACE, None)  # XML("PatientID", "12345"): an element of the contract
_one_at_a_time = Lock()  # a schema keeps one log of errors, and validates without holding Python's own lock


@dataclass(frozen=True)
class Finding:
    """What is wrong on one line of a message: `line` counts from 1, `sentence` says what is wrong there."""

    line: int
    sentence: str


@cache
def definitions() -> bytes:
    return files(__package__).joinpath("patient_service.wsdl").read_bytes()


def described(address: str) -> bytes:
    """The WSDL 1.1 document, with `address` as the place where both ports listen."""
    wsdl = etree.fromstring(definitions())
    for place in wsdl.findall(f"{{{WSDL}}}service/{{{WSDL}}}port/*"):
        place.set("location", address)
    return etree.tostring(wsdl, xml_declaration=True, encoding="utf-8")


@cache
def operations() -> frozenset[str]:
    """Their names: in document/literal wrapped, the element in the Body of a request has the name of its operation."""
    found = etree.fromstring(definitions()).findall(f"{{{WSDL}}}portType/{{{WSDL}}}operation")
    return frozenset(str(operation.get("name")) for operation in found)


@cache
def asked() -> frozenset[str]:
    """The names of all elements that a request can have in its Body."""
    requests = [it for it in _types() if it.get("name") in operations()]
    return frozenset(str(it.get("name")) for request in requests for it in request.iter(f"{{{SCHEMA}}}element"))


def _types() -> etree._Element:
    found = etree.fromstring(definitions()).find(f"{{{WSDL}}}types/{{{SCHEMA}}}schema")
    assert found is not None
    return found


@cache
def _schema() -> etree.XMLSchema:
    # Serialised and read again: prefixes that are declared higher up in the WSDL would be missed otherwise.
    return etree.XMLSchema(etree.fromstring(etree.tostring(_types())))


def violations(content: etree._Element) -> list[Finding]:
    """How an element of the Body breaks the schema, in the order of its lines; nothing if it does not."""
    with _one_at_a_time:
        if _schema().validate(content):
            return []
        log: Iterable[etree._LogEntry] = _schema().error_log  # type: ignore[assignment]
        errors = [(error.line, error.message) for error in log]
    found = (Finding(max(line, 1), _in_words(message, content, line)) for line, message in errors)
    return list(dict.fromkeys(found))  # a value that breaks two rules of its type is still one mistake


def _in_words(message: str, content: etree._Element, line: int) -> str:
    """The parser's message, which starts with the element's name, in the words of the contract."""
    tag = message.partition("'")[2].partition("'")[0]
    name = tag.rpartition("}")[2]
    element = next((it for it in content.iter(tag) if line_of(it) == line), content)
    expected = " or ".join(re.findall(r"[\w-]+", _short(message.partition("Expected is")[2].removeprefix(" one of"))))
    if "This element is not expected" in message and f"{{{NAMESPACE}}}" not in tag:
        return misplaced(etree.QName(tag), NAMESPACE)
    if "This element is not expected" in message:
        return f"{name} is not expected here" + (f", but {expected}." if expected else ".")
    if "Missing child element" in message:
        return f"{name} lacks {expected}."
    if re.match(r"Element '[^']*': \w+ content [\w ]*not allowed", message):  # behind it values are quoted
        return f"{name} holds elements or text in a place where the contract has none."
    if name in RULES and re.search(r"atomic type|\[facet", message):
        return f"{name} is {quoted(element.xpath('string()'))}: it takes {RULES[name]}."
    return _short(message)


def misplaced(name: etree.QName, belongs: str) -> str:
    """The sentence about an element that is in no namespace, or in a wrong one."""
    where = f"is in the namespace {name.namespace}" if name.namespace else "has no namespace"
    return f"{name.localname} {where}: it belongs to {belongs}."


def _short(message: str) -> str:
    return " ".join(message.replace(f"{{{NAMESPACE}}}", "").split())


def quoted(value: object, longest: int = 40) -> str:
    text = str(value)
    return f'"{text[:longest]}…"' if len(text) > longest else f'"{text}"'


def line_of(element: etree._Element) -> int:
    """Counted from 1, as a parser does; an element that no parser made stands on line 1."""
    line: int | None = element.sourceline  # type: ignore[assignment]
    return line or 1
