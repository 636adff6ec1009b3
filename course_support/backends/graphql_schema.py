"""The schema of the event app: what clients may ask for, and the resolver that answers each field.

The classes say what clients see. At run time their objects are the records of the store, and a field that has no
resolver here is the attribute of that name.
"""

import base64
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLError, GraphQLResolveInfo
from strawberry.dataloader import DataLoader
from strawberry.extensions import SchemaExtension

from course_support.backends import events
from course_support.backends.graphql_limits import Limited, Limits

Load = Callable[[str], Awaitable[Any]]


class Asked:
    """What the resolvers of one request share: who asks, the store, and a loader for each question that repeats."""

    def __init__(self, state: Any, scopes: set[str]) -> None:
        self.events: events.Events = state.events
        self.limits: Limits = state.limits
        self.broken: set[str] = state.broken
        self.loader: bool = state.loader
        self.scopes = scopes
        self.event = self._batched(self.events.events)
        self.speakers_of_event = self._batched(self.events.speakers_of_events)
        self.sessions_of_event = self._batched(self.events.sessions_of_events)
        self.sessions_of_speaker = self._batched(self.events.sessions_of_speakers)
        self.speakers_of_session = self._batched(self.events.speakers_of_sessions)
        self.attendee_count = self._batched(self.events.attendee_counts)

    def _batched(self, ask: Callable[[Sequence[str]], Sequence[Any]]) -> Load:
        """One key at a time for a resolver; a loader puts the keys of all that wait for it into one statement."""

        async def alone(key: str) -> Any:
            return ask([key])[0]

        async def together(keys: list[str]) -> Sequence[Any]:
            return ask(keys)

        return DataLoader(load_fn=together).load if self.loader else alone


Info = strawberry.Info[Asked, None]
First = Annotated[int, strawberry.argument(description="How many at most, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page starts.")]


def field(resolver: Callable[..., Any]) -> Any:
    """A field that clients can ask for: what the resolver's docstring says is its description."""
    return strawberry.field(resolver, description=resolver.__doc__)


@strawberry.type(description="Where an event takes place.")
class Location:
    address: str
    city: str
    coordinates: list[float] | None = strawberry.field(
        description="Latitude and longitude in degrees; an online event has none."
    )


@strawberry.type(description="Somebody who holds sessions.")
class Speaker:
    id: strawberry.ID
    name: str
    bio: str
    photo: str | None = strawberry.field(description="The address of a photo, if there is one.")

    @field
    async def sessions(self, info: Info) -> list["Session"] | None:
        """What this speaker holds, at all events."""
        return cast(list[Session], await info.context.sessions_of_speaker(self.id))


@strawberry.type(description="A talk or workshop of an event.")
class Session:
    id: strawberry.ID
    event_id: strawberry.Private[str]
    title: str
    time: datetime

    @field
    async def event(self, info: Info) -> "Event":
        return cast(Event, await info.context.event(self.event_id))

    @field
    async def speakers(self, info: Info) -> list[Speaker]:
        return cast(list[Speaker], await info.context.speakers_of_session(self.id))


@strawberry.type(description="Somebody who has registered for an event.")
class Attendee:
    id: strawberry.ID
    name: str
    email: str


@strawberry.type(description="Where a page starts and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class AttendeeEdge:
    cursor: str
    node: Attendee


@strawberry.type(description="A page of attendees, in the order in which they registered.")
class AttendeeConnection:
    edges: list[AttendeeEdge]
    nodes: list[Attendee]
    page_info: PageInfo
    total_count: int


@strawberry.type(description="An event that people register for.")
class Event:
    number: strawberry.Private[int]
    id: strawberry.ID
    name: str
    description: str
    date: datetime
    location: Location
    capacity: int = strawberry.field(description="How many people there is room for.")

    @field
    async def speakers(self, info: Info) -> list[Speaker]:
        """Who holds a session here, by name."""
        return cast(list[Speaker], await info.context.speakers_of_event(self.id))

    @field
    async def sessions(self, info: Info) -> list[Session]:
        """The programme, by time."""
        return cast(list[Session], await info.context.sessions_of_event(self.id))

    @field
    async def attendee_count(self, info: Info) -> int:
        """How many people have registered."""
        return cast(int, await info.context.attendee_count(self.id))

    @field
    async def attendees(self, info: Info, first: First = 10, after: After = None) -> AttendeeConnection:
        start = place_after(first, after)
        page = info.context.events.attendees(self.id, start, first + 1)
        total = await info.context.attendee_count(self.id)
        edges = [AttendeeEdge(cursor=cursor(it.id), node=cast(Attendee, it)) for it in page[:first]]
        nodes = [edge.node for edge in edges]
        return AttendeeConnection(edges=edges, nodes=nodes, page_info=paged(edges, page, start), total_count=total)


@strawberry.type
class EventEdge:
    cursor: str
    node: Event


@strawberry.type(description="A page of events, in the order of their dates.")
class EventConnection:
    edges: list[EventEdge]
    nodes: list[Event]
    page_info: PageInfo
    total_count: int


def cursor(place: int) -> str:
    """Opaque to clients. It names a place in the order and no page number, so that nothing shifts it."""
    return base64.urlsafe_b64encode(place.to_bytes(6, "big")).decode()


def place_after(first: int, after: str | None) -> int:
    """The place that a page starts after. Raises a GraphQLError for a size or a cursor that cannot be."""
    if not 1 <= first <= 100:
        raise GraphQLError("Set first to a whole number from 1 to 100.", extensions={"code": "BAD_USER_INPUT"})
    if after is not None and not re.fullmatch("[A-Za-z0-9_-]{8}", after):
        advice = "Take the cursor from an edge or from pageInfo, or leave it out to start at the first page."
        raise GraphQLError(advice, extensions={"code": "BAD_USER_INPUT"})
    return int.from_bytes(base64.urlsafe_b64decode(after), "big") if after else 0


def paged(edges: Sequence[EventEdge | AttendeeEdge], page: Sequence[Any], start: int) -> PageInfo:
    """The page holds one more than it shows if there is a next one."""
    return PageInfo(
        has_next_page=len(page) > len(edges),
        has_previous_page=start > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )


@strawberry.type
class Query:
    @field
    async def event(self, info: Info, id: strawberry.ID) -> Event | None:
        """The event with this id, or null."""
        return cast(Event | None, await info.context.event(id))

    @field
    async def events(self, info: Info, first: First = 10, after: After = None) -> EventConnection:
        """All events, a page at a time."""
        start, store = place_after(first, after), info.context.events
        page = store.page(start, first + 1)
        edges = [EventEdge(cursor=cursor(it.number), node=cast(Event, it)) for it in page[:first]]
        nodes = [edge.node for edge in edges]
        return EventConnection(edges=edges, nodes=nodes, page_info=paged(edges, page, start), total_count=store.total())

    @field
    async def speaker(self, info: Info, id: strawberry.ID) -> Speaker | None:
        """The speaker with this id, or null."""
        return cast(Speaker | None, info.context.events.speaker(id))


class Breakable(SchemaExtension):
    """A switch to see how null spreads: a field listed as `Speaker.photo` or `Speaker.photo:ID` fails."""

    def resolve(
        self, _next: Callable[..., Any], root: Any, info: GraphQLResolveInfo, *args: str, **kwargs: Any
    ) -> object:
        field = f"{info.parent_type.name}.{info.field_name}"
        if {field, f"{field}:{getattr(root, 'id', None)}"} & info.context.broken:
            raise RuntimeError(f"{field} is broken")
        return _next(root, info, *args, **kwargs)


class Schema(strawberry.Schema):
    def process_errors(self, errors: list[GraphQLError], execution_context: Any = None) -> None:
        """Log nothing here: what a client must not see is logged where it is masked."""


SCHEMA = Schema(Query, extensions=[Limited, Breakable])


def shown(error: GraphQLError) -> dict[str, Any]:
    """The error as clients see it. What a resolver did not mean to say stays inside, and goes to the server's log."""
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError):
        return dict(error.formatted)
    reference = hashlib.sha256(f"{error.path} {cause!r}".encode()).hexdigest()[:8]
    logging.getLogger("uvicorn.error").error("Internal error, reference %s", reference, exc_info=cause)
    masked = {"message": f"Internal error, reference {reference}.", "extensions": {"code": "INTERNAL_ERROR"}}
    return dict(error.formatted) | masked
