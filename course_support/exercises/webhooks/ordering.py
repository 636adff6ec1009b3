"""The exercise of deliveries in any order: what happened counts, not what came last."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.webhooks.back_office import (
    BackOffice,
    acts,
    misdirected,
    order_ids,
    told_nothing,
    wait_for,
    worked_for_strangers,
)
from course_support.exercises.webhooks.deliveries import Delivery, delivery, event, forged, secret, send, sent
from course_support.exercises.webhooks.shops import no_answer, not_refused, not_taken, other_text, said
from course_support.verdict import Verdict, wrong

PATIENCE = 1.5  # seconds for work that a shop does after its answer
COMPLETED, DISPUTED = "payment.completed", "payment.disputed"


@dataclass(frozen=True, slots=True)
class Case:
    """A payment and what came of it. `reordered` says that the dispute was delivered first."""

    completed: Delivery
    disputed: Delivery | None = None
    reordered: bool = False

    @property
    def order(self) -> str:
        return str(self.completed.event["order_id"])

    @property
    def asked(self) -> list[str]:
        """What has to be done with the order."""
        return ["fulfil"] * (not self.reordered) + ["flag"] * bool(self.disputed)


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw), _scene(draw)]


def _scene(draw: random.Random) -> Scene:
    key, orders = secret(draw), order_ids(draw)
    minutes = sorted(draw.sample(range(2, 60), 9), reverse=True)

    def told(order: str, payment: str, event_type: str, ago: int) -> Delivery:
        then = (datetime.now(UTC) - timedelta(minutes=ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return delivery(draw, key, of=event(draw, event_type, order_id=order, payment_id=payment, created_at=then))

    def case(ago: int, disputed: int = 0, reordered: bool = False) -> Case:
        order, payment = next(orders), f"pay_{draw.getrandbits(96):024x}"
        dispute = told(order, payment, DISPUTED, disputed) if disputed else None
        return Case(told(order, payment, COMPLETED, ago), dispute, reordered)

    # the payment that is told of first is the newest: what is older, but of other payments, must not be taken for late
    newest, plain = case(minutes[7], minutes[8], reordered=True), case(minutes[0])
    in_order, reordered = case(minutes[1], minutes[2]), case(minutes[3], minutes[4], reordered=True)
    late = case(minutes[5], minutes[6])
    cases = [newest, plain, in_order, reordered, late]
    stranger = forged(draw, told(next(orders), "pay_stranger", COMPLETED, 1))
    office = BackOffice([*(case.order for case in cases), stranger.event["order_id"]])
    deliveries = [it for case in cases for it in (case.completed, case.disputed) if it]

    def visit(client: Client) -> None:
        office.payments["pay_stranger"] = "completed"
        for case in (newest, reordered):
            office.payments[case.completed.event["payment_id"]] = "disputed"
        send(client, *_pair(newest), stranger)
        _in_order(client, office, [plain, in_order, late])
        send(client, *_pair(reordered), *_pair(reordered), late.completed)
        wait_for(lambda: all(office.done[action, case.order] for case in cases for action in case.asked), PATIENCE)

    expected = {"deliveries": [*deliveries, stranger], "cases": cases}
    return Scene(office.app, {"secret": key, "url": URL}, expected, afterwards=visit, serves=True)


def _pair(case: Case) -> list[Delivery]:
    """Both deliveries, in the order in which they come."""
    assert case.disputed
    return [case.disputed, case.completed] if case.reordered else [case.completed, case.disputed]


def _in_order(client: Client, office: BackOffice, cases: list[Case]) -> None:
    """All the completed payments, time for a shop that acts after its answer, and then the disputes."""
    for case in cases:
        office.payments[case.completed.event["payment_id"]] = "completed"
    send(client, *(case.completed for case in cases))
    wait_for(lambda: all(office.done["fulfil", case.order] for case in cases), PATIENCE)
    for case in cases:
        if case.disputed:
            office.payments[case.completed.event["payment_id"]] = "disputed"
            send(client, case.disputed)
    wait_for(lambda: all(office.done["flag", case.order] for case in cases if case.disputed), PATIENCE)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        no_answer,
        _put_off,
        not_taken,
        not_refused,
        misdirected,
        told_nothing,
        worked_for_strangers,
        _fulfilled_too_late,
        _not_asked_for,
        _left_undone,
        other_text,
    )


def _put_off(evidence: Evidence) -> Verdict | None:
    """A genuine delivery was refused, as if another one had to come first."""
    for it, exchange in sent(evidence):
        status = exchange.status or 0
        if not it.amiss and status >= 400 and status not in (401, 403):
            return wrong(
                f"Your application answered {status} to a genuine {it.event['event_type']}, which will come again.",
                exchange,
                expected="200 Webhook processed",
                seen=said(exchange),
                next_step="Nothing is wrong with a delivery that comes early or late: do what is right now, "
                "or nothing at all, and answer 200.",
            )
    return None


def _fulfilled_too_late(evidence: Evidence) -> Verdict | None:
    for case in evidence.expected["cases"]:
        told = acts(evidence, case.order)
        flagged = next((index for index, act in enumerate(told) if act.action == "flag"), len(told))
        late = next((act for act in told[flagged:] if act.action == "fulfil"), None)
        if not late:
            continue
        if case.reordered:
            cause = "The dispute came before the completed payment, and you fulfilled an order that you had flagged."
        else:
            cause = "payment.completed came again after the dispute, and you fulfilled an order that you had flagged."
        return wrong(
            cause,
            late.exchange,
            expected=f"no fulfil for {case.order} after its flag",
            seen=", then ".join(act.action for act in told),
            next_step="What came last need not have happened last: either compare `created_at` with the newest that "
            "you have seen of this payment, or ask the processor how it stands now.",
        )
    return None


def _not_asked_for(evidence: Evidence) -> Verdict | None:
    for case in evidence.expected["cases"]:
        possible = ("fulfil", "flag") if case.disputed else ("fulfil",)
        odd = next((act for act in acts(evidence, case.order) if act.action not in possible), None)
        if odd:
            state = "disputed, and never failed" if case.disputed else "completed, and never disputed"
            return wrong(
                f"You told the back office to {odd.action} an order whose payment was {state}.",
                odd.exchange,
                expected=" or ".join(possible),
                seen=f"POST {odd.exchange.request.target}",
                next_step="Fulfil when the payment is completed, flag when it is disputed.",
            )
    return None


def _left_undone(evidence: Evidence) -> Verdict | None:
    exchanges = {it.id: exchange for it, exchange in sent(evidence)}
    for case in evidence.expected["cases"]:
        done = [act.action for act in acts(evidence, case.order) if act.done]
        missing = next((action for action in case.asked if action not in done), None)
        if not missing:
            continue
        it = case.completed if missing == "fulfil" else case.disputed
        if missing == "fulfil":
            cause = "You did not fulfil an order whose payment was completed, and not disputed then."
            step = "The newest `created_at` is a matter of each payment: what you know of others says nothing about it."
        elif done:
            cause = "You fulfilled an order and did not flag it when its payment was disputed."
            step = (
                "Two events of one payment are two, each with a `webhook-id` of its own: the second changes the case."
            )
        else:
            cause = "You did not flag an order whose payment was disputed before you heard that it was completed."
            step = "The dispute is true whether you have heard of the payment before or not."
        return wrong(
            cause,
            exchanges.get(it.id),
            expected=f"POST /orders/{case.order}/{missing}",
            seen=" and ".join(dict.fromkeys(done)) or "nothing done with this order",
            next_step=step,
        )
    return None


IN_ANY_ORDER = Exercise(
    "webhooks.in_any_order",
    "Bear any order",
    4,
    (
        "When `payment.completed` comes, how can you know that the payment has not been disputed in the meantime?",
        "One way is to ask the processor for the payment, whatever the event, and to do what its status says. Another "
        "one is to remember for each payment the newest `created_at`, and to do nothing for an event that is older.",
        '`status = requests.get(f"{url}/api/payments/{event[\'payment_id\']}").json()["status"]`, and then '
        '`{"completed": "fulfil", "disputed": "flag"}[status]` is what to tell the back office.',
    ),
    _scenes,
    _judge,
)
