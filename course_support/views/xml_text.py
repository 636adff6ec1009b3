"""Lays out XML for the eye: elements one below the other, what they say untouched."""

from __future__ import annotations

import re

_DECLARATION = re.compile(r"\ufeff?\s*(<\?xml\s[^>]*\?>)?\s*")


def is_xml(media_type: str) -> bool:
    """Whether this media type is XML (RFC 7303): `text/xml`, `application/xml`, or any `…+xml`."""
    return media_type in ("text/xml", "application/xml") or media_type.endswith("+xml")


def pretty(text: str) -> str:
    """The document with each element on a line of its own, where between elements is nothing but space.

    ValueError where it does not parse, and for a document type declaration: entities are not for the eye to resolve.
    """
    from lxml import etree  # here, because most lessons have no XML and would wait for it

    if "<!DOCTYPE" in text:
        raise ValueError("a document type declaration")
    declaration = _DECLARATION.match(text)
    assert declaration
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(text[declaration.end() :].encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from None
    etree.indent(root, "  ")
    laid_out = etree.tostring(root.getroottree(), encoding="unicode")
    return f"{declaration[1]}\n{laid_out}" if declaration[1] else laid_out
