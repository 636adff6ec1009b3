"""The examiner as a payment processor: deliveries, genuine and not, that it signs and POSTs to a learner's shop.

What is genuine is decided when it is drawn; it is signed when it is sent, because shops look at the real clock.
"""

from __future__ import annotations

import json
import random
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from course_support.evidence import Evidence
from course_support.exercise import Client
from course_support.wire import Exchange

PATH = "/webhooks/payments"
EXPIRED = 400  # seconds: more than the five minutes that a timestamp may be away from now


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery. `amiss` says what is not right with it, as the end of a sentence, and is empty for a genuine one.

    `payload` is signed with each of `secrets`, and is sent, unless `body` is sent in its place. Its timestamp is `age`
    seconds ago. `fields` replace header fields, by names in lower case; None leaves one out.
    """

    id: str
    payload: str
    secrets: tuple[str, ...]
    amiss: str = ""
    body: str = ""
    age: int = 0
    fields: tuple[tuple[str, str | None], ...] = ()

    @property
    def content(self) -> bytes:
        return (self.body or self.payload).encode()

    @property
    def event(self) -> dict[str, Any]:
        """What is told, as it is sent."""
        found: dict[str, Any] = json.loads(self.content)
        return found

    def signed(self) -> dict[str, str]:
        """The header fields of Standard Webhooks for a delivery that is sent now; names in lower case."""
        then = datetime.fromtimestamp(int(time.time()) - self.age, UTC)
        made: dict[str, str | None] = {
            "webhook-id": self.id,
            "webhook-timestamp": str(int(then.timestamp())),
            "webhook-signature": " ".join(Webhook(secret).sign(self.id, then, self.payload) for secret in self.secrets),
        }
        return {name: value for name, value in (made | dict(self.fields)).items() if value is not None}


# --- What is drawn ---------------------------------------------------------------------------------------------------


def secret(draw: random.Random) -> str:
    """A new one: `whsec_` and the Base64 of 32 bytes."""
    return f"whsec_{b64encode(draw.randbytes(32)).decode()}"


def event(draw: random.Random, event_type: str = "payment.completed", **members: str) -> dict[str, str]:
    """What became of a payment, as the processor tells it; `members` replace what is drawn."""
    happened = datetime.now(UTC) - timedelta(milliseconds=draw.randint(500, 3000))
    drawn = {
        "event_type": event_type,
        "payment_id": f"pay_{draw.getrandbits(96):024x}",
        "order_id": f"A-{draw.randint(1000, 99999)}",
        "amount": f"{draw.randint(5, 900)}.{draw.randint(0, 99):02d}",
        "currency": draw.choice(("CHF", "EUR", "GBP", "USD")),
        "created_at": happened.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return drawn | members


def delivery(draw: random.Random, *secrets: str, of: dict[str, str] | None = None) -> Delivery:
    """A genuine delivery, signed with each of the secrets, of this event or of a drawn one."""
    payload = json.dumps(of or event(draw), ensure_ascii=False, separators=(",", ":"))
    return Delivery(f"msg_{draw.getrandbits(96):024x}", payload, secrets)


def tampered(genuine: Delivery) -> Delivery:
    """The same with a higher amount, as if somebody on the way had changed it: still JSON, with the same id."""
    body = genuine.payload.replace('"amount":"', '"amount":"9')
    return replace(genuine, body=body, amiss="whose content was changed after it had been signed")


def forged(draw: random.Random, genuine: Delivery) -> Delivery:
    """The same, signed with a secret that nobody knows."""
    return replace(genuine, secrets=(secret(draw),), amiss="that was signed with another secret")


def stale(genuine: Delivery) -> Delivery:
    """The same as it was signed some minutes ago."""
    return replace(genuine, age=EXPIRED, amiss="whose timestamp is more than five minutes old")


def early(genuine: Delivery) -> Delivery:
    """The same as it will be signed in some minutes."""
    return replace(genuine, age=-EXPIRED, amiss="whose timestamp is more than five minutes ahead")


def redated(genuine: Delivery) -> Delivery:
    """The same as it was signed some minutes ago, with a timestamp of now."""
    now = str(int(time.time()))
    amiss = "whose timestamp was changed after it had been signed"
    return replace(genuine, age=EXPIRED, fields=(("webhook-timestamp", now),), amiss=amiss)


def without(genuine: Delivery, name: str) -> Delivery:
    """The same without this header field."""
    return replace(genuine, fields=((name, None),), amiss=f"that has no {name}")


def garbled(genuine: Delivery) -> Delivery:
    """The same with something in the place of the signature that is none."""
    return replace(genuine, fields=(("webhook-signature", "v1"),), amiss="whose webhook-signature is none")


def strangers(draw: random.Random, *secrets: str) -> list[Delivery]:
    """Deliveries that a shop must refuse, one of each kind, in any order, each of an event of its own."""

    def new() -> Delivery:
        return delivery(draw, *secrets)

    made = [tampered(new()), forged(draw, new()), stale(new()), redated(new()), garbled(new())]
    made.append(without(new(), "webhook-signature"))
    draw.shuffle(made)
    return made


# --- What is sent ----------------------------------------------------------------------------------------------------


def send(client: Client, *deliveries: Delivery) -> None:
    """POST each to the shop that the client is for, one after the other, signed now."""
    for it in deliveries:
        client.send("POST", PATH, content=it.content, Content_Type="application/json", **it.signed())


def send_at_once(client: Client, *deliveries: Delivery) -> None:
    """POST all of them at the same moment, and wait for all the answers."""

    def send_alone(it: Delivery) -> None:
        alone = Client(client.url)  # a session of requests is not for several threads
        try:
            send(alone, it)
        finally:
            alone.close()

    with ThreadPoolExecutor(len(deliveries)) as pool:
        list(pool.map(send_alone, deliveries))


def sent(evidence: Evidence) -> Iterator[tuple[Delivery, Exchange]]:
    """Each delivery among `expected["deliveries"]` with each exchange in which it was sent, in the order of these."""
    known = {(dict(it.fields).get("webhook-id", it.id), it.content): it for it in evidence.expected["deliveries"]}
    for exchange in evidence.afterwards:
        if found := known.get((exchange.request.fields.get("webhook-id"), exchange.request.body)):
            yield found, exchange
