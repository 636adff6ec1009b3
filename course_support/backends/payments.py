"""The payments of the webhooks lesson and the events that they make: what there is to tell, apart from how."""

import json
import random
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from course_support.backends.members import checked

EVENT_TYPES = ("payment.completed", "payment.failed", "payment.disputed")
CARDS = {"4242424242424242": "completed", "4000000000000002": "failed"}
CURRENCIES = ("CHF", "EUR", "GBP", "USD")  # all of them with two decimal places


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds: 2026-03-02T09:00:00.050Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Payment:
    id: str
    owner: str  # the shop whose API key made it
    order_id: str
    amount: str  # a decimal number: binary fractions have no cents
    currency: str
    status: str  # completed, failed or disputed
    created_at: datetime

    @property
    def representation(self) -> dict[str, Any]:
        """What its shop sees of it. The number of the card is not kept: what is not there, nobody can steal."""
        members = ("id", "order_id", "amount", "currency", "status")
        return {member: getattr(self, member) for member in members} | {"created_at": timestamp(self.created_at)}


@dataclass(frozen=True)
class Event:
    """What happened to a payment, and the payment as it was then."""

    id: str  # the `webhook-id` of every delivery of it
    payment: Payment
    created_at: datetime

    @property
    def event_type(self) -> str:
        return f"payment.{self.payment.status}"

    @property
    def content(self) -> dict[str, str]:
        """What a shop is told."""
        return {
            "event_type": self.event_type,
            "payment_id": self.payment.id,
            "order_id": self.payment.order_id,
            "amount": self.payment.amount,
            "currency": self.payment.currency,
            "created_at": timestamp(self.created_at),
        }

    @property
    def payload(self) -> bytes:
        """The very bytes that are signed and sent: JSON without needless spaces."""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()


class Ledger:
    """All payments and events, in the order in which they came."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"payments {seed}")
        self._payments: dict[str, Payment] = {}
        self._events: dict[str, Event] = {}

    def payment(self, id: str) -> Payment | None:
        return self._payments.get(id)

    def event(self, id: str) -> Event | None:
        return self._events.get(id)

    def events(self, owner: str) -> list[Event]:
        """Of one shop, oldest first."""
        return [event for event in self._events.values() if event.payment.owner == owner]

    def pay(self, owner: str, order_id: str, amount: str, currency: str, card: str, now: datetime) -> Event:
        """A new payment, which the card decides on."""
        payment = Payment(self._id("pay"), owner, order_id, amount, currency, CARDS[card], now)
        return self._record(payment, now)

    def dispute(self, payment: Payment, now: datetime) -> Event:
        """The holder of the card wants the money back."""
        return self._record(replace(payment, status="disputed"), now)

    def _record(self, payment: Payment, now: datetime) -> Event:
        event = Event(self._id("msg"), payment, now)
        self._payments[payment.id] = payment
        self._events[event.id] = event
        return event

    def _id(self, prefix: str) -> str:
        return f"{prefix}_{self._draw.getrandbits(96):024x}"


def checked_payment(sent: Any) -> dict[str, str]:
    """The members of a new payment, or a 422 that lists all faults at once."""
    return checked(sent, {"order_id": _order_id, "amount": _amount, "currency": _currency, "card": _card})


def _order_id(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch("[A-Za-z0-9_-]{1,64}", value)
    return None if fits else "Send a string of 1 to 64 letters, digits, _ and -."


def _amount(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"(0|[1-9][0-9]{0,6})\.[0-9]{2}", value) and Decimal(value)
    return None if fits else 'Send a string with two decimal places that is more than zero, such as "49.90".'


def _currency(value: Any) -> str | None:
    return None if value in CURRENCIES else f"Send one of {', '.join(CURRENCIES)}."


def _card(value: Any) -> str | None:
    fits = isinstance(value, str) and value in CARDS
    return None if fits else f"Send one of the numbers for tests: {', '.join(CARDS)}."
