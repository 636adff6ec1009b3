"""The exercise that predicts what becomes of each contact of a batch: stored, skipped, a duplicate, or faulty."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from course_support.backends.batch import BATCH
from course_support.evidence import JSON, Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.batch.crm import FIRST, Person, in_capitals, is_indices, people, service, without
from course_support.exercises.rules import json_object, of_type
from course_support.verdict import Verdict, value_text, wrong

LETTERS = ", in other letters"
LOWER = "Compare addresses in lower case, on both sides: is this one known?"


def _scenes(draw: random.Random) -> list[Scene]:
    skipping = [True, False]
    draw.shuffle(skipping)
    return [_scene(draw, skip) for skip in skipping]


def _scene(draw: random.Random, skip_duplicates: bool) -> Scene:
    crm, arguments, _ = service(draw)
    there, new = people(draw, 4), people(draw, 5)
    known = [draw.choice([it, in_capitals(it)])["email"] for it in there]
    contacts = [
        there[0] | {"email": known[0]},
        _otherwise(there[1], known[1]),
        *new[:3],
        new[0] | {"name": draw.choice(FIRST)},
        in_capitals(new[1]),
        draw.choice([without(new[3], "name"), new[3] | {"name": ""}]),
        without(there[2] | {"email": known[2]}, "name"),
        new[4] | {"email": new[4]["email"].replace("@", ".")},
    ]
    draw.shuffle(contacts)
    faulty = next(index for index, it in enumerate(contacts) if it["email"] == new[3]["email"])
    contacts.insert(draw.randint(faulty + 1, len(contacts)), in_capitals(new[3]))  # the first of them was not stored
    values = {"contacts": contacts, "known": draw.sample(known, len(known)), "skip_duplicates": skip_duplicates}

    def show(client: Client) -> None:
        before = [it | {"email": email} for it, email in zip(there, known, strict=True)]
        client.send("POST", BATCH, arguments["token"], {"operation": "create", "contacts": before})
        options = {"multi_status": True, "skip_duplicates": skip_duplicates}
        client.send(
            "POST", BATCH, arguments["token"], {"operation": "create", "contacts": contacts, "options": options}
        )

    return Scene(crm, values, afterwards=show)


def _otherwise(person: Person, email: str) -> Person:
    """The same address, with upper and lower case as it is not in `email`."""
    return in_capitals(person) if email.islower() else person | {"email": email.lower()}


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        of_type(list, "a list of statuses, such as [201, 200, …]"),
        _other_length,
        _no_statuses,
        _other_statuses,
    )


def _other_length(evidence: Evidence) -> Verdict | None:
    wanted, got = len(evidence.arguments["contacts"]), len(evidence.value)
    if got == wanted:
        return None
    return wrong(
        f"Your list has {got} statuses for a batch of {wanted} contacts.",
        evidence.afterwards[-1],
        expected=f"{wanted} statuses",
        seen=value_text(evidence.value),
        next_step="Append one status in each round of the loop, whichever it is.",
    )


def _no_statuses(evidence: Evidence) -> Verdict | None:
    odd = [it for it in evidence.value if it not in (200, 201, 409, 422)]
    if is_indices(evidence.value) and not odd:
        return None
    shown = value_text(odd[0] if odd else evidence.value, 60)
    return wrong(
        f"Your list holds {shown}, which is none of the four statuses.",
        evidence.afterwards[-1],
        expected="201, 200, 409 or 422 for each",
        seen=value_text(evidence.value),
        next_step="The exercise names what each of the four stands for.",
    )


def _other_statuses(evidence: Evidence) -> Verdict | None:
    exchange, value, asked = evidence.afterwards[-1], evidence.value, evidence.arguments
    actual = _actual(json_object(exchange).get("items"))
    odd = [at for at, status in enumerate(value) if actual[at : at + 1] != [status]]
    if not odd:
        return None
    told = {
        at: _circumstances(asked["contacts"], asked["known"], asked["skip_duplicates"], at, value[at]) for at in odd
    }
    at = min(odd, key=lambda at: LETTERS in told[at][0])  # only if nothing else is wrong they are to blame
    (about, step), right = told[at], actual[at] if at < len(actual) else "no status"
    return wrong(
        f"{about}, and gets {right}, not {value[at]}.",
        exchange,
        expected=f"{right}, as {_concerned(asked['contacts'], asked['known'], at)}",
        seen=f"{value[at]} at {at} of {value_text(value)}",
        next_step=step,
    )


def _concerned(contacts: Sequence[dict[str, Any]], known: Sequence[str], at: int) -> str:
    """The contact, and what there was of its address before it: in the exchange they are far down."""
    email = contacts[at]["email"].lower()
    there = [f"known[{place}] = {it!r}" for place, it in enumerate(known) if it.lower() == email]
    before = [f"contacts[{place}] = {it!r}" for place, it in enumerate(contacts[:at]) if it["email"].lower() == email]
    return "; before it ".join([f"contacts[{at}] = {contacts[at]!r}", *there, *before])


def _actual(items: JSON) -> list[JSON]:
    return [it.get("status") if isinstance(it, dict) else None for it in items] if isinstance(items, list) else []


def _circumstances(
    contacts: Sequence[dict[str, Any]], known: Sequence[str], skip: bool, at: int, predicted: int
) -> tuple[str, str]:
    """What there is to know of one contact, and what to think of next."""
    contact, email = contacts[at], contacts[at]["email"].lower()
    name = f"contacts[{at}]"
    options = f"skip_duplicates is {'true' if skip else 'false'}"
    if not contact.get("name"):
        step = "Ask first whether a contact is whole: a faulty one is not stored, so that it is never a duplicate."
        duplicate = email in map(str.lower, known)
        return f"{name} has no name{', and an address that is known' if duplicate else ''}", step
    if "@" not in email:
        return f"{name} has no @ in its address", "A contact that nobody can write to is faulty."
    before = [it for it in contacts[:at] if it["email"].lower() == email]
    if email in map(str.lower, known):
        letters = "" if contact["email"] in known else LETTERS
        step = LOWER if predicted == 201 else _of_duplicates(skip)
        return f"{name} has an address that is known{letters}, where {options}", step
    if before and before[0].get("name"):
        letters = "" if before[0]["email"] == contact["email"] else LETTERS
        known_now = LOWER if letters else "What this batch has stored is known from there on."
        step = known_now if predicted == 201 else _of_duplicates(skip)
        return f"{name} has an address that came before it in the batch{letters}, where {options}", step
    if before:
        step = "Only a contact that is stored makes its address known: when do you note it down?"
        return f"{name} has an address that came before it with a contact that was faulty", step
    return f"{name} is whole and new", "Is its address among the known ones, or in the batch before it?"


def _of_duplicates(skip: bool) -> str:
    if skip:
        return "Where duplicates are to be skipped, one is no fault."
    return "Where duplicates are not to be skipped, one is a conflict with what is there; the contact itself is whole."


PREDICT_ITEMS = Exercise(
    "batch.predict_items",
    "Predict what becomes of each",
    3,
    (
        "Go through the contacts as the service does, one after the other. What does it know of addresses before the "
        "first, and what after each?",
        "Keep a set of the addresses that are known, in lower case, and begin it with `known`. Ask of each contact: is "
        "it faulty? Is its address in the set? If neither, it is stored, and the set grows.",
        'Faulty is whoever lacks a name or an @: `not contact.get("name") or "@" not in contact["email"]`. '
        "A duplicate gets 200 if `skip_duplicates`, otherwise 409. A faulty contact does not make its address known.",
    ),
    _scenes,
    _judge,
)
