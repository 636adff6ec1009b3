"""The exercise of work that takes longer than a processor waits: the answer comes first."""

from __future__ import annotations

import random
from time import monotonic

from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.webhooks.back_office import (
    BackOffice,
    acts,
    answered,
    misdirected,
    only_fulfilled,
    order_ids,
    repeated,
    told_nothing,
    wait_for,
    worked_for_strangers,
)
from course_support.exercises.webhooks.deliveries import Delivery, delivery, event, forged, secret, send, sent, tampered
from course_support.exercises.webhooks.shops import no_answer, not_refused, not_taken, other_text, said
from course_support.verdict import Verdict, wrong

HOLD = 4.0  # seconds without an answer to the delivery after which the back office answers all the same
PATIENCE = 2.0  # seconds for the work, when the deliveries have been answered and the back office is quick again


def _scenes(draw: random.Random) -> list[Scene]:
    key, orders = secret(draw), order_ids(draw)

    def new() -> Delivery:
        return delivery(draw, key, of=event(draw, order_id=next(orders)))

    genuine, strangers = [new(), new(), new()], [tampered(new()), forged(draw, new())]
    draw.shuffle(strangers)
    deliveries = [strangers[0], genuine[0], strangers[1], *genuine[1:]]
    office = BackOffice(it.event["order_id"] for it in deliveries)
    last_sent = monotonic()
    late = released = False

    def holds(order: str) -> bool:
        nonlocal late
        late = late or monotonic() > last_sent + HOLD
        return not (late or released)

    office.holds = holds

    def visit(client: Client) -> None:
        nonlocal last_sent, released
        for it in deliveries:
            last_sent = monotonic()
            send(client, it)
            if late:  # it waited for the back office: all the others would
                return
        released = True
        wait_for(lambda: all(office.done["fulfil", it.event["order_id"]] for it in genuine), PATIENCE)

    expected = {"deliveries": deliveries}
    return [Scene(office.app, {"secret": key, "url": URL}, expected, afterwards=visit, serves=True)]


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        no_answer,
        not_taken,
        not_refused,
        misdirected,
        only_fulfilled,
        _kept_waiting,
        worked_for_strangers,
        told_nothing,
        _left_undone,
        repeated,
        other_text,
    )


def _hung_up(evidence: Evidence) -> Verdict | None:
    """A request to the back office was given up while deliveries were still to be answered."""
    end = max((answered(exchange) for _, exchange in sent(evidence)), default=0.0)
    for act in acts(evidence):
        if act.exchange.status is None and act.exchange.ended < end:
            return wrong(
                "Your application hung up on the back office before it had answered, and never learnt whether the "
                "order was fulfilled.",
                act.exchange,
                expected="a request that waits for its answer, after the answer to the delivery",
                seen=f"POST {act.exchange.request.target}, given up before the back office had answered",
                next_step="Giving up early makes nobody's work quicker: give the call to a BackgroundTask or a thread, "
                "which can wait for as long as the back office takes.",
            )
    return None


def _kept_waiting(evidence: Evidence) -> Verdict | None:
    """A delivery was answered only after the back office had answered: that one waits for the delivery's answer."""
    for it, exchange in sent(evidence):
        during = [act for act in acts(evidence) if exchange.started < answered(act.exchange) < answered(exchange)]
        if not during:
            continue
        order = during[0].order
        if order == it.event["order_id"]:
            cause = "Your application waited for the back office before it answered."
            step = "Return the answer with a `background` task, or leave the work to a thread or a queue of your own."
        else:
            cause = "While your application told the back office of one order, it did not answer the next delivery."
            step = "`requests` waits and lets nothing else run in an `async def`: give the plain function to "
            step += "BackgroundTask, which calls it in a thread, or `await run_in_threadpool(…)`."
        return wrong(
            cause,
            exchange,
            expected="your answer, whether the back office has answered or not",
            seen=f"the back office's answer about {order}, and after that yours, {said(exchange)}",
            next_step=step,
        )
    return None


def _left_undone(evidence: Evidence) -> Verdict | None:
    for it, exchange in sent(evidence):
        order = it.event["order_id"]
        if not it.amiss and not any(act.done for act in acts(evidence, order)):
            return wrong(
                "You acknowledged a delivery whose order was not fulfilled.",
                exchange,
                expected=f"POST /orders/{order}/fulfil, soon after the answer",
                seen="no such request",
                next_step="The work of each delivery has to be done, and several may be waiting at the same time.",
            )
    return None


ACKNOWLEDGE = Exercise(
    "webhooks.acknowledge",
    "Acknowledge first, work later",
    3,
    (
        "Who calls the back office, if your endpoint has already returned?",
        "Starlette calls the `background` of a response when the answer is on its way: `from starlette.background "
        "import BackgroundTask`. A thread that you start would do it, too.",
        "`work = BackgroundTask(requests.post, f\"{url}/orders/{event['order_id']}/fulfil\")`, the function and its "
        'arguments, not its result; and `return PlainTextResponse("Webhook processed", background=work)`.',
    ),
    _scenes,
    _judge,
    early=(_hung_up,),
)
