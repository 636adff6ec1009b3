"""Whether each order was fulfilled once, and whether the answers let the processor know what is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from course_support.attempts import crashed_serving
from course_support.evidence import Evidence
from course_support.exercises.webhooks.back_office import Act, acts, answered
from course_support.exercises.webhooks.deliveries import sent
from course_support.exercises.webhooks.shops import said
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

ELSEWHERE = "/webhooks/elsewhere"  # an address that a shop need not have
BUSY = (409, 425, 429, 503)  # what a delivery may be told while another of the same event is being worked on


def twice(evidence: Evidence) -> Verdict | None:
    """An order was fulfilled more than once."""
    for act in acts(evidence):
        done = [it for it in acts(evidence, act.order) if it.done]
        if len(done) < 2:
            continue
        first, second = done[0].exchange, done[1].exchange
        if second.started < answered(first):
            cause = "The same event came several times at the same moment, and you fulfilled its order more than once."
            step = "Between looking whether an event is done and noting that it is, another delivery can look, too: a "
            step += "lock for each event, such as `asyncio.Lock`, lets one after the other."
        elif _deliveries_during(evidence, done[:2]) == 1:
            cause = "For one delivery you fulfilled the order twice."
            step = "Which two places in your code send this request?"
        else:
            cause = "An event was delivered again, and you fulfilled its order again."
            step = "Its `webhook-id` is the same each time, unlike timestamp and signature: note those that are done."
        return wrong(
            cause,
            second,
            expected=f"POST /orders/{act.order}/fulfil, answered with 200 once",
            seen=f"{len(done)} times",
            next_step=step,
        )
    return None


def _deliveries_during(evidence: Evidence, done: list[Act]) -> int:
    """How many deliveries were waiting for their answers while something was done."""
    return sum(any(it.started < act.exchange.started < it.ended for act in done) for _, it in sent(evidence))


def crashed_on_failure(evidence: Evidence) -> Verdict | None:
    """The first crash came after the back office had failed, as it may: `raise_for_status` is one way."""
    crash = crashed_serving(evidence)
    if not crash or not (exchange := crash.exchange):
        return None
    if not any(act.failed and exchange.started < answered(act.exchange) < answered(exchange) for act in acts(evidence)):
        return None
    return replace(crash, next_step="The back office failed. Catch that and answer 503.")


def blocking(evidence: Evidence) -> Verdict | None:
    """While the back office was waited for, nothing else ran, so that simultaneous deliveries queued up by accident."""
    for other in (e for e in evidence.afterwards if e.request.path == ELSEWHERE):
        for act in acts(evidence):
            if act.exchange.started < other.started < answered(act.exchange) < answered(other):
                return wrong(
                    "While your application told the back office of one order, it did not even look at the next "
                    "request.",
                    other,
                    expected="an answer, whether the back office has answered or not",
                    seen=f"the back office's answer about {act.order}, and after that yours, {said(other)}",
                    next_step="`requests` waits and lets nothing else run in an `async def`: `await "
                    "run_in_threadpool(…)` does. Then deliveries do come at the same moment, and need a lock.",
                )
    return None


def answered_wrongly(evidence: Evidence) -> Verdict | None:
    """An answer that keeps the processor from sending again what is not done, or makes it send what is."""
    genuine = [(it, exchange) for it, exchange in sent(evidence) if not it.amiss]
    for it, exchange in genuine:
        order = it.event["order_id"]
        others = [other for same, other in genuine if same is it and other is not exchange]
        twin = any(other.started < exchange.ended and exchange.started < other.ended for other in others)
        told = acts(evidence, order)
        if odd := next(_odd(exchange, told, twin), None):
            cause, expected, step = odd
            if not told and any(forged.id == it.id for forged, _ in sent(evidence) if forged.amiss):
                cause, expected, step = UNVERIFIED
            return wrong(cause, exchange, expected=expected, seen=_story(exchange, told), next_step=step)
    return None


def _odd(exchange: Exchange, told: list[Act], twin: bool) -> Iterator[tuple[str, str, str]]:
    """What is odd about the answer to a genuine delivery."""
    before = [act for act in told if answered(act.exchange) < answered(exchange)]
    done = [act for act in before if act.done]
    failed_now = any(act.failed and act.exchange.started > exchange.started for act in before)
    if exchange.status == 200 and not done:
        if failed_now and not twin:
            yield UNTOLD
        elif any(act.failed for act in before):
            yield FORGOTTEN
        elif twin or any(act.exchange.started < answered(exchange) for act in told):
            yield UNFINISHED
        else:
            yield EARLY if told else UNDONE
    elif exchange.status != 200:
        if any(answered(act.exchange) < exchange.started for act in done):
            yield REFUSED
        elif failed_now and exchange.status != 503:
            yield OTHER
        elif not failed_now and not (twin and exchange.status in BUSY):
            yield UNASKED


OK, LATER = "200, once the order is fulfilled", "503"
UNTOLD = (
    "The back office failed, and your application answered 200 all the same.",
    LATER,
    "After a 200 the processor never sends the event again: look at the status of what the back office answers.",
)
FORGOTTEN = (
    "The back office had failed, and when the event came again, your application took it for done.",
    OK,
    "Note the event when the back office has answered 2xx, not before.",
)
UNFINISHED = (
    "Your application answered 200 while it was still uncertain whether the order would be fulfilled.",
    f"{OK}, or {LATER} as long as it is not",
    "If the back office fails now, nobody sends the event again: wait until the other delivery has come to its end.",
)
EARLY = (
    "Your application answered 200 before it told the back office.",
    OK,
    "What if the back office fails then? After a 200 the event does not come again.",
)
UNDONE = (
    "Your application answered 200 to a new event, and did not fulfil its order.",
    OK,
    "What tells one event from another? Neither amount nor time: the `webhook-id`.",
)
UNVERIFIED = (
    "Your application noted the id of a delivery that was not genuine, and took the genuine one for done.",
    OK,
    "Note an event after its signature was verified and its order fulfilled.",
)
REFUSED = (
    "An event came again whose order you had fulfilled, and your application did not answer 200.",
    "200, and nothing done",
    "For the processor anything but a 2xx is a failure: it would send the event again and again.",
)
OTHER = (
    "The back office failed, and your application answered with another status than 503.",
    LATER,
    "503 says what is the case: the service cannot do it now, and can perhaps later.",
)
UNASKED = (
    "Your application did not answer 200, and the back office had not failed.",
    OK,
    "Answer 503 when the back office has failed, and only then.",
)


def _story(exchange: Exchange, told: list[Act]) -> str:
    """What the back office had said by then, and the answer."""
    by_then = [act for act in told if answered(act.exchange) < answered(exchange)]
    statuses = [f"{act.action} answered with {act.exchange.status}" for act in by_then]
    return f"{', '.join(statuses) or 'nothing fulfilled by then'}; your answer: {said(exchange)}"
