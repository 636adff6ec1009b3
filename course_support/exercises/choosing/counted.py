"""What a batch of counts brought to the shop, in whose name, and whether the versions that came of it were found."""

from __future__ import annotations

from typing import Any

from course_support.backends.shop_import import BATCH
from course_support.backends.shop_rest import BOOKS
from course_support.backends.shop_trace import trace_id
from course_support.evidence import Evidence
from course_support.exercises.rules import json_object, named, requested
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _batches(evidence: Evidence) -> list[Exchange]:
    """Those that the shop carried out; a repetition under the same Idempotency-Key is none."""
    taken = (e for e in evidence.sent("POST", BATCH) if e.status == 200 and e.response)
    return [e for e in taken if e.response and "Idempotency-Replayed" not in e.response.fields]


def no_batch(evidence: Evidence) -> Verdict | None:
    if _batches(evidence):
        return None
    tried = evidence.sent("POST", BATCH)
    if tried:
        detail = json_object(tried[-1]).get("detail")
        return wrong(
            f"The shop refused your batch with {tried[-1].status}."
            if tried[-1].response
            else "Your batch got no answer.",
            tried[-1],
            expected='{"operation": "update", "updates": [{"isbn": …, "stock": …}, …]} as JSON',
            seen=detail if isinstance(detail, str) else "a refusal",
            next_step="Read the problem in the content of the answer: its detail says what to do.",
        )
    single = _patched(evidence)
    return wrong(
        "You changed the books one by one, where one batch is asked for." if single else "You sent no batch.",
        single or evidence.last,
        expected=f"POST {BATCH}",
        seen=requested(evidence.exchanges[:4]),
        next_step=f"One POST to {BATCH} takes all counts as the list `updates`, and `operation` says what to do.",
    )


def _patched(evidence: Evidence) -> Exchange | None:
    return next((e for e in evidence.sent("PATCH") if e.status == 200), None)


def one_by_one(evidence: Evidence) -> Verdict | None:
    if not (single := _patched(evidence)):
        return None
    return wrong(
        "Beside your batch you changed a book by a request of its own.",
        single,
        expected=f"one POST to {BATCH}, and no other change",
        seen=f"{single.request.method} {single.request.target}",
        next_step="What a batch could not take in, another request cannot either: leave it.",
    )


def _updates(batch: Exchange) -> list[Any]:
    sent = batch.request.json()
    updates = sent.get("updates") if isinstance(sent, dict) else None
    return updates if isinstance(updates, list) else []


def left_out(evidence: Evidence) -> Verdict | None:
    """A count of a book that there is, in none of the batches; those of wrong ISBNs may be left out."""
    sent = [it for batch in _batches(evidence) for it in _updates(batch) if isinstance(it, dict)]
    brought = [(it.get("isbn"), it.get("stock")) for it in sent]
    counts = {
        it["isbn"]: it["stock"] for it in evidence.arguments["counts"] if it["isbn"] in evidence.expected["right"]
    }
    lacking = next((it for it in counts.items() if it not in brought), None)
    if not lacking:
        return None
    return wrong(
        f"Your batch does not bring the count of {lacking[0]}.",
        _batches(evidence)[0],
        expected=value_text({"isbn": lacking[0], "stock": lacking[1]}),
        seen=value_text(sent),
        next_step="`counts` has the very form of `updates`: hand it over as it is.",
    )


def another_trace(evidence: Evidence) -> Verdict | None:
    batch, given = _batches(evidence)[0], evidence.arguments["traceparent"]
    sent = batch.request.fields.get("traceparent")
    if trace_id(sent) == trace_id(given):
        return None
    if sent is None:
        cause = "Your batch carries no traceparent, so the shop began a trace of its own."
        step = "It is a header field of the very request that makes the changes: `headers={…}`, beside the token."
    else:
        cause = "Your batch carries another trace than the one that you were given."
        step = "Send the argument `traceparent` as it is, with its four parts: one of another form counts as none."
    return wrong(
        cause, batch, expected=f"traceparent: {given}", seen=f"traceparent: {sent or 'not sent'}", next_step=step
    )


def several(evidence: Evidence) -> Verdict | None:
    batches = _batches(evidence)
    if len(batches) < 2:
        return None
    again = any(it in _updates(batches[1]) for it in _updates(batches[0]))
    return wrong(
        "You sent the batch twice, and the shop counted twice."
        if again
        else "You sent several batches, one is asked for.",
        batches[1],
        expected="one POST",
        seen=f"{len(batches)} of them",
        next_step="Which two places in your code send it? To be able to try again, send an Idempotency-Key with it."
        if again
        else "A wrong isbn in a batch keeps none of the others back: its answer lists it under `errors`.",
    )


# --- A wrong ISBN: one that no book has, or one that is none at all, which the answer does not repeat -----------------

BY_INDEX = (
    "Look at `errors` in the answer to your batch: where what you sent is no ISBN, `isbn` is null there. An error "
    "names its item by `index`, its place in your list."
)


def _by_isbn(evidence: Evidence) -> Exchange | None:
    """The batch, where its errors were looked through by ISBN: only the one that they name was left alone."""
    unknown, malformed = (evidence.expected.get(name) for name in ("unknown", "malformed"))
    asked = [e.request.path.removeprefix(f"{BOOKS}/").partition("/")[0] for e in evidence.sent("GET")]
    return next(iter(_batches(evidence)), None) if malformed in asked and unknown not in asked else None


def crashed_on_the_malformed(evidence: Evidence) -> Verdict | None:
    failure, last, batch = evidence.failure, evidence.last, _by_isbn(evidence)
    malformed = str(evidence.expected.get("malformed"))
    if not failure or not last or not batch or last.status != 404 or malformed not in last.request.path:
        return None
    return wrong(
        f"You asked the shop for {malformed}, which your batch has not changed; that caused the {failure.type}.",
        batch,
        expected=f"no request for {malformed}, or one whose 404 is looked at",
        seen=requested([last]),
        next_step=BY_INDEX,
    )


# --- What came of it --------------------------------------------------------------------------------------------------


def _history(evidence: Evidence, isbn: str) -> Exchange | None:
    """The last exchange in which the learner asked for this book or its history."""
    paths = (f"{BOOKS}/{isbn}/history", f"{BOOKS}/{isbn}")
    return next((e for e in reversed(evidence.exchanges) if e.request.path in paths), None)


def other_books(evidence: Evidence) -> Verdict | None:
    value, right = evidence.value, evidence.expected["right"]
    odd = next((isbn for isbn in value if isbn not in right), None)
    missing = [isbn for isbn in right if isbn not in value]
    if odd is not None:
        by_isbn = _by_isbn(evidence) if odd == evidence.expected["malformed"] else None
        shown = by_isbn or _history(evidence, odd)
        cause = f"Your dict has {value_text(odd, 60)} in it, which your batch has not changed."
        step = "The answer to the batch lists under `errors` what it could not take in; such a book has no history."
        step = BY_INDEX if by_isbn else step
    elif missing:
        shown = _history(evidence, missing[0])
        cause, step = _missing(evidence, missing, shown)
    else:
        return None
    seen = value_text(value)
    return wrong(cause, shown or _batches(evidence)[0], expected=value_text(right), seen=seen, next_step=step)


def _missing(evidence: Evidence, missing: list[str], shown: Exchange | None) -> tuple[str, str]:
    if not shown:
        return f"Your dict lacks {missing[0]}, and you did not look what became of it.", (
            f"`GET {BOOKS}/{{isbn}}/history` lists the changes of a book, each with its traceparent."
        )
    if len(missing) == len(evidence.expected["right"]):
        return "You found your trace with none of the books, and it is in the history of each.", (
            "The shop continues your trace and gives its own part another parent id: only the trace id stays, which is "
            'the second of the four parts, `traceparent.split("-")[1]`.'
        )
    return f"Your dict lacks {missing[0]}, which your batch has changed.", (
        "Go on with the other books when one is not there: what does the shop answer about it?"
    )


def other_versions(evidence: Evidence) -> Verdict | None:
    right, value = evidence.expected["right"], evidence.value
    odd = [isbn for isbn in right if type(value[isbn]) is not int or value[isbn] != right[isbn]]
    if not odd:
        return None
    before, after = evidence.expected["before"], evidence.expected["after"]
    isbn = next((it for it in (after, before) if it in odd), odd[0])
    number = value[isbn]
    if type(number) is not int:
        cause = f"Behind an ISBN your dict has {named(number)}, where the number of a version is asked for."
        step = "Each change in the history has its `version`."
    elif isbn == after and number == right[isbn] + 1:
        cause = "You returned the newest version, and that was made by somebody else after your batch."
        step = "Books go on changing. In the history, take the change that was made in your trace: see its traceparent."
    elif isbn == before and number == right[isbn] - 1:
        cause = "You returned a version that somebody else made just before your batch."
        step = (
            "Do not reckon with what you read before, nor with others' batches: the trace tells which change is yours."
        )
    else:
        cause = "You returned another version than the one that your batch has made."
        step = "In the history of each book, take the change whose traceparent has your trace id in it."
    shown = _history(evidence, isbn) or next(iter(evidence.sent("GET", BOOKS)), _batches(evidence)[0])
    expected, seen = f"{{{isbn!r}: {right[isbn]}, …}}", f"{{{isbn!r}: {value_text(number, 100)}, …}}"
    return wrong(cause, shown, expected=expected, seen=seen, next_step=step)
