"""The exercise of a service's limits: so many contacts and so many bytes, asked for instead of guessed."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

from course_support.backends.batch import LIMITS, app
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.batch.brought import not_as_given, out_of_order, refused_by
from course_support.exercises.batch.crm import Person, batches, contacts_in, misread, not_batched, people, taken
from course_support.exercises.rules import not_found, not_let_in, of_type, sent_nothing, wrong_media_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

NAMES = ("Φωτεινή Παπαδοπούλου", "Владислава Коваленко", "Ἀναστασία Οἰκονόμου", "Михаїло Щербаченко")
UNITS = ("Accounts", "Warehouse", "Отдел закупок", "Τμήμα εξυπηρέτησης", "Customer Care for the North")
ROOM = 10**6  # bytes that no list here needs


def _scenes(draw: random.Random) -> list[Scene]:
    """The number of contacts decides, then their bytes, then now the one and now the other."""
    most = draw.randint(6, 9)
    some, more = _foreign(draw, 24), people(draw, 12)
    return [
        _scene(draw, people(draw, 3 * most), most, ROOM),
        _scene(draw, some, 10_000, _tight(draw, some)),
        _scene(draw, more + _foreign(draw, 12), 8, len(_content(more[:8])) + 60),
    ]


def _scene(draw: random.Random, contacts: list[Person], most: int, largest: int) -> Scene:
    crm = app(draw.randrange(2**32), most=most, largest=largest)
    arguments = {"url": URL, "token": crm.state.credentials["importer"], "contacts": contacts}
    few = len(_filled(contacts, most, largest))
    slack = int(largest < ROOM)  # one request, for JSON that is written with more blanks than ours
    return Scene(crm, arguments, {"most": most, "largest": largest, "few": few, "slack": slack})


def _foreign(draw: random.Random, count: int) -> list[Person]:
    """People whose names have more bytes than characters, in companies whose names are of very different lengths."""
    units = [draw.sample(UNITS, draw.choice((0, 0, 1, 4))) for _ in range(count)]
    return [
        person | {"name": draw.choice(NAMES), "company": ", ".join([person["company"], *unit])}
        for person, unit in zip(people(draw, count), units, strict=True)
    ]


def _content(contacts: list[Person], **form: Any) -> bytes:
    return json.dumps({"operation": "create", "contacts": contacts}, **form).encode()


def _list(contacts: list[Person], **form: Any) -> bytes:
    return json.dumps(contacts, **form).encode()


FORMS: tuple[dict[str, Any], ...] = ({}, {"ensure_ascii": False}, {"ensure_ascii": False, "separators": (",", ":")})


def _tight(draw: random.Random, contacts: list[Person]) -> int:
    """A number of bytes for which it is too little to measure the list alone, in whichever form it is written."""
    for largest in draw.sample(range(900, 1500), 600):
        groups = ((form, _filled(contacts, len(contacts), largest, _list, **form)) for form in FORMS)
        if all(any(len(_content(group, **form)) > largest for group in each) for form, each in groups):
            return largest
    return 1000


def _filled(
    contacts: list[Person], most: int, largest: int, content: Callable[..., bytes] = _content, **form: Any
) -> list[list[Person]]:
    """Groups as full as they may be."""
    groups: list[list[Person]] = [[]]
    for contact in contacts:
        longer = [*groups[-1], contact]
        if len(longer) > most or len(content(longer, **form)) > largest:
            groups.append([contact])
        else:
            groups[-1] = longer
    return groups


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_batched,
        not_found,
        wrong_media_type,
        _too_many_contacts,
        _too_many_bytes,
        misread,
        not_as_given,
        out_of_order,
        _too_many_requests,
        of_type(int, "a number, such as 4"),
        _other_count,
    )


def _asked(evidence: Evidence) -> bool:
    return any(e.status == 200 for e in evidence.sent("GET", LIMITS))


def _too_many_contacts(evidence: Evidence) -> Verdict | None:
    most = evidence.expected["most"]
    over = next((e for e in batches(evidence) if len(contacts_in(e)) > most and e.status == 413), None)
    if not over:
        return None
    count = len(contacts_in(over))
    if not _asked(evidence):
        cause = f"You sent {count} contacts in one request, and had not asked how many the service takes."
        step = f"`GET {LIMITS}` tells, with the token: `most` contacts, and `largest` bytes."
    else:
        cause = f"You sent {count} contacts in one request, where {most} are the most."
        step = "`most` contacts are allowed, and not one more: compare before you add the next one."
    return wrong(cause, over, expected=f"at most {most} contacts", seen=f"{count} contacts", next_step=step)


def _too_many_bytes(evidence: Evidence) -> Verdict | None:
    largest = evidence.expected["largest"]
    long = [e for e in batches(evidence) if len(e.request.body) > largest and e.status == 413]
    if not long:
        return None
    in_characters = [e for e in long if len(e.request.text) <= largest < _bare(e)]
    over = (in_characters or long)[0]
    size, characters = len(over.request.body), len(over.request.text)
    cause = f"You sent {size:,} bytes in one request, where {largest:,} are the most."
    step = "Before you add a contact, measure how long the content would be with it."
    if in_characters:
        cause = f"You sent {characters:,} characters in one request, and these are {size:,} bytes."
        step = "Measure what is sent: `len(text.encode())` counts bytes, `len(text)` characters."
    elif all(_bare(exchange) <= largest for exchange in long):
        cause = f"Your contacts fit into {largest:,} bytes, and the content around them does not."
        step = 'Measure the whole content, with `{"operation": …}` around the list.'
    elif all(_unescaped(exchange) <= min(largest, len(exchange.request.body) - 1) for exchange in long):
        cause = f"You sent {size:,} bytes, and measured another text: each letter beyond ASCII was sent as an escape."
        step = "`json=` writes them so. Make the bytes yourself, measure them, and send just these with `data=`."
    return wrong(cause, over, expected=f"at most {largest:,} bytes", seen=f"{size:,} bytes", next_step=step)


def _bare(exchange: Exchange) -> int:
    """Bytes of the list alone, as it was sent."""
    body = exchange.request.body
    return body.rfind(b"]") + 1 - body.find(b"[")


def _unescaped(exchange: Exchange) -> int:
    """Characters of the same JSON without an escape for each letter beyond ASCII: the fewest that one can measure."""
    return len(re.sub(r"\\u[0-9a-fA-F]{4}", "x", exchange.request.text))


def _too_many_requests(evidence: Evidence) -> Verdict | None:
    few, sent = evidence.expected["few"], taken(evidence)
    if len(sent) <= few + evidence.expected["slack"]:
        return None
    sizes = [len(contacts_in(exchange)) for exchange in sent]
    empty = next((exchange for exchange in sent if not contacts_in(exchange)), None)
    cause = f"You sent {len(sent)} requests, where {few} are enough."
    step = "How many fit depends on the contacts: fill each request until the next one would be too much."
    if empty:
        cause, step = "A request of yours brought no contact at all.", "Send a group only if there is something in it."
    shown = empty or sent[sizes.index(min(sizes))]
    seen = f"groups of {', '.join(map(str, sizes[:20]))}"
    return wrong(cause, shown, expected=f"{few} groups, all but the last of them full", seen=seen, next_step=step)


def _other_count(evidence: Evidence) -> Verdict | None:
    sent: tuple[Exchange, ...] = batches(evidence)
    value, count = evidence.value, len(sent)
    if value == count:
        return None
    if value == len(evidence.exchanges):
        cause, step = "You counted the question for the limits as well.", "Return how many batches you sent."
    elif value == len(evidence.arguments["contacts"]):
        cause, step = "You returned the number of contacts, not that of the requests.", "Count the groups."
    else:
        cause, step = "What you returned is not the number of your requests.", "Count each batch that you send."
    return wrong(cause, evidence.last, expected=count, seen=value_text(value), next_step=step)


FIT_IN = Exercise(
    "batch.fit_in",
    "Fit in",
    3,
    (
        "There are two limits, and either can be the one that is reached first. What exactly has `largest` bytes: a "
        "contact, the list, or what is sent?",
        "Begin with an empty group. For each contact ask whether with it the group would have more than `most` "
        "contacts, or its content more than `largest` bytes; if so, the contact begins a new group.",
        '`content = json.dumps({"operation": "create", "contacts": group}).encode()` is what is measured, with '
        '`len(content)`, and what is sent: `requests.post(…, data=content, headers={…, "Content-Type": '
        '"application/json"})`.',
    ),
    _scenes,
    _judge,
    early=(refused_by(_too_many_contacts, _too_many_bytes),),
)
