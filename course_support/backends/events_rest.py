"""REST over the events of the GraphQL lesson: what a team would ship without GraphQL, so that the two can be compared.

An event comes whole and with the ids of its speakers; speakers, attendees and sessions are resources of their own.
"""

import re
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content, problem
from course_support.backends.conditional import conditional, etag
from course_support.backends.events import Events
from course_support.backends.events_records import Event
from course_support.backends.graphql_access import authorize
from course_support.backends.graphql_pages import cursor, place
from course_support.backends.problem import Problem

EVENT = "/api/v1/events/{id}"
SPEAKER = "/api/v1/speakers/{id}"
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}


def stored(request: Request) -> Events:
    state: Events = request.app.state.events
    return state


def requested(request: Request) -> Event:
    authorize(request)
    content.require_acceptable(request)
    if not (event := stored(request).event(request.path_params["id"])):
        raise Problem(404, "Check the id of the event: there is none with this one.")
    return event


def paging(request: Request) -> tuple[int, int]:
    """The limit, and the place after which the page starts."""
    limit, after = request.query_params.get("limit", "20"), place(request.query_params.get("cursor"))
    if not re.fullmatch("[1-9][0-9]?|100", limit):
        raise Problem(400, "Set limit to a whole number from 1 to 100.")
    if after is None:
        raise Problem(400, "Take the cursor from a Link field, or leave it out to start at the first page.")
    return int(limit), after


def shown(request: Request, what: Any, link: str = "") -> Response:
    body = content.encode(what)
    fields = {"ETag": etag(body, link.encode())} | ({"Link": link} if link else {})
    return conditional(request, Response(body, 200, CACHING | fields, content.JSON))


async def read_event(request: Request) -> Response:
    """Read an event: all of it, and the ids of its speakers."""
    event, store = requested(request), stored(request)
    whole = {
        "id": event.id,
        "name": event.name,
        "description": event.description,
        "date": event.date.isoformat(),
        "location": asdict(event.location),
        "capacity": event.capacity,
        "attendeeCount": store.attendee_count(event.id),
        "speakers": [speaker.id for speaker in store.speakers_of(event.id)],
    }
    return shown(request, whole)


async def list_speakers(request: Request) -> Response:
    """List the speakers of an event."""
    event = requested(request)
    return shown(request, {"speakers": [asdict(speaker) for speaker in stored(request).speakers_of(event.id)]})


async def list_attendees(request: Request) -> Response:
    """List who has registered for an event, a page at a time."""
    event, (limit, after) = requested(request), paging(request)
    page = stored(request).attendees(event.id, after, limit + 1)  # the one too many tells that there is a next page
    path = f"{EVENT.format(id=event.id)}/attendees?limit={limit}"
    link = f'<{path}>; rel="first"'
    if len(page) > limit:
        link = f'<{path}&cursor={cursor(page[limit - 1].id)}>; rel="next", {link}'
    people = [{"id": str(it.id), "name": it.name, "email": it.email} for it in page[:limit]]
    return shown(request, {"attendees": people}, link)


async def list_sessions(request: Request) -> Response:
    """List the sessions of a speaker, at all events."""
    authorize(request)
    content.require_acceptable(request)
    if not (speaker := stored(request).speaker(request.path_params["id"])):
        raise Problem(404, "Check the id of the speaker: there is none with this one.")
    sessions = [
        {"id": it.id, "event": it.event_id, "title": it.title, "time": it.time.isoformat()}
        for it in stored(request).sessions_of(speaker.id)
    ]
    return shown(request, {"sessions": sessions})


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    return Response(status_code=204, headers={"Allow": problem.allowed(request)})


RESOURCES = {
    EVENT: read_event,
    f"{EVENT}/speakers": list_speakers,
    f"{EVENT}/attendees": list_attendees,
    f"{SPEAKER}/sessions": list_sessions,
}
ROUTES = [
    *(Route(path, read) for path, read in RESOURCES.items()),
    *(Route(path, options, methods=["OPTIONS"]) for path in RESOURCES),
]
