"""The phone's and the desktop's view of an event, over GraphQL and over REST, and what each of them takes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from course_support.backends.events_data import ALWAYS
from course_support.backends.statements import FIELD
from course_support.errors import CourseError
from course_support.server import Server
from course_support.widgets.sending import send
from course_support.wire import Exchange

# A part of the schema, which has no end: a speaker has sessions, a session has an event, an event has speakers.
FIELDS = (
    "name",
    "description",
    "date",
    "location.address",
    "location.city",
    "location.coordinates",
    "speakers.name",
    "speakers.bio",
    "speakers.photo",
    "speakers.sessions.title",
    "speakers.sessions.time",
    "attendeeCount",
    "capacity",
)
VIEWS = {
    "Phone view": ["name", "date", "location.city"],
    "Desktop view": [field for field in FIELDS if field not in ("description", "capacity")],
}


@dataclass(frozen=True)
class Cost:
    """What a view takes: bytes are those on the socket, heads included; None where the answers do not tell."""

    requests: int
    sent: int
    received: int
    statements: int | None


def cost_of(exchanges: Sequence[Exchange]) -> Cost:
    told = [(it.response.fields.get(FIELD) if it.response else None) or "" for it in exchanges]
    return Cost(
        len(exchanges),
        sum(it.request_bytes for it in exchanges),
        sum(it.response_bytes for it in exchanges),
        sum(map(int, told)) if all(told) else None,
    )


def query_of(chosen: Collection[str]) -> str:
    """The query for these fields of an event; empty where there are none, as an object without fields is no query."""
    lines = "\n".join(_selection([field.split(".") for field in FIELDS if field in chosen], "    "))
    return f"query GetEvent($eventId: ID!) {{\n  event(id: $eventId) {{\n{lines}\n  }}\n}}" if lines else ""


def _selection(paths: Sequence[Sequence[str]], indent: str) -> Iterator[str]:
    for name in dict.fromkeys(path[0] for path in paths):
        inner = [path[1:] for path in paths if path[0] == name and len(path) > 1]
        yield f"{indent}{name} {{" if inner else f"{indent}{name}"
        if inner:
            yield from _selection(inner, indent + "  ")
            yield f"{indent}}}"


def by_graphql(server: Server, query: str, who: str) -> Exchange:
    """One request for all. Raises CourseError where nothing answers."""
    body = json.dumps({"query": query, "variables": {"eventId": ALWAYS}})
    return send(server, "POST", "/graphql", {"Content-Type": "application/json"}, body, credentials=who)


def by_rest(server: Server, view: str, who: str) -> list[Exchange]:
    """The event; for the desktop its speakers as well, and then the sessions of each.

    Raises CourseError where one of them is not answered as it should be.
    """
    event = f"/api/v1/events/{ALWAYS}"
    if view == "Phone view":
        return [_got(server, event, who)]
    speakers = _got(server, f"{event}/speakers", who)
    ids = [speaker["id"] for speaker in _content(speakers)["speakers"]]
    return [_got(server, event, who), speakers, *(_got(server, f"/api/v1/speakers/{id}/sessions", who) for id in ids)]


def _got(server: Server, path: str, who: str) -> Exchange:
    exchange = send(server, "GET", path, credentials=who)
    if exchange.status != 200:
        raise CourseError(f"REST is not measured: GET {path} was answered with {exchange.status or 'nothing'}.")
    return exchange


def _content(exchange: Exchange) -> Mapping[str, Sequence[Mapping[str, str]]]:
    assert exchange.response
    content: Mapping[str, Sequence[Mapping[str, str]]] = exchange.response.json()
    return content
