"""The exercise of a shop that takes two secrets while one of them is replaced by the other."""

from __future__ import annotations

import random

from starlette.applications import Starlette

from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.webhooks.deliveries import Delivery, delivery, secret, send, sent, strangers
from course_support.exercises.webhooks.shops import (
    PROCESSED,
    crashed_on_form,
    no_answer,
    not_refused,
    not_taken,
    other_text,
    said,
)
from course_support.verdict import Verdict, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    secrets = [secret(draw), secret(draw)]
    first, second = secrets
    signed = [(first,), (second,), (first, second), (second, first), (secret(draw), first), (second, secret(draw))]
    both, *others = [delivery(draw, *those) for those in draw.sample(signed, len(signed))]
    others += strangers(draw, *secrets)
    deliveries = [both, *draw.sample(others, len(others))]

    def visit(client: Client) -> None:
        send(client, *deliveries)

    expected = {"deliveries": deliveries}
    return [Scene(Starlette(), {"secrets": secrets}, expected, afterwards=visit, serves=True)]


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, no_answer, _refused_some, not_taken, not_refused, other_text)


def _refused_some(evidence: Evidence) -> Verdict | None:
    """Some of the genuine deliveries were refused: by which secrets these were signed tells why."""
    genuine = [(it, exchange) for it, exchange in sent(evidence) if not it.amiss]
    refused = [(it, exchange) for it, exchange in genuine if exchange.status == 401]
    if not refused or len(refused) == len(genuine):
        return None
    secrets = evidence.arguments["secrets"]
    found, exchange = min(refused, key=lambda it: (len(it[0].secrets), len({*it[0].secrets} - {*secrets})))
    cause, step = _diagnosis(found, [len(it.secrets) for it, _ in refused], *secrets)
    return wrong(cause, exchange, expected=f"200 {PROCESSED}", seen=said(exchange), next_step=step)


def _diagnosis(refused: Delivery, counts: list[int], first: str, second: str) -> tuple[str, str]:
    match refused.secrets:
        case (_,) if counts.count(1) == 2:
            return "Your application refused deliveries that one of the secrets signed alone.", (
                "Before the rotation there is one signature, and at its end one again: one that is right is enough."
            )
        case (one,):
            which = "first" if one == first else "second"
            return f"Your application refused a delivery that the {which} of the secrets signed.", (
                "If one secret does not fit, that proves nothing yet: only when none of them does is the answer 401."
            )
        case (one, other) if {one, other} == {first, second}:
            return "Your application refused a delivery that both secrets signed.", (
                "The field then has two signatures with a space between them, in either order."
            )
        case (one, _) if one not in (first, second):
            return "Your application refused a delivery whose second signature is right, and whose first is unknown.", (
                "The sender may have secrets that you do not know yet: look at each signature, not at the first alone."
            )
    return "Your application refused a delivery that has an unknown signature beside a right one.", (
        "The sender may have secrets that you do not know yet: one signature that is right is enough."
    )


ROTATE = Exercise(
    "webhooks.rotate",
    "Accept both secrets while they change",
    2,
    (
        "Try one secret after the other. When is it certain that a delivery is genuine, and when that it is not?",
        "Loop over `secrets`. If `Webhook(secret).verify(…)` returns, answer 200; if it raises, go on with the next; "
        "after the loop answer 401. It raises a WebhookVerificationError, and a ValueError for what has no form.",
    ),
    _scenes,
    _judge,
    early=(crashed_on_form,),
)
