"""The rules that judges share, one by one, on evidence made by hand."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.evidence import Evidence
from course_support.exercises import rules
from course_support.server import Server
from course_support.verdict import Verdict
from course_support.wire import Exchange
from tests.factories import exchange


def evidence(*exchanges: Exchange, value: Any = None) -> Evidence:
    return Evidence(value=value, exchanges=exchanges)


def authorized(field: str) -> Exchange:
    return exchange(fields=(("authorization", field),), status=401)


def verdict(found: Verdict | None) -> Verdict:
    assert found
    return found


def test_sent_nothing() -> None:
    assert verdict(rules.sent_nothing(evidence())).cause.startswith("No request of yours reached the service")
    assert rules.sent_nothing(evidence(exchange())) is None


class TestNotLetIn:
    @pytest.mark.parametrize(
        ("field", "cause", "seen", "step"),
        [
            ("0a1b2c", "does not begin with the scheme Bearer", "one word, and no scheme", "WWW-Authenticate"),
            ("Basic 0a1b2c", "does not begin with the scheme Bearer", "Authorization: Basic …", "WWW-Authenticate"),
            ("bearer 0a1b2c", "does not know the token", "another token", "Send the token"),
            ("Bearer {token}", "does not know the token", "another token", "begin with f"),
        ],
    )
    def test_says_what_is_wrong_with_the_field(self, field: str, cause: str, seen: str, step: str) -> None:
        found = verdict(rules.not_let_in(evidence(authorized(field))))
        assert cause in found.cause
        assert seen in found.seen
        assert step in found.next_step
        assert "0a1b2c" not in f"{found.cause}{found.expected}{found.seen}{found.next_step}", "a token is a secret"

    def test_says_that_there_is_none(self) -> None:
        found = verdict(rules.not_let_in(evidence(exchange(status=401))))
        assert found.seen == "no Authorization field"

    def test_shows_the_request_that_was_refused(self) -> None:
        good, bad = exchange(number=1), exchange("PUT", status=401, number=2)
        assert verdict(rules.not_let_in(evidence(good, bad, good))).exchange is bad

    def test_forgives_one_that_was_let_in_after_all(self) -> None:
        assert rules.not_let_in(evidence(exchange(status=401, number=1), exchange(number=2))) is None


class TestUnmended:
    def test_is_the_first_that_was_not_tried_again_with_another_outcome(self) -> None:
        first = exchange(status=415, number=1)
        again = exchange(status=415, number=2)
        assert rules.unmended(evidence(first, again), 415) is first
        assert rules.unmended(evidence(first, again, exchange(number=3)), 415) is None

    @pytest.mark.parametrize(
        "other",
        [exchange("PUT", number=2), exchange(target="/elsewhere", number=2), exchange(status=None, number=2)],
        ids=["another-method", "another-target", "no-answer"],
    )
    def test_is_not_mended_by_something_else(self, other: Exchange) -> None:
        refused = exchange(status=415, number=1)
        assert rules.unmended(evidence(refused, other), 415) is refused

    def test_is_not_mended_by_what_came_before(self) -> None:
        refused = exchange(status=415, number=2)
        assert rules.unmended(evidence(exchange(number=1), refused), 415) is refused


def test_not_found_looks_at_where_it_ended() -> None:
    missed = exchange(target="/nowhere", status=404)
    assert verdict(rules.not_found(evidence(exchange(), missed))).seen == "/nowhere"
    assert rules.not_found(evidence(missed, exchange())) is None
    assert rules.not_found(evidence()) is None


@pytest.mark.parametrize(
    ("method", "field", "step"), [("POST", "Accept", "`json=`"), ("PATCH", "Accept-Patch", "media type of its own")]
)
def test_a_wrong_media_type_is_told_with_the_one_that_the_service_names(method: str, field: str, step: str) -> None:
    refused = exchange(method, fields=(("content-type", "text/plain"),), status=415, answer_fields=((field, "a/b"),))
    found = verdict(rules.wrong_media_type(evidence(refused)))
    assert (found.expected, found.seen) == ("Content-Type: a/b", "Content-Type: text/plain")
    assert step in found.next_step


def test_a_refusal_that_no_rule_knows_is_told_in_the_services_own_words() -> None:
    refusal = exchange(status=409, answer='{"detail": "Not today."}')
    found = verdict(rules.refused(evidence(refusal)))
    assert found.cause == "The service refused your last request with 409 Conflict."
    assert found.seen == "Not today."
    assert rules.refused(evidence(refusal, exchange())) is None
    assert rules.refused(evidence(exchange(status=None))) is None


@pytest.mark.parametrize(("statuses", "cause"), [((), "no playlist"), ((201, 422, 201), "2 playlists instead of one")])
def test_one_creation_is_asked_for(statuses: tuple[int, ...], cause: str) -> None:
    exchanges = [exchange("POST", status=status) for status in statuses]
    assert cause in verdict(rules.not_one_created(evidence(*exchanges))).cause
    assert rules.not_one_created(evidence(exchange(status=201))) is None


@pytest.mark.parametrize(
    ("value", "kind", "cause"),
    [
        (None, list, "Your function returned nothing (None), where a list is asked for."),
        (True, int, "Your function returned True, where a whole number is asked for."),
        (1, bool, "Your function returned a whole number, where True or False is asked for."),
        (1.0, int, "Your function returned a number, where a whole number is asked for."),
        ({}, str, "Your function returned a dict, where text is asked for."),
        ("", dict, "Your function returned text, where a dict is asked for."),
    ],
)
def test_of_type_names_both_types(value: Any, kind: type, cause: str) -> None:
    found = verdict(rules.of_type(kind, "an example")(evidence(value=value)))
    assert found.cause == cause
    assert (found.expected, found.seen) == ("an example", repr(value))
    assert rules.of_type(type(value), "")(evidence(value=value)) is None


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ([], "Your function returned a list, where a dict is asked for."),
        ({"status": 200}, "Your dict has no member 'name'."),
        ({"status": "200", "name": ""}, "The member 'status' of your dict is text, not a whole number."),
        ({"status": True, "name": ""}, "The member 'status' of your dict is True, not a whole number."),
        ({"status": 1, "name": None}, "The member 'name' of your dict is nothing (None), not text."),
        ({"status": 1, "name": "", "x": 1}, "Your dict has a member 'x' that nobody asked for."),
    ],
)
def test_of_form_names_the_first_odd_member(value: Any, cause: str) -> None:
    rule = rules.of_form({"status": 200, "name": "Mix"})
    assert verdict(rule(evidence(value=value))).cause == cause
    assert rule(evidence(value={"name": "", "status": 0})) is None


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ('</a?cursor=1>; rel="next"', "/a?cursor=1"),
        ('</a?cursor=1>; rel="next", </a>; rel="first"', "/a?cursor=1"),
        ('</a>; rel="first", </a?cursor=1>; rel="next"', "/a?cursor=1"),
        ('</a>; rel="first"', None),
        ("", None),
    ],
)
def test_next_link(field: str, target: str | None) -> None:
    assert rules.next_link(exchange(answer_fields=(("link", field),))) == target
    assert rules.next_link(exchange(status=None)) is None


@pytest.mark.parametrize(("content", "found"), [('{"a": 1}', {"a": 1}), ("[1]", {}), ("{", {}), ("", {})])
def test_json_object(content: str, found: dict[str, Any]) -> None:
    assert rules.json_object(exchange(answer=content)) == found
    assert rules.json_object(exchange(status=None)) == {}


def test_meanwhile_changes_the_data_once_after_the_first_answer_is_made_and_before_it_is_out() -> None:
    state = {"value": "old"}

    async def read(request: Request) -> Response:
        return JSONResponse(state["value"])

    service = Starlette(routes=[Route("/a", read), Route("/b", read)])
    with Server(rules.Meanwhile(service, "/a", lambda: state.update(value=state["value"] + " and new"))) as server:
        answers = [requests.get(server.url + path, timeout=10).json() for path in ("/b", "/a", "/a", "/b")]
    assert answers == ["old", "old", "old and new", "old and new"]
