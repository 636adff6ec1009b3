"""The schema of the event app: what clients may ask for, and the resolver that answers each field.

The classes say what clients see. At run time their objects are the records of the store, and a field that has no
resolver here is the attribute of that name.
"""

import contextlib
import re
from collections.abc import AsyncGenerator, Callable
from datetime import datetime
from typing import Any, cast

import strawberry

from course_support.backends.events_records import Refusal
from course_support.backends.graphql_context import Breakable, Info, Named, Schema, refusal, require_write
from course_support.backends.graphql_limits import Limited
from course_support.backends.graphql_pages import After, First, PageInfo, cursor, page_info, requested

strawberry.enum(Refusal, name="UserErrorCode", description="Why something was refused.")
FAULTY = {
    Refusal.EMAIL_TAKEN: "email",
    Refusal.EVENT_FULL: "eventId",
    Refusal.INVALID_EMAIL: "email",
    Refusal.NAME_REQUIRED: "name",
    Refusal.NO_SUCH_EVENT: "eventId",
}


def field(resolver: Callable[..., Any]) -> Any:
    """A field that clients can ask for: what the resolver's docstring says is its description."""
    return strawberry.field(resolver, description=resolver.__doc__)


def stream(resolver: Callable[..., Any]) -> Any:
    """The same for what clients can subscribe to."""
    return strawberry.subscription(resolver, description=resolver.__doc__)


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
        """Where it is held."""
        return cast(Event, await info.context.event(self.event_id))

    @field
    async def speakers(self, info: Info) -> list[Speaker]:
        """Who holds it, by name."""
        return cast(list[Speaker], await info.context.speakers_of_session(self.id))


@strawberry.type(description="Somebody who has registered for an event.")
class Attendee:
    id: strawberry.ID
    name: str
    email: str


@strawberry.type(description="An attendee, and the cursor of that place.")
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
        """Who has registered, a page at a time."""
        size, start = requested(first, after)
        found = info.context.events.attendees(self.id, start, size + 1)
        edges = [AttendeeEdge(cursor=cursor(it.id), node=cast(Attendee, it)) for it in found[:size]]
        return AttendeeConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info([it.id for it in found], size, start),
            total_count=await info.context.attendee_count(self.id),
        )


@strawberry.type(description="An event, and the cursor of that place.")
class EventEdge:
    cursor: str
    node: Event


@strawberry.type(description="A page of events, in the order of their dates.")
class EventConnection:
    edges: list[EventEdge]
    nodes: list[Event]
    page_info: PageInfo
    total_count: int


@strawberry.type
class Query:
    @field
    async def event(self, info: Info, id: strawberry.ID) -> Event | None:
        """The event with this id, or null."""
        return cast(Event | None, await info.context.event(id))

    @field
    async def events(self, info: Info, first: First = 10, after: After = None) -> EventConnection:
        """All events, a page at a time."""
        size, start = requested(first, after)
        found = info.context.events.page(start, size + 1)
        edges = [EventEdge(cursor=cursor(it.number), node=cast(Event, it)) for it in found[:size]]
        return EventConnection(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=page_info([it.number for it in found], size, start),
            total_count=info.context.events.total(),
        )

    @field
    async def speaker(self, info: Info, id: strawberry.ID) -> Speaker | None:
        """The speaker with this id, or null."""
        return cast(Speaker | None, info.context.events.speaker(id))


@strawberry.type(description="Something that the client asked for and can correct. Other errors are in `errors`.")
class UserError:
    code: Refusal
    field: list[str] = strawberry.field(description="The way to the argument that is at fault.")
    message: str


@strawberry.input
class RegisterAttendeeInput:
    event_id: strawberry.ID
    name: str
    email: str


@strawberry.type
class RegisterAttendeePayload:
    attendee: Attendee | None
    event: Event | None
    user_errors: list[UserError]


@strawberry.type
class CancelRegistrationPayload:
    attendee: Attendee | None = strawberry.field(description="Who had registered; null if there was nobody.")
    event: Event | None


@strawberry.type
class Mutation:
    @field
    async def register_attendee(self, info: Info, input: RegisterAttendeeInput) -> RegisterAttendeePayload:
        """Register somebody for an event."""
        require_write(info)
        outcome = info.context.events.register(input.event_id, input.name, input.email)
        info.context.forget()
        refused = outcome if isinstance(outcome, list) else []
        return RegisterAttendeePayload(
            attendee=None if refused else cast(Attendee, outcome),
            event=await info.context.event(input.event_id),
            user_errors=[UserError(code=it, field=["input", FAULTY[it]], message=it.value) for it in refused],
        )

    @field
    async def cancel_registration(self, info: Info, attendee_id: strawberry.ID) -> CancelRegistrationPayload:
        """Cancel a registration. A second time there is nothing left to cancel, and that is no error."""
        require_write(info)
        known = re.fullmatch("[1-9][0-9]{0,17}", attendee_id)
        attendee = info.context.events.cancel(int(attendee_id)) if known else None
        info.context.forget()
        event = await info.context.event(attendee.event_id) if attendee else None
        return CancelRegistrationPayload(attendee=cast(Attendee | None, attendee), event=event)


@strawberry.type
class Subscription:
    @stream
    async def attendee_count(self, info: Info, event_id: strawberry.ID) -> AsyncGenerator[int, None]:
        """How many have registered: the number now, and again after each change."""
        store = info.context.events
        if not store.event(event_id):
            raise refusal(Refusal.NO_SUCH_EVENT.name, Refusal.NO_SUCH_EVENT.value)
        async with contextlib.aclosing(store.follow(event_id)) as counts:
            async for count in counts:
                yield count


SCHEMA = Schema(Query, Mutation, Subscription, extensions=[Named, Limited, Breakable])
