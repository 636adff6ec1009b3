"""The GraphQL service over a real socket: the document's query, what it costs, and REST over the same data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.backends.graphql_client import GET_EVENT, Client, serving


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


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
