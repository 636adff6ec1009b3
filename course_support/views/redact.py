"""Hides credentials in what is shown, because an output is saved, handed in and projected on a wall.

Names decide, not values: the field, member, parameter or element that a secret travels in. Every function takes `mask`,
which makes the replacement from that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from course_support.views import json_text
from course_support.views.json_text import Members

Mask = Callable[[str], str]

_NAMES = {"token", "ticket", "jwt", "pwd", "passphrase", "privatekey", "sessionid", "xauthtoken"}
_ENDINGS = (
    "password", "passwd", "secret", "apikey", "authorization",
    "passworddigest",
    "accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken", "securitytoken", "csrftoken",
)  # fmt: skip
_SCHEME = re.compile(r"([A-Za-z]{2,16})\s+\S")
_NAME = re.compile(r"""(?<![\w.-])(?P<quote>["']?)(?P<name>[\w.-]++)(?P=quote)\s*+(?P<sign>[:=])\s*+(?P<mark>["']?)""")
_VALUES = {
    '"': re.compile(r'(?:[^"\\]|\\.)*+', re.S),
    "'": re.compile(r"[^']*+"),
    "": re.compile(r"""[^\s"',;&<>{}()\[\]]*+"""),
}
_TAG = r"<(?P<slash>/?)(?P<qname>(?:[\w.-]++:)?(?P<name>[\w.-]++))(?P<attributes>[^<>]*+)>"
_TAGS = re.compile(_TAG)
_NO_TAG = r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)"
_CONTENT = re.compile(f"{_NO_TAG}|{_TAG}", re.S)
_TEXT = re.compile(f"(?:{_NO_TAG}|[^<]++)*+", re.S)
_USERINFO = re.compile(r"(?<=://)([^/?#\s:@\"']*+):[^/?#\s@\"']++@")


def dots(name: str) -> str:
    """The replacement that views show."""
    return "••••"


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a field, member or parameter of this name carries a credential; case and punctuation do not matter."""
    plain = re.sub(r"[\W_]", "", name).lower()
    return plain in _NAMES or plain.endswith(_ENDINGS)


def field(name: str, value: str, mask: Mask = dots) -> str:
    """The value of a header field: an authentication scheme and the names of cookies stay readable."""
    match name.lower():
        case "authorization" | "proxy-authorization":
            return _authorization(value, mask)
        case "cookie":
            return "; ".join(_cookie(cookie, mask) for cookie in value.split(";"))
        case "set-cookie":
            cookie, semicolon, attributes = value.partition(";")
            return _cookie(cookie, mask) + semicolon + attributes
        case _:
            return mask(name) if is_secret(name) and value else text(value, mask)


def target(value: str, mask: Mask = dots) -> str:
    """A request target: the values of secret parameters in its query."""
    path, question, query = value.partition("?")
    return text(path, mask) + question + form(query, mask)


def form(value: str, mask: Mask = dots) -> str:
    """Parameters joined by `&`, as in a query or in form content."""
    return "&".join(_parameter(pair, mask) for pair in value.split("&"))


def text(value: str, mask: Mask = dots) -> str:
    """Any other text: `name=value`, quoted members, XML elements and the password in a URL."""
    return _elements(_pairs(_USERINFO.sub(rf"\1:{mask('password')}@", value), mask), mask)


def json_value(value: Any, mask: Mask = dots) -> Any:
    """A value read by `json_text.read`: secret members at any depth, and what its strings quote."""
    if isinstance(value, Members):
        return Members([(name, _member(name, member, mask)) for name, member in value.pairs])
    if isinstance(value, list):
        return [json_value(item, mask) for item in value]
    return text(value, mask) if type(value) is str else value


def content(value: str, media_type: str, mask: Mask = dots) -> str:
    """The text of a message's content; text that holds no secret comes back as it is."""
    try:
        parsed = json_text.read(value)
        hidden = json_value(parsed, mask)
        return value if hidden == parsed else json_text.compact(hidden)
    except (ValueError, RecursionError):
        pass
    return form(value, mask) if media_type == "application/x-www-form-urlencoded" else text(value, mask)


def _pairs(value: str, mask: Mask) -> str:
    parts, at = [], 0
    for match in _NAME.finditer(value):
        plainly = match["quote"] or match["mark"] or match["sign"] == "="  # `password: String!` is a GraphQL type
        if match.start() < at or not plainly or not is_secret(match["name"]):
            continue
        secret = _VALUES[match["mark"]].match(value, match.end())
        if secret and secret[0]:
            parts += [value[at : match.end()], mask(match["name"])]
            at = secret.end()
    return "".join([*parts, value[at:]])


def _elements(value: str, mask: Mask) -> str:
    """XML, whether it parses or not: all that a secret element holds."""
    closings = {tag["qname"]: tag.start() for tag in _TAGS.finditer(value) if tag["slash"]}
    parts, at = [], 0
    for tag in _TAGS.finditer(value):
        if tag.start() < at or tag["slash"] or tag["attributes"].endswith("/") or not is_secret(tag["name"]):
            continue
        end = _end(tag, value) if closings.get(tag["qname"], -1) >= tag.end() else _end_of_text(tag, value)
        if value[tag.end() : end].strip():
            parts += [value[at : tag.end()], mask(tag["name"])]
            at = end
    return "".join([*parts, value[at:]])


def _end(tag: re.Match[str], value: str) -> int:
    """Where the element is closed; a closing tag in a comment or in CDATA is none."""
    closings = (it.start() for it in _CONTENT.finditer(value, tag.end()) if it["slash"] and it["qname"] == tag["qname"])
    return next(closings, len(value))


def _end_of_text(tag: re.Match[str], value: str) -> int:
    text = _TEXT.match(value, tag.end())
    return text.end() if text else tag.end()


def _authorization(value: str, mask: Mask) -> str:
    scheme = _SCHEME.match(value)
    return f"{scheme[1]} {mask('token')}" if scheme else mask("token") if value else value


def _cookie(cookie: str, mask: Mask) -> str:
    name, equals, _ = cookie.strip().partition("=")
    return f"{name}={mask(name)}" if equals else mask("cookie")


def _parameter(pair: str, mask: Mask) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={mask(unquote_plus(name))}" if value and is_secret(unquote_plus(name)) else pair


def _member(name: str, value: Any, mask: Mask) -> Any:
    if not is_secret(name) or value is None or isinstance(value, bool) or value in ("", [], Members([])):
        return json_value(value, mask)
    if isinstance(value, str) and name.lower().endswith("authorization"):
        return _authorization(value, mask)
    return mask(name)
