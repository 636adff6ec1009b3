"""GraphQL over HTTP: what the media type of the answer makes of errors, what GET may do, and what never gets so far."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from course_support.backends.content import quality
from tests.backends.graphql_client import GET_EVENT, Client, serving

GRAPHQL, JSON, PROBLEM = "application/graphql-response+json", "application/json", "application/problem+json"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


CANNOT_RUN = {
    "syntax": ({"query": "{"}, "Syntax Error: Expected Name, found <EOF>."),
    "validation": ({"query": "{ nothing }"}, "Cannot query field 'nothing' on type 'Query'."),
    "variable": ({"query": GET_EVENT}, "Variable '$eventId' of required type 'ID!' was not provided."),
    "operation": (
        {"query": "query A { __typename }", "operationName": "B"},
        "Send an operation, and if there are several, name one as operationName.",
    ),
    "which": (
        {"query": "query A { __typename } query B { __typename }"},
        "Send an operation, and if there are several, name one as operationName.",
    ),
    "none": (
        {"query": "fragment A on Event { id }"},
        "Send an operation, and if there are several, name one as operationName.",
    ),
    "subscription": (
        {"query": 'subscription { attendeeCount(eventId: "abc123") }'},
        "Subscribe over WebSocket, at the same path.",
    ),
}


@pytest.mark.parametrize(("sent", "message"), CANNOT_RUN.values(), ids=CANNOT_RUN)
@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), (JSON, 200)])
def test_what_cannot_run_is_400_but_in_plain_json_200_and_has_no_data(
    client: Client, sent: dict[str, Any], message: str, accept: str, status: int
) -> None:
    for answer in (
        client("POST", "/graphql", json=sent, headers={"Accept": accept}),
        client("GET", "/graphql", params=sent, headers={"Accept": accept}),
    ):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == f"{accept}; charset=utf-8"
        assert list(answer.json()) == ["errors"]
        assert answer.json()["errors"][0]["message"] == message
        assert answer.headers["Database-Statements"] == "0"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, GRAPHQL),
        ("*/*", GRAPHQL),
        ("application/*", GRAPHQL),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL};q=0, */*", JSON),
        (f"text/html, {JSON}; charset=utf-8; q=0.9, */*;q=0.8", JSON),
        (f"{GRAPHQL};charset=utf-8", GRAPHQL),
        ("text/html", None),
        ("application/*;q=0", None),
    ],
)
def test_the_client_s_liking_decides(client: Client, accept: str | None, media_type: str | None) -> None:
    answer = client("POST", "/graphql", json={"query": "{ __typename }"}, headers={"Accept": accept})
    if media_type:
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"{media_type}; charset=utf-8")
        assert answer.json() == {"data": {"__typename": "Query"}}
    else:
        assert (answer.status_code, answer.headers["Content-Type"]) == (406, PROBLEM)


def test_the_most_specific_range_decides() -> None:
    accept = ["*/*;q=0.1, application/*;q=0.5", "application/json;q=0.7"]
    assert [quality(it, accept) for it in (JSON, GRAPHQL, "text/html")] == [0.7, 0.5, 0.1]
    assert quality(JSON, []) == quality(JSON, [""]) == 1
    assert quality(JSON, ["nonsense;q=x"]) == 0
    assert quality(JSON, [f"{JSON};q=0.9, {JSON};q=0.2"]) == 0.9, "of a range that is there twice, the better"


def test_a_field_that_fails_is_200_in_both_media_types(client: Client) -> None:
    for accept in (GRAPHQL, JSON):
        answer = client.query("{ events(first: 0) { totalCount } }", accept=accept)
        assert (answer.status_code, list(answer.json())) == (200, ["errors", "data"])


def test_get_reads_and_can_be_cached(client: Client) -> None:
    params = {"query": GET_EVENT, "variables": '{"eventId": "abc123"}', "operationName": "GetEvent"}
    answer = client("GET", "/graphql", params=params)
    assert answer.json() == client.query(GET_EVENT, {"eventId": "abc123"}).json()
    again = client("GET", "/graphql", params=params, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert answer.headers["Vary"] == "Accept, Authorization"
    assert "ETag" not in client.query("{ __typename }").headers
    assert client("GET", "/graphql", params={"query": "{ __typename }", "operationName": "", "variables": ""}).json()[
        "data"
    ]


@pytest.mark.parametrize("accept", [GRAPHQL, JSON])
def test_get_changes_nothing(client: Client, accept: str) -> None:
    mutation = (
        'mutation A { registerAttendee(input: {eventId: "abc123", name: "A", email: "a@b"}) { attendee { id } } }'
    )
    before = client.app.state.events.attendee_count("abc123")
    for params in ({"query": mutation}, {"query": "query B { __typename }" + mutation, "operationName": "A"}):
        answer = client("GET", "/graphql", params=params, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Content-Type"]) == (405, PROBLEM)
        assert answer.headers["Allow"] == "POST"
        assert answer.json()["detail"] == "Send a mutation by POST: a GET must change nothing."
    assert client.app.state.events.attendee_count("abc123") == before


QUERY = json.dumps({"query": "{ __typename }"})
REFUSED: dict[str, tuple[str, dict[str, Any], int]] = {
    "no token": ("POST", {"json": {"query": "{"}, "who": None}, 401),
    "no token for get": ("GET", {"params": {"query": "{"}, "who": None}, 401),
    "not acceptable": ("POST", {"json": {"query": "{"}, "headers": {"Accept": "text/html"}}, 406),
    "no media type": ("POST", {"data": QUERY}, 415),
    "a form": ("POST", {"data": {"query": "{ __typename }"}}, 415),
    "application/graphql": (
        "POST",
        {"data": "{ __typename }", "headers": {"Content-Type": "application/graphql"}},
        415,
    ),
    "no JSON": ("POST", {"data": "{", "headers": {"Content-Type": JSON}}, 400),
    "UTF-16": ("POST", {"data": QUERY.encode("utf-16"), "headers": {"Content-Type": JSON}}, 400),
    "deep JSON": ("POST", {"data": "[" * 60_000, "headers": {"Content-Type": JSON}}, 400),
    "a list": ("POST", {"json": [{"query": "{ __typename }"}]}, 400),
    "a typo": ("POST", {"json": {"qeury": "{ __typename }"}}, 400),
    "an empty query": ("POST", {"json": {"query": ""}}, 400),
    "a number": ("POST", {"json": {"query": 1}}, 400),
    "variables in a list": ("POST", {"json": {"query": "{ __typename }", "variables": [7]}}, 400),
    "variables that are no JSON": ("GET", {"params": {"query": "{ __typename }", "variables": "{"}}, 400),
    "variables in a string": ("GET", {"params": {"query": "{ __typename }", "variables": '"a"'}}, 400),
    "no query": ("GET", {}, 400),
    "another method": ("DELETE", {}, 405),
    "too much": ("POST", {"json": {"query": "#" * 70_000}}, 413),
}


@pytest.mark.parametrize(("method", "more", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_graphql_request_is_a_problem_of_http(
    client: Client, method: str, more: dict[str, Any], status: int
) -> None:
    answer = client(method, "/graphql", **more)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["detail"].endswith(".")
    expected = {401: 'Bearer realm="events"', 405: "GET, HEAD, OPTIONS, POST", 415: JSON}.get(status)
    assert expected in (None, *answer.headers.values())
    assert client.data("{ __typename }")


def test_a_charset_is_no_other_media_type(client: Client) -> None:
    answer = client("POST", "/graphql", data=QUERY, headers={"Content-Type": "application/json; charset=utf-8"})
    assert answer.json() == {"data": {"__typename": "Query"}}
