"""Who wants to be told of what, and where: subscriptions, and the secrets that their deliveries are signed with."""

import base64
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from course_support.backends.members import Rule, checked
from course_support.backends.payments import EVENT_TYPES, Event, timestamp
from course_support.backends.problem import Problem
from course_support.backends.targets import Resolve, refusal

OLD_SECRET_LIVES = timedelta(hours=24)
MOST_SECRETS = 5  # that sign at once: each makes the field of every delivery longer
SHORTEST, LONGEST = 24, 64  # bytes of a secret (Standard Webhooks, signature scheme)


@dataclass
class Subscription:
    id: str
    owner: str
    event_types: Sequence[str]
    target_url: str
    created_at: datetime
    secrets: list[str]  # the newest first
    status: str = "enabled"
    expiry: dict[str, datetime] = field(default_factory=dict)  # of the secrets that were replaced

    @property
    def representation(self) -> dict[str, Any]:
        """What its owner sees of it: no secret, as whoever reads along could sign with it."""
        return {
            "id": self.id,
            "event_types": list(self.event_types),
            "target_url": self.target_url,
            "status": self.status,
            "created_at": timestamp(self.created_at),
        }

    def wants(self, event: Event) -> bool:
        return self.status == "enabled" and self.owner == event.payment.owner and event.event_type in self.event_types

    def alive(self, now: datetime) -> list[str]:
        """The secrets to sign with: a shop that still verifies with the old one must not miss a delivery."""
        return [secret for secret in self.secrets if secret not in self.expiry or now < self.expiry[secret]]

    def rotate(self, secret: str, now: datetime) -> datetime:
        """Sign with this secret from now on, and with the one before as well until the moment that is returned.

        Raises a Problem 409 while as many secrets as there may be sign already.
        """
        alive = self.alive(now)
        if len(alive) >= MOST_SECRETS:
            free = timestamp(self.expiry[alive[-1]])
            raise Problem(409, f"Rotate again after {free}: {MOST_SECRETS} secrets sign already, and one expires then.")
        expires = now + OLD_SECRET_LIVES
        self.expiry[self.secrets[0]] = expires
        self.secrets = [secret, *alive]
        self.expiry.pop(secret, None)  # one of long ago may come back
        return expires

    def fields(self, event: Event, now: datetime) -> dict[str, str]:
        """The three fields of Standard Webhooks for an attempt that is made now, `now` being in UTC."""
        payload = event.payload.decode()
        signatures = [Webhook(secret).sign(event.id, now, payload) for secret in self.alive(now)]
        return {
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


class Subscriptions:
    """All subscriptions, in the order in which they were registered."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"subscriptions {seed}")
        self._all: dict[str, Subscription] = {}

    def get(self, id: str) -> Subscription | None:
        return self._all.get(id)

    def of(self, owner: str) -> list[Subscription]:
        return [subscription for subscription in self._all.values() if subscription.owner == owner]

    def wanting(self, event: Event) -> list[Subscription]:
        return [subscription for subscription in self._all.values() if subscription.wants(event)]

    def add(self, owner: str, event_types: Sequence[str], target_url: str, secret: str, now: datetime) -> Subscription:
        id = f"wh_{self._draw.getrandbits(64):016x}"
        self._all[id] = Subscription(id, owner, event_types, target_url, now, [secret])
        return self._all[id]

    def remove(self, subscription: Subscription) -> None:
        subscription.status = "disabled"  # what is still on its way to it ends here
        del self._all[subscription.id]

    def new_secret(self) -> str:
        """Drawn from the seed, as everything here is; outside of a course only `secrets.token_bytes` is good enough."""
        return "whsec_" + base64.b64encode(self._draw.randbytes(32)).decode()


def checked_registration(sent: Any, resolve: Resolve) -> dict[str, Any]:
    """The members of a new subscription, or a 422 that lists all faults at once. The secret may be left out."""

    def target_url(value: Any) -> str | None:
        return refusal(value, resolve) if isinstance(value, str) else "Send the address of the shop as a string."

    rules: dict[str, Rule] = {"event_types": _event_types, "target_url": target_url, "secret": secret_advice}
    return checked(sent, rules, optional=["secret"])


def _event_types(value: Any) -> str | None:
    known = isinstance(value, list) and value and all(name in EVENT_TYPES for name in value)
    return None if known and len(set(value)) == len(value) else f"Send a list of some of {', '.join(EVENT_TYPES)}."


def secret_advice(value: Any) -> str | None:
    """What is wrong with a secret, as one sentence that says what to do; None for a good one."""
    found = re.fullmatch(r"whsec_([A-Za-z0-9+/]+={0,2})", value) if isinstance(value, str) else None
    try:
        key = base64.b64decode(found[1], validate=True) if found else b""
    except ValueError:
        key = b""
    # Base64 has one spelling for each key only if the bits that are left over are zero (RFC 4648, section 3.5).
    if found and SHORTEST <= len(key) <= LONGEST and base64.b64encode(key).decode() == found[1]:
        return None
    return f"Send whsec_ and the Base64 of {SHORTEST} to {LONGEST} random bytes, or leave it out to get one."
