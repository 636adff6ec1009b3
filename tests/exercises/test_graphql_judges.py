"""The judges of the GraphQL exercises read answers of any shape, from a service that a learner wrote or a learner asked
oddly, and none of it makes them raise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from course_support.evidence import Evidence, Failure
from course_support.exercises.graphql import EXERCISES
from course_support.wire import Exchange, Fields, Message, Request, Response
from tests.exercises import solutions
from tests.exercises.answers import ANSWERS
from tests.exercises.test_judges import evidence_of, judge, nested

NAMES = [exercise.name for exercise in EXERCISES]
PARTS: tuple[Any, ...] = (None, [], {}, "text", 0, [None], {"event": []}, {"event": {"attendees": []}}, {"talks": 3})
ERRORS: tuple[Any, ...] = (
    [], "no list", [None], [{}], [{"message": None, "path": 3, "extensions": []}],
    [{"message": "Syntax Error", "locations": [{"line": "1"}], "extensions": {"code": 7}}],
    [{"message": "m" * 10_000, "path": ["event", 99, {}], "extensions": {"code": "BAD_USER_INPUT"}}],
    [{"path": ["event", "speakers", 0, "photo"]}],
)  # fmt: skip
DATA: tuple[Any, ...] = (
    *PARTS,
    {"event": {"attendees": {"nodes": "none", "pageInfo": [], "edges": None}}},
    {"event": {"attendees": {"nodes": [], "pageInfo": {"hasNextPage": 1}}}},
    {"event": {"speakers": None, "name": [1]}},
    {"registerAttendee": {"attendee": [], "userErrors": {"code": 1}}},
    {"talks": [None, 1, {"speaker": "Ann"}]},
    {"talks": [{"title": "Talk 0", "speaker": [{"name": "Ann"}]}] * 7},
    {"talks": nested(900)},
)
BODIES = (
    b"", b"null", b"[]", b"7", b'"text"', b"{", b"\xff", b'{"query": 3}', b'{"query": null, "variables": []}',
    b'{"variables": {"id": {"a": [1]}}, "query": "mutation {"}', b"x" * 100_000, json.dumps(nested(900)).encode(),
)  # fmt: skip
TARGETS = ("/graphql", "/graphql?query=%7B", "/graphql?variables=%7B&query", "/graphql?variables=[[", "/graphql?%FF=%")


def responses() -> Iterator[Response | None]:
    yield None
    yield Response(500, "", Fields(), b"Internal Server Error")
    yield Response(405, "Method Not Allowed", Fields(), b'{"detail": ["list"]}')
    for status, members in ((200, DATA), (400, PARTS)):
        for data in members:
            yield Response(status, "OK", Fields(), json.dumps({"data": data}).encode())
    for errors in ERRORS:
        for content in (
            {"errors": errors},
            {"errors": errors, "data": None},
            {"errors": errors, "data": {"event": {}}},
        ):
            yield Response(200, "OK", Fields(), json.dumps(content).encode())


def requests() -> Iterator[Request]:
    for body in BODIES:
        yield Request("POST", "/graphql", Fields.of(Content_Type="application/json"), body)
    for target in TARGETS:
        yield Request("GET", target)


def of_everybody(name: str) -> Iterator[Evidence]:
    yield from evidence_of(name, solutions.solution(name))
    for wrong in [wrong for wrong in ANSWERS[name].wrongs if "requests and went on" not in wrong.cause][:2]:
        yield from evidence_of(name, wrong.answer)


def odd(exchange: Exchange) -> Iterator[Exchange]:
    for response in responses():
        yield replace(exchange, response=response)
    for request in requests():
        yield replace(exchange, request=request)


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_and_no_request_of_the_learner_makes_a_judge_raise(name: str) -> None:
    for evidence in of_everybody(name):
        exchanges = evidence.exchanges[:3]
        for index, exchange in enumerate(exchanges):
            for one in odd(exchange):
                changed = replace(evidence, exchanges=(*exchanges[:index], one, *exchanges[index + 1 :]))
                judge(name, changed)
                judge(name, replace(changed, value=None, failure=Failure("TypeError")))
                judge(name, replace(changed, exchanges=(one,)))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_seen_afterwards_makes_a_judge_raise(name: str) -> None:
    for evidence in of_everybody(name):
        for count in range(1, len(evidence.afterwards) + 1):
            before, exchange = evidence.afterwards[: count - 1], evidence.afterwards[count - 1]
            for one in odd(exchange):
                judge(name, replace(evidence, afterwards=(*before, one)))
                judge(name, replace(evidence, afterwards=(*before, one, *evidence.afterwards[count:])))


SAID = (b"", b"null", b"[]", b'{"type": []}', b'{"type": "next"}', b'{"type": "next", "payload": [1]}',
    b'{"type": "next", "payload": {"data": {"attendeeCount": [1]}}}', b'{"type": "next", "payload": {"data": [1]}}',
    b'{"type": "error"}', b'{"type": "error", "payload": "no"}', b'{"type": "complete", "id": {}}',
    b'{"type": "subscribe", "id": []}', b"\xff")  # fmt: skip


@pytest.mark.parametrize("name", ["graphql.follow", "graphql.predict_close"])
def test_nothing_said_on_a_websocket_makes_a_judge_raise(name: str) -> None:
    messages = [Message(sender, "text", said) for said in SAID for sender in ("client", "server")]
    messages += [Message(sender, "close", said) for said in (b"", b"\x00", b"\x11\x2c", b"\x03\xe8", b"\x11\x37\xff")
                 for sender in ("client", "server")]  # fmt: skip
    for evidence in of_everybody(name):
        for field in ("exchanges", "afterwards"):
            for index, exchange in enumerate(getattr(evidence, field)):
                all_said = (exchange.messages, (), *((*exchange.messages, one) for one in messages), tuple(messages))
                for said in (*all_said, *((one, *exchange.messages) for one in messages)):
                    others = list(getattr(evidence, field))
                    others[index] = replace(exchange, messages=said)
                    changed = replace(evidence, **{field: tuple(others)})
                    judge(name, changed)
                    judge(name, replace(changed, value=None, failure=Failure("KeyError")))


def test_who_asks_for_the_schema_and_then_another_address_has_asked_for_no_event() -> None:
    name = "graphql.phone_view"
    (evidence,) = evidence_of(name, solutions.solution(name))
    id = evidence.arguments["event"]
    schema = json.dumps({"query": "{ __schema { queryType { name } } }", "variables": {"id": id}}).encode()
    answer = Response(200, "OK", Fields(), b'{"data": {"__schema": {"queryType": {"name": "Query"}}}}')
    query = replace(evidence.exchanges[0], request=Request("POST", "/graphql", Fields(), schema), response=answer)
    other = replace(query, request=Request("GET", f"/api/v1/events/{id}"))
    for exchanges in ((query,), (query, other)):
        assert "asked for no event" in judge(name, replace(evidence, exchanges=exchanges)).cause


def test_a_served_application_that_answers_half_of_the_queries_does_not_pass() -> None:
    name = "graphql.speaker_service"
    for evidence in evidence_of(name, solutions.solution(name)):
        assert judge(name, evidence).passed
        assert not judge(name, replace(evidence, afterwards=evidence.afterwards[:1])).passed
        assert not judge(name, replace(evidence, afterwards=())).passed
        fewer = b'{"data": {"talks": []}}'
        assert not judge(name, replace(evidence, afterwards=_answering(evidence.afterwards, fewer))).passed


def _answering(exchanges: tuple[Exchange, ...], body: bytes) -> tuple[Exchange, ...]:
    return tuple(replace(exchange, response=Response(200, "OK", Fields(), body)) for exchange in exchanges)
