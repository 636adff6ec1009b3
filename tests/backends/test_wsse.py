"""The UsernameToken: which ones are believed, for how long, how often, and what the others are told."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree
from zeep.wsse.username import UsernameToken

from course_support.backends import wsse
from course_support.backends.envelope import WSSE, WSU, Fault

from .hospital import digested, made, token

NOW = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
USERS = {"hospital_system": "secure_password", "Zoë": "pässwörd €"}
NONCE = bytes(range(16))


def at(seconds: float) -> str:
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check(*blocks: str, nonces: wsse.Nonces | None = None, now: datetime = NOW) -> str:
    return wsse.authenticate(map(etree.fromstring, blocks), USERS, now, nonces or wsse.Nonces())


def refusal(*blocks: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(Fault) as caught:
        check(*blocks, **more)
    fault = caught.value
    assert fault.code == "Client"
    assert fault.detail is None  # that is for the Body (SOAP 1.1, 4.4)
    assert fault.reason.endswith(".")
    assert fault.subcode
    assert fault.subcode.namespace == WSSE
    return fault.subcode.localname, fault.reason


def test_a_digest_is_what_the_profile_says() -> None:
    created = "2003-07-16T01:24:32Z"
    by_hand = hashlib.sha1(NONCE + created.encode() + "pässwörd €".encode()).digest()
    assert wsse.digest(NONCE, created, "pässwörd €") == base64.b64encode(by_hand).decode()


@pytest.mark.parametrize("use_digest", [False, True])
def test_what_zeep_writes_is_believed(use_digest: bool) -> None:
    envelope = etree.Element("{http://schemas.xmlsoap.org/soap/envelope/}Envelope")
    now = datetime.now(UTC)
    for user, password in USERS.items():
        for zulu in (False, True):
            made_by_zeep = UsernameToken(user, password, use_digest=use_digest, zulu_timestamp=zulu)
            written, _ = made_by_zeep.apply(etree.fromstring(etree.tostring(envelope)), {})
            assert check(etree.tostring(written[0][0]).decode(), now=now) == user


@pytest.mark.parametrize(
    "block",
    [
        token(),
        token().replace("<wsse:Password>", f'<wsse:Password Type="{wsse.TEXT}">'),
        token(more=made(at(0))),
        token(more="<wsse:Nonce>AAAA</wsse:Nonce>"),
        token(more="<wsse:Nonce>AAAA</wsse:Nonce>" + made(at(-300))),
        token().replace("wsse:", "").replace("xmlns:wsse", "xmlns").replace(f' xmlns:wsu="{WSU}"', ""),
        digested(at(0), NONCE),
        digested("2026-03-02T09:00:00", NONCE),
        digested("2026-03-02T10:00:00+01:00", NONCE),
        digested(at(0), b"x"),
        digested(at(-300), NONCE),
        digested(at(300), NONCE),
    ],
)
def test_a_token_is_believed(block: str) -> None:
    assert check(block) == "hospital_system"


@pytest.mark.parametrize(
    "block",
    [
        token(password="wrong"),
        token(password=""),
        token(password="secure_password "),
        token(user="nobody"),
        token(user="nobody", password=""),
        token(user="", password=""),
        token(user="HOSPITAL_SYSTEM"),
        token(password="€"),
        token(password=wsse.digest(NONCE, at(0), "secure_password"), more=made(at(0))),
        digested(at(0), NONCE, password="wrong"),
        digested(at(0), NONCE, user="nobody", password=""),
        digested(at(0), NONCE).replace(made(at(0)), made(at(1))),
        digested(at(0), NONCE).replace("AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0OEA=="),
        digested(at(0), NONCE).replace(wsse.digest(NONCE, at(0), "secure_password"), "secure_password"),
    ],
)
def test_a_wrong_user_and_a_wrong_password_are_told_the_same(block: str) -> None:
    code, reason = refusal(block)
    assert (code, reason) == refusal(token(password="wrong"))
    assert code == "FailedAuthentication"


NO_TOKEN = f'<wsse:Security xmlns:wsse="{WSSE}"/>'
SAML = f'<wsse:Security xmlns:wsse="{WSSE}"><a:Assertion xmlns:a="urn:saml"/></wsse:Security>'
WHOLE = digested(at(0), NONCE)
NONCE_ELEMENT = "<wsse:Nonce>AAECAwQFBgcICQoLDA0ODw==</wsse:Nonce>"
ODD = {
    "nothing": ((), "InvalidSecurity", "UsernameToken"),
    "another block": (('<x xmlns="urn:x"/>',), "InvalidSecurity", "there is none"),
    "two": ((token(), token()), "InvalidSecurity", "there are 2"),
    "empty": ((NO_TOKEN,), "InvalidSecurity", "Put one UsernameToken"),
    "another token": ((SAML,), "UnsupportedSecurityToken", "Put one UsernameToken"),
    "no user": ((token().replace("wsse:Username>", "wsse:User>"),), "InvalidSecurity", "Username"),
    "no password": ((token().replace("wsse:Password>", "wsse:Pass>"),), "InvalidSecurity", "Password"),
    "two passwords": ((token(more="<wsse:Password/>"),), "InvalidSecurity", "only one Password"),
    "another kind": ((WHOLE.replace("#PasswordDigest", "#Md5"),), "UnsupportedSecurityToken", "#PasswordText"),
    "digest, no nonce": ((WHOLE.replace(NONCE_ELEMENT, ""),), "InvalidSecurity", "wsse:Nonce"),
    "digest, not created": ((WHOLE.replace(made(at(0)), ""),), "InvalidSecurity", "wsu:Created"),
    "empty nonce": ((token(more="<wsse:Nonce/>"),), "InvalidSecurity", "base64"),
    "nonce in hex": ((token(more='<wsse:Nonce EncodingType="#HexBinary">AAAA</wsse:Nonce>'),), "InvalidSecurity", "64"),
    "nonce not base64": ((token(more="<wsse:Nonce>ä</wsse:Nonce>"),), "InvalidSecurity", "base64"),
    "created is no time": ((token(more=made("yesterday")),), "InvalidSecurity", '2026-03-02T09:00:00Z, not like "yes'),
    "created on a day that is none": ((token(more=made("2026-02-30T09:00:00Z")),), "InvalidSecurity", "2026-02-30"),
    "created is far out": ((token(more=made("9999-12-31T23:59:59-14:00")),), "MessageExpired", "9999"),
    "created long ago": ((token(more=made("0001-01-01T00:00:00+14:00")),), "MessageExpired", "0001"),
    "too old": ((digested(at(-300.1), NONCE),), "MessageExpired", "they may differ by 300 seconds at most"),
    "too new": ((digested(at(300.1), NONCE),), "MessageExpired", "here it is 2026-03-02T09:00:00Z"),
    "text, too old": ((token(more=made(at(-301))),), "MessageExpired", "300 seconds"),
    "huge": ((token(password="x" * 60_000),), "FailedAuthentication", "Check the user name"),
}


@pytest.mark.parametrize(("blocks", "code", "says"), ODD.values(), ids=ODD)
def test_what_is_odd_is_refused_and_told_why(blocks: tuple[str, ...], code: str, says: str) -> None:
    refused, reason = refusal(*blocks)
    assert refused == code
    assert says in reason


def test_a_timestamp_is_kept_to() -> None:
    stamped = token().replace(
        "<wsse:UsernameToken>",
        f"<wsu:Timestamp>{made(at(0))}<wsu:Expires>{at(60)}</wsu:Expires></wsu:Timestamp><wsse:UsernameToken>",
    )
    assert check(stamped) == "hospital_system"
    code, reason = refusal(stamped, now=NOW + timedelta(seconds=61))
    assert (code, at(60) in reason) == ("MessageExpired", True)


@pytest.mark.parametrize("block", [WHOLE, token(more="<wsse:Nonce>AAAA</wsse:Nonce>")])
def test_a_nonce_works_once(block: str) -> None:
    nonces = wsse.Nonces()
    assert check(block, nonces=nonces) == "hospital_system"
    for seconds in (0, 1, 299, 300):
        code, reason = refusal(block, nonces=nonces, now=NOW + timedelta(seconds=seconds))
        assert code == "InvalidSecurityToken"
        assert "was sent before" in reason
    if block is WHOLE:  # by then it is not fresh any more, whoever remembers it
        assert refusal(block, nonces=nonces, now=NOW + timedelta(seconds=301))[0] == "MessageExpired"


def test_every_nonce_is_remembered() -> None:
    nonces, blocks = wsse.Nonces(), [digested(at(0), bytes([number]) * 16) for number in range(5)]
    for block in blocks:
        check(block, nonces=nonces)
    assert [refusal(block, nonces=nonces)[0] for block in blocks] == ["InvalidSecurityToken"] * 5


def test_a_nonce_from_the_future_is_remembered_until_it_is_stale() -> None:
    nonces, early = wsse.Nonces(), digested(at(300), NONCE)
    check(early, nonces=nonces)
    assert refusal(early, nonces=nonces, now=NOW + timedelta(seconds=600))[0] == "InvalidSecurityToken"


def test_who_does_not_know_the_password_cannot_use_up_a_nonce() -> None:
    nonces = wsse.Nonces()
    refusal(digested(at(0), NONCE, password="wrong"), nonces=nonces)
    assert check(WHOLE, nonces=nonces) == "hospital_system"


def test_nonces_belong_to_their_users_and_are_forgotten() -> None:
    nonces = wsse.Nonces()
    check(WHOLE, nonces=nonces)
    assert check(digested(at(0), NONCE, password="pässwörd €", user="Zoë"), nonces=nonces) == "Zoë"
    assert len(nonces._until) == 2
    later = NOW + timedelta(seconds=900)
    check(digested(at(900), NONCE), nonces=nonces, now=later)
    assert len(nonces._until) == 1
