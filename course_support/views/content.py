"""Turns the content of a message into lines for the eye: JSON and XML laid out, secrets hidden, long content cut."""

from __future__ import annotations

import unicodedata
import zlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from course_support.views import json_text, redact, xml_text
from course_support.views.quantity import bytes_text, count_text
from course_support.wire import Request, Response

MAX_LINES = 40
MAX_LINE = 400  # characters
MAX_UNPACKED = 2**20
HEX_BYTES = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines of a content, and what there is to say about them in plain sentences.

    `unfolded` has the members of a JSON object that hold several lines, such as a GraphQL query, once more: a sentence
    and the lines.
    """

    lines: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    unfolded: tuple[tuple[str, tuple[str, ...]], ...] = ()


def shown(message: Request | Response) -> Shown:
    """The content of a message as it is shown; empty content has no lines."""
    body, packed = _unpacked(message)
    try:
        text = body.decode("utf-16" if body.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else "utf-8")
    except UnicodeDecodeError:
        return _hex(body)
    try:
        parsed = json_text.read(text)
        laid_out = json_text.pretty(redact.json_value(parsed))
    except (ValueError, RecursionError):
        parsed, laid_out = None, _laid_out(redact.content(text, message.media_type), message.media_type)
    lines, remarks = _cut(laid_out)
    return Shown(lines, (*packed, *remarks), tuple(_unfolded(parsed)))


def _laid_out(text: str, media_type: str) -> str:
    try:
        return xml_text.pretty(text) if xml_text.is_xml(media_type) else text
    except ValueError:
        return text


def one_line(text: str) -> str:
    """Text on one line, JSON as it is always spelled here, secrets hidden."""
    try:
        return visible(json_text.compact(redact.json_value(json_text.read(text))))
    except (ValueError, RecursionError):
        return visible(redact.text(text))


def visible(text: str) -> str:
    """The text on one line, with characters that a terminal or a browser obeys instead of showing as `\\x1b`."""
    return "".join(char if _harmless(char) else char.encode("unicode_escape").decode() for char in text)


def _harmless(char: str) -> bool:
    return char.isprintable() or char == "\t" or unicodedata.category(char) in ("Zs", "Cn", "Co")


def _unpacked(message: Request | Response) -> tuple[bytes, tuple[str, ...]]:
    coding = (message.fields.get("Content-Encoding") or "").strip().lower()
    if coding not in ("gzip", "deflate"):
        return message.body, ()
    try:
        body = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(message.body, MAX_UNPACKED)
    except zlib.error:
        return message.body, ()
    return body, (f"unpacked for reading: {bytes_text(len(message.body))} of {coding} on the wire",)


def _unfolded(parsed: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in parsed.pairs if isinstance(parsed, json_text.Members) else ():
        if isinstance(value, str) and "\n" in value.strip() and not redact.is_secret(name):
            lines, remarks = _cut(redact.text(value.strip()))
            yield "; ".join([f"{visible(name)}, with its line breaks", *remarks]), lines


def _cut(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lines = text.splitlines()
    more = len(lines) - MAX_LINES
    kept = tuple(short(visible(line)) for line in lines[:MAX_LINES])
    return (kept, (f"{count_text(more, 'more line')} not shown",)) if more > 0 else (kept, ())


def short(line: str, longest: int = MAX_LINE) -> str:
    more = len(line) - longest
    return f"{line[:longest]}… ({count_text(more, 'more character')})" if more > 0 else line


def _hex(body: bytes) -> Shown:
    excerpt = masked(body)[:HEX_BYTES]
    lines = tuple(excerpt[start : start + 16].hex(" ") for start in range(0, len(excerpt), 16))
    more = f", the first {HEX_BYTES} of them in hexadecimal" if len(body) > HEX_BYTES else ", in hexadecimal"
    return Shown(lines, (f"{bytes_text(len(body))} that are not UTF-8 text{more}",))


def masked(body: bytes) -> bytes:
    """Bytes whose secrets are hidden: credentials can stand in content that is not UTF-8, too."""
    return redact.text(body.decode("latin-1"), lambda name: "????").encode("latin-1")
