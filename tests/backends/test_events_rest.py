"""REST over the events: the same data as in GraphQL, whole resources, pages by Link, and a count of statements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends.graphql_client import GET_EVENT, Client, serving

EVENT = "/api/v1/events/abc123"
PROBLEM = "application/problem+json"


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


def test_the_desktop_view_is_the_same_in_rest_but_takes_a_request_for_each_speaker(client: Client) -> None:
    event = client("GET", EVENT).json()
    speakers = client("GET", f"{EVENT}/speakers").json()["speakers"]
    assert [speaker["id"] for speaker in speakers] == event["speakers"]
    for speaker in speakers:
        speaker["sessions"] = client("GET", f"/api/v1/speakers/{speaker['id']}/sessions").json()["sessions"]
    asked = len(client.server.recorder.exchanges)
    wanted = client.data(GET_EVENT, {"eventId": "abc123"})["event"]
    assert asked == 2 + len(speakers)
    assert wanted == {
        "name": event["name"],
        "date": event["date"],
        "location": event["location"],
        "attendeeCount": event["attendeeCount"],
        "speakers": [
            {name: speaker[name] for name in ("name", "bio", "photo")}
            | {"sessions": [{name: it[name] for name in ("title", "time")} for it in speaker["sessions"]]}
            for speaker in speakers
        ],
    }


def test_an_event_comes_whole(client: Client) -> None:
    answer = client("GET", EVENT)
    members = ["id", "name", "description", "date", "location", "capacity", "attendeeCount", "speakers"]
    assert list(answer.json()) == members
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Database-Statements"] == "3"


def test_attendees_are_paged_by_links(client: Client) -> None:
    path, seen, pages = f"{EVENT}/attendees?limit=20", [], 0
    while path:
        answer = client("GET", path)
        seen += answer.json()["attendees"]
        pages += 1
        path = answer.links.get("next", {}).get("url", "")
    assert seen == [
        {"id": str(it.id), "name": it.name, "email": it.email} for it in client.app.state.events.attendees("abc123")
    ]
    assert pages == 1 + (len(seen) - 1) // 20
    assert "next" not in client("GET", f"{EVENT}/attendees?limit={len(seen)}").links


def test_an_etag_spares_what_has_not_changed(client: Client) -> None:
    for path in (EVENT, f"{EVENT}/speakers", f"{EVENT}/attendees"):
        tag = client("GET", path).headers["ETag"]
        assert client("GET", path, headers={"If-None-Match": tag}).status_code == 304
    client.app.state.events.register("abc123", "Ada", "ada@mail.example")
    assert client("GET", EVENT, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", EVENT, {"who": None}, 401),
        ("GET", "/api/v1/speakers/x/sessions", {"who": None}, 401),
        ("GET", "/api/v1/events/nope", {}, 404),
        ("GET", "/api/v1/events/%ED%A0%80", {}, 404),
        ("GET", "/api/v1/events/nope/speakers", {}, 404),
        ("GET", "/api/v1/events/nope/attendees", {}, 404),
        ("GET", "/api/v1/speakers/%00/sessions", {}, 404),
        ("GET", "/api/v1/events/abc123/", {}, 404),
        ("GET", f"{EVENT}/attendees?limit=0", {}, 400),
        ("GET", f"{EVENT}/attendees?limit=101", {}, 400),
        ("GET", f"{EVENT}/attendees?cursor=20", {}, 400),
        ("GET", EVENT, {"headers": {"Accept": "text/html"}}, 406),
        ("POST", EVENT, {"json": {}}, 405),
    ],
)
def test_a_refusal_says_what_to_do(client: Client, method: str, path: str, more: dict[str, Any], status: int) -> None:
    answer = client(method, path, **more)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["detail"].endswith(".")
    assert "Database-Statements" in answer.headers


def test_a_guest_may_read_and_options_tell_so(client: Client) -> None:
    assert client("GET", EVENT, who="guest").status_code == 200
    assert client("OPTIONS", EVENT, who=None).headers["Allow"] == "GET, HEAD, OPTIONS"
