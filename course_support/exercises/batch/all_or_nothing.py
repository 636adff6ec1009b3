"""The exercise that wants no half import: everything is stored, or the faulty ones are named and nothing is."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.batch import CONTACTS
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.batch.crm import (
    ASKED,
    Person,
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
from course_support.exercises.rules import json_object, of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

LAST = 140  # the last id that a fresh CRM has


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, faults) for faults in (3, 0, 1)]


def _scene(draw: random.Random, faults: int) -> Scene:
    crm, arguments, known = service(draw)
    good = people(draw, 6 + faults)
    bad = [_subtly_spoilt(draw, good.pop()), *(spoilt(draw, good.pop()) for _ in range(faults - 1))] if faults else []
    contacts = [*good, known[0], in_capitals(known[1]), *bad]
    draw.shuffle(contacts)
    faulty = [index for index, it in enumerate(contacts) if it in bad]

    def look(client: Client) -> None:
        client.send("GET", f"{CONTACTS}?after={LAST}&limit=100", arguments["token"])

    expected = {"faulty": faulty, "new": len(good)}
    return Scene(crm, arguments | {"contacts": contacts}, expected, afterwards=look)


def _subtly_spoilt(draw: random.Random, person: Person) -> Person:
    """With a fault that the service finds, and hardly a client."""
    odd: list[dict[str, Any]] = [
        {"company": draw.randint(2, 99)},
        {"name": person["name"] * 30},
        {"email": person["email"].replace(".example", "")},
        {"e-mail": person["email"]},
        {"email": person["email"].replace("@", "@@")},
    ]
    return person | draw.choice(odd)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        _judged_by_oneself,
        *ASKED,
        _half,
        _not_all,
        of_type(list, "a list of indices, such as [2, 5]"),
        _other_indices,
    )


def _judged_by_oneself(evidence: Evidence) -> Verdict | None:
    if evidence.exchanges or not is_indices(evidence.value):
        return None
    return wrong(
        "You found the faulty contacts without asking the service.",
        expected=f"a request to {CONTACTS}/batch",
        seen=f"no request, and {value_text(evidence.value, 100)}",
        next_step="What is faulty is for the service to say, which has rules that your code does not know. "
        "Is there an option that lets you ask without any risk?",
    )


def _stored(evidence: Evidence) -> int:
    """How many new contacts the CRM has when the answer is in."""
    listed = json_object(evidence.afterwards[-1]).get("contacts") if evidence.afterwards else None
    return len(listed) if isinstance(listed, list) else 0


def _created(exchange: Exchange) -> int:
    created = json_object(exchange).get("created")
    return created if isinstance(created, int) else 0


def _half(evidence: Evidence) -> Verdict | None:
    """Something is stored although something else is faulty."""
    faulty, stored = evidence.expected["faulty"], _stored(evidence)
    if not faulty or not stored:
        return None
    shown = next((e for e in taken(evidence) if _created(e)), None) or evidence.last
    if not shown or option(shown, "atomic", False) is not True:
        verb = "is" if len(faulty) == 1 else "are"
        cause = f"{persons(len(faulty))} of the import {verb} faulty, and {stored} stored all the same."
        step = "An option of the batch lets all its contacts share one transaction, and one fate."
    elif any(e.status == 422 and _whole(e, evidence) for e in batches(evidence)):
        cause = f"The service refused the import, and you sent a part of it again: {persons(stored)} of it came in."
        step = (
            "If one is faulty, none of them is to be there, the good ones neither: return the indices, and that is all."
        )
    else:
        cause = f"You sent the import in {len(batches(evidence))} requests, and {persons(stored)} of it came in."
        step = "Each request is a transaction of its own: how many may an import have that is stored as a whole?"
    seen = f"{persons(stored)} in the CRM"
    return wrong(cause, shown, expected="none of them in the CRM", seen=seen, next_step=step)


def _whole(exchange: Exchange, evidence: Evidence) -> bool:
    return len(contacts_in(exchange)) == len(evidence.arguments["contacts"])


def _not_all(evidence: Evidence) -> Verdict | None:
    """Nothing is faulty, and not everything is stored."""
    new, stored = evidence.expected["new"], _stored(evidence)
    if evidence.expected["faulty"] or stored == new:
        return None
    strict = next((e for e in batches(evidence) if option(e, "skip_duplicates", True) is False), None)
    sent = sum(len(contacts_in(e)) for e in taken(evidence))
    if strict:
        cause = "A contact that was there before kept all the others out."
        step = "Such a contact is no fault here: let duplicates be skipped, as they are where nothing is said."
    elif sent < len(evidence.arguments["contacts"]):
        cause = f"Nothing was faulty, and you sent {sent} of {len(evidence.arguments['contacts'])} contacts."
        step = "Send the whole list in one request."
    else:
        cause = f"Nothing was faulty, and {stored} of {new} new contacts are in the CRM."
        step = "Look at the answer: did the service take the request, and has it ended its work?"
    shown = strict or evidence.last
    return wrong(cause, shown, expected=f"{new} new contacts in the CRM", seen=f"{stored} of them", next_step=step)


def _other_indices(evidence: Evidence) -> Verdict | None:
    value, faulty = evidence.value, evidence.expected["faulty"]
    if is_indices(value) and sorted(value) == faulty:
        return None
    step = 'Each of the `errors` in the answer has an `index`: `[error["index"] for error in …]`.'
    if not is_indices(value):
        cause = "Your list does not hold indices."
    elif not value:
        cause = "You returned an empty list, which says that all is stored, and nothing is."
        step = "The answer is a 422, and its content names every faulty contact."
    elif set(value) > set(faulty):
        cause = "Your list has contacts that are not faulty."
        step = "A contact that was there before is no fault, nor is one that was only kept out by another."
    elif set(value) < set(faulty):
        cause = f"Your list has {len(set(value))} of {len(faulty)} faulty contacts."
        step = "The answer names all of them at once: does your code stop at the first?"
    elif sorted(value) == [index + 1 for index in faulty]:
        cause, step = "Your indices count from 1.", "An index is a place in the list, as in Python: the first is 0."
    else:
        cause = "Your list is not that of the faulty contacts."
    shown = batches(evidence)[-1]
    return wrong(cause, shown, expected=faulty, seen=value_text(value), next_step=step)


ALL_OR_NOTHING = Exercise(
    "batch.all_or_nothing",
    "All or nothing",
    2,
    (
        "Taking back what is stored is harder than not storing it: which option makes one transaction of the batch?",
        'Send all of it in one request with `"options": {"atomic": True}`. A 422 is then no crash but an answer: '
        'its JSON has `errors`, each with an `index`. In a 200 `errors` is empty: `answer.json()["errors"]` does for '
        "both.",
    ),
    _scenes,
    _judge,
)
