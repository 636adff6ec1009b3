"""The limits of a query: what is counted, what is refused and how that reads, and that no attack gets any further."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_introspection_query, parse

from course_support.backends.graphql_limits import Measured, tokens
from course_support.backends.graphql_schema import SCHEMA
from tests.backends.graphql_client import GET_EVENT, Client, serving

DEEP = '{ event(id: "abc123") { speakers { sessions { event { name } } } } }'


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


def measured(query: str, name: str | None = None, **variables: Any) -> tuple[int | None, int]:
    found = Measured(SCHEMA._schema, parse(query), name, variables)
    return found.depth, found.cost


@pytest.mark.parametrize(
    ("query", "variables", "depth", "cost"),
    [
        ("{ __typename }", {}, 1, 0),
        ('{ event(id: "a") { name } }', {}, 2, 2),
        ('{ event(id: "a") { location { city address } } }', {}, 3, 4),
        ('{ event(id: "a") { speakers { name } } }', {}, 3, 1 + 1 + 10),
        (GET_EVENT, {}, 4, 1 + 2 + 4 + 1 + 10 * (4 + 10 * 2) + 1),
        ("{ events { totalCount } }", {}, 2, 2),
        ("{ events { nodes { id } } }", {}, 3, 2 + 10),
        ("{ events(first: 3) { totalCount nodes { id name } } }", {}, 3, 3 + 3 * 2),
        ("{ events(first: 3) { edges { node { speakers { id } } } } }", {}, 5, 2 + 3 * (1 + 1 + 10)),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": 4}, 3, 2 + 4),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {}, 3, 2 + 10),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": None}, 3, 2 + 10),
        ("query($n: Int) { events(first: $n) { nodes { id } } }", {"n": "4"}, 3, 2 + 10),
        ("{ events(first: -5) { nodes { id } } }", {}, 3, 2 + 1),
        ('{ a: event(id: "a") { name } b: event(id: "b") { name } }', {}, 2, 4),
        ('{ event(id: "a") { ...F ...F ... { ...F } } } fragment F on Event { name speakers { id } }', {}, 3, 3 + 10),
        ("{ event { ...Missing nothing { at { all } } } }", {}, 4, 2),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", {}, 1, 0),
    ],
)
def test_depth_and_cost(query: str, variables: dict[str, Any], depth: int, cost: int) -> None:
    assert measured(query, **variables) == (depth, cost)


def test_only_the_named_operation_counts() -> None:
    query = 'query A { event(id: "a") { name } } query B { events { nodes { speakers { id } } } }'
    assert [measured(query, "A"), measured(query, "B")] == [(2, 2), (4, 2 + 10 * 11)]


def test_a_fragment_within_itself_has_no_depth() -> None:
    query = parse('{ event(id: "a") { ...A } } fragment A on Event { sessions { event { ...A } } }')
    assert Measured(SCHEMA._schema, query, None, {}).depth is None


def test_what_doubles_at_each_level_is_measured_once_a_level() -> None:
    levels = (
        f"fragment F{i} on Session {{ a: event {{ ...G{i} }} b: event {{ ...G{i} }} }} "
        f"fragment G{i} on Event {{ sessions {{ ...F{i + 1} }} }} "
        for i in range(60)
    )
    query = '{ event(id: "a") { sessions { ...F0 } } } ' + "".join(levels) + "fragment F60 on Session { id }"
    depth, cost = measured(query)
    assert depth == 2 + 2 * 60 + 1
    assert cost > 20**60


def test_tokens_are_counted_as_far_as_there_are_any() -> None:
    assert tokens('{ event(id: "a b c", n: $n) { ...F } } # and more') == 16
    assert tokens("{ a ? b }") == 2
    assert tokens("") == 0


def test_each_refusal_tells_the_limit_and_the_need() -> None:
    for limits, code, limit, needed, message in (
        (
            {"max_depth": 4},
            "DEPTH_LIMIT_EXCEEDED",
            4,
            5,
            "Ask for less in one another: this query is 5 fields deep, and this service allows 4.",
        ),
        (
            {"max_cost": 211},
            "COST_LIMIT_EXCEEDED",
            211,
            212,
            "Ask for less at once: the answer could have 212 fields, and this service allows 211.",
        ),
        (
            {"max_tokens": 19},
            "TOKEN_LIMIT_EXCEEDED",
            19,
            20,
            "Send a shorter query: this one has 20 tokens, and this service reads 19.",
        ),
    ):
        with serving(**limits) as client:
            answer = client.query(DEEP)
            assert answer.status_code == 400
            extensions = {"code": code, "limit": limit, "needed": needed}
            assert answer.json() == {"errors": [{"message": message, "extensions": extensions}]}
            assert answer.headers["Database-Statements"] == "0"
            assert client.query(DEEP, accept="application/json").status_code == 200
    with serving(max_depth=5, max_cost=212, max_tokens=20) as client:
        assert client.data(DEEP)["event"]


def test_there_is_room_for_the_document_s_query_and_for_introspection(client: Client) -> None:
    for query in (GET_EVENT, get_introspection_query(), get_introspection_query(input_value_deprecation=True)):
        assert client.data(query, {"eventId": "abc123"})
    page = "edges { cursor node { id name email } } pageInfo { hasNextPage endCursor } totalCount"
    assert client.data(f'{{ event(id: "abc123") {{ attendees(first: 100) {{ {page} }} }} }}')


def nested(times: int) -> str:
    return '{ event(id: "a") ' + "{ sessions { event " * times + "{ id }" + "} }" * times + " }"


ATTACKS = {
    "aliases": "{" + " ".join(f'a{i}: event(id: "a") {{ id }}' for i in range(1000)) + "}",
    "few aliases, long lists": "{"
    + " ".join(f"a{i}: events(first: 100) {{ nodes {{ id }} }}" for i in range(25))
    + "}",
    "a long list": "{ events(first: 2000000000) { nodes { id } } }",
    "a long number": "{ events(first: " + "9" * 5000 + ") { nodes { id } } }",
    "lists in lists": "{ events(first: 100) { nodes { attendees(first: 100) { nodes { id } } } } }",
    "deep": nested(4),
    "very deep": nested(40),
    "deep beyond parsing": nested(2000),
    "braces": "{" * 60_000,
    "brackets": "{ event(id: " + "[" * 400 + ") { id } }",
    "words": "{" + " a" * 30_000 + "}",
    "the same field": '{ event(id: "a") {' + " name" * 800 + "} }",
    "directives": "{ __typename " + "@skip(if: false) " * 400 + "}",
    "unknown fields": "{" + " ".join(f"nothing{i}" for i in range(400)) + "}",
    "fragment cycle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragment cycle through fields": '{ event(id: "a") { ...A } } fragment A on Event { sessions { event { ...A } } }',
    "fragments that double": '{ event(id: "a") { ...F0 } }'
    + " ".join(f"fragment F{i} on Event {{ sessions {{ event {{ ...F{i + 1} }} }} }}" for i in range(30))
    + " fragment F30 on Event { id }",
    "introspection in circles": "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
}


@pytest.mark.parametrize("query", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_before_it_asks_anything(client: Client, query: str) -> None:
    answer = client.query(query)
    assert answer.status_code == 400
    assert list(answer.json()) == ["errors"]
    assert all(error["message"] for error in answer.json()["errors"])
    assert "INTERNAL_ERROR" not in answer.text
    assert len(answer.content) < 20_000
    assert answer.headers["Database-Statements"] == "0"
    assert client.data("{ __typename }")


def test_fragments_that_double_without_depth_are_cheap(client: Client) -> None:
    query = '{ event(id: "a") { ...F0 } }'
    query += " ".join(f"fragment F{i} on Event {{ ...F{i + 1} ...F{i + 1} }}" for i in range(40))
    assert client.data(query + " fragment F40 on Event { id }") == {"event": None}


ODD = {
    "huge": {"id": "a" * 60_000},
    "a number": {"id": 10**40},
    "a control character": {"id": "a\0b"},
    "null": {"id": None},
    "a list": {"id": ["a"] * 10_000},
    "an object": {"id": {"a": {"b": {}}}},
    "deep": {"id": json.loads("[" * 60 + "]" * 60)},
    "too many": {f"x{i}": i for i in range(4000)} | {"id": "a"},
    "none": {},
}


@pytest.mark.parametrize("variables", ODD.values(), ids=ODD)
def test_odd_variables_get_an_answer(client: Client, variables: dict[str, Any]) -> None:
    answer = client.query("query($id: ID!) { event(id: $id) { id } speaker(id: $id) { id } }", variables)
    assert answer.status_code in (200, 400)
    assert "INTERNAL_ERROR" not in answer.text
    assert len(answer.content) < 2000


def test_a_variable_of_thousands_of_digits_is_no_internal_error(client: Client) -> None:
    query = "query($n: Int) { events(first: $n) { nodes { id speakers { id } } } }"
    answer = client.query(query, {"n": 10**4299})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "COST_LIMIT_EXCEEDED"


@pytest.mark.parametrize("place", ["id", "name", "email", "after"])
def test_half_a_character_is_no_internal_error(client: Client, place: str) -> None:
    values = {"id": "abc123", "name": "Ada", "email": "ada@mail.example", "after": None} | {place: "\ud800"}
    query = """mutation($id: ID!, $name: String!, $email: String!, $after: String) {
    registerAttendee(input: {eventId: $id, name: $name, email: $email}) {
    event { attendees(after: $after) { totalCount } } userErrors { code } } }"""
    assert "INTERNAL_ERROR" not in client.query(query, values).text


def test_nothing_but_ascii_reaches_the_parser_whole(client: Client) -> None:
    assert client.query('{ event(id: "\ud800") { id } }').status_code == 400
    assert client.data('{ event(id: "🎧") { id } }') == {"event": None}
