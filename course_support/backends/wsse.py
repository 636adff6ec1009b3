"""WS-Security UsernameToken 1.1: who sends a message, how fresh it is, and whether it was sent before."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from lxml import etree

from course_support.backends.envelope import WSSE, WSU
from course_support.backends.patient_contract import quoted
from course_support.backends.soap_versions import Fault

WINDOW = timedelta(seconds=300)  # how far Created may be from now, into the past and into the future
PROFILE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
TEXT, DIGEST = f"{PROFILE}#PasswordText", f"{PROFILE}#PasswordDigest"
BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def digest(nonce: bytes, created: str, password: str) -> str:
    """Base64(SHA-1(nonce + created + password)), the text of a PasswordDigest (UsernameToken Profile 1.1, 3.1)."""
    return base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()


def knows(credentials: Mapping[str, str], user: str, sent: str, proof: Callable[[str], str] = str) -> bool:
    """Whether `sent` is what `proof` makes of the user's password. It takes as long for a user that nobody knows."""
    expected = proof(credentials.get(user, ""))
    return hmac.compare_digest(expected.encode(), sent.encode()) and user in credentials


class Nonces:
    """The nonces that were used: each is kept for as long as the message that it came with would count as fresh."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, bytes], datetime] = {}

    def spend(self, user: str, nonce: bytes, until: datetime, now: datetime) -> bool:
        """Whether the nonce is a new one of this user's; from now on it is not."""
        self._until = {used: end for used, end in self._until.items() if end >= now}
        new = (user, nonce) not in self._until
        self._until.setdefault((user, nonce), until)
        return new


def authenticate(
    blocks: Iterable[etree._Element], credentials: Mapping[str, str], now: datetime, nonces: Nonces
) -> str:
    """The user whose token stands in the header blocks.

    `credentials` maps users to passwords. Raises a Fault with a code of SOAP Message Security 1.1, section 12.
    """
    security = _only([block for block in blocks if block.tag == f"{{{WSSE}}}Security"])
    _require_unexpired(security, now)
    token = _token(security)
    user, password = _text(token, WSSE, "Username"), _text(token, WSSE, "Password")
    if user is None or password is None:
        raise _refused("InvalidSecurity", "Put one Username and one Password into the UsernameToken.")
    kind = token.find(f"{{{WSSE}}}Password").get("Type", TEXT)  # type: ignore[union-attr]
    if kind not in (TEXT, DIGEST):
        raise _refused("UnsupportedSecurityToken", f"Give the Password the Type {TEXT} or {DIGEST}.")
    nonce, created = _nonce(token), (_text(token, WSU, "Created") or "").strip()
    if kind == DIGEST and not (nonce and created):
        raise _refused("InvalidSecurity", "Send a wsse:Nonce and a wsu:Created along with a PasswordDigest.")
    moment = _fresh(created, now) if created else now
    # The password comes before the nonce: nobody who does not know it can use up somebody's nonces.
    known = (
        knows(credentials, user, password.strip(), lambda secret: digest(nonce or b"", created, secret))
        if kind == DIGEST
        else knows(credentials, user, password)
    )
    if not known:
        raise _refused("FailedAuthentication", "Check the user name and the password: they do not fit each other here.")
    if nonce and not nonces.spend(user, nonce, moment + WINDOW, now):
        raise _refused("InvalidSecurityToken", "This message was sent before: use a new nonce for each message.")
    return user


def _refused(code: str, reason: str) -> Fault:
    return Fault("Client", reason, subcode=etree.QName(WSSE, code))


def _only(headers: list[etree._Element]) -> etree._Element:
    if len(headers) != 1:
        there = f"are {len(headers)}" if headers else "is none"
        advice = f"Send one Security header block, of the namespace {WSSE}, with a UsernameToken in it"
        raise _refused("InvalidSecurity", f"{advice}: there {there}.")
    return headers[0]


def _require_unexpired(security: etree._Element, now: datetime) -> None:
    """A Timestamp may stand beside the token, and then it is kept to (SOAP Message Security 1.1, section 10)."""
    for expires in security.iterfind(f"{{{WSU}}}Timestamp/{{{WSU}}}Expires"):
        written = (expires.text or "").strip()
        if _moment(written, now) < now:
            raise _refused("MessageExpired", f"Make the message anew: it expired at {written}.")


def _token(security: etree._Element) -> etree._Element:
    tokens = [child for child in security if child.tag != f"{{{WSU}}}Timestamp"]
    found = [token for token in tokens if token.tag == f"{{{WSSE}}}UsernameToken"]
    if len(found) != 1:
        code = "UnsupportedSecurityToken" if tokens and not found else "InvalidSecurity"
        raise _refused(code, f"Put one UsernameToken into the Security header block, not {len(found)}.")
    return found[0]


def _text(token: etree._Element, namespace: str, name: str) -> str | None:
    """The text of the one child of that name, None if there is no such child. Raises a Fault if there are more."""
    found = token.findall(f"{{{namespace}}}{name}")
    if len(found) > 1:
        raise _refused("InvalidSecurity", f"Put only one {name} into the UsernameToken.")
    return (found[0].text or "") if found else None


def _nonce(token: etree._Element) -> bytes | None:
    text = _text(token, WSSE, "Nonce")
    if text is None:
        return None
    encoding = token.find(f"{{{WSSE}}}Nonce").get("EncodingType", BASE64)  # type: ignore[union-attr]
    try:
        nonce = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        nonce = b""
    if encoding != BASE64 or not nonce:
        raise _refused("InvalidSecurity", "Send the Nonce as random bytes in base64.")
    return nonce


def _fresh(created: str, now: datetime) -> datetime:
    """The moment that `created` means. Raises a Fault if it is none, or one too far from now."""
    moment = _moment(created, now)
    if abs(now - moment) > WINDOW:
        difference = f"Created says {created}, and here it is {moment_text(now)}"
        limit = f"they may differ by {WINDOW.seconds} seconds at most"
        raise _refused("MessageExpired", f"Make the message anew, with the time of now: {difference}; {limit}.")
    return moment


def _moment(written: str, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(written if DATE_TIME.fullmatch(written) else "")
    except ValueError:
        raise _refused("InvalidSecurity", f"Write times like {moment_text(now)}, not like {quoted(written)}.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def moment_text(moment: datetime) -> str:
    """As Created and Expires write it, in UTC (xsd:dateTime)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
