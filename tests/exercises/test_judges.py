"""A judge never raises, whatever was returned and whatever went over the wire, and no constant gets past it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from course_support.evidence import MAX_REQUESTS, Evidence, Failure
from course_support.exercises import all_exercises
from course_support.server import Server
from course_support.trial import Outcome, Trial
from course_support.verdict import MAX_ANSWER, PASSED, Verdict
from course_support.wire import Exchange, Fields, Response
from tests.exercises import solutions
from tests.exercises.answers import ANSWERS
from tests.exercises.answers.answer import Function
from tests.exercises.conftest import Examine

NAMES = list(all_exercises())


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


PLAIN = (None, True, False, 0, -1, 204, 1.5, 1e308, 10**400, "", "text", "half a \ud800 character", "<b>&amp;`*`")
SHAPES: tuple[Any, ...] = (
    *PLAIN,
    [], [[]], [None], [{}], [1, 2], ["a", None], {}, {"": None}, {"id": []}, {"name": {"name": "n"}}, {"\ud800": 1},
    nested(50), nested(3000), {"description": nested(3000)}, "x" * MAX_ANSWER,
)  # fmt: skip
GARBLED = (
    Response(200, "OK", Fields(), b"", complete=False),
    Response(200, "OK", Fields.of(Link="<>; rel=next, <", ETag="", Location="//["), b"[1, {"),
    Response(201, "", Fields.of(Location="%"), b'{"playlists": [], "errors": 3}'),
    Response(401, "Unauthorized", Fields(), b"\xff\xfe"),
    Response(404, "Not Found", Fields(), b"null"),
    Response(415, "", Fields(), b'"text"'),
    Response(422, "Unprocessable Content", Fields(), b'{"detail": 7}'),
    Response(503, "", Fields.of(Retry_After="0"), b""),
)


ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"{}>{}</s:Envelope>'
RESPONSE = '<GetPatientRecordResponse xmlns="http://hospital.example/patient-service">{}</GetPatientRecordResponse>'
SECURITY = "<s:Header><Security><UsernameToken/><Password>{}</Password><Nonce>=</Nonce></Security></s:Header>"
GARBAGE = (
    b"", b"\0", b"\xff\xfe<\0", b"<", b"<a/>", b"[1, {", b"null", b"text", b"\x1f\x8b\x08 gzip",
    *(
        text.encode()
        for text in (
            '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d SYSTEM "file:///etc/passwd">]><a>&b;&d;</a>',
            "<?pi?><!-- comment --><Fault/><!-- more -->",
            "<a>" * 3000,
            "<a>" * 200 + "</a>" * 200,
            *(ENVELOPE.format("", it) for it in ("", "text", "<s:Body/>", "<s:Body/><s:Body/>", "<Body><a/></Body>")),
            *(
                ENVELOPE.format("", f"{SECURITY}<s:Body><!-- a comment -->{inside}</s:Body>")
                for inside in (
                    "<Fault/>", "<s:Fault/>", "<s:Fault><faultcode/><detail/></s:Fault>", "<a xmlns=''><?pi?>&lt;</a>",
                    "<s:Fault><faultcode>:</faultcode><detail><!-- nothing --></detail></s:Fault>",
                    "<s:Fault><faultcode>wsse:FailedAuthentication</faultcode></s:Fault>",
                    "<s:Fault><faultcode>wsse:InvalidSecurity</faultcode><faultstring/></s:Fault>",
                    "<PatientID/>", RESPONSE.format(""), RESPONSE.format("<PatientRecord/>"),
                )
            ),
        )
    ),
    ENVELOPE.format(' a="é"', "<s:Body><ü/></s:Body>").encode("utf-16"),
    b'<?xml version="1.0" encoding="latin-1"?>' + ENVELOPE.format(' a="\xe9"', "<s:Body/>").encode("latin-1"),
    b'<?xml version="1.0" encoding="no-such"?><a/>',
)  # fmt: skip
GARBLED_XML = tuple(
    Response(status, "", Fields.of(Content_Type="text/xml"), body) for body in GARBAGE for status in (200, 500)
)


@cache
def evidence_of(name: str, answer: Function) -> list[Evidence]:
    """What each scene of an exercise gathers, where the scenes go on whatever the answer is worth."""
    gathered: list[Evidence] = []

    def gather(evidence: Evidence) -> Verdict:
        gathered.append(evidence)
        return PASSED

    exercise = replace(all_exercises()[name], judge=gather)
    trial = Trial(exercise, exercise.scenes(random.Random(f"fuzz {name}")))
    verdict = None
    while not verdict:
        arguments = trial.open()
        with _served(answer, arguments) if trial.serves else nullcontext(_outcome(answer, arguments)) as outcome:
            verdict = trial.answer(outcome)
        if verdict and not verdict.passed:
            return gathered
    return gathered


def _outcome(answer: Function, arguments: list[Any]) -> Outcome:
    try:
        return Outcome(json.loads(json.dumps(answer(*arguments))))
    except Exception:
        return Outcome()


@contextmanager
def _served(answer: Function, arguments: list[Any]) -> Iterator[Outcome]:
    application = answer(*arguments)
    if not callable(application):
        yield Outcome(application)
        return
    with Server(application) as server:
        yield Outcome(serving=server.url)


def all_evidence(name: str) -> Iterator[Evidence]:
    """Of the solution, of a function that does nothing but return, and of some wrong answers."""
    wrongs = [wrong.answer for wrong in ANSWERS[name].wrongs if "requests and went on" not in wrong.cause]
    for answer in (solutions.solution(name), _returns_zero, *wrongs[:5]):
        yield from evidence_of(name, answer)


def _returns_zero(*arguments: object) -> int:
    return 0


def judge(name: str, evidence: Evidence) -> Verdict:
    """The verdict, after a journey over the wire and onto a page."""
    verdict = all_exercises()[name].verdict(evidence)
    assert verdict.outcome in ("passed", "wrong", "not attempted", "crashed")
    json.dumps(verdict.to_json(), ensure_ascii=False).encode()
    assert len(verdict.cause) < 400
    assert len(verdict.seen) < 600
    return verdict


@pytest.mark.parametrize("name", NAMES)
def test_no_value_makes_a_judge_raise(name: str) -> None:
    for evidence in all_evidence(name):
        for value in SHAPES:
            judge(name, replace(evidence, value=value))


@pytest.mark.parametrize("name", NAMES)
def test_no_member_makes_a_judge_raise(name: str) -> None:
    for evidence in evidence_of(name, solutions.solution(name)):
        if isinstance(evidence.value, dict):
            for member in evidence.value:
                less = {key: value for key, value in evidence.value.items() if key != member}
                assert not judge(name, replace(evidence, value=less)).passed
                for value in SHAPES:
                    judge(name, replace(evidence, value=evidence.value | {member: value}))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_on_the_wire_makes_a_judge_raise(name: str) -> None:
    for evidence in all_evidence(name):
        exchanges = evidence.exchanges[:12]
        for index, exchange in enumerate(exchanges):
            judge(name, replace(evidence, exchanges=exchanges[:index]))
            for response in (None, *GARBLED):
                garbled = (*exchanges[:index], replace(exchange, response=response), *exchanges[index + 1 :])
                judge(name, replace(evidence, exchanges=garbled))
                judge(name, replace(evidence, exchanges=garbled[: index + 1], value=None, failure=Failure("KeyError")))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_the_service_shows_afterwards_makes_a_judge_raise(name: str) -> None:
    for evidence in all_evidence(name):
        for response in (None, *GARBLED):
            judge(name, replace(evidence, afterwards=tuple(replace(e, response=response) for e in evidence.afterwards)))


@pytest.mark.parametrize("name", NAMES)
def test_no_garbage_on_the_wire_makes_a_judge_raise(name: str) -> None:
    for evidence in evidence_of(name, solutions.solution(name))[:2]:
        for index, exchange in enumerate(evidence.exchanges[:3]):
            before = evidence.exchanges[:index]
            sent = (replace(exchange, request=replace(exchange.request, body=body)) for body in GARBAGE)
            got = (replace(exchange, response=response) for response in GARBLED_XML)
            for garbled in (*sent, *got):
                judge(name, replace(evidence, exchanges=(*before, garbled)))
                judge(name, replace(evidence, exchanges=(*before, garbled), failure=Failure("KeyError")))
        for response in GARBLED_XML:
            for index in range(len(evidence.afterwards)):
                garbled = replace(evidence.afterwards[index], response=response)
                afterwards = (*evidence.afterwards[:index], garbled, *evidence.afterwards[index + 1 :])
                assert not evidence.serves or not judge(name, replace(evidence, afterwards=afterwards)).passed


@pytest.mark.parametrize("name", NAMES)
def test_no_constant_passes_without_a_request(name: str, examine: Examine) -> None:
    for value in (0, 200, 204, 412, True, False, "", [], {}, *_values(name)):
        for seed in (11, 12):
            assert not examine(name, _constant(json.dumps(value)), seed).verdict.passed


@pytest.mark.parametrize("name", [name for name in NAMES if name != "rest.add_note"])  # nothing is asked of its value
def test_no_constant_passes_with_the_right_requests(name: str, examine: Examine) -> None:
    for value in _values(name):
        assert not examine(name, _constant(json.dumps(value), name), 12).verdict.passed


def _values(name: str) -> list[Any]:
    """What the solution returns in each scene of some check."""
    return [evidence.value for evidence in evidence_of(name, solutions.solution(name))]


@cache
def _constant(value: str, name: str | None = None) -> Function:
    def answer(*arguments: object) -> Any:
        if name:
            solutions.solution(name)(*arguments)
        return json.loads(value)

    return answer


@pytest.mark.parametrize("name", NAMES)
def test_a_loop_without_an_end_is_told_so(name: str) -> None:
    evidence = evidence_of(name, solutions.solution(name))[0]
    exchange = next(e for other in all_evidence("rest.list_names") for e in other.exchanges)
    verdict = judge(name, replace(evidence, exchanges=(exchange,) * (MAX_REQUESTS + 1)))
    assert f"{MAX_REQUESTS} requests and went on" in verdict.cause
    assert isinstance(verdict.exchange, Exchange)
