"""The query builder without a page: fields ticked from Python, against the event app itself."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from course_support.backends.graphql import app
from course_support.backends.statements import FIELD
from course_support.server import Server
from course_support.widgets.event_views import FIELDS, VIEWS, Cost, cost_of, query_of
from course_support.widgets.query import QueryBuilder, query_builder
from tests.backends.graphql_client import GET_EVENT
from tests.factories import exchange


@pytest.fixture
def events() -> Iterator[Server]:
    with Server(app(1)) as server:
        yield server


@pytest.fixture
def builder(events: Server) -> QueryBuilder:
    return query_builder(events)


def test_the_desktop_asks_for_the_query_of_the_lesson() -> None:
    assert query_of(VIEWS["Desktop view"]).split() == GET_EVENT.split()


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_alone_is_a_query_that_the_schema_knows(builder: QueryBuilder, field: str) -> None:
    builder.fields.chosen = [field]
    assert builder.exchange is not None
    assert builder.exchange.response is not None
    answer = builder.exchange.response.json()
    assert "errors" not in answer
    found = answer["data"]["event"]
    for name in field.split("."):
        found = found[0][name] if isinstance(found, list) else found[name]


def test_all_fields_together_are_within_the_limits(builder: QueryBuilder) -> None:
    builder.fields.chosen = list(FIELDS)
    assert builder.exchange is not None
    assert builder.exchange.status == 200


def test_sends_nothing_until_something_is_ticked(events: Server, builder: QueryBuilder) -> None:
    assert len(events.traffic) == 0
    builder.fields.chosen = ["name"]
    assert [it.status for it in events.traffic] == [200]
    assert "API Architectures" in builder.answered.value
    assert "Database statements: <b>1</b>" in builder.said.value


def test_no_field_is_no_query(events: Server, builder: QueryBuilder) -> None:
    builder.fields.chosen = []
    assert (builder.query, builder.exchange, len(events.traffic)) == ("", None, 0)
    assert 'role="alert"' in builder.said.value
    builder.fields.chosen = ["nonsense"]
    assert builder.query == ""


def test_each_view_is_compared_over_both_apis(events: Server, builder: QueryBuilder) -> None:
    for button in builder.buttons:
        button.click()
    graphql, rest = builder.costs["Desktop view", "GraphQL"], builder.costs["Desktop view", "REST"]
    assert graphql == cost_of([builder.exchange])  # type: ignore[list-item]
    assert (graphql.requests, graphql.statements) == (1, 4)
    assert rest.requests == len(events.traffic) - 3
    assert rest.received > graphql.received
    phone = builder.costs["Phone view", "GraphQL"], builder.costs["Phone view", "REST"]
    assert [cost.requests for cost in phone] == [1, 1]
    assert phone[0].received < phone[1].received
    assert builder.compared.value.count("<tr>") == 5


def test_the_loader_s_switch_turns_the_loader(events: Server, builder: QueryBuilder) -> None:
    builder.buttons[1].click()
    builder.loader.value = False
    assert events.app.state.loader is False  # type: ignore[attr-defined]
    with_loader, without = (builder.costs["Desktop view", api] for api in ("GraphQL", "GraphQL, no loader"))
    assert with_loader.statements is not None
    assert without.statements is not None
    assert without.statements > with_loader.statements
    events.app.state.loader = True  # type: ignore[attr-defined]
    known = len(events.traffic)
    builder._repr_mimebundle_()  # shown again after a cell has turned it
    assert (builder.loader.value, len(events.traffic)) == (True, known)
    assert "loader = True" in builder.switch.value


def test_what_is_refused_is_shown_and_not_compared(events: Server, builder: QueryBuilder) -> None:
    events.faults.answer_next(503)
    builder.buttons[0].click()
    assert "unknown" in builder.said.value
    assert list(builder.costs) == [("Phone view", "REST")]
    events.app.state.credentials["guest"] = "another"  # type: ignore[attr-defined]
    events.faults.answer_next(503)
    builder.run()
    events.faults.drop_next(when="after")
    builder.run()
    assert "unknown" in builder.said.value


def test_an_answer_that_is_no_json_is_shown_as_it_came() -> None:
    answer = Route("/graphql", lambda request: PlainTextResponse("Bad Gateway", 502), methods=["POST"])
    proxy = Starlette(routes=[answer])
    proxy.state.credentials = {"guest": "token"}
    with Server(proxy) as server:
        builder = query_builder(server)
        builder.run()
    assert "Bad Gateway" in builder.answered.value


def test_says_that_rest_could_not_be_measured(events: Server, builder: QueryBuilder) -> None:
    builder.buttons[0].click()
    events.faults.answer_next(503)
    events.faults.answer_next(503)
    builder.buttons[0].click()
    assert "REST is not measured: GET /api/v1/events/abc123 was answered with 503." in builder.said.value


def test_says_that_nothing_answers(events: Server, builder: QueryBuilder) -> None:
    events.close()
    builder.buttons[1].click()
    assert 'role="alert"' in builder.said.value
    assert builder.costs == {}


def test_the_python_beside_it_does_the_same(events: Server, builder: QueryBuilder) -> None:
    builder.fields.chosen = ["speakers.name"]
    assert builder.exchange is not None
    code = unescape(builder.python.value.partition("<pre>")[2].partition("</pre>")[0])
    names: dict[str, Any] = {"requests": requests, "backend": events, "query": builder.query}
    exec(code, names)
    assert events.last.request.json() == builder.exchange.request.json()
    assert events.last.request.fields.get("Authorization") == builder.exchange.request.fields.get("Authorization")
    assert events.credentials["guest"] not in builder.python.value


def test_a_cost_that_no_answer_tells_is_unknown() -> None:
    told, untold = exchange(answer_fields=((FIELD, "4"),)), exchange()
    assert cost_of([told, told]).statements == 8
    assert cost_of([told, untold]).statements is None
    assert cost_of([exchange(status=None)]).statements is None
    assert cost_of([]) == Cost(0, 0, 0, 0)


def test_its_text_is_stable(builder: QueryBuilder) -> None:
    text = f"Query builder for {builder.server.url}: use requests.post(…, json={{'query': …}}) from Python"
    assert builder._repr_mimebundle_()["text/plain"] == text
