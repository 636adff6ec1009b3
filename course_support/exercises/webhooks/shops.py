"""What every shop must do before anything else counts: answer at its address, take what is genuine, refuse the rest."""

from __future__ import annotations

from dataclasses import replace

from course_support.attempts import crashed_serving
from course_support.evidence import Evidence, Rule
from course_support.exercises.webhooks.deliveries import PATH, Delivery, sent
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

PROCESSED, INVALID = "Webhook processed", "Invalid signature"


def no_answer(evidence: Evidence) -> Verdict | None:
    """The application has no answer to give, or nothing at the address where deliveries go."""
    for exchange in evidence.afterwards:
        response = exchange.response
        if exchange.request.path != PATH:
            continue
        if not response:
            cause, step = "Your application gave no answer.", "Each way through your code has to end in a response."
        elif response.status == 404:
            cause = f"Your application has nothing for POST {PATH}."
            step = f'`Route("{PATH}", receive, methods=["POST"])` is the route.'
        elif response.status == 405:
            cause = f"Your application has a route for {PATH} that does not take POST."
            step = "A Route of Starlette takes GET alone, unless it is told `methods`."
        elif 300 <= response.status < 400:
            cause = "Your application sends the processor elsewhere, and for a processor that is a failure."
            step = f"Compare your route's address, letter by letter, with {PATH}: there is no slash at its end."
        elif response.status == 500 and response.body == b"Internal Server Error":
            cause = "Your application gave no answer, so its server answered 500."
            step = "Each way through your code has to end in a response."
        else:
            continue
        return wrong(cause, exchange, expected=f"an answer to POST {PATH}", seen=said(exchange), next_step=step)
    return None


def said(exchange: Exchange) -> str:
    """Status, reason and content, in a line."""
    if not (response := exchange.response):
        return "no answer at all"
    text = response.text[:80] if response.text != response.reason else ""
    return f"{response.status} {response.reason} {text}".strip()


def taken_or(*others: int) -> Rule:
    """The rule that genuine deliveries are answered with 200, or with one of these statuses."""

    def rule(evidence: Evidence) -> Verdict | None:
        for delivery, exchange in sent(evidence):
            if not delivery.amiss and exchange.status not in (200, *others):
                cause, step = _not_taken(exchange.status, delivery.event.get("event_type"))
                return wrong(cause, exchange, expected=f"200 {PROCESSED}", seen=said(exchange), next_step=step)
        return None

    return rule


not_taken = taken_or()


def _not_taken(status: int | None, event_type: object) -> tuple[str, str]:
    if status in (401, 403):
        return "Your application refused a genuine delivery.", (
            "Verify the bytes as they came, `await request.body()`, before any parsing: what is parsed and written "
            "again has other bytes, and another signature."
        )
    if status is not None and 200 <= status < 300:
        return f"Your application answered a genuine delivery with {status}, where 200 is asked for.", (
            "For a processor each 2xx means that the delivery has arrived; the exercise asks for 200."
        )
    return f"Your application answered {status} to a genuine delivery of {event_type}, which will come again.", (
        "Anything but a 2xx means that the processor tries again: answer 200 to what you have understood."
    )


def crashed_on_form(evidence: Evidence) -> Verdict | None:
    """The first crash came of a signature without a form, for which `verify` raises another error than for others."""
    crash = crashed_serving(evidence)
    strangers = [exchange for delivery, exchange in sent(evidence) if delivery.amiss]
    if not crash or "ValueError" not in crash.seen or crash.exchange not in strangers:
        return None
    step = "A signature that has no form is not genuine either: `verify` raises ValueError there. Catch it and answer "
    return replace(crash, next_step=f"{step}401.")


def taken(evidence: Evidence) -> Verdict | None:
    """A delivery that is not genuine was believed, whatever came of the others."""
    for delivery, exchange in sent(evidence):
        if delivery.amiss and 200 <= (exchange.status or 0) < 300:
            return _not_refused(delivery, exchange)
    return None


def not_refused(evidence: Evidence) -> Verdict | None:
    """Something else than 401 for a delivery that is not genuine."""
    for delivery, exchange in sent(evidence):
        if delivery.amiss and exchange.status != 401:
            return _not_refused(delivery, exchange)
    return None


def _not_refused(delivery: Delivery, exchange: Exchange) -> Verdict:
    taken = exchange.status is not None and 200 <= exchange.status < 300
    return wrong(
        f"Your application took a delivery {delivery.amiss}."
        if taken
        else f"Your application answered {exchange.status} to a delivery {delivery.amiss}, where 401 is asked for.",
        exchange,
        expected=f"401 {INVALID}",
        seen=said(exchange),
        next_step="Anybody can POST to this address: answer 401 before you believe a word of the content."
        if taken
        else "Whatever is wrong with the signature, its fields or its time, the answer is the same.",
    )


def other_text(evidence: Evidence) -> Verdict | None:
    """A 200 or 401 that says something else than it should, in something else than plain text."""
    for _, exchange in sent(evidence):
        asked = {200: PROCESSED, 401: INVALID}.get(exchange.status or 0)
        if not asked or not exchange.response or exchange.response.text.strip() == asked:
            continue
        return wrong(
            f"The content of your {exchange.status} is not “{asked}”.",
            exchange,
            expected=f"{exchange.status} {asked}",
            seen=exchange.response.text or "no content",
            next_step=f'`PlainTextResponse("{asked}"{", 401" * (asked == INVALID)})` says it, in plain text.',
        )
    return None
