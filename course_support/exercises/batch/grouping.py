"""The exercise that sends a list in groups: nothing left out, nothing twice, and sums over all the answers."""

from __future__ import annotations

import random

from course_support.evidence import JSON, Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.brought import out_of_order
from course_support.exercises.batch.crm import ASKED, contacts_in, in_capitals, option, people, persons, service, taken
from course_support.exercises.rules import json_object, of_form
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    """Groups with a rest, groups without one, and a group that is larger than the list."""
    size, exact = draw.randint(3, 5), draw.randint(2, 4)
    return [
        _scene(draw, size, 3 * size + draw.randint(1, size - 1)),
        _scene(draw, exact, 3 * exact),
        _scene(draw, draw.randint(20, 50), draw.randint(5, 8)),
    ]


def _scene(draw: random.Random, size: int, count: int) -> Scene:
    crm, arguments, known = service(draw)
    new = people(draw, count - 3)
    contacts = [*new, known[0], in_capitals(known[1])]
    draw.shuffle(contacts)
    contacts.append(contacts[0] | {"email": contacts[0]["email"].upper()})  # known by the time that it comes again
    sums = {"created": len(new), "skipped": 3}
    return Scene(crm, arguments | {"contacts": contacts, "size": size}, sums)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED,
        _too_large,
        _not_skipped,
        _nothing_in_it,
        _altered,
        _left_out,
        _sent_twice,
        out_of_order,
        _too_many,
        of_form({"created": 0, "skipped": 0}),
        _other_sums,
    )


def _too_large(evidence: Evidence) -> Verdict | None:
    size = evidence.arguments["size"]
    for exchange in taken(evidence):
        count = len(contacts_in(exchange))
        if count > size:
            return wrong(
                f"You sent {count} contacts in one request, where {size} are the most.",
                exchange,
                expected=f"groups of {size}",
                seen=f"a group of {count}",
                next_step="`contacts[start : start + size]` is one group. Where does the next one start?",
            )
    return None


def _not_skipped(evidence: Evidence) -> Verdict | None:
    for exchange in taken(evidence):
        if option(exchange, "skip_duplicates", True) is not True:
            return wrong(
                "You asked for an error about each contact that is there already, where it is to be skipped.",
                exchange,
                expected="skip_duplicates true, as it is where nothing is said",
                seen="skip_duplicates false",
                next_step="Leave the option out, or send true.",
            )
    return None


def _nothing_in_it(evidence: Evidence) -> Verdict | None:
    empty = next((e for e in taken(evidence) if not contacts_in(e)), None)
    if not empty:
        return None
    return wrong(
        "A request of yours brought no contact at all.",
        empty,
        expected="groups of at least one contact",
        seen="an empty list",
        next_step="With `range(0, len(contacts), size)` no group starts behind the last contact.",
    )


def _sent(evidence: Evidence) -> list[JSON]:
    return [contact for exchange in taken(evidence) for contact in contacts_in(exchange)]


def _holding(evidence: Evidence, contact: JSON) -> Exchange | None:
    """The last of the groups that brought the contact."""
    return next((e for e in reversed(taken(evidence)) if contact in contacts_in(e)), None)


def _altered(evidence: Evidence) -> Verdict | None:
    contacts = evidence.arguments["contacts"]
    other = next((it for it in _sent(evidence) if not any(same(it, contact) for contact in contacts)), None)
    if other is None:
        return None
    return wrong(
        "You sent a contact that is not one of those that you were given.",
        _holding(evidence, other),
        expected="the contacts as they are",
        seen=value_text(other),
        next_step="Hand on each contact as it is: the service, not your code, knows which are there already.",
    )


def _left_out(evidence: Evidence) -> Verdict | None:
    contacts, sent = evidence.arguments["contacts"], _sent(evidence)
    missing = [contact for contact in contacts if contact not in sent]
    if not missing:
        return None
    if missing == contacts[-len(missing) :]:
        which = "contact" if len(missing) == 1 else persons(len(missing))
        cause = f"The last {which} of the list never arrived."
        step = "When the list does not divide evenly, a smaller group is left: does your loop come to it?"
    else:
        cause = f"You did not send {persons(len(missing))} of the list."
        step = "Where one group ends, the next begins: is there a gap? And let the service say what is a duplicate."
    last = taken(evidence)[-1] if taken(evidence) else evidence.last
    seen = f"{len(contacts) - len(missing)} sent; the first one missing is {value_text(missing[0]['email'])}"
    return wrong(cause, last, expected=f"{persons(len(contacts))} sent", seen=seen, next_step=step)


def _sent_twice(evidence: Evidence) -> Verdict | None:
    contacts, sent = evidence.arguments["contacts"], _sent(evidence)
    again = next((it for index, it in enumerate(sent) if it in sent[:index]), None)
    if again is None:
        return None
    return wrong(
        f"You sent {len(sent)} contacts of a list that has {len(contacts)}: some came twice.",
        _holding(evidence, again),
        expected="each contact once",
        seen=f"{value_text(again['email'])} again",
        next_step="Do your groups overlap? The next one starts where the last one ended, `size` further on.",
    )


def _too_many(evidence: Evidence) -> Verdict | None:
    count, size = len(evidence.arguments["contacts"]), evidence.arguments["size"]
    sent, enough = taken(evidence), -(-count // size)
    if len(sent) <= enough:
        return None
    return wrong(
        f"You sent {len(sent)} requests, where {enough} {'is' if enough == 1 else 'are'} enough.",
        min(sent, key=lambda exchange: len(contacts_in(exchange))),
        expected=f"groups of {size}, and one with the rest",
        seen=f"groups of {', '.join(str(len(contacts_in(exchange))) for exchange in sent)}",
        next_step="Each request costs a round trip: fill every group but the last one.",
    )


def _other_sums(evidence: Evidence) -> Verdict | None:
    value, sums, answered = evidence.value, evidence.expected, taken(evidence)
    if same(value, sums):
        return None
    parts = [{name: json_object(exchange).get(name) for name in sums} for exchange in answered]
    shown = answered[-1]
    if value == parts[-1]:
        cause, step = "You returned the numbers of the last answer alone.", "Each answer speaks of its own group: add."
    elif value == parts[0]:
        cause, step = (
            "You returned the numbers of the first answer alone.",
            "Return when the loop has ended, not in it.",
        )
        shown = answered[0]
    elif value["created"] == len(evidence.arguments["contacts"]):
        cause, step = "You counted what you sent, not what was created.", "The answers tell `created` and `skipped`."
    elif value["created"] == sums["created"]:
        cause, step = "The number of skipped contacts is not that of the answers.", "Add up `skipped` as `created`."
    else:
        cause, step = "What you returned are not the sums of the answers.", "Start both at 0, and add in each round."
    return wrong(cause, shown, expected=sums, seen=value_text(value), next_step=step)


SEND_IN_GROUPS = Exercise(
    "batch.send_in_groups",
    "Group and send",
    2,
    (
        "Where do the groups start? With a size of 4 at 0, 4, 8 …: which builtin counts like that?",
        "`for start in range(0, len(contacts), size):` send `contacts[start : start + size]`. A slice that reaches "
        "beyond the end is no error: it is just shorter.",
        'In the loop: `answer = requests.post(f"{url}/api/v1/contacts/batch", json={"operation": "create", "contacts": '
        'group}, headers={"Authorization": f"Bearer {token}"}).json()`, and `sums["created"] += answer["created"]`; '
        "`skipped` in the same way. After the loop return the sums.",
    ),
    _scenes,
    _judge,
)
