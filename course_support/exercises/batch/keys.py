"""What there is to say of the Idempotency-Key of an import that is tried more than once."""

from __future__ import annotations

from course_support.evidence import Evidence
from course_support.exercises.batch.crm import batches, taken
from course_support.exercises.rules import json_object
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def key_sent(exchange: Exchange) -> str | None:
    return exchange.request.fields.get("Idempotency-Key")


def no_key(evidence: Evidence) -> Verdict | None:
    tries = batches(evidence)
    bare = [e for e in tries if key_sent(e) is None]
    if not bare:
        return None
    twice = len(tries) > 1 and tries[0].status is None and bool(taken(evidence))
    return wrong(
        "Nothing in your requests tells the service that the second is the first once more, so it was an import of "
        "its own."
        if twice and len(bare) == len(tries)
        else "You sent an import that could not be tried again, as it has no Idempotency-Key.",
        bare[-1],
        expected="the field Idempotency-Key, the same with each try",
        seen="no such field",
        next_step="The answer that you lost said what was created; to a second import all of them are duplicates. "
        "A key of your choice lets the service give the first answer again.",
    )


def new_keys(evidence: Evidence) -> Verdict | None:
    keys = [key_sent(exchange) for exchange in batches(evidence)]
    if len(set(keys)) <= 1:
        return None
    at = next(at for at, key in enumerate(keys) if key != keys[0])
    return wrong(
        "You sent another Idempotency-Key with another try, and so another import.",
        batches(evidence)[at],
        expected=f"Idempotency-Key: {keys[0]}",
        seen=f"Idempotency-Key: {keys[at]}",
        next_step="The key stands for the import, not for the request: make it once, before the loop.",
    )


def another_body(evidence: Evidence) -> Verdict | None:
    first, *others = batches(evidence)
    other = next((e for e in others if e.request.body != first.request.body), None)
    if not other:
        return None
    texts = first.request.text, other.request.text
    differs = next((at for at, pair in enumerate(zip(*texts, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, differs - 20)
    expected, seen = (f"… {text[start : start + 100]}" for text in texts)
    return wrong(
        "A later try has other bytes than the first, and for the service that is another request.",
        other,
        expected=expected,
        seen=seen,
        next_step="Make the content once, before the loop, and send it as it is.",
    )


def odd_key(evidence: Evidence) -> Verdict | None:
    """What came in the field is no key: the service says so, and how one looks."""
    for exchange in batches(evidence):
        advice = json_object(exchange).get("detail")
        if exchange.status == 400 and isinstance(advice, str) and "Idempotency-Key" in advice:
            return wrong(
                "What you sent as Idempotency-Key is no key to the service.",
                exchange,
                expected="one text of 1 to 255 printable characters",
                seen=f"Idempotency-Key: {value_text(key_sent(exchange), 80)}",
                next_step=f"The service says: {advice}",
            )
    return None


def used_key(evidence: Evidence) -> Verdict | None:
    """The service knows the key from another import."""
    refused = next((e for e in batches(evidence) if e.status == 422), None)
    if not refused or taken(evidence) or json_object(refused).get("errors"):
        return None
    return wrong(
        "The service knows your Idempotency-Key: it came with another import before.",
        refused,
        expected="a key that no other import has had",
        seen=f"Idempotency-Key: {key_sent(refused)}",
        next_step="Draw a new one in each call of your function: `uuid.uuid4()` never gives the same twice.",
    )
