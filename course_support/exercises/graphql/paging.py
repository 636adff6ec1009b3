"""The exercise that walks through a connection to its end."""

from __future__ import annotations

import random

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import ASKED, answered, data, other_event, queries, service
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    events = backend.state.events
    event = max(events.ids(), key=lambda id: events.event(id).capacity)
    room = events.event(event).capacity - events.attendee_count(event)
    for number in range(room):  # more than the largest page holds
        events.register(event, f"Guest {draw.randrange(10_000)}-{number}", f"guest{number}@mail.example")
    names = [attendee.name for attendee in events.attendees(event)]
    return [Scene(backend, arguments | {"event": event}, {"names": names})]


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED,
        other_event,
        _no_pages,
        _not_followed,
        of_type(list, 'a list of names, such as ["Ada Brandt", …]'),
        _incomplete,
    )


def _pages(evidence: Evidence) -> list[Exchange]:
    return [e for e in queries(evidence) if isinstance((data(e).get("event") or {}).get("attendees"), dict)]


def _no_pages(evidence: Evidence) -> Verdict | None:
    if _pages(evidence):
        return None
    return wrong(
        "You asked for the event, and not for its attendees.",
        answered(evidence),
        expected="event(id: …) { attendees(first: …, after: …) { … } }",
        seen=data(queries(evidence)[-1]),
        next_step="`attendees` is a connection: it has `nodes`, and a `pageInfo` that says how to go on.",
    )


def _not_followed(evidence: Evidence) -> Verdict | None:
    pages = _pages(evidence)
    info = data(pages[-1])["event"]["attendees"].get("pageInfo") or {}
    read = sum(len(_nodes(page)) for page in pages)
    if info.get("hasNextPage") is False or (not info and read >= len(evidence.expected["names"])):
        return None
    if not info:
        cause = "Your query does not ask whether there is a next page."
        step = "Select `pageInfo { hasNextPage endCursor }` beside the nodes."
    else:
        cause = f"You stopped after {len(pages)} page{'s' * (len(pages) > 1)}, and there is more."
        step = "Ask again with `after` set to its `endCursor`, for as long as `hasNextPage` is true."
    return wrong(
        cause,
        pages[-1],
        expected=f"{len(evidence.expected['names'])} attendees",
        seen=f"{read} of them",
        next_step=step,
    )


def _nodes(page: Exchange) -> list[object]:
    connection = data(page)["event"]["attendees"]
    found = connection.get("nodes") or connection.get("edges")
    return found if isinstance(found, list) else []


def _incomplete(evidence: Evidence) -> Verdict | None:
    names, value = evidence.expected["names"], evidence.value
    if value == names:
        return None
    if len(value) < len(names):
        cause = f"You read every page, and your list has only {len(value)} of the {len(names)} names."
    elif len(value) > len(names):
        cause = f"Your list has {len(value) - len(names)} names more than there are attendees."
    else:
        cause = "You read every page, but your list is not their names in the order of the answers."
    return wrong(
        cause,
        evidence.last,
        expected=f"{len(names)} names, from {names[0]!r} to {names[-1]!r}",
        seen=f"{len(value)} values, from {value_text(value[0])} to {value_text(value[-1])}" if value else "none",
        next_step="Add the names of each page to one list, the first and the last page included, each page once.",
    )


ATTENDEES = Exercise(
    "graphql.attendees",
    "Walk through a connection",
    2,
    (
        "`attendees(first: 100)` has at most a hundred. Which two values of `pageInfo` tell whether, and from "
        "where, to "
        "go on?",
        "Loop: `attendees(first: 100, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }`, with "
        "`after` None at first and then the `endCursor`, until `hasNextPage` is false.",
    ),
    _scenes,
    _judge,
)
