"""The exercise that repairs a partial failure: what was refused is sent again, corrected, and nothing else is."""

from __future__ import annotations

import random
from collections.abc import Sequence

from course_support.evidence import JSON, Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.crm import (
    ASKED,
    batches,
    contacts_in,
    in_capitals,
    is_indices,
    option,
    people,
    persons,
    service,
    spoilt,
    taken,
)
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, mended, given_up) for mended, given_up in ((2, 2), (0, 0), (2, 0))]


def _scene(draw: random.Random, mended: int, given_up: int) -> Scene:
    """`mended` contacts are right when they have been looked up, `given_up` are not."""
    crm, arguments, known = service(draw)
    new = people(draw, 4 + mended + given_up)
    good, bad = new[:4], new[4:]
    sent = [*good, in_capitals(known[0]), in_capitals(good[0]), *(spoilt(draw, it) for it in bad)]
    # looked up anew, each has another company, so that one sees which of the two was sent
    looked_up = [it | {"company": f"{it['company']} Ltd"} for it in sent]
    looked_up[6:] = [it | {"company": f"{it['company']} Ltd"} for it in bad[:mended]]
    looked_up += [spoilt(draw, it) | {"company": f"{it['company']} Ltd"} for it in bad[mended:]]
    order = draw.sample(range(len(sent)), len(sent))
    while order.index(5) < order.index(0):  # a good one comes before its duplicate
        draw.shuffle(order)
    refused = [at for at, number in enumerate(order) if number >= 6]
    values = {"contacts": [sent[it] for it in order], "corrected": [looked_up[it] for it in order]}
    twice = [at for at in refused if order[at] >= 6 + mended]
    return Scene(crm, arguments | values, {"refused": refused, "twice": twice})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED[:-1],
        _as_a_whole,
        ASKED[-1],
        _other_first,
        _skipped,
        _too_many,
        _not_again,
        _needless,
        _other_second,
        of_type(list, "a list of indices, such as [2, 5]"),
        _other_value,
    )


def _as_a_whole(evidence: Evidence) -> Verdict | None:
    whole = next((e for e in batches(evidence) if option(e, "atomic", False) is True), None)
    if not whole:
        return None
    return wrong(
        "You asked for all or nothing, so one faulty contact keeps all the others out.",
        whole,
        expected="what is right stored, and an error for each of the others",
        seen="atomic true",
        next_step="Leave the option `atomic` out: without it each contact has a fate of its own.",
    )


def _other_first(evidence: Evidence) -> Verdict | None:
    """Not all the contacts in the first request, as they are."""
    first, contacts = batches(evidence)[0], evidence.arguments["contacts"]
    sent = contacts_in(first)
    if same(sent, contacts):
        return None
    step = "Send the list `contacts` as it is: which of them are refused only the service can tell."
    if same(sent, evidence.arguments["corrected"]):
        cause = "Your first request brought the corrected contacts, where `contacts` is to be tried first."
    elif len(sent) < len(contacts):
        cause = f"Your first request brought {persons(len(sent))} of {len(contacts)}."
    else:
        cause = "Your first request brought other contacts than those that you were given."
    expected = f"all {persons(len(contacts))}, as they are and in their order"
    seen = _origins(sent, contacts, evidence.arguments["corrected"])
    return wrong(cause, first, expected=expected, seen=seen, next_step=step)


def _skipped(evidence: Evidence) -> Verdict | None:
    first = batches(evidence)[0]
    if option(first, "skip_duplicates", True) is False:
        return None
    return wrong(
        "You had duplicates skipped, where the exercise asks to be told of them.",
        first,
        expected='"options": {"skip_duplicates": false}',
        seen=option(first, "skip_duplicates", True),
        next_step="The option is a member of `options`, beside `contacts`; where it is left out, it is true.",
    )


def _too_many(evidence: Evidence) -> Verdict | None:
    sent = taken(evidence)
    if len(sent) <= 2:
        return None
    return wrong(
        f"You sent {len(sent)} requests, where two are enough.",
        sent[2],
        expected="one request for all, and one for those that were refused",
        seen=f"requests with {', '.join(str(len(contacts_in(it))) for it in sent)} contacts",
        next_step="Collect first what is to be sent again, then send it as one batch.",
    )


def _second(evidence: Evidence) -> Exchange | None:
    return taken(evidence)[1] if len(taken(evidence)) > 1 else None


def _not_again(evidence: Evidence) -> Verdict | None:
    refused = evidence.expected["refused"]
    if not refused or _second(evidence):
        return None
    return wrong(
        f"{persons(len(refused))} {'was' if len(refused) == 1 else 'were'} refused, and you did not try again.",
        batches(evidence)[-1],
        expected="a second request, with those contacts from `corrected`",
        seen="no second request that the service took",
        next_step="A status of 200 does not mean that all of it worked: what does `errors` tell?",
    )


def _needless(evidence: Evidence) -> Verdict | None:
    second = _second(evidence)
    if evidence.expected["refused"] or not second:
        return None
    brought = len(contacts_in(second))
    return wrong(
        "You sent a second request although no contact was refused but duplicates, which are in the CRM.",
        second,
        expected="one request",
        seen=f"a second one, with {persons(brought)}",
        next_step="Nothing to send is a reason to send nothing."
        if not brought
        else "`code` tells a duplicate from a contact that has to be corrected.",
    )


def _other_second(evidence: Evidence) -> Verdict | None:
    second, refused = _second(evidence), evidence.expected["refused"]
    if not second:
        return None
    contacts, corrected = evidence.arguments["contacts"], evidence.arguments["corrected"]
    sent, wanted = contacts_in(second), [corrected[at] for at in refused]
    missing = [it for it in wanted if it not in sent]
    extra = [it for it in sent if it not in wanted]
    if not missing and not extra and len(sent) == len(wanted):
        return None
    cause, step = _amiss(sent, missing, extra, contacts)
    places = ", ".join(map(str, refused)) or "no place"
    seen = _origins(sent, contacts, corrected)
    return wrong(cause, second, expected=f"corrected at {places}", seen=seen, next_step=step)


def _origins(sent: Sequence[JSON], contacts: Sequence[JSON], corrected: Sequence[JSON]) -> str:
    """Where what was sent stands: `corrected at 1, 3; contacts at 2`."""
    lists = {"contacts": contacts, "corrected": corrected}
    told = {name: [str(known.index(it)) for it in sent if it in known] for name, known in lists.items()}
    others = [it for it in sent if it not in contacts and it not in corrected]
    parts = [f"{name} at {', '.join(places)}" for name, places in told.items() if places]
    return "; ".join([*parts, *([f"others: {value_text(others, 100)}"] if others else [])]) or "no contact"


def _amiss(
    sent: Sequence[JSON], missing: Sequence[JSON], extra: Sequence[JSON], contacts: Sequence[JSON]
) -> tuple[str, str]:
    """What a second request has that it should not have, or lacks, and what to look at next."""
    if len(sent) >= len(contacts):
        return (
            "Your second request brought all the contacts again.",
            "Most of them are in the CRM. The `index` of each error tells which contact it is about.",
        )
    if missing and any(it in contacts for it in extra):
        return (
            "Your second request brought contacts that were refused as they were.",
            "What has not changed is refused again: take them from `corrected`, which has the same indices.",
        )
    if not missing and extra:
        return (
            f"Your second request brought {persons(len(extra))} that {'is' if len(extra) == 1 else 'are'} in the CRM.",
            "Its `code` says that it is a duplicate, stored already or before in the same batch: there are two codes.",
        )
    if not extra and missing:
        return (
            f"Your second request left out {persons(len(missing))} that had been refused.",
            "Every error whose code is not that of a duplicate is to be tried again, whatever its code.",
        )
    return (
        "Your second request did not bring the contacts that had been refused.",
        "The `index` in an error counts from 0, in the list that was sent.",
    )


def _other_value(evidence: Evidence) -> Verdict | None:
    value, twice, refused = evidence.value, evidence.expected["twice"], evidence.expected["refused"]
    if is_indices(value) and sorted(value) == twice:
        return None
    shown = taken(evidence)[-1] if taken(evidence) else evidence.last
    numbers = [at for at, index in enumerate(refused) if index in twice]
    step = "`errors` of the second answer speaks of the second list: its index 0 is the first one that was tried again."
    if not is_indices(value):
        cause = "Your list does not hold indices."
        step = "An index is a whole number, from 0: the place of a contact in `contacts`."
    elif twice and sorted(value) == numbers:
        cause = "You returned places in your second request, not in `contacts`."
    elif sorted(value) == refused:
        cause = "You returned those that were refused the first time."
    elif set(value) > set(twice):
        cause = "Your list has more indices than those of the contacts that were refused both times."
        step = "A duplicate is in the CRM, and what the second request has brought is too."
    else:
        cause = "Your list is not that of the contacts that were refused both times."
    return wrong(cause, shown, expected=twice, seen=value_text(value), next_step=step)


TRY_AGAIN = Exercise(
    "batch.try_again",
    "Try only the failed ones again",
    3,
    (
        "Each of `errors` has an `index` and a `code`. Which codes mean that the contact is in the CRM after all?",
        'The first answer gives `again = [error["index"] for error in errors if not '
        'error["code"].startswith("duplicate")]`, and `[corrected[index] for index in again]` is what to send next, '
        "unless it is empty.",
        "The second answer counts in the list that you sent then: its `index` is a place in `again`, and "
        '`again[error["index"]]` is the place in `contacts`.',
    ),
    _scenes,
    _judge,
)
