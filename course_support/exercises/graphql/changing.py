"""The exercise that changes something: a mutation, with what a guest can correct as a part of its answer."""

from __future__ import annotations

import random
import re

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    ASKED,
    GUESTS,
    asked,
    drawn_ids,
    message,
    not_executed,
    other_event,
    queries,
    query_text,
    service,
)
from course_support.exercises.rules import of_form
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _register_scenes(draw: random.Random) -> list[Scene]:
    return [_register_scene(draw, case) for case in ("fine", "taken", "two faults")]


def _register_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    event = draw.choice([id for id in drawn_ids(events) if events.attendee_count(id) < events.event(id).capacity - 5])
    number = draw.randrange(1000, 10_000)
    guest = {"name": f'{draw.choice(GUESTS)} "{number}" O\'Hara', "email": f"guest{number}@mail.example"}
    refused: list[str] = []
    if case == "taken":
        events.register(event, "Somebody", guest["email"])
        refused = ["EMAIL_TAKEN"]
    elif case == "two faults":
        guest = {"name": " ", "email": f"guest{number}"}
        refused = ["INVALID_EMAIL", "NAME_REQUIRED"]
    id = "" if refused else str(sum(map(events.attendee_count, events.ids())) + 1)  # they are numbered
    return Scene(backend, arguments | {"event": event} | guest, {"id": id, "refused": refused})


def _judge_register(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED[:-1],
        _ended_string,
        not_executed,
        _no_mutation,
        _several,
        other_event,
        of_form({"id": "48", "refused": []}),
        _other_registration,
    )


def _ended_string(evidence: Evidence) -> Verdict | None:
    last, name = queries(evidence)[-1], evidence.arguments["name"]
    if '"' not in name or name not in query_text(last) or "Syntax" not in message(last):
        return None
    return wrong(
        "A quotation mark in the guest's name ended your string, and the mutation was no GraphQL any more.",
        last,
        expected="a mutation whose text is the same for every guest, and the guest among the variables",
        seen=message(last),
        next_step="Declare a variable, `mutation($input: RegisterAttendeeInput!)`, and send its value in `variables`.",
    )


def _sent(evidence: Evidence) -> list[Exchange]:
    """The mutations that were executed."""
    return [e for e in asked(evidence) if re.search(r"\bmutation\b", query_text(e))]


def _no_mutation(evidence: Evidence) -> Verdict | None:
    if _sent(evidence):
        return None
    return wrong(
        "You asked the service, and registered nobody.",
        queries(evidence)[-1],
        expected="the mutation registerAttendee",
        seen=query_text(queries(evidence)[-1]),
        next_step="A mutation begins with the word `mutation`; `registerAttendee` takes one argument, `input`.",
    )


def _several(evidence: Evidence) -> Verdict | None:
    sent = _sent(evidence)
    if len(sent) == 1:
        return None
    return wrong(
        f"You sent the mutation {len(sent)} times.",
        sent[-1],
        expected="one mutation, which answers with the attendee or with what is wrong",
        seen=f"{len(sent)} mutations",
        next_step="Ask for everything in the one payload: `attendee { id } userErrors { code }`.",
    )


def _other_registration(evidence: Evidence) -> Verdict | None:
    (sent,) = _sent(evidence)
    id, refused = evidence.expected["id"], evidence.expected["refused"]
    value, given = evidence.value, evidence.value["refused"]
    if value["id"] == id and len(given) == len(refused) and all(code in given for code in refused):
        return None
    if refused and not given:
        cause = "The service registered nobody, and your function does not say so: the status 200 is no success."
        step = "Select `userErrors { code }` in the payload of the mutation, and return the codes."
    elif refused and given and all(code in refused for code in given) and len(given) < len(refused):
        cause = "You return one reason, and the service gave more."
        step = "There can be more than one: return the code of each of the `userErrors`."
    elif refused and value["id"] != "":
        cause = "Nobody was registered, and you return an id."
        step = "Where `attendee` is null, return an empty text for the id."
    elif refused:
        cause = "What you return are not the codes of the reasons."
        step = "Each of the `userErrors` has a `code`, such as EMAIL_TAKEN, for programs, and a `message` for people."
    elif given:
        cause = "The guest was registered, and your function says that the service refused."
        step = "An empty list of `userErrors` means that nothing was wrong."
    else:
        cause = "The guest was registered; what you return is not the attendee's id."
        step = "Select `attendee { id }` in the payload of the mutation."
    expected = {"id": id, "refused": refused}
    return wrong(cause, sent, expected=expected, seen=value_text(value), next_step=step)


REGISTER = Exercise(
    "graphql.register",
    "Register, or say why not",
    2,
    (
        "What a guest can correct is no entry in `errors` here: the payload of the mutation has `userErrors`. Names "
        "may hold quotation marks.",
        "`mutation($input: RegisterAttendeeInput!) { registerAttendee(input: $input) { attendee { id } "
        'userErrors { code } } }` with `{"input": {"eventId": event, "name": name, "email": email}}`.',
    ),
    _register_scenes,
    _judge_register,
)
