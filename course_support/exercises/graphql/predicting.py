"""Exercises that predict what a query comes to: where null stands, and how many statements run."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.graphql import PATH
from course_support.backends.statements import FIELD
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.graphql.queries import data, errors, service
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong

# --- predict_null ----------------------------------------------------------------------------------------------------

NULL_QUERY = """query($id: ID!) {
  event(id: $id) { name location { city } speakers { name bio photo sessions { title } } }
}"""
FIELDS = ("Event.name", "Location.city", "Speaker.bio", "Speaker.photo", "Session.title")


def _null_scenes(draw: random.Random) -> list[Scene]:
    return [_null_scene(draw, field) for field in draw.sample(FIELDS, len(FIELDS))]


def _null_scene(draw: random.Random, field: str) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    event, index, session = draw.choice(_candidates(events))
    speaker = events.speakers_of(event)[index]
    one = {"Speaker.bio": f":{speaker.id}", "Speaker.photo": f":{speaker.id}", "Session.title": f":{session}"}
    backend.state.broken.add(field + one.get(field, ""))

    def show(client: Client) -> None:
        client.send("POST", PATH, arguments["token"], {"query": NULL_QUERY, "variables": {"id": event}})

    return Scene(backend, {"field": field, "index": index}, afterwards=show)


def _candidates(events: Any) -> list[tuple[str, int, str]]:
    """Speakers with a photo and a session that nobody holds with them: event, place in its list, session."""
    found = []
    for event in events.ids():
        speakers = events.speakers_of(event)
        held = [[session.id for session in events.sessions_of(speaker.id)] for speaker in speakers]
        for index, sessions in enumerate(held):
            alone = [session for session in sessions if sum(session in other for other in held) == 1]
            if speakers[index].photo and alone:
                found.append((event, index, alone[0]))
    return found


def _judge_null(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(list, 'a path, such as ["event", "speakers", 2, "photo"]'), _other_path)


def _other_path(evidence: Evidence) -> Verdict | None:
    exchange = evidence.afterwards[-1]
    path: list[Any] = next((error["path"] for error in errors(exchange) if isinstance(error.get("path"), list)), [])
    actual = _null_on(data(exchange), path)
    if same(evidence.value, actual):
        return None
    field = evidence.arguments["field"]
    if same(evidence.value, path):
        cause = f"The error is at {field}, and null stands further up."
    elif same(evidence.value, actual[: len(evidence.value)]):
        cause = f"You let null rise further than it does when {field} fails."
    elif len(actual) > 1 and _names(evidence.value) == evidence.value:
        cause = "The way through a list has the place of the object in it, a number."
    elif _names(evidence.value) == _names(actual):
        cause = "The number in your path is not the place of the speaker."
    else:
        cause = f"That is not where null stands when {field} fails."
    return wrong(
        cause,
        exchange,
        expected=value_text(actual),
        seen=value_text(evidence.value),
        next_step="Start at the field that failed. If its type ends in !, null is not allowed there: go to the "
        "object or the list that holds it, and ask again (GraphQL, section 6.4.4).",
    )


def _names(path: list[Any]) -> list[Any]:
    return [step for step in path if isinstance(step, str)]


def _null_on(value: Any, path: list[Any]) -> list[Any]:
    """The part of the path that leads to null."""
    for length, step in enumerate(path):
        try:
            value = value[step]
        except (LookupError, TypeError):  # what is not there is null too
            value = None
        if value is None:
            return path[: length + 1]
    return path


PREDICT_NULL = Exercise(
    "graphql.predict_null",
    "Predict where null stands",
    2,
    (
        "A field whose type ends in ! can never be null. So what becomes of the object that it belongs to, if it "
        "fails?",
        "`photo: String` may be null itself. `title: String!` may not, nor its Session in `[Session!]`, but "
        "`sessions` may. In the other three cases everything up to `event` has a !.",
    ),
    _null_scenes,
    _judge_null,
)

# --- predict_statements ----------------------------------------------------------------------------------------------

COUNTED = "query($id: ID!) { event(id: $id) { name attendeeCount speakers { name sessions { title } } } }"


def _statement_scenes(draw: random.Random) -> list[Scene]:
    cases = [True, False, False]
    draw.shuffle(cases)
    return [_statement_scene(draw, loader) for loader in cases]


def _statement_scene(draw: random.Random, loader: bool) -> Scene:
    backend, arguments = service(draw)
    event = draw.choice(backend.state.events.ids())
    speakers = len(backend.state.events.speakers_of(event))
    backend.state.loader = loader

    def show(client: Client) -> None:
        client.send("POST", PATH, arguments["token"], {"query": COUNTED, "variables": {"id": event}})

    return Scene(backend, {"speakers": speakers, "loader": loader}, afterwards=show)


def _judge_statements(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a number, such as 4"), _other_count)


def _other_count(evidence: Evidence) -> Verdict | None:
    exchange, value, loader = evidence.afterwards[-1], evidence.value, evidence.arguments["loader"]
    fields = exchange.response.fields if exchange.response else None
    actual = int((fields and fields.get(FIELD)) or 0)
    if value == actual:
        return None
    many = evidence.arguments["speakers"]
    without = "with a loader" if loader else "without one"
    return wrong(
        f"For {many} speakers the service ran {actual} statements {without}, not {value_text(value, 20)}.",
        exchange,
        expected=str(actual),
        seen=value_text(value),
        next_step="One statement for the event, one for the count, one for the speakers. And for their sessions: "
        "one for all of them, because the loader waits until every speaker has asked."
        if loader
        else "One statement for the event, one for the count, one for the speakers. And for their sessions: each "
        "speaker asks alone. That is N+1.",
    )


PREDICT_STATEMENTS = Exercise(
    "graphql.predict_statements",
    "Predict the statements",
    2,
    (
        "Which fields of the query need the database: the event, the count, the speakers? And how often are sessions "
        "asked for?",
        "With the loader 4, however many speakers there are; without it 3, and one more for each speaker.",
    ),
    _statement_scenes,
    _judge_statements,
)
