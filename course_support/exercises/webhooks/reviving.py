"""The exercise of dead letters: what could not be delivered for days is delivered after all."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette

from course_support.backends.network import Outcome, Sending
from course_support.backends.payments import EVENT_TYPES
from course_support.backends.subscriptions import Subscription
from course_support.backends.webhooks import WEBHOOKS, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import not_found, not_let_in, of_type, refused, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

CARDS = ("4242424242424242", "4000000000000002")
SHOP = "yourstore"


class Week:
    """A week at the processor: a shop that is up or down, payments, and a clock that is wound."""

    def __init__(self, draw: random.Random) -> None:
        self.service: Starlette = app(draw.randrange(2**32))
        self.up = True
        self._draw = draw
        self.service.state.network.carry = self._carry  # the way to a shop that does not exist

    def _carry(self, sending: Sending) -> Outcome:
        return Outcome(200) if self.up else Outcome(error="no connection")

    def subscribe(self, owner: str, page: str) -> Subscription:
        state = self.service.state
        secret = state.subscriptions.new_secret()
        target = f"https://{owner}.com/webhooks/{page}"
        subscription: Subscription = state.subscriptions.add(owner, EVENT_TYPES, target, secret, state.clock.now)
        return subscription

    def pay(self, count: int, owner: str = SHOP) -> list[str]:
        """So many payments, some hours apart; the ids of their events."""
        return [self._pay(owner) for _ in range(count)]

    def _pay(self, owner: str) -> str:
        state, draw = self.service.state, self._draw
        amount = f"{draw.randint(5, 900)}.{draw.randint(0, 99):02d}"
        order, card = f"A-{draw.randint(1000, 99999)}", draw.choice(CARDS)
        event = state.ledger.pay(owner, order, amount, "CHF", card, state.clock.now)
        state.deliveries.announce(event, state.subscriptions.wanting(event))
        self.wind(timedelta(minutes=draw.randint(10, 300)))
        return str(event.id)

    def wind(self, by: timedelta) -> None:
        self.service.state.deliveries.wind(by)


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, draw.randint(3, 5)), _scene(draw, draw.randint(6, 9)), _scene(draw, 0)]


def _scene(draw: random.Random, dead: int) -> Scene:
    """A shop with two webhooks, the second one younger. With no `dead` letters, the shop was up all the time."""
    week = Week(draw)
    subscription = week.subscribe(SHOP, "payments")
    week.pay(draw.randint(2, 3))
    week.up = not dead
    letters = week.pay(dead)
    week.subscribe(SHOP, "accounting")
    week.subscribe("otherstore", "payments")
    letters += week.pay(2)
    week.pay(1, "otherstore")
    week.wind(timedelta(days=4))
    week.up = False
    pending = week.pay(1)
    week.up = True
    key = week.service.state.credentials[SHOP]
    return Scene(
        week.service,
        {"url": URL, "api_key": key, "subscription": subscription.id},
        {"letters": letters if dead else [], "pending": pending},
    )


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _wrong_method,
        not_found,
        _other_webhook,
        _not_dead,
        _again,
        refused,
        of_type(list, 'a list such as ["msg_1", "msg_2"]'),
        _left_dead,
        _other_list,
    )


def _replays(evidence: Evidence) -> list[tuple[str, str, Exchange]]:
    """Webhook, event and exchange of each replay that the processor took."""
    taken = [e for e in evidence.sent("POST") if e.status == 202 and e.request.path.endswith("/replay")]
    parts = [(e.request.path.removeprefix(f"{WEBHOOKS}/").split("/"), e) for e in taken]
    return [(names[0], names[2], e) for names, e in parts if len(names) == 4]


def _listing(evidence: Evidence) -> Exchange | None:
    path = f"{WEBHOOKS}/{evidence.arguments['subscription']}/dead-letters"
    return next(iter(evidence.sent("GET", path)), None)


def _wrong_method(evidence: Evidence) -> Verdict | None:
    missed = next((e for e in evidence.exchanges if e.status == 405), None)
    if not missed:
        return None
    return wrong(
        f"The processor has this address, but not for {missed.request.method}.",
        missed,
        expected="GET …/dead-letters, and POST …/deliveries/{event id}/replay",
        seen=f"{missed.request.method} {missed.request.target}",
        next_step="What only reads is a GET; a replay makes the processor do something, and is a POST.",
    )


def _other_webhook(evidence: Evidence) -> Verdict | None:
    own = evidence.arguments["subscription"]
    other = next((e for webhook, _, e in _replays(evidence) if webhook != own), None)
    if not other:
        return None
    return wrong(
        "You replayed a delivery of another webhook than the one that your function is given.",
        other,
        expected=f"replays at {WEBHOOKS}/{own}/deliveries",
        seen=f"POST {other.request.target}",
        next_step="A shop can have several webhooks, each with letters of its own: take those of `subscription`.",
    )


def _not_dead(evidence: Evidence) -> Verdict | None:
    for _, event, exchange in _replays(evidence):
        if event in evidence.expected["letters"]:
            continue
        pending = event in evidence.expected["pending"]
        return wrong(
            "You replayed a delivery that the processor is going to try again by itself."
            if pending
            else "You replayed a delivery that had arrived.",
            exchange,
            expected="replays of dead letters, and of nothing else",
            seen=f"{event}, which is {'pending' if pending else 'delivered'}",
            next_step="…/deliveries has all there are; those that were given up stand under …/dead-letters.",
        )
    return None


def _again(evidence: Evidence) -> Verdict | None:
    seen: set[str] = set()
    for _, event, exchange in _replays(evidence):
        if event in seen:
            return wrong(
                "You replayed the same event more than once, and the shop was up: it got it more than once.",
                exchange,
                expected="one replay for each dead letter",
                seen=f"{sum(event == it for _, it, _ in _replays(evidence))} replays of {event}",
                next_step="One event may have many attempts behind it; one POST is one more.",
            )
        seen.add(event)
    return None


def _left_dead(evidence: Evidence) -> Verdict | None:
    replayed = [event for _, event, _ in _replays(evidence)]
    left = [event for event in evidence.expected["letters"] if event not in replayed]
    if not left:
        return None
    return wrong(
        "You replayed some of the dead letters, and not all." if replayed else "You replayed none of the dead letters.",
        _listing(evidence) or evidence.last,
        expected=f"{len(evidence.expected['letters'])} replays",
        seen=f"{len(replayed)}, and {left[0]} is still dead",
        next_step="Go through the whole list that the processor answers with, and send a POST for each of its members.",
    )


def _other_list(evidence: Evidence) -> Verdict | None:
    letters, value = evidence.expected["letters"], evidence.value
    if same(value, letters):
        return None
    cause, step = _diagnosis(value, letters)
    return wrong(cause, _listing(evidence) or evidence.last, expected=letters, seen=value_text(value), next_step=step)


def _diagnosis(value: list[Any], letters: list[str]) -> tuple[str, str]:
    known = [it for it in value if isinstance(it, str) and it in letters]
    if not value:
        return "Your list is empty.", "Once they are delivered they are dead no more: keep the ids of those you replay."
    if same(value, letters[::-1]):
        return (
            "Your list begins with the newest dead letter.",
            "The processor lists the newest first: turn the list around.",
        )
    if len(known) == len(value) == len(letters) and set(known) == set(letters):
        return (
            "Your list has the right ids in another order.",
            "Their age is not in their ids: go by the order of the list.",
        )
    if all(isinstance(it, dict) for it in value):
        return "Your list has whole deliveries in it, where ids of events are asked for.", '`delivery["event_id"]`'
    return "Your list is not that of the events that you replayed.", "One id for each replay, the oldest first."


REVIVE = Exercise(
    "webhooks.revive",
    "Bring back the dead letters",
    2,
    (
        "Look at one answer to GET …/dead-letters first: under which name is the list, in which order, and what "
        "identifies an event?",
        'For each of `reversed(answer.json()["deliveries"])` POST to '
        "`f\"{url}/api/webhooks/{subscription}/deliveries/{letter['event_id']}/replay\"`, and collect the ids.",
    ),
    _scenes,
    _judge,
)
