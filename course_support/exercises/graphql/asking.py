"""Exercises that ask for one event: just the fields that a view needs, and safely for any id."""

from __future__ import annotations

import json
import random

from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    ASKED,
    answered,
    asked,
    data,
    drawn_ids,
    leaves,
    not_executed,
    other_event,
    queries,
    query_text,
    service,
    variables,
)
from course_support.exercises.rules import json_object, of_form
from course_support.verdict import Verdict, value_text, wrong

# --- phone_view ------------------------------------------------------------------------------------------------------


def _phone_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    event = backend.state.events.event(draw.choice(drawn_ids(backend.state.events)))
    expected = {"name": event.name, "date": event.date.isoformat(), "city": event.location.city}
    return [Scene(backend, arguments | {"event": event.id}, expected)]


def _judge_phone(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED,
        other_event,
        _no_event,
        _too_many_requests,
        _other_fields,
        of_form({"name": "Open Data Days", "date": "2026-05-27T08:00:00+00:00", "city": "Kyoto"}),
        _other_view,
    )


def _no_event(evidence: Evidence) -> Verdict | None:
    if asked(evidence):
        return None
    last = queries(evidence)[-1]
    return wrong(
        "You sent a query, but asked for no event with it.",
        last,
        expected="event(id: …) { … }",
        seen=query_text(last),
        next_step="The type Query has a field for one event by its id: select it, and in it what the phone shows.",
    )


def _too_many_requests(evidence: Evidence) -> Verdict | None:
    others = [e for e in evidence.exchanges if e.status == 200 and e not in queries(evidence)]
    count = len(asked(evidence)) + len(others)
    if count == 1:
        return None
    return wrong(
        f"You sent {count} requests, where one is enough.",
        evidence.last,
        expected="one query that asks for all three values",
        seen=f"{count} requests",
        next_step="A query can select as many fields as you like, objects inside objects included.",
    )


def _other_fields(evidence: Evidence) -> Verdict | None:
    last = asked(evidence)[-1]
    count = leaves(data(last))
    if count == 3:
        return None
    return wrong(
        f"The answer holds {count} value{'s' * (count != 1)}, and the phone shows three.",
        last,
        expected="name, date, and the city of the location",
        seen=data(last),
        next_step="The answer has the form of the query: select what is shown, and nothing else.",
    )


def _other_view(evidence: Evidence) -> Verdict | None:
    odd = next((name for name in evidence.expected if not same(evidence.value[name], evidence.expected[name])), None)
    if not odd:
        return None
    return wrong(
        f"The member {odd!r} of what you return is not the one of the event.",
        asked(evidence)[-1],
        expected=evidence.expected,
        seen=value_text(evidence.value),
        next_step='The city stands in the location: `answer["data"]["event"]["location"]["city"]`.'
        if odd == "city"
        else "Return it as it stands in the answer, and change nothing.",
    )


PHONE_VIEW = Exercise(
    "graphql.phone_view",
    "Ask for what the phone shows",
    1,
    (
        "Take the document's query of the lesson and leave out what a phone does not show. A field of an object type, "
        "as `location`, needs a selection of its own.",
        '`query($id: ID!) { event(id: $id) { name date location { city } } }`, with the variables `{"id": event}`.',
    ),
    _phone_scenes,
    _judge_phone,
)

# --- look_up ---------------------------------------------------------------------------------------------------------


def _lookup_scenes(draw: random.Random) -> list[Scene]:
    return [_lookup_scene(draw, case) for case in ("there", "quote", "injection", "backslash")]


def _lookup_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    event, other = (backend.state.events.event(id) for id in draw.sample(drawn_ids(backend.state.events), 2))
    ids = {
        "there": event.id,
        "quote": f'{event.id}"',
        "injection": f'{other.id}") {{ name }} more: event(id: "{other.id}',
        "backslash": f"{event.id}\\",
    }
    name = event.name if case == "there" else None
    return Scene(backend, arguments | {"event": ids[case]}, {"name": name, "case": case})


def _judge_lookup(evidence: Evidence) -> Verdict:
    return first_of(evidence, *ASKED[:-1], _ended_string, not_executed, _other_id, _other_name)


def _written(id: str) -> set[str]:
    """The id as it may stand in the text of a query: as it is, half escaped, and as a string of GraphQL has it."""
    return {id, id.replace('"', '\\"'), json.dumps(id)[1:-1]}


def _ended_string(evidence: Evidence) -> Verdict | None:
    """An id that was built into the text of the query, which then reads otherwise than it was meant."""
    last, id = queries(evidence)[-1], evidence.arguments["event"]
    harmless = "data" in json_object(last) and not any(data(last).values())
    if harmless or evidence.expected["case"] == "there" or not any(it in query_text(last) for it in _written(id)):
        return None
    if any(data(last).values()):
        cause = "What somebody typed as an id became a part of your query, and asked for another event."
    elif evidence.expected["case"] == "backslash":
        cause = "The backslash in the id undid the quotation mark after it, and your string had no end."
    else:
        cause = "A quotation mark in the id ended your string, and the query was no GraphQL any more."
    return wrong(
        cause,
        last,
        expected="a query whose text is the same for every id, and the id among the variables",
        seen=query_text(last),
        next_step="Declare a variable, `query($id: ID!)`, use it as `event(id: $id)`, and send its value as "
        '`"variables": {"id": event}`.',
    )


def _other_id(evidence: Evidence) -> Verdict | None:
    last, id = answered(evidence), evidence.arguments["event"]
    if same(evidence.value, evidence.expected["name"]):
        return None  # also of who has asked for all events, and looked for the id among theirs
    if not last or id in variables(last).values() or any(it in query_text(last) for it in _written(id)):
        return None
    return wrong(
        "You asked for another id than the one that was typed.",
        last,
        expected=f"the id {value_text(id)}",
        seen=value_text(variables(last) or query_text(last)),
        next_step="Send the id as it is: as the value of a variable none can do harm.",
    )


def _other_name(evidence: Evidence) -> Verdict | None:
    name, value = evidence.expected["name"], evidence.value
    if same(value, name):
        return None
    if name:
        cause, step = "That is not the name of the event.", 'The name stands at `answer["data"]["event"]["name"]`.'
    else:
        cause = "There is no event with this id, and you did not return None."
        step = "Where there is no such event, `data.event` is null: return None then."
    return wrong(cause, answered(evidence), expected=value_text(name), seen=value_text(value), next_step=step)


LOOK_UP = Exercise(
    "graphql.look_up",
    "Trust no id",
    2,
    (
        "Compare the two parts of a request in the lesson: what stands in the query, and what in the variables?",
        '`json={"query": "query($id: ID!) { event(id: $id) { name } }", "variables": {"id": event}}`; then '
        '`found = answer["data"]["event"]`, which is None where there is no such event.',
    ),
    _lookup_scenes,
    _judge_lookup,
)
