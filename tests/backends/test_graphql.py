"""The GraphQL service over a real socket: the document's query and its price, pages, mutations, how null spreads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from course_support.backends import graphql
from tests.backends.graphql_client import GET_EVENT, Client, serving

REGISTER = """mutation Register($input: RegisterAttendeeInput!) { registerAttendee(input: $input) {
attendee { id name email } event { id attendeeCount } userErrors { code field message } } }"""
PAGE = """{ edges { cursor node { id } } nodes { id } totalCount
pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


def ada(**changes: Any) -> dict[str, Any]:
    return {"input": {"eventId": "abc123", "name": "Ada", "email": "ada@mail.example"} | changes}


def test_the_document_s_query_to_the_letter(client: Client) -> None:
    answer = client.query(GET_EVENT, {"eventId": "abc123"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"data"}
    event = answer.json()["data"]["event"]
    assert list(event) == ["name", "date", "location", "speakers", "attendeeCount"]
    assert event["name"] == "API Architectures Summit"
    assert [type(number) for number in event["location"]["coordinates"]] == [float, float]
    assert len(event["speakers"]) >= 8
    assert all(list(speaker) == ["name", "bio", "photo", "sessions"] for speaker in event["speakers"])
    assert all(list(session) == ["title", "time"] for speaker in event["speakers"] for session in speaker["sessions"])


def test_the_loader_makes_one_statement_of_many(client: Client) -> None:
    def statements(query: str) -> int:
        answer = client.query(query, {"eventId": "abc123"} if "$" in query else None)
        assert set(answer.json()) == {"data"}
        return int(answer.headers["Database-Statements"])

    nested = '{ event(id: "abc123") { sessions { speakers { sessions { title } } } } }'
    phone = '{ event(id: "abc123") { name date location { city } } }'
    listed = "{ events(first: 5) { nodes { speakers { name } attendeeCount } } }"
    batched = [statements(query) for query in (GET_EVENT, nested, phone, listed)]
    client.app.state.loader = False
    alone = [statements(query) for query in (GET_EVENT, nested, phone, listed)]
    speakers = len(client.app.state.events.speakers_of("abc123"))
    assert batched == [4, 4, 1, 4]
    assert [alone[0], alone[2], alone[3]] == [3 + speakers, 1, 2 + 2 * 5]
    assert alone[1] > 20


def test_both_ways_give_the_same_answer(client: Client) -> None:
    with_loader = client.query(GET_EVENT, {"eventId": "abc123"}).content
    client.app.state.loader = False
    assert client.query(GET_EVENT, {"eventId": "abc123"}).content == with_loader


def test_what_there_is_none_of_is_null_and_no_error(client: Client) -> None:
    assert client.data('{ event(id: "nope") { name } speaker(id: "nope") { name } }') == {
        "event": None,
        "speaker": None,
    }


def test_an_event_online_has_no_coordinates(client: Client) -> None:
    locations = [
        it["location"]
        for it in client.data("{ events(first: 20) { nodes { location { city coordinates } } } }")["events"]["nodes"]
    ]
    assert {it["coordinates"] is None for it in locations if it["city"] == "Online"} == {True}
    assert {it["coordinates"] is None for it in locations if it["city"] != "Online"} == {False}


def test_aliases_fragments_and_directives(client: Client) -> None:
    query = """query($with: Boolean!, $id: ID!) {
    first: event(id: "abc123") { ...Short } second: event(id: $id) { ...Short } }
    fragment Short on Event { name ... on Event { capacity @include(if: $with) } id @skip(if: $with) __typename }"""
    other = client.app.state.events.ids()[0]
    data = client.data(query, {"with": True, "id": other})
    assert [list(event) for event in data.values()] == [["name", "capacity", "__typename"]] * 2
    assert data["second"]["name"] == client.app.state.events.event(other).name


@pytest.mark.parametrize(("path", "first"), [("events", 7), ("events", 5), ("attendees", 7)])
def test_following_the_cursor_shows_everything_once(client: Client, path: str, first: int) -> None:
    event = path == "attendees"
    query = f"query($after: String) {{ {path}(first: {first}, after: $after) {PAGE} }}"
    if event:
        query = query.replace("{ attendees", '{ event(id: "abc123") { attendees') + "}"
    after, seen, pages = None, [], []
    while not pages or pages[-1]["pageInfo"]["hasNextPage"]:
        data = client.data(query, {"after": after})
        pages.append((data["event"] if event else data)[path])
        seen += [node["id"] for node in pages[-1]["nodes"]]
        after = pages[-1]["pageInfo"]["endCursor"]
    store = client.app.state.events
    assert seen == ([str(it.id) for it in store.attendees("abc123")] if event else store.ids())
    assert len(pages) == 1 + (len(seen) - 1) // first
    assert [page["pageInfo"]["hasPreviousPage"] for page in pages] == [False] + [True] * (len(pages) - 1)
    for page in pages:
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["totalCount"] == len(seen)


def test_an_insertion_shifts_no_page(client: Client) -> None:
    page = "attendees(first: 5, after: $after) { nodes { id } pageInfo { endCursor } }"
    query = f'query($after: String) {{ event(id: "abc123") {{ {page} }} }}'
    first = client.data(query)["event"]["attendees"]
    expected = client.data(query, {"after": first["pageInfo"]["endCursor"]})
    client.app.state.events.cancel(int(first["nodes"][0]["id"]))
    assert client.data(query, {"after": first["pageInfo"]["endCursor"]}) == expected


@pytest.mark.parametrize(
    "arguments", ["first: 0", "first: -1", "first: 101", 'after: "x"', 'after: ""', 'after: "AAAAAAA="']
)
def test_a_page_that_cannot_be_is_refused_at_its_field(client: Client, arguments: str) -> None:
    answer = client.query(f"{{ events({arguments}) {{ totalCount }} }}")
    error = answer.json()["errors"][0]
    assert (answer.status_code, answer.json()["data"], error["path"]) == (200, None, ["events"])
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["message"].endswith(".")


def test_a_mutation_registers_somebody(client: Client) -> None:
    before = client.app.state.events.attendee_count("abc123")
    payload = client.data(REGISTER, ada())["registerAttendee"]
    assert payload["attendee"]["name"] == "Ada"
    assert payload["event"] == {"id": "abc123", "attendeeCount": before + 1}
    assert payload["userErrors"] == []


def test_what_a_client_can_correct_is_data_and_no_error(client: Client) -> None:
    full = client.app.state.events.ids()[-1]
    client.data(REGISTER, ada())
    seen = {}
    for changes in ({}, {"eventId": full}, {"eventId": "nope"}, {"name": "", "email": "x"}):
        payload = client.data(REGISTER, ada(**changes))["registerAttendee"]
        assert payload["attendee"] is None
        seen |= {error["code"]: error["field"] for error in payload["userErrors"]}
    assert seen == {
        "EMAIL_TAKEN": ["input", "email"],
        "EVENT_FULL": ["input", "eventId"],
        "NO_SUCH_EVENT": ["input", "eventId"],
        "NAME_REQUIRED": ["input", "name"],
        "INVALID_EMAIL": ["input", "email"],
    }


def test_mutations_run_one_after_the_other_and_each_sees_what_it_did(client: Client) -> None:
    before = client.app.state.events.attendee_count("abc123")
    asked = 'registerAttendee(input: {eventId: "abc123", name: "A", email: "%s@mail.example"})'
    one = asked + " { attendee { id } event { attendeeCount } }"
    data = client.data(f"mutation {{ a: {one % 'a'} b: {one % 'b'} }}")
    assert [data[alias]["event"]["attendeeCount"] for alias in "ab"] == [before + 1, before + 2]
    cancel = "mutation($id: ID!) { cancelRegistration(attendeeId: $id) { attendee { id } event { attendeeCount } } }"
    id = data["a"]["attendee"]["id"]
    assert client.data(cancel, {"id": id})["cancelRegistration"] == {
        "attendee": {"id": id},
        "event": {"attendeeCount": before + 1},
    }
    assert client.data(cancel, {"id": id})["cancelRegistration"] == {"attendee": None, "event": None}
    assert client.data(cancel, {"id": "x" * 5000})["cancelRegistration"] == {"attendee": None, "event": None}


def test_a_guest_may_ask_and_not_change(client: Client) -> None:
    before = client.app.state.events.attendee_count("abc123")
    assert client.data(GET_EVENT, {"eventId": "abc123"}, who="guest")["event"]
    for mutation in (REGISTER, 'mutation { cancelRegistration(attendeeId: "1") { event { id } } }'):
        answer = client.query(mutation, ada() if "$" in mutation else None, who="guest")
        error = answer.json()["errors"][0]
        assert (answer.status_code, answer.json()["data"]) == (200, None)
        assert error["extensions"] == {"code": "FORBIDDEN"}
        assert error["message"] == "Use a token that may write: this one is known, and it may only read."
    assert client.app.state.events.attendee_count("abc123") == before


QUERY = '{ event(id: "abc123") { name speakers { id name photo sessions { title } } } }'


@pytest.mark.parametrize(
    ("field", "path", "nulled"),
    [
        ("Speaker.photo", ["event", "speakers", 0, "photo"], ["event", "speakers", 0, "photo"]),
        ("Session.title", ["event", "speakers", 0, "sessions", 0, "title"], ["event", "speakers", 0, "sessions"]),
        ("Speaker.name", ["event", "speakers", 0, "name"], ["event"]),
        ("Event.name", ["event", "name"], ["event"]),
        ("Query.event", ["event"], ["event"]),
    ],
)
def test_null_spreads_to_the_next_place_that_may_be_null(
    client: Client, field: str, path: list[Any], nulled: list[Any]
) -> None:
    client.app.state.broken.add(field)
    answer = client.query(QUERY)
    assert answer.status_code == 200
    assert path in [error["path"] for error in answer.json()["errors"]]
    value = answer.json()["data"]
    for step in nulled:
        assert value is not None
        value = value[step]
    assert value is None
    client.app.state.broken.clear()
    assert client.data(QUERY)["event"]["name"]


def test_one_object_alone_can_be_broken(client: Client) -> None:
    speakers = client.data(QUERY)["event"]["speakers"]
    broken = next(index for index, speaker in enumerate(speakers) if speaker["photo"])
    client.app.state.broken.add(f"Speaker.photo:{speakers[broken]['id']}")
    answer = client.query(QUERY).json()
    assert [error["path"] for error in answer["errors"]] == [["event", "speakers", broken, "photo"]]
    speakers[broken]["photo"] = None
    assert answer["data"]["event"]["speakers"] == speakers


def test_an_internal_error_is_masked_and_logged_under_its_reference(client: Client) -> None:
    client.app.state.broken.add("Event.location")
    answers = [client.query('{ event(id: "abc123") { location { city } } }') for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert "broken" not in answers[0].text
    error = answers[0].json()["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL_ERROR"}
    reference = error["message"].removeprefix("Internal error, reference ").removesuffix(".")
    assert len(reference) == 8
    assert f"reference {reference}\n" in client.server.log
    assert "RuntimeError: Event.location is broken" in client.server.log


def test_two_services_share_nothing_and_the_same_seed_gives_the_same_bytes() -> None:
    walks = []
    for seed in (7, 7, 8):
        with serving(seed) as client:
            answers = [
                client.query(GET_EVENT, {"eventId": "abc123"}),
                client.query(REGISTER, ada()),
                client.query(REGISTER, ada()),
                client.query(f"{{ events(first: 3) {PAGE} }}"),
                client.query("{ nothing }"),
                client.query("{ nothing }", who=None),
                client("GET", "/api/v1/events/abc123"),
            ]
            walks.append([(answer.status_code, dict(answer.headers), answer.content) for answer in answers])
    assert walks[0] == walks[1] != walks[2]
    assert graphql.app(7).state.credentials != graphql.app(8).state.credentials


def test_a_switch_of_one_service_is_none_of_another() -> None:
    one, other = graphql.app(), graphql.app()
    one.state.broken.add("Event.name")
    one.state.events.register("abc123", "Ada", "ada@mail.example")
    assert not other.state.broken
    assert one.state.events.attendee_count("abc123") == other.state.events.attendee_count("abc123") + 1
