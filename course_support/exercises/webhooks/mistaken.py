"""Deliveries that are signed as learners sign by mistake: who takes one for genuine has made that very mistake."""

from __future__ import annotations

import hmac
import json
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace

from course_support.exercises.webhooks import deliveries
from course_support.exercises.webhooks.deliveries import Delivery

KEY = "The key is what the Base64 behind `whsec_` stands for: 32 bytes, in this exercise."
# In each: how a key is made of the secret, and content of the payload, what is wrong with that, and a next step.
Mistake = tuple[Callable[[str], bytes], Callable[[str], str], str, str]
MISTAKES: dict[str, Mistake] = {
    "key of the whole text": (
        lambda secret: secret.encode(),
        lambda payload: payload,
        "Your key is the secret as it is written, and not the bytes that it stands for.",
        KEY,
    ),
    "key of the text behind": (
        lambda secret: secret.removeprefix("whsec_").encode(),
        lambda payload: payload,
        "Your key is the text behind `whsec_`, which is Base64 of the key.",
        KEY,
    ),
    "key decoded with the prefix": (
        lambda secret: b64decode(secret + "=="),
        lambda payload: payload,
        "Your key is decoded from all of the secret, and `whsec_` is no part of the Base64.",
        KEY,
    ),
    "written again": (
        lambda secret: b64decode(secret.removeprefix("whsec_")),
        lambda payload: json.dumps(json.loads(payload)),
        "You compute the signature over JSON that was parsed and written again, and not over the bytes that came.",
        "What `json.dumps` writes has other spaces, and so other bytes: take `body` as it is.",
    ),
}


def mistaken(draw: random.Random, secret: str, name: str) -> Delivery:
    """A delivery with a signature that only this mistake takes for the right one."""
    key, content, *_ = MISTAKES[name]
    made = deliveries.delivery(draw, secret)
    fields = made.signed()
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.{content(made.payload)}"
    return _with_signature(
        made, fields, "v1," + b64encode(hmac.digest(key(secret), signed.encode(), "sha256")).decode()
    )


def of_another_version(draw: random.Random, secret: str) -> Delivery:
    """A delivery whose signature would be right if it were one of v1 (v1a is that of a public key, no HMAC)."""
    made = deliveries.delivery(draw, secret)
    fields = made.signed()
    return _with_signature(made, fields, fields["webhook-signature"].replace("v1,", "v1a,", 1))


def _with_signature(made: Delivery, fields: dict[str, str], signature: str) -> Delivery:
    return replace(made, fields=tuple((fields | {"webhook-signature": signature}).items()))
