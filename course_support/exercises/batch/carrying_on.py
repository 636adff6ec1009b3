"""The exercise of an import that broke: what was answered is done, and of one group nobody knows."""

from __future__ import annotations

import random

from course_support.evidence import JSON, Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.broken_import import OneForm, field, import_until_it_breaks
from course_support.exercises.batch.brought import created_in, other_number, refused_by
from course_support.exercises.batch.crm import batches, contacts_in, misread, not_batched, options_in, people, service
from course_support.exercises.rules import (
    json_object,
    not_found,
    not_let_in,
    of_type,
    refused,
    requested,
    sent_nothing,
    wrong_media_type,
)
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    return [
        _scene(draw, groups=4, answered=2, stored=True),
        _scene(draw, groups=3, answered=1, stored=False),
        _scene(draw, groups=2, answered=0, stored=True),
        _scene(draw, groups=2, answered=2, stored=False),
    ]


def _scene(draw: random.Random, groups: int, answered: int, stored: bool) -> Scene:
    """So many groups were answered, and the one behind them was stored or not."""
    crm, arguments, known = service(draw)
    size, import_id = draw.randint(4, 6), f"import-{draw.getrandbits(40):010x}"
    contacts = people(draw, size * groups - draw.randint(1, size - 2))
    for start in range(0, len(contacts), size):
        contacts[start + 1] = known.pop()  # one of each group is there already
    split = [contacts[start : start + size] for start in range(0, len(contacts), size)]
    app = OneForm(crm)
    answers = import_until_it_breaks(app, arguments["token"], import_id, split[: answered + stored])[:answered]
    told = {"contacts": contacts, "size": size, "import_id": import_id, "answers": answers}
    expected = {"groups": split, "created": len(contacts) - groups, "stored": stored}
    return Scene(app, arguments | told, expected)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        lambda e: sent_nothing(e) if _left(e) else None,
        not_let_in,
        lambda e: not_batched(e) if _left(e) else None,
        not_found,
        wrong_media_type,
        _without_key,
        _another_key,
        _answered_before,
        _another_group,
        misread,
        refused,
        _left_out,
        of_type(int, "a number, such as 12"),
        _other_total,
    )


def _left(evidence: Evidence) -> dict[int, list[JSON]]:
    """The groups without an answer, by their numbers."""
    groups = enumerate(evidence.expected["groups"])
    return {number: group for number, group in groups if number >= len(evidence.arguments["answers"])}


def _key(exchange: Exchange) -> str:
    """The key itself; the service understands one without its quotes, too."""
    return (exchange.request.fields.get("Idempotency-Key") or "").strip().strip('"')


def _number(evidence: Evidence, exchange: Exchange) -> int | None:
    """The group whose key came with the exchange."""
    numbers = range(len(evidence.expected["groups"]))
    keys = {field(evidence.arguments["import_id"], number).strip('"'): number for number in numbers}
    return keys.get(_key(exchange))


def _without_key(evidence: Evidence) -> Verdict | None:
    bare = next((e for e in batches(evidence) if "Idempotency-Key" not in e.request.fields), None)
    if not bare:
        return None
    return wrong(
        "You sent a group without its Idempotency-Key, so the service cannot know whether it has done it already.",
        bare,
        expected="the field Idempotency-Key, as the broken import sent it",
        seen="no such field",
        next_step="If the group was stored, its contacts are now mere duplicates, and nobody learns how many were "
        "created. With the key that it had, the service gives the answer that got lost.",
    )


def _another_key(evidence: Evidence) -> Verdict | None:
    other = next((e for e in batches(evidence) if _number(evidence, e) is None), None)
    if not other:
        return None
    import_id, count = evidence.arguments["import_id"], len(evidence.expected["groups"])
    later = _key(other).removeprefix(f"{import_id}-").isdecimal()
    new = "A new key makes a new request of it: build it as the exercise says, from `import_id` and the number."
    if "{" in _key(other):
        new = "There are braces in it: does your string begin with f?"
    return wrong(
        "The number in an Idempotency-Key of yours is that of no group."
        if later
        else "You sent a group with a key that is not one of the broken import's.",
        other,
        expected=f"Idempotency-Key: {field(import_id, 0)} to {field(import_id, count - 1)}",
        seen=f"Idempotency-Key: {other.request.fields.get('Idempotency-Key')}",
        next_step="The groups are numbered from 0, one after the other, whatever their contacts." if later else new,
    )


def _answered_before(evidence: Evidence) -> Verdict | None:
    left = _left(evidence)
    for exchange in batches(evidence):
        number = _number(evidence, exchange)
        if number is None or number in left:
            continue
        mine = next((n for n, group in left.items() if same(group, contacts_in(exchange))), None)
        if mine is not None:
            return _under_another_number(evidence, exchange, mine, number)
        return wrong(
            f"You sent group {number} again, whose answer the import had received.",
            exchange,
            expected=f"groups from {len(evidence.arguments['answers'])} on" if left else "no request: all is answered",
            seen=f"group {number}",
            next_step="There are as many groups done as there are `answers`: begin behind them.",
        )
    return None


def _another_group(evidence: Evidence) -> Verdict | None:
    groups = evidence.expected["groups"]
    for exchange in batches(evidence):
        number, came = _number(evidence, exchange), contacts_in(exchange)
        if number is None or (same(came, groups[number]) and options_in(exchange) == {}):
            continue
        mine = next((other for other, group in enumerate(groups) if same(group, came)), None)
        if mine == number:
            return _with_options(exchange, number)
        if mine is not None:
            return _under_another_number(evidence, exchange, mine, number)
        cause = f"What you sent with the key of group {number} are not the contacts of group {number}."
        step = "The broken import cut `contacts` into groups of `size` from its first contact on: cut it likewise."
        seen = f"{len(came)} contacts" + (f", the first {value_text(came[0], 120)}" if came else "")
        expected = f"{len(groups[number])} contacts, the first {value_text(groups[number][0], 120)}"
        return wrong(cause, exchange, expected=expected, seen=seen, next_step=step)
    return None


def _with_options(exchange: Exchange, number: int) -> Verdict:
    return wrong(
        f"You sent group {number} with options, which it did not have the first time.",
        exchange,
        expected="no options",
        seen=value_text(options_in(exchange)),
        next_step="For the service that is another request with a used key: leave `options` out.",
    )


def _under_another_number(evidence: Evidence, exchange: Exchange, mine: int, number: int) -> Verdict:
    return wrong(
        f"You sent group {mine} with the key of group {number}.",
        exchange,
        expected=f"Idempotency-Key: {field(evidence.arguments['import_id'], mine)}",
        seen=f"Idempotency-Key: {exchange.request.fields.get('Idempotency-Key')}",
        next_step="The numbers go on where the broken import was: they do not begin at 0 again.",
    )


def _left_out(evidence: Evidence) -> Verdict | None:
    sent = {_number(evidence, exchange) for exchange in batches(evidence)}
    doubtful = len(evidence.arguments["answers"])
    missing = [number for number in _left(evidence) if number not in sent]
    if not missing or (missing == [doubtful] and _found_out(evidence)):
        return None
    unknown = missing[0] == doubtful
    return wrong(
        f"You left out group {doubtful}, of which nobody knows whether it was stored."
        if unknown
        else f"You left out group {missing[0]}.",
        evidence.last,
        expected=f"groups {', '.join(map(str, _left(evidence)))}",
        seen=requested(evidence.exchanges[:5]) or "none",
        next_step="Whether its answer got lost or its request: with its key you may send it again, and nothing is "
        "done twice."
        if unknown
        else "Go on until the last contact is sent, in a smaller group if need be.",
    )


def _found_out(evidence: Evidence) -> bool:
    """Whoever looks into the CRM can see that the group is stored, and need not send it."""
    return bool(evidence.expected["stored"] and same(evidence.value, evidence.expected["created"]))


def _other_total(evidence: Evidence) -> Verdict | None:
    before = sum(answer["created"] for answer in evidence.arguments["answers"])
    each = {_number(evidence, exchange): created_in(exchange) for exchange in batches(evidence)}
    replayed = [n for n in (_number(evidence, e) for e in batches(evidence) if _replayed(e)) if n is not None]
    lost = sum(each[number] for number in replayed)
    slips = (
        (before, "You returned what was created before the break.", "Add what the answers to your requests tell."),
        (sum(each.values()), "You returned what was created after the break.", "Begin with the sum over `answers`."),
        (
            len(evidence.arguments["contacts"]),
            "You counted the contacts, not those that were created.",
            "Some were there already: each answer tells how many are new.",
        ),
        (
            evidence.expected["created"] - lost,
            "You did not count the group that was stored before, and answered only now.",
            "An answer that is given again is the first one: its `created` belongs to the import.",
        ),
    )
    return other_number(evidence.expected["created"], *slips)(evidence)


def _replayed(exchange: Exchange) -> bool:
    return bool(exchange.response and "Idempotency-Replayed" in exchange.response.fields and json_object(exchange))


CARRY_ON = Exercise(
    "batch.carry_on",
    "Carry on with a broken import",
    3,
    (
        "Which groups are done for certain, which are not, and of which one is neither known? What does the service do "
        "with a request whose key it has seen?",
        "Group number n is `contacts[n * size : (n + 1) * size]`. Go on from `len(answers)`, and send each with the "
        "key that it had, or would have had.",
        'The field is `"Idempotency-Key": f\'"{import_id}-{number}"\'`. Begin with the sum of `created` over '
        "`answers`, and add `created` of each answer that you get.",
    ),
    _scenes,
    _judge,
    early=(refused_by(_without_key, _another_key, _answered_before, _another_group),),
)
