"""Rules about what has come of a list that was to be brought whole: each contact once, as it is, and a number told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from course_support.evidence import JSON, Evidence, Rule, same
from course_support.exercises.batch.crm import contacts_in, persons, taken
from course_support.exercises.rules import json_object
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def created_in(exchange: Exchange) -> int:
    """How many contacts an answer says are new."""
    created = json_object(exchange).get("created")
    return created if type(created) is int else 0


def brought(evidence: Evidence) -> list[tuple[JSON, Exchange]]:
    """Each contact that the service has taken, and the request that it came in."""
    return [(contact, exchange) for exchange in taken(evidence) for contact in contacts_in(exchange)]


def not_as_given(evidence: Evidence) -> Verdict | None:
    """A contact of the list is missing, came twice, or is another one."""
    contacts, came = evidence.arguments["contacts"], brought(evidence)
    sent = [contact for contact, _ in came]
    odd = next((pair for pair in came if not any(same(pair[0], it) for it in contacts)), None)
    again = next((pair for at, pair in enumerate(came) if any(same(pair[0], it) for it in sent[:at])), None)
    missing = [it for it in contacts if not any(same(it, contact) for contact in sent)]
    expected = f"{persons(len(contacts))}, each once and as it is"
    if odd:
        cause = "You sent a contact that is not one of those that you were given."
        seen, shown = value_text(odd[0]), odd[1]
        step = "Hand on each contact as it is, with all of its members."
    elif again:
        cause, seen, shown = "You sent a contact twice that had been taken.", value_text(again[0]), again[1]
        step = "Where one group ends, the next begins: do two of them overlap?"
    elif missing:
        cause, seen = f"{persons(len(missing))} of the list never arrived.", _arrived(contacts, missing)
        shown = came[-1][1] if came else evidence.exchanges[-1]
        step = "Is there a gap between two groups, or a last group that is never sent?"
    else:
        return None
    return wrong(cause, shown, expected=expected, seen=seen, next_step=step)


def _arrived(contacts: Sequence[JSON], missing: Sequence[JSON]) -> str:
    """How many of the contacts came, and the first that did not."""
    return f"{len(contacts) - len(missing)} sent; the first one missing is {value_text(missing[0]['email'])}"


def out_of_order(evidence: Evidence) -> Verdict | None:
    """All came, and not as they stand in the list."""
    pairs = zip(evidence.arguments["contacts"], brought(evidence), strict=False)
    expected, (seen, shown) = next((pair for pair in pairs if not same(pair[0], pair[1][0])), (None, (None, None)))
    if not shown:
        return None
    return wrong(
        "The contacts did not arrive in the order of the list.",
        shown,
        expected=expected,
        seen=seen,
        next_step="Of two contacts with one address the first is stored, so order matters: wait for each answer "
        "before you send the next group.",
    )


def refused_by(*rules: Rule) -> Rule:
    """The rule that tells of a crash over a refusal what the refusal came of, where one of these rules knows it."""

    def rule(evidence: Evidence) -> Verdict | None:
        failure, last = evidence.failure, evidence.last
        if not failure or not last or last.status not in (409, 413, 422, 429):
            return None
        verdict = next((verdict for asked in rules if (verdict := asked(evidence))), None)
        return verdict and replace(verdict, cause=f"{verdict.cause.removesuffix('.')}; that caused the {failure.type}.")

    return rule


def other_number(right: int, *slips: tuple[int, str, str]) -> Rule:
    """The rule that the value is the number of contacts created; a slip is a wrong number, its cause and next step."""

    def rule(evidence: Evidence) -> Verdict | None:
        if evidence.value == right:
            return None
        told = next((slip[1:] for slip in slips if slip[0] == evidence.value), None)
        cause, step = told or ("What you returned is not the number of contacts that were created.", ADD)
        return wrong(cause, evidence.last, expected=right, seen=value_text(evidence.value), next_step=step)

    return rule


ADD = "Each answer has `created` for its own group: begin at 0, and add each of them once."


def other_sum(evidence: Evidence) -> Verdict | None:
    """The value is not the sum over all answers."""
    each = [created_in(exchange) for exchange in taken(evidence)]
    alone = "You returned the number of the last answer alone."
    sent = "You counted what you sent, not what was created."
    known = "Some contacts were there already: the answers tell how many are new."
    slips = ((each[-1], alone, ADD), (len(brought(evidence)), sent, known)) if each else ()
    return other_number(sum(each), *slips)(evidence)
