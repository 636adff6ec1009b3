"""The schema keeps what the lesson says of it: what may be null, what takes a page, a word on each field."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType

from course_support.backends.graphql_schema import SCHEMA

PROMISED = """
Query.event: Event
Query.speaker: Speaker
Query.events: EventConnection!
Event.id: ID!
Event.name: String!
Event.description: String!
Event.date: DateTime!
Event.location: Location!
Event.speakers: [Speaker!]!
Event.sessions: [Session!]!
Event.attendeeCount: Int!
Event.capacity: Int!
Event.attendees: AttendeeConnection!
Location.coordinates: [Float!]
Speaker.bio: String!
Speaker.photo: String
Speaker.sessions: [Session!]
Session.title: String!
Session.time: DateTime!
Session.event: Event!
Session.speakers: [Speaker!]!
Mutation.registerAttendee: RegisterAttendeePayload!
Mutation.cancelRegistration: CancelRegistrationPayload!
RegisterAttendeePayload.attendee: Attendee
RegisterAttendeePayload.event: Event
RegisterAttendeePayload.userErrors: [UserError!]!
UserError.code: UserErrorCode!
UserError.field: [String!]!
Subscription.attendeeCount: Int!
"""


@pytest.mark.parametrize("promise", PROMISED.split("\n")[1:-1])
def test_what_may_be_null(promise: str) -> None:
    place, _, type_ = promise.partition(": ")
    owner, _, field = place.partition(".")
    found = SCHEMA._schema.type_map[owner]
    assert isinstance(found, GraphQLObjectType)
    assert str(found.fields[field].type) == type_


@pytest.mark.parametrize(("owner", "field"), [("Query", "events"), ("Event", "attendees")])
def test_what_takes_a_page(owner: str, field: str) -> None:
    found = SCHEMA._schema.type_map[owner]
    assert isinstance(found, GraphQLObjectType)
    arguments = found.fields[field].args
    assert {name: (str(it.type), it.default_value) for name, it in arguments.items()} == {
        "first": ("Int", 10),
        "after": ("String", None),
    }


def test_the_reasons_of_a_refusal_are_an_enumeration() -> None:
    codes = ["EMAIL_TAKEN", "EVENT_FULL", "INVALID_EMAIL", "NAME_REQUIRED", "NO_SUCH_EVENT"]
    assert "enum UserErrorCode {\n" + "".join(f"  {code}\n" for code in codes) + "}" in SCHEMA.as_str()


def test_every_resolver_describes_its_field() -> None:
    for owner in ("Query", "Mutation", "Subscription"):
        found = SCHEMA._schema.type_map[owner]
        assert isinstance(found, GraphQLObjectType)
        assert all((field.description or "").endswith(".") for field in found.fields.values()), owner
