"""What SOAP 1.1 and SOAP 1.2 say differently: namespaces, media types, fault codes, and the shape of a Fault."""

from dataclasses import dataclass

from lxml import etree

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def element(
    namespace: str, prefix: str | None, name: str, *content: etree._Element | str, **attributes: str
) -> etree._Element:
    """An element of the namespace, which it declares under the prefix, with its text or its children."""
    made = etree.Element(f"{{{namespace}}}{name}", attributes, {prefix: namespace})  # type: ignore[dict-item]
    for it in content:
        if isinstance(it, str):
            made.text = it
        else:
            made.append(it)
    return made


@dataclass(frozen=True)
class Version:
    """One version of SOAP, by the words that it has for what both of them know."""

    number: str
    namespace: str
    media_type: str
    codes: dict[str, str]  # the fault codes that have another name than in SOAP 1.1
    role: str  # the attribute of a header block that says whom it is for
    for_us: frozenset[str | None]  # its values that mean this service

    def tag(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}"

    def make(self, name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
        return element(self.namespace, "soap", name, *content, **attributes)

    def envelope(self, content: etree._Element, *blocks: etree._Element) -> bytes:
        """The message with `content` in its Body, and with a Header if there are header blocks."""
        header = [self.make("Header", *blocks)] if blocks else []
        message = self.make("Envelope", *header, self.make("Body", content))
        return etree.tostring(message, xml_declaration=True, encoding="utf-8")


SOAP11 = Version(
    number="1.1",
    namespace="http://schemas.xmlsoap.org/soap/envelope/",
    media_type="text/xml",
    codes={},
    role="actor",
    for_us=frozenset({None, "", "http://schemas.xmlsoap.org/soap/actor/next"}),
)
_ROLE = "http://www.w3.org/2003/05/soap-envelope/role/"
SOAP12 = Version(
    number="1.2",
    namespace="http://www.w3.org/2003/05/soap-envelope",
    media_type="application/soap+xml",
    codes={"Client": "Sender", "Server": "Receiver"},
    role="role",
    for_us=frozenset({None, "", _ROLE + "next", _ROLE + "ultimateReceiver"}),
)
VERSIONS = {version.namespace: version for version in (SOAP11, SOAP12)}


class Fault(Exception):
    """Raise it to refuse a message. `reason` is one sentence that says what to do.

    `code` is Client, Server, VersionMismatch or MustUnderstand, and each version writes it in its own words;
    `subcode` is a qualified name that says more, `detail` a typed element about the Body, `not_understood` are the
    names of the header blocks that the service had to know and did not.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        *,
        subcode: etree.QName | None = None,
        detail: etree._Element | None = None,
        not_understood: tuple[etree.QName, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.code, self.reason, self.subcode, self.detail = code, reason, subcode, detail
        self.not_understood = not_understood

    def status(self, version: Version) -> int:
        """The status over HTTP (SOAP 1.1, section 6.2; SOAP 1.2 part 2, table 20)."""
        return 400 if version is SOAP12 and self.code == "Client" else 500

    def message(self, version: Version) -> bytes:
        if version is SOAP11:
            return SOAP11.envelope(self._as_11())
        return SOAP12.envelope(self._as_12(), *self._blocks())

    def _as_11(self) -> etree._Element:
        """`faultcode`, `faultstring` and `detail` in no namespace; a subcode takes the code's place (SOAP 1.1, 4.4)."""
        fault = SOAP11.make("Fault")
        code = etree.SubElement(fault, "faultcode", nsmap={"wsse": self.subcode.namespace} if self.subcode else None)
        code.text = f"wsse:{self.subcode.localname}" if self.subcode else f"soap:{self.code}"
        etree.SubElement(fault, "faultstring").text = self.reason
        if self.detail is not None:
            etree.SubElement(fault, "detail").append(self.detail)
        return fault

    def _as_12(self) -> etree._Element:
        """Code, Reason and Detail; a subcode stands inside the code (SOAP 1.2 part 1, 5.4)."""
        make = SOAP12.make
        code = make("Code", make("Value", f"soap:{SOAP12.codes.get(self.code, self.code)}"))
        if self.subcode:
            name = etree.SubElement(code, SOAP12.tag("Subcode"))
            value = etree.SubElement(name, SOAP12.tag("Value"), nsmap={"wsse": self.subcode.namespace})
            value.text = f"wsse:{self.subcode.localname}"
        reason = make("Reason", make("Text", self.reason, **{XML_LANG: "en"}))
        detail = [] if self.detail is None else [make("Detail", self.detail)]
        return make("Fault", code, reason, *detail)

    def _blocks(self) -> list[etree._Element]:
        """The header blocks that SOAP 1.2 adds to two of its faults, for programs to read (part 1, 5.4.7 and 5.4.8)."""
        if self.code == "VersionMismatch":
            known = [_names("SupportedEnvelope", it.namespace, "Envelope") for it in (SOAP12, SOAP11)]
            return [SOAP12.make("Upgrade", *known)]
        return [_names("NotUnderstood", name.namespace or "", name.localname) for name in self.not_understood]


def _names(element: str, namespace: str, name: str) -> etree._Element:
    """An element that names another one with a prefix: `soap`, which is declared anyway, or one of its own."""
    prefix = "soap" if namespace == SOAP12.namespace else "its"
    return etree.Element(SOAP12.tag(element), {"qname": f"{prefix}:{name}"}, {prefix: namespace})
