"""Rules about what a learner's contacts service has stored, and what it says of each contact."""

from __future__ import annotations

from course_support.evidence import JSON
from course_support.exercises.batch.served import Answered, Batch, address
from course_support.exercises.rules import json_object
from course_support.verdict import Verdict, value_text, wrong


def other_rows(answered: Answered) -> Verdict | None:
    """Something else is stored than should be: that counts more than what was answered."""
    batch, stored = answered.batch, answered.stored
    extra = [it for it in stored if it not in batch.after]
    missing = [it for it in batch.new if it not in stored]
    lost = sorted(batch.before.difference(stored))
    if not (extra or missing or lost):
        return None
    if missing and not (lost or extra or batch.errors) and answered.errors:
        return _faulted(answered)
    for wording in (_lost, _stored_in_spite, _odd_rows, _missing):
        if told := wording(batch, extra, missing, lost):
            cause, expected, seen, step = told
            shown = answered.get if lost else answered.post
            return wrong(cause, shown, expected=expected, seen=seen, next_step=step)
    return None


def _faulted(answered: Answered) -> Verdict:
    return wrong(
        "Your application found a fault in a batch that has none, and did not store it.",
        answered.post,
        expected=[],
        seen=_listed(answered.errors or {}),
        next_step="Of a batch that was rolled back nothing is known: does your code remember addresses of its own?",
    )


Told = tuple[str, str, str, str] | None  # cause, expected, seen, next step


def _lost(batch: Batch, extra: list[str], missing: list[str], lost: list[str]) -> Told:
    if not lost:
        return None
    step = "A ROLLBACK takes back what came after its BEGIN: were the batches before it committed?"
    return f"After this batch a contact of an earlier one is gone: {lost[0]}.", f"{lost[0]} in the list", "not", step


def _stored_in_spite(batch: Batch, extra: list[str], missing: list[str], lost: list[str]) -> Told:
    good = [it for it in extra if any(it == address(contact) for contact in batch.contacts)]
    if not batch.fails or not good:
        return None
    step = 'Begin a transaction before the first INSERT; if `errors` is not empty and `atomic` is true, "ROLLBACK".'
    cause = f"Your application stored {len(good)} of an atomic batch's contacts, although the batch has an error."
    return cause, "nothing of this batch stored", ", ".join(good), step


def _odd_rows(batch: Batch, extra: list[str], missing: list[str], lost: list[str]) -> Told:
    if not extra:
        return None
    if extra[0] in {(contact["name"] or "").lower() for contact in batch.contacts}:
        cause, step = "Your application stored a name where the address belongs.", "The table has the name first."
    elif extra[0] in ("", "none", "null", "missing_email"):
        cause = "Your application stored a contact that has no address."
        step = 'The table\'s NOT NULL refuses None, and takes "": `contact.get("email") or None` is None for both.'
    else:
        cause, step = "Your application stored an address that the batch does not have.", "Store `email` as it came."
    return cause, "the batch's own addresses", value_text(extra[0], 80), step


def _missing(batch: Batch, extra: list[str], missing: list[str], lost: list[str]) -> Told:
    first_fault = min(batch.errors, default=None)
    expected, seen = f"{len(batch.new)} stored, among them {missing[0]}", f"{len(batch.new) - len(missing)} stored"
    before = batch.new[:first_fault]
    if first_fault is None:
        cause = "A batch without a fault came, and its contacts are not stored."
        step = 'Does every contact reach an INSERT, and does the way through your code end in "COMMIT"?'
    elif len(missing) == len(batch.new):
        cause = "A faulty contact kept the good ones of its batch out, although `atomic` is false."
        step = "Catch sqlite3.IntegrityError around the INSERT of one contact, inside the loop; roll back if `atomic`."
    elif missing == batch.new[len(before) :]:
        cause = "Behind the first faulty contact of a batch your application stored nothing more."
        step = "Let the loop go on after an error: note its index and code, and take the next contact."
    else:
        cause, step = "A contact without a fault is not stored.", "What is different about this one, in your code?"
    return cause, expected, seen, step


def other_errors(answered: Answered) -> Verdict | None:
    expected, seen = answered.batch.errors, answered.errors
    twice = len(json_object(answered.post).get("errors", ())) > len(seen or ())
    if seen is None or (seen == expected and not twice):
        return None
    cause, step = _amiss(expected, seen)
    return wrong(cause, answered.post, expected=_listed(expected), seen=_listed(seen), next_step=step)


def _listed(errors: dict[JSON, JSON]) -> str:
    return value_text([{"index": index, "code": code} for index, code in errors.items()])


def _amiss(expected: dict[int, str], seen: dict[JSON, JSON]) -> tuple[str, str]:
    if seen == expected:
        return "Your application reports two errors of one contact.", "One for each faulty contact is asked for."
    silent = [index for index in expected if index not in seen]
    if seen == {index + 1: code for index, code in expected.items()}:
        return (
            "Your application counts the contacts from 1.",
            "An index is a place in the list: `enumerate` begins at 0.",
        )
    if len(seen) == 1 < len(expected) and silent:
        return "Your application reports the first error alone.", "Append to `errors` in the loop, and go on."
    if silent and len(seen) == len(expected):
        return "An index in your `errors` is not that of the faulty contact.", (
            "It is the place in the batch as it came, not the one among those stored or refused."
        )
    if silent and expected[silent[0]] == "duplicate":
        return "Your application does not report a duplicate.", (
            "It may be stored already, or have come before in this batch; upper and lower case make no difference."
        )
    if silent:
        return "Your application does not report a contact without an address.", (
            'Its `email` is missing, null or empty: `not contact.get("email")` is true for all three.'
        )
    if more := [index for index in seen if index not in expected]:
        return f"Your application reports an error of the contact {more[0]}, which has none.", (
            "The batches before and the items before it do not have its address: what does your code compare?"
        )
    index = next(index for index in expected if expected[index] != seen[index])
    return f"The code of an error is {value_text(seen[index], 40)}, where {expected[index]!r} is asked for.", (
        "The text of sqlite3.IntegrityError says which constraint failed: NOT NULL or UNIQUE."
    )


def other_count(answered: Answered) -> Verdict | None:
    batch, created = answered.batch, json_object(answered.post).get("created")
    if type(created) is int and created == len(batch.new):
        return None
    if batch.fails:
        cause = "Your application counts contacts as created that it has rolled back."
        step = "Nothing of the batch is stored: `created` is 0."
    elif batch.errors and created == len(batch.contacts):
        cause = "Your application counts the faulty contacts as created."
        step = "Count what is stored: all of the batch, less its errors."
    else:
        cause, step = "`created` is not the number of contacts that your application has stored.", "Count those stored."
    return wrong(cause, answered.post, expected=len(batch.new), seen=value_text(created), next_step=step)
