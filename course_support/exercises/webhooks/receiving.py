"""The exercise of the shop as such: verify, do what the event asks for, answer."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.webhooks.back_office import (
    ACTIONS,
    BackOffice,
    acts,
    misdirected,
    order_ids,
    repeated,
    told_nothing,
    wait_for,
    worked_for_strangers,
)
from course_support.exercises.webhooks.deliveries import (
    Delivery,
    delivery,
    event,
    forged,
    garbled,
    redated,
    secret,
    send,
    sent,
    tampered,
    without,
)
from course_support.exercises.webhooks.shops import (
    crashed_on_form,
    no_answer,
    not_refused,
    not_taken,
    other_text,
    said,
    taken,
)
from course_support.verdict import Verdict, wrong

UNKNOWN = ("payment.refunded", "payment.expired", "payout.paid", "customer.renamed")
PATIENCE = 2.0  # seconds for work that a shop does after its answer


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw), _scene(draw)]


def _scene(draw: random.Random) -> Scene:
    key, orders = secret(draw), order_ids(draw)

    def new(event_type: str = "payment.completed") -> Delivery:
        return delivery(draw, key, of=event(draw, event_type, order_id=next(orders)))

    genuine = [new(event_type) for event_type in ACTIONS] + [_written_oddly(draw, new(draw.choice(list(ACTIONS))))]
    unknown = new(draw.choice(UNKNOWN))
    strangers = [tampered(new()), forged(draw, new()), redated(new()), garbled(new())]
    strangers.append(without(new(), "webhook-signature"))
    deliveries = draw.sample([*genuine, unknown, *strangers], 10)
    office = BackOffice(it.event["order_id"] for it in deliveries)
    asked = [(ACTIONS[it.event["event_type"]], it.event["order_id"]) for it in genuine]

    def visit(client: Client) -> None:
        send(client, *deliveries)
        wait_for(lambda: all(office.done[it] for it in asked), PATIENCE)

    return Scene(
        office.app,
        {"secret": key, "url": URL},
        {"deliveries": deliveries, "unknown": unknown},
        afterwards=visit,
        serves=True,
    )


def _written_oddly(draw: random.Random, genuine: Delivery) -> Delivery:
    """The same event in JSON that no program here would write: other blanks, another order, a member more."""
    members = [*genuine.event.items(), ("note", draw.choice(("Größe M", "pâté", "čaj", "smørrebrød")))]
    draw.shuffle(members)
    payload = json.dumps(dict(members), ensure_ascii=False, separators=(" ,  ", " :\t"))
    return replace(genuine, payload=f"{payload}\n")


def _judge(evidence: Evidence) -> Verdict:
    known = [it for it in evidence.expected["deliveries"] if it is not evidence.expected["unknown"]]
    of_known = replace(evidence, expected={"deliveries": known})
    return first_of(
        evidence,
        no_answer,
        lambda _: not_taken(of_known),
        not_refused,
        _unknown_refused,
        misdirected,
        lambda _: told_nothing(of_known),
        worked_for_strangers,
        _worked_for_unknown,
        _other_action,
        _left_undone,
        repeated,
        other_text,
    )


def _unknown_refused(evidence: Evidence) -> Verdict | None:
    unknown = evidence.expected["unknown"]
    for it, exchange in sent(evidence):
        if it is unknown and not 200 <= (exchange.status or 0) < 300:
            return wrong(
                f"Your application answered {exchange.status} to a genuine {it.event['event_type']}, so that it will "
                "be sent again.",
                exchange,
                expected="a 2xx",
                seen=said(exchange),
                next_step="Next time your application will not know it either: acknowledge it, and do nothing.",
            )
    return None


def _worked_for_unknown(evidence: Evidence) -> Verdict | None:
    unknown = evidence.expected["unknown"].event
    if not (told := acts(evidence, unknown["order_id"])):
        return None
    return wrong(
        f"Your application told the back office to {told[0].action} an order after {unknown['event_type']}, which "
        "nobody asked for.",
        told[0].exchange,
        expected=f"nothing after {unknown['event_type']}",
        seen=f"POST {told[0].exchange.request.target}",
        next_step="Is there an `else` that takes whatever is left? Processors have new event types every year.",
    )


def _asked(evidence: Evidence) -> list[tuple[str, str, str]]:
    """Event type, action and order of each genuine delivery whose type is known."""
    unknown = evidence.expected["unknown"]
    events = [it.event for it in evidence.expected["deliveries"] if not it.amiss and it is not unknown]
    return [(it["event_type"], ACTIONS[it["event_type"]], it["order_id"]) for it in events]


def _other_action(evidence: Evidence) -> Verdict | None:
    for event_type, action, order in _asked(evidence):
        other = next((act for act in acts(evidence, order) if act.action != action), None)
        if other:
            return wrong(
                f"After {event_type} you told the back office to {other.action} the order, not to {action} it.",
                other.exchange,
                expected=f"POST /orders/{order}/{action}",
                seen=f"POST {other.exchange.request.target}",
                next_step="What is to be done depends on `event_type`: fulfil, notify or flag.",
            )
    return None


def _left_undone(evidence: Evidence) -> Verdict | None:
    exchanges = {it.event["order_id"]: exchange for it, exchange in sent(evidence)}
    for event_type, action, order in _asked(evidence):
        if not any(act.done for act in acts(evidence, order)):
            return wrong(
                f"After {event_type} you did not tell the back office to {action} the order.",
                exchanges.get(order),
                expected=f"POST /orders/{order}/{action}",
                seen="no such request",
                next_step="Compare the event types in your code with those of the exercise, letter by letter.",
            )
    return None


RECEIVER = Exercise(
    "webhooks.receiver",
    "Write the shop",
    3,
    (
        "Three steps: verify the bytes as they came, look up what the event type asks for, answer. What has happened "
        "when the first step fails, and what when the second finds nothing?",
        "`Webhook(secret).verify(await request.body(), dict(request.headers))` returns the event. It raises "
        "WebhookVerificationError, and ValueError for signatures that are none at all.",
        'A dict from event type to `"fulfil"`, `"notify"` or `"flag"`, and `.get` for those that are not in it: '
        "`if action: requests.post(f\"{url}/orders/{event['order_id']}/{action}\")`. Then answer, in either case.",
    ),
    _scenes,
    _judge,
    early=(taken, crashed_on_form),
)
