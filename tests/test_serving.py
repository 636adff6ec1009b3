"""The server's half: what a learner's function returns is served, and the examiner is its client."""

from __future__ import annotations

import gc
import gzip
import json
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from course_support.evidence import Evidence
from course_support.examiner import Examiner
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.feedback import Feedback
from course_support.relay import LARGEST
from course_support.server import Server
from course_support.trial import Outcome, Trial
from course_support.verdict import PASSED, Verdict, wrong
from course_support.worksheet import Worksheet
from tests.echoes import service

FOUND: list[Evidence] = []


def visit(client: Client) -> None:
    client.send("POST", "/shout?times=2", "secret", {"word": "hey"}, Client_Name="examiner")


def scenes(draw: random.Random) -> list[Scene]:
    return [Scene(service(), {"url": URL, "mark": mark}, afterwards=visit, serves=True) for mark in "!?"]


def judge(evidence: Evidence) -> Verdict:
    FOUND.append(evidence)
    answer = evidence.afterwards[0]
    said = answer.response.json() if answer.response else None
    expected = {"said": f"hey{evidence.arguments.get('mark')} " * 2}
    return PASSED if said == expected else wrong("That is no shout.", answer, expected=expected, seen=repr(said))


SHOUT = Exercise("lesson.shout", "Shout", 3, ("Louder.", "LOUDER."), scenes, judge)
App = Callable[[Request], Any]


def served(handle: App) -> Starlette:
    return Starlette(routes=[Route("/shout", handle, methods=["POST"])])


def right(url: str, mark: str) -> Starlette:
    async def shout(request: Request) -> Response:
        word = requests.get(f"{url}/echo", params=await request.json(), timeout=10).json()["word"]
        return JSONResponse({"said": f"{word}{mark} " * int(request.query_params["times"])})

    return served(shout)


@pytest.fixture
def examine() -> Iterator[Callable[[Any], Feedback]]:
    FOUND.clear()
    with Server(Examiner([SHOUT], seed="seed").app) as examiner:
        yield Worksheet("lesson", examiner.url).shout.examine


class TestCheck:
    def test_serves_the_application_and_asks_it(self, examine: Callable[[Any], Feedback]) -> None:
        assert examine(right).verdict.passed
        assert [evidence.arguments["mark"] for evidence in FOUND] == ["!", "?"]

    def test_sees_both_sides_on_the_wire(self, examine: Callable[[Any], Feedback]) -> None:
        examine(right)
        evidence = FOUND[0]
        assert [e.request.target for e in evidence.exchanges] == ["/echo?word=hey"], "what the application asked"
        asked = evidence.afterwards[0].request
        assert (asked.method, asked.target, asked.json()) == ("POST", "/shout?times=2", {"word": "hey"})
        assert (asked.fields.get("Authorization"), asked.fields.get("Client-Name")) == ("Bearer secret", "examiner")

    def test_leaves_no_server_behind(self, examine: Callable[[Any], Feedback]) -> None:
        addresses: list[str] = []

        def noting(url: str, mark: str) -> Starlette:
            async def note(request: Request) -> Response:
                addresses.append(str(request.base_url))
                return JSONResponse({})

            return served(note)

        examine(noting)
        with pytest.raises(requests.ConnectionError):
            requests.get(addresses[0], timeout=10)

    def test_of_a_wrong_answer_shows_the_examiners_exchange(self, examine: Callable[[Any], Feedback]) -> None:
        verdict = examine(lambda url, mark: served(lambda request: JSONResponse({"said": "hush"}))).verdict
        assert verdict.cause == "That is no shout."
        assert verdict.exchange
        assert verdict.exchange.request.path == "/shout"

    @pytest.mark.parametrize("value", [None, {"said": "hey"}, 7])
    def test_of_what_is_no_application(self, examine: Callable[[Any], Feedback], value: Any) -> None:
        verdict = examine(lambda url, mark: value).verdict
        assert verdict.outcome == "wrong"
        assert "ASGI application" in verdict.expected
        assert type(value).__name__ in verdict.seen

    def test_of_an_application_that_raises_names_error_and_line(self, examine: Callable[[Any], Feedback]) -> None:
        async def careless(request: Request) -> Response:
            return JSONResponse({"said": {}["said"]})

        verdict = examine(lambda url, mark: served(careless)).verdict
        assert verdict.outcome == "crashed"
        assert "raised KeyError in line" in verdict.cause
        assert 'JSONResponse({"said": {}["said"]})' in verdict.cause
        assert "POST /shout?times=2" in verdict.cause

    def test_of_a_bare_application_that_raises(self, examine: Callable[[Any], Feedback]) -> None:
        async def careless(scope: Any, receive: Any, send: Any) -> None:
            raise ValueError("no")

        assert "raised ValueError" in examine(lambda url, mark: careless).verdict.cause

    def test_of_a_stub_inside_the_application(self, examine: Callable[[Any], Feedback]) -> None:
        async def stub(request: Request) -> Response:
            raise NotImplementedError

        assert examine(lambda url, mark: served(stub)).verdict.outcome == "not attempted"

    def test_of_a_500_that_the_application_means(self, examine: Callable[[Any], Feedback]) -> None:
        verdict = examine(lambda url, mark: served(lambda request: JSONResponse({"said": "sorry"}, 500))).verdict
        assert verdict.outcome == "wrong"
        assert verdict.exchange
        assert verdict.exchange.status == 500


async def decodes(request: Request) -> Any:
    return request.body().decode()  # type: ignore[attr-defined]


async def keeps(request: Request) -> Any:
    body = request.body()
    return json.loads(body)  # type: ignore[arg-type]


def waits_for_nothing(request: Request) -> Any:
    return request.json()["word"]  # type: ignore[index]


class TestForgottenAwait:
    @pytest.mark.parametrize("handle", [decodes, keeps, waits_for_nothing])
    def test_is_told_and_of_our_lines_nobody_complains(self, handle: App, examine: Callable[[Any], Feedback]) -> None:
        with warnings.catch_warnings(record=True) as complaints:
            warnings.simplefilter("always", RuntimeWarning)
            verdict = examine(lambda url, mark: served(handle)).verdict
            gc.collect()
        assert verdict.outcome == "crashed"
        assert "coroutine" in verdict.seen
        assert "`await request.body()`, in an `async def`" in verdict.next_step
        assert {it.filename for it in complaints if it.category is RuntimeWarning} <= {__file__}


class TestRelay:
    def test_passes_fields_status_and_content_on(self) -> None:
        async def tell(request: Request) -> Response:
            return Response(b"\x00\xff", 418, {"X-Tea": "pot", "Location": "/elsewhere"}, "x/y")

        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        FOUND.clear()
        trial.open()
        with Server(served(tell)) as learner:
            trial.answer(Outcome(serving=learner.url))
        answer = FOUND[0].afterwards[0].response
        assert answer
        assert (answer.status, answer.body, answer.media_type) == (418, b"\x00\xff", "x/y")
        assert answer.fields.get("X-Tea") == "pot"

    @pytest.mark.parametrize(
        ("status", "fields"), [(307, {"Location": "/elsewhere"}), (200, {"Content-Encoding": "gzip"})]
    )
    def test_follows_and_unpacks_nothing(self, status: int, fields: dict[str, str]) -> None:
        packed = gzip.compress(b"packed")

        async def tell(request: Request) -> Response:
            return Response(packed, status, fields)

        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        FOUND.clear()
        trial.open()
        with Server(served(tell)) as learner:
            trial.answer(Outcome(serving=learner.url))
        (exchange,) = FOUND[0].afterwards[:1]
        assert exchange.response
        assert (exchange.response.status, exchange.response.body) == (status, packed)

    def test_does_not_take_the_exercises_own_backend_for_the_learners(self) -> None:
        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        (address,) = trial.open()
        verdict = trial.answer(Outcome(serving=address))
        assert verdict
        assert (verdict.outcome, verdict.seen) == ("wrong", "the address of the exercise's own backend")

    def test_hangs_up_where_nobody_answers(self) -> None:
        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        FOUND.clear()
        trial.open()
        with Server(service()) as gone:
            address = gone.url
        verdict = trial.answer(Outcome(serving=address))
        assert verdict
        assert verdict.cause == "That is no shout."
        assert FOUND[0].afterwards[0].response is None

    @pytest.mark.parametrize("headers", [{"Content-Length": "10"}, {}], ids=["of a known length", "in chunks"])
    def test_hangs_up_where_an_answer_breaks_off(self, headers: dict[str, str]) -> None:
        def begin() -> Iterator[bytes]:
            yield b"half"
            raise ArithmeticError("no more")

        async def talk(request: Request) -> Response:
            return StreamingResponse(begin(), headers=headers)

        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        FOUND.clear()
        trial.open()
        with Server(served(talk)) as learner:
            trial.answer(Outcome(serving=learner.url))
        assert FOUND[0].afterwards[0].response is None

    def test_hangs_up_on_more_content_than_there_is_room_for(self) -> None:
        async def talk(request: Request) -> Response:
            return StreamingResponse(iter([bytes(2**20)] * (LARGEST // 2**20 + 1)))

        trial = Trial(SHOUT, [Scene(service(), {"url": URL}, afterwards=visit, serves=True)])
        FOUND.clear()
        trial.open()
        with Server(served(talk)) as learner:
            trial.answer(Outcome(serving=learner.url))
        assert FOUND[0].afterwards[0].response is None


class TestOutcome:
    def test_of_an_address_on_this_machine(self) -> None:
        outcome = Outcome.parse({"serving": "http://127.0.0.1:8000"})
        assert outcome
        assert outcome.serving == "http://127.0.0.1:8000"

    @pytest.mark.parametrize(
        "address", ["http://example.org", "http://10.0.0.1:80", "http://127.0.0.1:1@evil.example", "file:///etc", 7]
    )
    def test_of_any_other_address_is_none(self, address: Any) -> None:
        assert Outcome.parse({"serving": address}) is None
