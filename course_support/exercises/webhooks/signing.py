"""What an attempt of a learner's sender must look like: the bytes, the fields, and a signature that fits them."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode

from course_support.evidence import Evidence
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

FIELDS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def field(exchange: Exchange, name: str) -> str:
    """A field's value, or an empty text."""
    return exchange.request.fields.get(name) or ""


def other_content(evidence: Evidence) -> Verdict | None:
    payload: str = evidence.arguments["payload"]
    odd = next((e for e in evidence.exchanges if e.request.body != payload.encode()), None)
    if not odd:
        return None
    content, body = odd.request.json(), odd.request.body
    step = "The payload is JSON already: send `payload.encode()`, as `data` with requests, and nothing is changed."
    if not body:
        cause = "You sent no content."
    elif content == payload:
        cause = "You sent the payload as one JSON string, with quotes around it."
    elif content is not None and content == json.loads(payload):
        cause = "You sent the same JSON in other bytes, and the signature is over bytes."
    elif body == payload.encode("latin-1", "replace"):
        cause, step = (
            "You sent the payload in another encoding than UTF-8.",
            "JSON is sent in UTF-8: `payload.encode()`.",
        )
    else:
        cause = "The content that you sent is not the payload."
    return wrong(cause, odd, expected=payload, seen=odd.request.text or "no content", next_step=step)


def other_label(evidence: Evidence) -> Verdict | None:
    odd = next((e for e in evidence.exchanges if e.request.media_type != "application/json"), None)
    if not odd:
        return None
    return wrong(
        "You did not say that the content is JSON.",
        odd,
        expected="Content-Type: application/json",
        seen=f"Content-Type: {field(odd, 'Content-Type') or 'not said'}",
        next_step="Bytes have no label of their own: add the Content-Type to the header fields.",
    )


def lacking_field(evidence: Evidence) -> Verdict | None:
    for exchange in evidence.exchanges:
        lacks = [name for name in FIELDS if not field(exchange, name)]
        if lacks:
            return wrong(
                f"Your delivery has no {lacks[0]}.",
                exchange,
                expected=", ".join(FIELDS),
                seen=", ".join(name for name in FIELDS if name not in lacks) or "none of the three",
                next_step="The three fields of Standard Webhooks go with each attempt.",
            )
    return None


def other_id(evidence: Evidence) -> Verdict | None:
    id = evidence.arguments["id"]
    odd = next((e for e in evidence.exchanges if field(e, "webhook-id") != id), None)
    if not odd:
        return None
    later = odd is not evidence.exchanges[0]
    return wrong(
        "You gave the next attempt another webhook-id."
        if later
        else "Your webhook-id is not the id that your function is given.",
        odd,
        expected=id,
        seen=field(odd, "webhook-id"),
        next_step="By its id a shop knows that it has seen the event before: it is the same in each attempt.",
    )


def odd_timestamp(evidence: Evidence) -> Verdict | None:
    now = evidence.expected["now"]
    for exchange in evidence.exchanges:
        text = field(exchange, "webhook-timestamp")
        moment = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if abs(moment - now) <= 300:
            continue
        step = "It is the time of this attempt, in whole seconds since 1970: `int(time.time())`."
        if moment < 0:
            cause = "Your webhook-timestamp is not a whole number of seconds."
        elif abs(moment / 1000 - now) <= 300:
            cause = "Your webhook-timestamp is in milliseconds."
        elif abs(moment - now) % 1800 in (*range(301), *range(1500, 1800)) and abs(moment - now) < 60 * 60 * 15:
            cause = "Your webhook-timestamp is some hours away from now."
            step = "A time without its zone is taken for another one: `datetime.now(UTC)` has its zone with it."
        else:
            cause = "Your webhook-timestamp is not now."
        return wrong(cause, exchange, expected=f"about {now}", seen=text, next_step=step)
    return None


def odd_signature(evidence: Evidence) -> Verdict | None:
    """None of an attempt's signatures is that of its id, timestamp and content."""
    secret = evidence.arguments["secret"]
    for index, exchange in enumerate(evidence.exchanges):
        id, timestamp, given = (field(exchange, name) for name in FIELDS)
        key, body = b64decode(secret.removeprefix("whsec_")), exchange.request.body
        right = "v1," + _signature(key, f"{id}.{timestamp}.", body)
        if right in given.split():
            continue
        earlier = [it for e in evidence.exchanges[:index] for it in field(e, "webhook-signature").split()]
        cause, step = _diagnosis(given, secret, id, timestamp, body)
        if given in earlier:
            cause, step = RETAINED
        return wrong(cause, exchange, expected=right, seen=given, next_step=step)
    return None


def _signature(key: bytes, before: str, body: bytes) -> str:
    return b64encode(hmac.digest(key, before.encode() + body, "sha256")).decode()


def _diagnosis(given: str, secret: str, id: str, timestamp: str, body: bytes) -> tuple[str, str]:
    key = b64decode(secret.removeprefix("whsec_"))
    signed = f"{id}.{timestamp}."
    if given.removeprefix("v1,") == _signature(key, signed, body):
        return "Your signature lacks its version.", "It reads `v1,` and then the Base64: the version lets it change."
    value = given.removeprefix("v1,")
    if value == hmac.digest(key, signed.encode() + body, "sha256").hex():
        return (
            "You wrote the signature in hexadecimal.",
            "`.digest()` gives bytes, and Base64 of these is what is sent.",
        )
    for other in (secret.encode(), secret.removeprefix("whsec_").encode()):
        if value == _signature(other, signed, body):
            return TEXT_AS_KEY
    for before in ("", f"{id}.", f"{timestamp}.", f"{id}{timestamp}", f"{timestamp}.{id}."):
        if value == _signature(key, before, body):
            return OTHER_TEXT
    moment = int(timestamp)
    near = [moment + offset for offset in (*range(-5, 6), *range(-54000, 54001, 900))]
    if any(value == _signature(key, f"{id}.{it}.", body) for it in near):
        return OTHER_TIME
    return "Your signature does not fit what you sent.", f"{PARTS} `Webhook(secret).sign(id, now, payload)` makes it."


PARTS = "Signed is the text `id.timestamp.payload`, with the very id, timestamp and bytes that are sent."
RETAINED = (
    "You sent an earlier attempt's signature again, with a new timestamp.",
    "The timestamp is among what is signed: sign anew for each attempt.",
)
TEXT_AS_KEY = (
    "You signed with the secret as it is written.",
    "The key is what the Base64 behind `whsec_` stands for: `base64.b64decode(…)`; the package does it for you.",
)
OTHER_TEXT = ("You did not sign all three of id, timestamp and payload, in this order, with dots between them.", PARTS)
OTHER_TIME = (
    "You signed another time than the one in your webhook-timestamp.",
    "Look at the clock once, `now = datetime.now(UTC)`, and make both of it; `sign` takes any time for UTC.",
)
