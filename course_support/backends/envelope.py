"""SOAP envelopes: read without trust, held against the contract, and refused with findings that say what to mend."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from lxml import etree

from course_support.backends.patient_contract import (
    NAMESPACE,
    XML,
    Finding,
    asked,
    line_of,
    misplaced,
    operations,
    quoted,
    violations,
)
from course_support.backends.soap_versions import SOAP11, SOAP12, VERSIONS, Fault, Version

__all__ = ["SOAP11", "SOAP12", "VERSIONS", "Fault", "Finding", "Version", "findings", "parse"]

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
IN_SECURITY = dict.fromkeys(("Security", "UsernameToken", "Username", "Password", "Nonce"), WSSE) | dict.fromkeys(
    ("Timestamp", "Created", "Expires"), WSU
)
MOST = 100  # findings that a Fault lists: a small message must not make a huge answer

# --- Reading ---------------------------------------------------------------------------------------------------------

# The grammar leaves no other place for a DOCTYPE, and finding it before the parser does means no entity is ever made.
# Every part is atomic, so that no text makes the search slow.
DOCTYPE = re.compile(r"\ufeff?(?:\s|<!--(?>.*?-->)|<\?(?>.*?\?>))*+<!DOCTYPE", re.DOTALL)
# A comment would part a text in two, so that `.text` shows half of what the schema sees.
CAREFUL: Any = {"remove_comments": True, "resolve_entities": False, "no_network": True, "load_dtd": False}
ENCODING = re.compile(r"""\ufeff?<\?xml[^>]*?\bencoding\s*=\s*["']([^"']*)""")


def parse(body: bytes) -> etree._Element:
    """The root of the XML. Raises a Fault for what is not XML, and for what SOAP leaves out of XML (1.2 part 1, 5)."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Fault("Client", "Send the envelope encoded in UTF-8.") from None
    declared = ENCODING.match(text)
    if declared and declared[1].lower() != "utf-8":
        said = quoted(declared[1])
        raise Fault("Client", f"Send the envelope encoded in UTF-8, and say so: its XML declaration says {said}.")
    if DOCTYPE.match(text):
        raise Fault("Client", "Leave out the DOCTYPE: a SOAP message has none, and so it has no entities either.")
    try:
        root = etree.fromstring(body, etree.XMLParser(encoding="utf-8", **CAREFUL))
    except etree.XMLSyntaxError as error:
        raise Fault("Client", f"Send well-formed XML: {' '.join(str(error.msg).split())}.") from error
    if root.xpath("//processing-instruction()"):
        raise Fault("Client", "Leave out the processing instruction: a SOAP message has none.")
    return root


def version_of(root: etree._Element) -> Version | None:
    """The version whose Envelope this is; None for anything else."""
    name = etree.QName(root)
    return VERSIONS.get(name.namespace or "") if name.localname == "Envelope" else None


def header_blocks(root: etree._Element, version: Version) -> list[etree._Element]:
    """The blocks of the Header that are meant for this service (SOAP 1.1, 4.2.2; SOAP 1.2 part 1, 2.2 and 5.2.2)."""
    blocks = root.findall(f"{version.tag('Header')}/*")
    return [block for block in blocks if block.get(version.tag(version.role)) in version.for_us]


def content(root: etree._Element, version: Version) -> etree._Element:
    """The one element in the Body of a message without misfits."""
    return root.findall(f"{version.tag('Body')}/*")[0]


def require_understood(root: etree._Element, version: Version) -> None:
    """Raises a Fault for a block that must be understood and is not: everything but wsse:Security."""
    unknown = tuple(
        etree.QName(block)
        for block in header_blocks(root, version)
        if (block.get(version.tag("mustUnderstand")) or "").strip() in ("1", "true")
        and block.tag != f"{{{WSSE}}}Security"
    )
    if unknown:
        names = ", ".join(f"{name.localname} of {name.namespace}" for name in unknown)
        reason = f"Leave out mustUnderstand, or the whole header block: this service does not know {names}."
        raise Fault("MustUnderstand", reason, not_understood=unknown)


# --- Findings --------------------------------------------------------------------------------------------------------


def findings(xml: bytes) -> list[Finding]:
    """All that is wrong with a request, in the order of its lines; nothing if the contract is kept.

    The XML itself, the namespaces, the envelope's structure, and the schema of what is in the Body. Who asks, and
    the HTTP fields around it, are not looked at.
    """
    try:
        root = parse(xml)
    except Fault as fault:
        return [Finding(getattr(fault.__cause__, "lineno", 1), fault.reason)]
    version = version_of(root)
    if not version:
        return [Finding(line_of(root), not_an_envelope(root))]
    misfits = astray(root, version)
    found = [Finding(line_of(element), misplaced(etree.QName(element), namespace)) for element, namespace in misfits]
    for element, namespace in misfits:  # as it should be, so that what else is wrong comes to light as well
        element.tag = f"{{{namespace}}}{etree.QName(element).localname}"
    found += misshapen(root, version) or violations(content(root, version))
    return sorted(found, key=lambda finding: finding.line)


def not_an_envelope(root: etree._Element) -> str:
    name = etree.QName(root)
    known = f"{SOAP11.namespace} (SOAP 1.1) or {SOAP12.namespace} (SOAP 1.2)"
    if name.localname != "Envelope":
        return f"The message starts with {name.localname}: it must start with an Envelope of {known}."
    return f"The Envelope is of {name.namespace or 'no namespace'}: it must be of {known}."


def astray(root: etree._Element, version: Version) -> list[tuple[etree._Element, str]]:
    """The elements that are in no namespace, or in a wrong one, each with the one that it belongs to."""
    parts = list(root.iterchildren("{*}Header", "{*}Body"))
    expected = [(part, version.namespace) for part in parts]
    for part in parts:
        if etree.QName(part).localname == "Header":
            blocks = [it for block in part.iterchildren("{*}Security") for it in block.iter("{*}*")]
            expected += [(it, IN_SECURITY[name]) for it in blocks if (name := etree.QName(it).localname) in IN_SECURITY]
        else:
            expected += [(it, NAMESPACE) for it in part.iterdescendants("{*}*") if etree.QName(it).localname in asked()]
    return [(element, namespace) for element, namespace in expected if etree.QName(element).namespace != namespace]


def misshapen(root: etree._Element, version: Version) -> list[Finding]:
    """What else is wrong with the envelope itself: one Header at most, one Body, one request in it."""
    header, body = version.tag("Header"), version.tag("Body")
    parts = [part.tag for part in root.iterchildren("{*}*")]
    if parts not in ([body], [header, body]):
        return [Finding(line_of(root), "The Envelope must hold one Header, which may be left out, and then one Body.")]
    unqualified = [it for it in root.iterfind(f"{header}/*") if not etree.QName(it).namespace]
    found = [Finding(line_of(it), f"{it.tag} has no namespace: every header block has one.") for it in unqualified]
    for part in (root, *root):
        if any(text and text.strip() for text in (part.text, *(child.tail for child in part))):
            name = etree.QName(part).localname
            found.append(Finding(line_of(part), f"Text stands in the {name} beside its elements: leave it out."))
    inside = list(root[-1].iterchildren("{*}*"))
    known = " or ".join(sorted(operations()))
    if len(inside) != 1:
        found.append(Finding(line_of(root[-1]), f"The Body must hold one element, not {len(inside)}: {known}."))
    elif inside[0].tag not in {f"{{{NAMESPACE}}}{name}" for name in operations()}:
        name = etree.QName(inside[0]).localname
        found.append(Finding(line_of(inside[0]), f"There is no operation {name}: send {known}."))
    return found


def invalid(found: list[Finding], misfits: Sequence[tuple[etree._Element, str]] = ()) -> Fault:
    """The Fault that lists the findings, with the misfits, if there are any, in its reason by namespace."""
    found = found[:MOST]
    if misfits:
        names: dict[str, dict[str, None]] = defaultdict(dict)
        for element, namespace in misfits:
            names[namespace][etree.QName(element).localname] = None
        groups = (f"{', '.join(group)} into {namespace}" for namespace, group in names.items())
        reason = f"Put these elements into their namespaces: {'; '.join(groups)}."
    else:
        more = len(found) - 1
        rest = f" The detail lists {more} more finding{'s' * (more > 1)}." if more else ""
        reason = found[0].sentence + rest
    listed = [XML("Finding", finding.sentence, line=str(finding.line)) for finding in found]
    return Fault("Client", reason, detail=XML("InvalidMessage", *listed))
