from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from course_support.evidence import MAX_REQUESTS, URL, Evidence, Failure, first_of, same
from course_support.exercise import Client, Exercise
from course_support.server import Server
from course_support.verdict import PASSED, Verdict, wrong
from course_support.wire import Message
from tests.factories import exchange, message, websocket
from tests.wiretap import Probe

JUDGED = wrong("the judge's own words")
EXERCISE = Exercise("lesson.exercise", "", 1, (), lambda draw: [], lambda evidence: JUDGED)


def cause_of(evidence: Evidence) -> str:
    verdict = EXERCISE.verdict(evidence)
    assert verdict.outcome == ("crashed" if evidence.failure else "wrong")
    return verdict.cause


class TestNotAttempted:
    def test_the_stub(self) -> None:
        assert EXERCISE.verdict(Evidence(failure=Failure("NotImplementedError"))) == Verdict("not attempted")

    def test_a_stub_that_sends_before_it_ends(self) -> None:
        evidence = Evidence(failure=Failure("NotImplementedError"), exchanges=(exchange(),))
        assert EXERCISE.verdict(evidence).outcome == "not attempted"

    def test_nothing_returned_and_nothing_sent_is_told_apart_from_the_stub(self) -> None:
        verdict = EXERCISE.verdict(Evidence())
        assert verdict.outcome == "not attempted"
        assert "return" in verdict.next_step

    @pytest.mark.parametrize(
        "evidence",
        [Evidence(value=0), Evidence(value=""), Evidence(exchanges=(exchange(),))],
        ids=["zero", "empty-text", "sent-something"],
    )
    def test_whatever_else_is_an_attempt(self, evidence: Evidence) -> None:
        assert EXERCISE.verdict(evidence) is JUDGED


class TestCrashed:
    def test_names_the_error_the_line_and_its_source(self) -> None:
        failure = Failure("KeyError", "'playlists'", 3, 'names = answer["playlists"]')
        verdict = EXERCISE.verdict(Evidence(failure=failure, exchanges=(exchange(number=1), exchange(number=2))))
        assert verdict.outcome == "crashed"
        assert verdict.cause == 'Your function raised KeyError in line 3, `names = answer["playlists"]`.'
        assert verdict.seen == "KeyError: 'playlists'"
        assert verdict.exchange
        assert verdict.exchange.number == 2
        assert verdict.next_step

    def test_without_a_line_of_the_learners(self) -> None:
        evidence = Evidence(failure=Failure("ZeroDivisionError"), exchanges=(exchange(),))
        assert cause_of(evidence) == "Your function raised ZeroDivisionError."

    def test_without_source(self) -> None:
        evidence = Evidence(failure=Failure("ZeroDivisionError", line=4), exchanges=(exchange(),))
        assert cause_of(evidence) == "Your function raised ZeroDivisionError in line 4."

    def test_says_what_the_service_had_answered(self) -> None:
        evidence = Evidence(failure=Failure("KeyError"), exchanges=(exchange(status=401),))
        assert cause_of(evidence) == "Your function raised KeyError after the service had answered 401 Unauthorized."

    def test_says_that_the_line_broke(self) -> None:
        evidence = Evidence(failure=Failure("ConnectionError"), exchanges=(exchange(status=None),))
        assert cause_of(evidence) == "Your function raised ConnectionError after a request that got no answer."

    def test_says_that_nothing_got_to_the_service(self) -> None:
        evidence = Evidence({"url": URL}, failure=Failure("NameError"))
        assert cause_of(evidence) == "Your function raised NameError before anything reached the service."
        assert "`url`" in EXERCISE.verdict(evidence).next_step

    def test_names_no_service_where_there_is_none(self) -> None:
        evidence = Evidence({"key": "a"}, failure=Failure("NameError"))
        assert cause_of(evidence) == "Your function raised NameError."
        assert "`url`" not in EXERCISE.verdict(evidence).next_step

    def test_an_interrupt_is_no_mistake(self) -> None:
        evidence = Evidence(failure=Failure("KeyboardInterrupt", line=2, source="while True:"), exchanges=(exchange(),))
        assert cause_of(evidence) == "Your function was interrupted in line 2, `while True:`."

    def test_the_next_step_differs_with_what_had_happened(self) -> None:
        talk = exchange(status=101, messages=(Message("server", "text", b"hello"),))
        cases = [
            Evidence(failure=Failure("KeyboardInterrupt"), exchanges=(exchange(),)),
            Evidence(failure=Failure("TypeError")),
            Evidence(failure=Failure("TypeError", line=1)),
            Evidence(failure=Failure("KeyError"), exchanges=(exchange(status=None),)),
            Evidence(failure=Failure("KeyError"), exchanges=(exchange(status=500),)),
            Evidence(failure=Failure("KeyError"), exchanges=(exchange(),)),
            Evidence(failure=Failure("WebSocketTimeoutException"), exchanges=(talk,)),
            Evidence(failure=Failure("ConnectionClosedError"), exchanges=(talk,)),
        ]
        assert len({EXERCISE.verdict(evidence).next_step for evidence in cases}) == len(cases)

    @pytest.mark.parametrize("kind", ["WebSocketConnectionClosedException", "BrokenPipeError", "ConnectionResetError"])
    def test_a_connection_that_has_ended_is_told_whoever_tells_of_it(self, kind: str) -> None:
        talk = exchange(status=101, messages=(Message("server", "text", b"hello"),))
        verdict = EXERCISE.verdict(Evidence(failure=Failure(kind, line=1), exchanges=(talk,)))
        assert "The connection had ended by then; the exchange shows how." in verdict.next_step


class TestEarly:
    """What an exercise knows of its own about crashes is asked before them, and after what was not attempted."""

    def verdict(self, evidence: Evidence) -> Verdict:
        return replace(EXERCISE, early=(lambda evidence: wrong("Early."),)).verdict(evidence)

    @pytest.mark.parametrize("kind", ["KeyError", "KeyboardInterrupt"])
    def test_comes_before_a_crash(self, kind: str) -> None:
        assert self.verdict(Evidence(failure=Failure(kind))).cause == "Early."

    def test_comes_before_the_judge(self) -> None:
        assert self.verdict(Evidence(value=1)).cause == "Early."

    def test_comes_after_the_stub(self) -> None:
        assert self.verdict(Evidence(failure=Failure("NotImplementedError"))).outcome == "not attempted"

    def test_that_holds_leaves_the_crash(self) -> None:
        exercise = replace(EXERCISE, early=(lambda evidence: None,))
        assert exercise.verdict(Evidence(failure=Failure("KeyError"))).outcome == "crashed"


class TestCrashedOnARefusal:
    """An error that came of a refused request is told by the refusal, if the judge has something to say of it."""

    def verdict(self, status: int, judge: Any, kind: str = "KeyError") -> Verdict:
        exchanges = (exchange(number=1), exchange(status=status, number=2))
        return replace(EXERCISE, judge=judge).verdict(Evidence(failure=Failure(kind), exchanges=exchanges))

    def blames_the_last(self, evidence: Evidence) -> Verdict:
        return wrong("You sent no token.", evidence.last, next_step="Send it.")

    @pytest.mark.parametrize("status", [400, 401, 404, 405, 406, 415, 422, 426])
    def test_is_what_the_judge_says_of_the_refusal(self, status: int) -> None:
        verdict = self.verdict(status, self.blames_the_last)
        assert (verdict.outcome, verdict.next_step) == ("wrong", "Send it.")
        assert verdict.cause == "You sent no token; that caused the KeyError."

    @pytest.mark.parametrize("status", [200, 304, 403, 412, 429, 503])
    def test_is_the_error_after_any_other_answer(self, status: int) -> None:
        assert self.verdict(status, self.blames_the_last).outcome == "crashed"

    @pytest.mark.parametrize(
        ("body", "outcome"),
        [(b'{"errors": [{"message": "no"}]}', "wrong"), (b'{"processed": 2, "created": 1, "errors": [{}]}', "crashed")],
    )
    def test_errors_in_content_refuse_but_for_those_of_items(self, body: bytes, outcome: str) -> None:
        evidence = Evidence(failure=Failure("KeyError"), exchanges=(exchange(answer=body),))
        assert replace(EXERCISE, judge=self.blames_the_last).verdict(evidence).outcome == outcome

    @pytest.mark.parametrize(
        ("code", "outcome"), [(1008, "wrong"), (1009, "wrong"), (4403, "wrong"), (1000, "crashed"), (1013, "crashed")]
    )
    def test_a_close_code_may_be_a_refusal_too(self, code: int, outcome: str) -> None:
        closed = websocket(message("server", code.to_bytes(2, "big"), "close"))
        evidence = Evidence(failure=Failure("JSONDecodeError"), exchanges=(closed,))
        assert replace(EXERCISE, judge=self.blames_the_last).verdict(evidence).outcome == outcome

    @pytest.mark.parametrize(
        "judge",
        [
            lambda evidence: PASSED,
            lambda evidence: wrong("An earlier one was wrong.", evidence.exchanges[0]),
            lambda evidence: wrong("Nothing to show."),
            lambda evidence: wrong("That is not the value.", evidence.last, seen=repr(evidence.value)),
        ],
        ids=["passes", "blames-another-exchange", "blames-none", "blames-the-value-that-never-was"],
    )
    def test_is_the_error_where_the_judge_speaks_of_something_else(self, judge: Any) -> None:
        assert self.verdict(401, judge).outcome == "crashed"

    def test_is_an_interrupt_where_it_was_one(self) -> None:
        assert self.verdict(401, self.blames_the_last, "KeyboardInterrupt").outcome == "crashed"


class TestEndless:
    def evidence(self, count: int, **more: Any) -> Evidence:
        return Evidence(value=1, exchanges=tuple(exchange(number=n + 1, **more) for n in range(count)))

    def test_as_many_requests_as_are_allowed_are_judged(self) -> None:
        assert EXERCISE.verdict(self.evidence(MAX_REQUESTS)) is JUDGED

    def test_shows_the_last_exchange_that_was_answered(self) -> None:
        evidence = self.evidence(MAX_REQUESTS)
        evidence = replace(evidence, exchanges=(*evidence.exchanges, exchange(status=None, number=999)))
        verdict = EXERCISE.verdict(evidence)
        assert f"{MAX_REQUESTS} requests and went on" in verdict.cause
        assert verdict.exchange == evidence.exchanges[-2]

    def test_comes_before_the_crash_that_it_ended_in(self) -> None:
        evidence = replace(self.evidence(MAX_REQUESTS + 1), failure=Failure("ConnectionError"))
        assert "and went on" in EXERCISE.verdict(evidence).cause

    def test_tells_a_loop_that_gets_the_same_answer_from_one_that_misses_the_end(self) -> None:
        same_answer = EXERCISE.verdict(self.evidence(MAX_REQUESTS + 1, answer="same"))
        exchanges = tuple(exchange(number=n, answer=str(n)) for n in range(MAX_REQUESTS + 1))
        other_answers = EXERCISE.verdict(Evidence(value=1, exchanges=exchanges))
        assert "the same answer" in same_answer.seen
        assert "the same answer" not in other_answers.seen
        assert same_answer.next_step != other_answers.next_step


def test_a_value_that_is_no_json_is_wrong_before_it_is_judged() -> None:
    verdict = EXERCISE.verdict(Evidence(unusable="Response: <Response [200]>", exchanges=(exchange(),)))
    assert verdict.outcome == "wrong"
    assert "plain data" in verdict.cause
    assert verdict.seen == "Response: <Response [200]>"
    assert "`response.json()`" in verdict.next_step


def test_bytes_are_told_how_to_become_text() -> None:
    assert "`.decode()`" in EXERCISE.verdict(Evidence(unusable="bytes: b'text'")).next_step


class TestFirstOf:
    def test_passes_where_every_rule_holds(self) -> None:
        assert first_of(Evidence(), lambda evidence: None) is PASSED

    def test_is_the_first_rule_that_fails_and_asks_no_further(self) -> None:
        def builds_on_the_one_before(evidence: Evidence) -> Verdict:
            raise AssertionError("asked although a rule before it had failed")

        assert first_of(Evidence(), lambda evidence: None, lambda evidence: JUDGED, builds_on_the_one_before) is JUDGED


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        ([True], [1], False),
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        (None, False, False),
        ("1", 1, False),
        ({}, [], False),
        (float("nan"), float("nan"), False),
    ],
)
def test_same_is_equality_as_json_has_it(left: Any, right: Any, equal: bool) -> None:
    assert same(left, right) is equal
    assert same(right, left) is equal


def test_evidence_finds_what_was_sent() -> None:
    one, two = exchange("GET", "/a?limit=1", number=1), exchange("DELETE", "/a", number=2)
    evidence = Evidence(exchanges=(one, two))
    assert evidence.sent("GET") == (one,)
    assert evidence.sent("GET", "/a") == (one,)
    assert evidence.sent("GET", "/b") == ()
    assert evidence.last is two
    assert Evidence().last is None


def test_the_examiners_client_sends_what_it_is_told(server: Server, probe: Probe, monkeypatch: Any) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    client = Client(server.url)
    try:
        response = client.send("POST", "/echo?x=1", "secret", {"a": None}, If_Match='"tag"')
    finally:
        client.close()
    request = server.last.request
    assert response.json() == {"a": None}
    assert (request.method, request.target) == ("POST", "/echo?x=1")
    assert request.fields.get("Authorization") == "Bearer secret"
    assert request.fields.get("If-Match") == '"tag"'


@pytest.mark.parametrize("status", [200, 307])
def test_the_examiners_client_follows_nobody_and_unpacks_nothing(status: int) -> None:
    packed = gzip.compress(bytes(10**6))
    answer = Response(packed, status, {"Content-Encoding": "gzip", "Location": "/elsewhere"})
    with Server(Starlette(routes=[Route("/", lambda request: answer, methods=["POST"])])) as server:
        client = Client(server.url)
        response = client.send("POST", "/")
        client.close()
        assert (response.status_code, response.content) == (status, packed)
        assert len(server.traffic) == 1
