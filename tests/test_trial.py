from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import requests
import websocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from course_support.evidence import MAX_REQUESTS, Evidence, Failure
from course_support.exercise import URL, Exercise, Scene
from course_support.faults import Answer, Fault
from course_support.trial import Outcome, Trial
from course_support.verdict import PASSED, Verdict, wrong
from course_support.wire import Exchange
from tests.echoes import ECHO, right, scene


@pytest.fixture
def opened() -> Iterator[list[Trial]]:
    trials: list[Trial] = []
    yield trials
    for trial in trials:
        trial.close()


def trial_of(scenes: Sequence[Scene], opened: list[Trial], exercise: Exercise = ECHO) -> Trial:
    opened.append(Trial(exercise, scenes))
    return opened[-1]


def asked(exchanges: Sequence[Exchange]) -> list[int]:
    """How often the service had been asked, as it said itself in each of its answers."""
    return [e.response.json()["asked"] for e in exchanges if e.response]


class TestScenes:
    def test_follow_each_other_each_with_a_backend_of_its_own(self, opened: list[Trial]) -> None:
        trial = trial_of(ECHO.scenes(random.Random(1)), opened)
        first = trial.open()
        assert first[1].startswith("first-")
        assert trial.answer(Outcome(right(*first))) is None
        second = trial.open()
        assert second[1].startswith("second-")
        assert second[0] != first[0]
        verdict = trial.answer(Outcome(right(*second)))
        assert verdict
        assert verdict.passed

    def test_end_with_the_first_wrong_answer(self, opened: list[Trial]) -> None:
        trial = trial_of(ECHO.scenes(random.Random(1)), opened)
        trial.open()
        verdict = trial.answer(Outcome("nonsense"))
        assert verdict
        assert verdict.outcome == "wrong"

    def test_start_with_their_faults(self, opened: list[Trial]) -> None:
        url, _ = trial_of([scene("word", Answer(503), Answer(429))], opened).open()
        statuses = [requests.get(f"{url}/echo", timeout=10).status_code for _ in range(3)]
        assert statuses == [503, 429, 200]

    def test_leave_no_server_behind(self, opened: list[Trial]) -> None:
        before = threading.active_count()
        for _ in range(10):
            trial = trial_of([scene("word")], opened)
            arguments = trial.open()
            trial.answer(Outcome(right(*arguments)))
        trial_of([scene("word")], opened).open()
        opened[-1].close()
        assert threading.active_count() == before
        with pytest.raises(requests.ConnectionError):
            right(*arguments)


class TestEvidence:
    def gather(self, opened: list[Trial], act: Any, outcome: Outcome, *faults: Fault) -> Evidence:
        """The evidence of a scene in which `act(url)` was all that the learner's code did."""
        found: list[Evidence] = []

        def keep(evidence: Evidence) -> Verdict:
            found.append(evidence)
            return PASSED

        trial = trial_of([scene("word", *faults)], opened, replace(ECHO, judge=keep))
        act(trial.open()[0])
        trial.answer(outcome)
        return found[0]

    def test_holds_what_was_returned_sent_and_asked_afterwards(self, opened: list[Trial]) -> None:
        evidence = self.gather(opened, lambda url: right(url, "one"), Outcome(["word"]))
        assert evidence.value == ["word"]
        assert evidence.expected == {"word": "word"}
        assert evidence.arguments["word"] == "word"
        assert [e.request.target for e in evidence.exchanges] == ["/echo?word=one"]
        assert [e.request.target for e in evidence.afterwards] == ["/echo?word=afterwards"]
        assert asked(evidence.afterwards) == [2], "what is asked afterwards is asked of the same backend"

    def test_is_out_of_reach_for_a_thread_that_goes_on(self, opened: list[Trial]) -> None:
        stop, begun = threading.Event(), threading.Event()

        def hammer(url: str) -> None:
            while not stop.is_set():
                with suppress(requests.ConnectionError):
                    requests.get(f"{url}/echo", params={"word": "straggler"}, timeout=10)
                begun.set()

        def start(url: str) -> None:
            threads.append(threading.Thread(target=hammer, args=(url,)))
            threads[0].start()
            assert begun.wait(10)

        threads: list[threading.Thread] = []
        try:
            evidence = self.gather(opened, start, Outcome("word"))
        finally:
            stop.set()
            threads[0].join()
        answered = asked(evidence.exchanges)
        assert asked(evidence.afterwards) == [len(answered) + 1], "nothing came between the evidence and the question"

    def test_faults_do_not_hit_the_examiner(self, opened: list[Trial]) -> None:
        evidence = self.gather(opened, lambda url: None, Outcome("word"), Answer(503))
        assert [e.status for e in evidence.afterwards] == [200]

    def test_ends_with_the_request_that_is_too_many(self, opened: list[Trial]) -> None:
        def without_an_end(url: str) -> None:
            with requests.Session() as session:
                while True:
                    session.get(f"{url}/echo", timeout=10)

        trial = trial_of([scene("word")], opened)
        url = trial.open()[0]
        with pytest.raises(requests.ConnectionError):
            without_an_end(url)
        verdict = trial.answer(Outcome("word"))
        assert verdict
        assert "and went on" in verdict.cause

    def test_has_the_pings_that_its_backend_wants(self, opened: list[Trial]) -> None:
        async def wait(socket: WebSocket) -> None:
            await socket.accept()
            await socket.receive()

        service = Starlette(routes=[WebSocketRoute("/socket", wait)])
        service.state.ping_interval = 0.05
        address = trial_of([Scene(service, {"url": URL})], opened).open()[0].replace("http", "ws") + "/socket"
        client = websocket.create_connection(address, timeout=10)
        assert client.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PING
        client.shutdown()

    def test_ends_with_the_handshake_that_is_too_many(self, opened: list[Trial]) -> None:
        async def answer(socket: WebSocket) -> None:
            await socket.accept()
            await socket.close()

        service = Starlette(routes=[WebSocketRoute("/socket", answer)])
        trial = trial_of([Scene(service, {"url": URL})], opened)
        address = trial.open()[0].replace("http", "ws") + "/socket"
        for _ in range(MAX_REQUESTS):
            websocket.create_connection(address, timeout=10).close()
        with pytest.raises((OSError, websocket.WebSocketException)):
            websocket.create_connection(address, timeout=10)
        verdict = trial.answer(Outcome("word"))
        assert verdict
        assert "and went on" in verdict.cause

    def test_of_a_failure(self, opened: list[Trial]) -> None:
        failure = Failure("KeyError", "'x'", 3, "a['x']")
        assert self.gather(opened, lambda url: None, Outcome("word")).failure is None
        trial = trial_of([scene("word")], opened, replace(ECHO, judge=lambda evidence: wrong("never asked")))
        trial.open()
        verdict = trial.answer(Outcome(failure=failure))
        assert verdict
        assert verdict.outcome == "crashed"


class TestOutcome:
    def test_is_a_value(self) -> None:
        assert Outcome.parse({"value": None}) == Outcome(None)
        assert Outcome.parse({"value": {"error": 1}}) == Outcome({"error": 1})

    def test_is_a_reason_why_there_is_no_value(self) -> None:
        assert Outcome.parse({"unusable": "set: {1}"}) == Outcome(unusable="set: {1}")

    def test_is_a_failure(self) -> None:
        error = {"type": "KeyError", "message": "'x'", "line": 3, "source": "a['x']"}
        assert Outcome.parse({"error": error}) == Outcome(failure=Failure("KeyError", "'x'", 3, "a['x']"))
        assert Outcome.parse({"error": error | {"line": None}}) == Outcome(
            failure=Failure("KeyError", "'x'", None, "a['x']")
        )

    def test_of_a_failure_is_cut_to_what_can_be_read(self) -> None:
        error = {"type": "E" * 9999, "message": "m" * 9999, "line": 1, "source": "s" * 9999}
        outcome = Outcome.parse({"error": error})
        assert outcome
        assert outcome.failure == Failure("E" * 100, "m" * 500, 1, "s" * 200)

    @pytest.mark.parametrize(
        "content",
        [
            {},
            {"answer": 1},
            {"unusable": ""},
            {"unusable": 3},
            {"error": None},
            {"error": "KeyError"},
            {"error": {"type": "KeyError"}},
            {"error": {"type": 1, "message": "", "line": 1, "source": ""}},
            {"error": {"type": "", "message": "", "line": "1", "source": ""}},
        ],
    )
    def test_is_none_of_anything_else(self, content: dict[str, Any]) -> None:
        assert Outcome.parse(content) is None
