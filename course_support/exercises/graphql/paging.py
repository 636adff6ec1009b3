"""The exercise that walks through a connection to its end."""

from __future__ import annotations

import random
from typing import Any

from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    ASKED,
    answered,
    code,
    data,
    drawn_ids,
    message,
    other_event,
    queries,
    query_text,
    service,
)
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.views.quantity import count_text
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    events = backend.state.events
    event = max(drawn_ids(events), key=lambda id: events.event(id).capacity)
    room = events.event(event).capacity - events.attendee_count(event)
    for number in range(room):  # more than the largest page holds
        events.register(event, f"Guest {draw.randrange(10_000)}-{number}", f"guest{number}@mail.example")
    names = [attendee.name for attendee in events.attendees(event)]
    return [Scene(backend, arguments | {"event": event}, {"names": names})]


def _judge(evidence: Evidence) -> Verdict:
    verdict = first_of(evidence, *ASKED)
    if not verdict.passed or same(evidence.value, evidence.expected["names"]):
        return verdict  # who has all the names has walked through all the pages, in whatever way
    return first_of(
        evidence,
        _no_such_page,
        other_event,
        _no_pages,
        _not_followed,
        of_type(list, 'a list of names, such as ["Ada Brandt", …]'),
        _incomplete,
    )


def _no_such_page(evidence: Evidence) -> Verdict | None:
    last = answered(evidence)
    if not last or code(last) != "BAD_USER_INPUT":
        return None
    if "Set first" in message(last):
        cause, step = "The service gives no page of that size.", "Ask for 100 at most, and then for the next page."
    else:
        cause = "The service did not make the cursor that you sent."
        step = "`after` wants the `endCursor` of the page before, as it is; leave it null for the first page."
    return wrong(cause, last, expected="a page that there is", seen=message(last), next_step=step)


def _connection(exchange: Exchange) -> dict[str, Any]:
    """The page of attendees, whatever the learner calls it; an empty one if there is none."""
    for event in data(exchange).values():
        for found in event.values() if isinstance(event, dict) else ():
            if isinstance(found, dict) and {"nodes", "edges", "pageInfo", "totalCount"} & found.keys():
                return found
    return {}


def _pages(evidence: Evidence) -> list[Exchange]:
    return [e for e in queries(evidence) if _connection(e)]


def _no_pages(evidence: Evidence) -> Verdict | None:
    if _pages(evidence):
        return None
    last = queries(evidence)[-1]
    return wrong(
        "You asked for the event, and not for its attendees.",
        last,
        expected="event(id: …) { attendees(first: …, after: …) { … } }",
        seen=query_text(last),
        next_step="`attendees` is a connection: it has `nodes`, and a `pageInfo` that says how to go on.",
    )


def _not_followed(evidence: Evidence) -> Verdict | None:
    pages, names = _pages(evidence), evidence.expected["names"]
    info = _connection(pages[-1]).get("pageInfo")
    more = info.get("hasNextPage") if isinstance(info, dict) else None
    read = sum(len(_found(page)) for page in pages)
    if more is False or read >= len(names):
        return None
    if more is None:
        cause = "Your query does not ask whether there is a next page."
        step = "Select `pageInfo { hasNextPage endCursor }` beside the nodes."
    else:
        cause = f"You stopped after {len(pages)} page{'s' * (len(pages) > 1)}, and there is more."
        step = "Ask again with `after` set to its `endCursor`, for as long as `hasNextPage` is true."
    return wrong(cause, pages[-1], expected=f"{len(names)} attendees", seen=f"{read} of them", next_step=step)


def _found(page: Exchange) -> list[object]:
    connection = _connection(page)
    found = connection.get("nodes") or connection.get("edges")
    return found if isinstance(found, list) else []


def _incomplete(evidence: Evidence) -> Verdict | None:
    names, value = evidence.expected["names"], evidence.value
    if value and not all(isinstance(it, str) for it in value):
        cause = "Your list holds something else than names."
    elif len(value) < len(names):
        cause = f"You read the last page, and your list has only {len(value)} of the {len(names)} names."
    elif len(value) > len(names):
        cause = f"Your list has {count_text(len(value) - len(names), 'name')} more than there are attendees."
    else:
        cause = "You read every page, but your list is not their names in the order of the answers."
    return wrong(
        cause,
        evidence.last,
        expected=f"{len(names)} names, from {names[0]!r} to {names[-1]!r}",
        seen=f"{len(value)} values, from {value_text(value[0], 150)} to {value_text(value[-1], 150)}"
        if value
        else "none",
        next_step="Add the names of each page to one list, the first and the last page included, each page once.",
    )


ATTENDEES = Exercise(
    "graphql.attendees",
    "Walk through a connection",
    2,
    (
        "`attendees(first: 100)` has at most a hundred. Which two values of `pageInfo` tell whether, and from where, "
        "to go on?",
        "Loop: `attendees(first: 100, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }`, with "
        "`after` None at first and then the `endCursor`, until `hasNextPage` is false.",
    ),
    _scenes,
    _judge,
)
