"""What is wrong with the Security header of a call, as far as the message and the learner's arguments show it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from lxml import etree

from course_support.backends.wsse import DIGEST, TEXT, digest
from course_support.evidence import Evidence
from course_support.exercises.soap.messages import Fault, calls, fault, parsed, texts
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

SECURITY = (
    "InvalidSecurity",
    "FailedAuthentication",
    "MessageExpired",
    "InvalidSecurityToken",
    "UnsupportedSecurityToken",
)
Diagnosis = tuple[str, str]
"""A cause and a next step."""


def security_refused(evidence: Evidence) -> Verdict | None:
    """The last call was refused because of its Security header (WS-Security 1.1, section 12)."""
    last = calls(evidence)[-1]
    refusal = fault(last)
    if not refusal or refusal.code not in SECURITY:
        return None
    cause, step = diagnosis(refusal, last, evidence.arguments)
    return wrong(cause, last, expected="a UsernameToken that the service accepts", seen=refusal.text, next_step=step)


def diagnosis(refusal: Fault, call: Exchange, arguments: Mapping[str, Any]) -> Diagnosis:
    """Of a refusal whose code is one of WS-Security's."""
    root = parsed(call.request.body)
    if refusal.code == "FailedAuthentication":
        return _not_known(root, arguments) or _other_password(root, arguments)
    if refusal.code == "InvalidSecurity" and not texts(root, "UsernameToken"):
        return ELSEWHERE if "Authorization" in call.request.fields else NOBODY
    return MEANING.get(refusal.code) or (
        f"The service refused the token in your call: {refusal.text[:250]}",
        "Compare the Security header below with one that zeep has written.",
    )


NOBODY = (
    "Your call does not say who asks, so it was refused.",
    "zeep puts the header there: `Client(wsdl, wsse=UsernameToken(username, password))`.",
)
ELSEWHERE = (
    "Your call says who asks in a field of HTTP, where this service does not look.",
    "Who asks stands in the envelope, in a Security header: `Client(wsdl, wsse=UsernameToken(username, password))`.",
)
MEANING = {
    "MessageExpired": (
        "The time in your token is too far from the present time.",
        "Created is the time of now in UTC, and five minutes are all that the service allows.",
    ),
    "InvalidSecurityToken": (
        "The nonce in your token was used before.",
        "Draw a new nonce for each message, for example with `secrets.token_bytes(16)`.",
    ),
}


def _not_known(root: etree._Element | None, arguments: Mapping[str, Any]) -> Diagnosis | None:
    """Of a call in somebody else's name."""
    sent, given = "".join(texts(root, "Username")), arguments.get("username")
    if sent == given or not given:
        return None
    if sent == arguments["password"]:
        return "The name and the password have changed places.", "First the name, then the password."
    return (
        f"Your call is in the name of {value_text(sent, 40)}, not of the user that your function is given.",
        "The check draws another user each time: send the name and the password that your function is given.",
    )


def _other_password(root: etree._Element | None, arguments: Mapping[str, Any]) -> Diagnosis:
    sent, given = "".join(texts(root, "Password")), arguments.get("password", "")
    if _kind(root) != DIGEST and sent == _digest(root, given):
        return (
            "Your Password is a digest, and says that it is the password in clear.",
            "What a Password is stands in its Type: for a digest that ends in `#PasswordDigest`.",
        )
    if _kind(root) != DIGEST:
        braces = 'There are braces in it: does your string begin with f, as in f"<Password>{password}"?'
        step = braces if "{" in sent else "Send the password that your function is given, as it is."
        return "The service does not accept the password that you sent.", step
    if sent == given:
        return (
            "Your Password says that it is a digest, and is the password itself.",
            "A digest has to be computed: Base64(SHA-1(nonce + created + password)).",
        )
    return (
        "The service does not accept the digest that you sent.",
        "Base64(SHA-1(nonce + created + password)): the nonce as bytes, the time exactly as Created has it, and the "
        "password that your function is given.",
    )


def _kind(root: etree._Element | None) -> str:
    found = None if root is None else root.find(".//{*}Password")
    return TEXT if found is None else found.get("Type", TEXT)


def _digest(root: etree._Element | None, password: str) -> str | None:
    """What would be right with the nonce and the time that are in the message."""
    try:
        return digest(b64decode("".join(texts(root, "Nonce"))), "".join(texts(root, "Created")), password)
    except ValueError:  # no Base64
        return None
