"""The examiner over real sockets, as kernels of all kinds would talk to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from course_support.evidence import Evidence
from course_support.examiner import MOST_TRIALS, Examiner
from course_support.server import Server
from course_support.verdict import MAX_ANSWER, Verdict
from course_support.worksheet import Worksheet
from tests.echoes import ECHO, judge, right

Served = Callable[..., str]


@pytest.fixture
def serve_examiner() -> Iterator[Served]:
    """Serve an examiner; its options are those of Examiner. Returns its URL."""
    servers: list[Server] = []

    def serve(*exercises: Any, seed: str = "seed", **options: Any) -> str:
        servers.append(Server(Examiner(exercises or (ECHO,), seed=seed, **options).app))
        return servers[-1].url

    yield serve
    for server in servers:
        server.close()


def post(url: str, content: Any) -> requests.Response:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return requests.post(url, data=data, timeout=20)


def play(url: str, answer: Callable[..., Any] = right, name: str = "lesson.echo") -> dict[str, Any]:
    """A whole trial, as a kernel plays it; returns what came with the verdict."""
    reply = post(f"{url}/trials", {"exercise": name}).json()
    trial = reply.get("trial")
    while "arguments" in reply:
        reply = post(f"{url}/trials/{trial}/answers", {"value": answer(*reply["arguments"])}).json()
    result: dict[str, Any] = reply
    return result


def nonsense(url: str, word: str) -> str:
    return "nonsense"


class TestExercises:
    def test_are_listed_with_what_a_learner_may_know(self, serve_examiner: Served) -> None:
        hints = ["Ask.", "Ask the service."]
        listed = {"name": "lesson.echo", "title": "Say it again", "points": 2, "hints": hints}
        assert requests.get(f"{serve_examiner()}/exercises", timeout=20).json() == [listed]

    def test_unknown_ones_are_refused(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        contents: list[Any] = [{"exercise": "lesson.other"}, {"exercise": ["lesson.echo"]}, {}, [], b"{", b""]
        for content in contents:
            response = post(f"{url}/trials", content)
            assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
            assert response.json()["detail"]


class TestTrial:
    def test_goes_from_scene_to_scene_to_the_verdict(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        opened = post(f"{url}/trials", {"exercise": "lesson.echo"})
        assert opened.status_code == 201
        answers = f"{url}/trials/{opened.json()['trial']}/answers"
        first = opened.json()["arguments"]
        second = post(answers, {"value": right(*first)}).json()
        assert sorted(second) == ["arguments", "serves"]
        assert second["arguments"][1].startswith("second-")
        result = post(answers, {"value": right(*second["arguments"])}).json()
        assert Verdict.from_json(result["verdict"]).passed
        assert (result["outcome"], result["points"], result["of"]) == ("passed", 2, 2)

    def test_earns_nothing_for_a_wrong_answer_and_shows_why(self, serve_examiner: Served) -> None:
        result = play(serve_examiner(), lambda url, word: right(url, word).upper())
        verdict = Verdict.from_json(result["verdict"])
        assert (result["outcome"], result["points"], result["of"]) == ("wrong", 0, 2)
        assert verdict.cause == "That is not the word."
        assert verdict.exchange
        assert verdict.exchange.request.path == "/echo"

    def test_takes_one_answer_for_each_scene(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        opened = post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        answers = f"{url}/trials/{opened['trial']}/answers"
        assert post(answers, {"value": "nonsense"}).json()["outcome"] == "wrong"
        late = post(answers, {"value": "again"})
        assert (late.status_code, late.headers["Content-Type"]) == (404, "application/problem+json")
        assert post(f"{url}/trials/guessed/answers", {"value": 1}).status_code == 404

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b'{"value": 1' + b"0" * 5000 + b"}",
            b'{"value": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"value": "' + b"x" * MAX_ANSWER + b'"}',
            {},
            {"answer": 1},
            {"error": {"type": "KeyError"}},
            {"unusable": None},
        ],
    )
    def test_survives_an_answer_that_is_none(self, serve_examiner: Served, content: Any) -> None:
        url = serve_examiner()
        opened = post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        answers = f"{url}/trials/{opened['trial']}/answers"
        refused = post(answers, content)
        assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
        assert post(answers, {"value": right(*opened["arguments"])}).json()["arguments"], "the trial is still open"

    @pytest.mark.parametrize(
        "value", [b"NaN", b"-Infinity", b'"\\ud800"', b'{"\\udfff": 1}', b"1e999", b"[" * 300 + b"]" * 300]
    )
    def test_judges_whatever_python_reads_as_json(self, serve_examiner: Served, value: bytes) -> None:
        url = serve_examiner()
        opened = post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        answered = post(f"{url}/trials/{opened['trial']}/answers", b'{"value": ' + value + b"}")
        assert answered.status_code == 200
        assert answered.json()["outcome"] == "wrong"

    def test_ends_with_the_next_one_of_its_exercise(self, serve_examiner: Served) -> None:
        url = serve_examiner(ECHO, replace(ECHO, name="lesson.other"))
        other = post(f"{url}/trials", {"exercise": "lesson.other"}).json()
        first = post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        post(f"{url}/trials", {"exercise": "lesson.echo"})
        assert post(f"{url}/trials/{first['trial']}/answers", {"value": 1}).status_code == 404
        with pytest.raises(requests.ConnectionError):
            right(*first["arguments"])
        assert right(*other["arguments"]), "a trial of another exercise goes on"


class TestDraws:
    def words(self, url: str, count: int = 2) -> list[str]:
        return [post(f"{url}/trials", {"exercise": "lesson.echo"}).json()["arguments"][1] for _ in range(count)]

    def test_differ_from_trial_to_trial(self, serve_examiner: Served) -> None:
        assert len(set(self.words(serve_examiner(), 5))) == 5

    def test_are_decided_by_the_seed(self, serve_examiner: Served) -> None:
        assert self.words(serve_examiner(seed="a")) == self.words(serve_examiner(seed="a"))
        assert self.words(serve_examiner(seed="a")) != self.words(serve_examiner(seed="b"))

    def test_of_one_exercise_do_not_depend_on_what_was_checked_before(self, serve_examiner: Served) -> None:
        plain = self.words(serve_examiner(seed="a"))
        url = serve_examiner(replace(ECHO, name="lesson.other"), ECHO, seed="a")
        play(url, name="lesson.other")
        assert self.words(url) == plain


class TestGraded:
    def test_the_first_verdict_counts(self, serve_examiner: Served) -> None:
        url = serve_examiner(graded=True)
        assert play(url, nonsense)["points"] == 0
        again = play(url, _never_called)
        assert (again["outcome"], again["points"]) == ("wrong", 0)

    def test_a_pass_cannot_be_lost(self, serve_examiner: Served) -> None:
        url = serve_examiner(graded=True)
        assert play(url)["points"] == 2
        assert play(url, nonsense)["points"] == 2

    def test_trials_side_by_side_do_not_buy_a_second_chance(self, serve_examiner: Served, tmp_path: Path) -> None:
        log = tmp_path / "log"
        url = serve_examiner(graded=True, log=log)
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda n: _try_to(lambda: play(url, _hasty if n % 2 else nonsense)), range(16)))
        verdicts = {result["outcome"] for result in results if result and "outcome" in result}
        assert len(verdicts) == 1
        assert {json.loads(line)["outcome"] for line in log.read_text().splitlines()} == verdicts

    def test_nobody_waits_for_values_that_suit(self, serve_examiner: Served) -> None:
        url = serve_examiner(graded=True)
        for _ in range(MOST_TRIALS):
            assert "arguments" in post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        assert "again and again" in post(f"{url}/trials", {"exercise": "lesson.echo"}).json()["verdict"]["cause"]
        assert play(url)["points"] == 0

    def test_nor_do_many_at_once(self, serve_examiner: Served) -> None:
        url = serve_examiner(graded=True)
        with ThreadPoolExecutor(12) as pool:
            replies = pool.map(lambda _: post(f"{url}/trials", {"exercise": "lesson.echo"}).json(), range(24))
        assert sum("arguments" in reply for reply in replies) == MOST_TRIALS

    def test_while_learning_a_check_may_be_begun_again(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        replies = [post(f"{url}/trials", {"exercise": "lesson.echo"}).json() for _ in range(2 * MOST_TRIALS)]
        assert all("arguments" in reply for reply in replies)

    def test_a_verdict_that_comes_second_gives_way(self, serve_examiner: Served, tmp_path: Path) -> None:
        judging, released = threading.Event(), threading.Event()

        def slow_on_nonsense(evidence: Evidence) -> Verdict:
            if evidence.value == "nonsense":
                judging.set()
                assert released.wait(20)
            return judge(evidence)

        log = tmp_path / "log"
        url = serve_examiner(replace(ECHO, judge=slow_on_nonsense), graded=True, log=log)
        with ThreadPoolExecutor(1) as pool:
            slow = pool.submit(play, url, nonsense)
            assert judging.wait(20)
            assert play(url)["outcome"] == "passed"
            released.set()
            assert slow.result()["outcome"] == "passed"
        assert [json.loads(line)["outcome"] for line in log.read_text().splitlines()] == ["passed", "passed"]

    def test_while_learning_the_latest_verdict_counts(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        assert [play(url, answer)["points"] for answer in (nonsense, right, nonsense)] == [0, 2, 0]


def _hasty(url: str, word: str) -> Any:
    return requests.get(f"{url}/echo", params={"word": word}, timeout=1).json()["word"]


def _never_called(url: str, word: str) -> None:
    raise AssertionError("the verdict was out, and the function was called again")


def _try_to(play: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        return play()
    except (requests.RequestException, KeyError):  # the backend was taken away by a newer trial
        return None


class TestLog:
    def test_has_a_line_for_each_verdict_as_soon_as_it_is_out(self, serve_examiner: Served, tmp_path: Path) -> None:
        log = tmp_path / "log"
        url = serve_examiner(ECHO, replace(ECHO, name="lesson.other"), log=log)
        assert not log.exists()
        result = play(url, nonsense)
        assert [json.loads(line) for line in log.read_text().splitlines()] == [{"exercise": "lesson.echo", **result}]
        play(url, name="lesson.other")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [(line["exercise"], line["outcome"], line["points"], line["of"]) for line in lines] == [
            ("lesson.echo", "wrong", 0, 2),
            ("lesson.other", "passed", 2, 2),
        ]
        assert Verdict.from_json(lines[0]["verdict"]).cause == "That is not the word."

    def test_goes_on_where_it_was(self, serve_examiner: Served, tmp_path: Path) -> None:
        log = tmp_path / "log"
        for _ in range(2):
            play(serve_examiner(log=log))
        assert len(log.read_text().splitlines()) == 2

    def test_is_one_line_even_of_hostile_text(self, serve_examiner: Served, tmp_path: Path) -> None:
        log = tmp_path / "log"
        url = serve_examiner(log=log)
        opened = post(f"{url}/trials", {"exercise": "lesson.echo"}).json()
        post(f"{url}/trials/{opened['trial']}/answers", {"value": '\n{"points": 2}\r\u2028\x85'})
        assert len(log.read_bytes().splitlines()) == 1


def test_a_judge_that_raises_takes_nothing_else_down(serve_examiner: Served, tmp_path: Path) -> None:
    def raises(evidence: Any) -> Verdict:
        raise ArithmeticError("a mistake of the course's")

    before = threading.active_count()
    log = tmp_path / "log"
    url = serve_examiner(replace(ECHO, name="lesson.broken", judge=raises), ECHO, log=log)
    opened = post(f"{url}/trials", {"exercise": "lesson.broken"}).json()
    answered = post(f"{url}/trials/{opened['trial']}/answers", {"value": 1})
    assert (answered.status_code, answered.headers["Content-Type"]) == (500, "application/problem+json")
    assert "not yours" in answered.json()["detail"]
    assert not log.exists()
    assert play(url)["points"] == 2
    assert threading.active_count() <= before + 3, "the backend of the broken trial is gone"


class TestLeaks:
    def test_trials_leave_no_threads_and_no_sockets(self, serve_examiner: Served) -> None:
        url = serve_examiner()
        play(url)  # once, so that the pool has its threads
        threads, files = threading.active_count(), _open_files()
        for answer in (right, nonsense) * 10:
            play(url, answer)
        assert threading.active_count() == threads
        assert _open_files() < files + 10, "a connection or two may still be closing, not one for each trial"

    def test_an_open_trial_ends_with_its_examiner(self) -> None:
        server = Server(Examiner([ECHO], seed="seed").app)
        arguments = post(f"{server.url}/trials", {"exercise": "lesson.echo"}).json()["arguments"]
        server.close()
        with pytest.raises(requests.ConnectionError):
            right(*arguments)


def _open_files() -> int:
    listing = Path("/proc/self/fd")
    return len(list(listing.iterdir())) if listing.exists() else 0


def test_many_kernels_are_served_at_a_time(serve_examiner: Served) -> None:
    names = [f"lesson.echo{number}" for number in range(12)]
    url = serve_examiner(*[replace(ECHO, name=name) for name in names])
    with ThreadPoolExecutor(len(names)) as pool:
        points = list(pool.map(lambda name: play(url, name=name)["points"], names))
    assert points == [2] * len(names)


class TestAlone:
    """`python -m course_support.examiner`, as the grader runs it."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Path:
        return tmp_path / "log"

    @pytest.fixture
    def process(self, log: Path) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "course_support.examiner", "--seed", "s", "--log", str(log)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
            yield process
            process.kill()

    def test_says_where_it_is_grades_and_ends_with_its_input(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        url = json.loads(process.stdout.readline())["url"]
        rest = Worksheet("rest", url)

        def predict_repeat(method: str) -> dict[str, object]:
            first, second = {"DELETE": (204, 404), "POST": (201, 201)}.get(method, (200, 200))
            return {"first": first, "second": second, "idempotent": method != "POST"}

        assert rest.predict_repeat.examine(predict_repeat).points == 2
        assert rest.predict_repeat.examine(lambda method: {}).points == 2, "the first verdict counts"
        line = json.loads(log.read_text().splitlines()[0])
        assert (line["exercise"], line["outcome"], line["points"], line["of"]) == (
            "rest.predict_repeat",
            "passed",
            2,
            2,
        )
        process.stdin.close()
        assert process.wait(20) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{url}/exercises", timeout=20)

    def test_ends_when_the_grader_dies(self, tmp_path: Path) -> None:
        grader = (
            "import os, subprocess, sys; "
            "command = [sys.executable, '-m', 'course_support.examiner', '--seed', 's', '--log', 'log']; "
            "child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE); "
            "print(child.pid, child.stdout.readline().decode(), flush=True); os._exit(1)"
        )
        done = subprocess.run([sys.executable, "-c", grader], capture_output=True, text=True, cwd=tmp_path, timeout=60)
        pid, _, where = done.stdout.partition(" ")
        url = json.loads(where)["url"]
        for _ in range(200):
            try:
                requests.get(f"{url}/exercises", timeout=20)
            except requests.ConnectionError:
                break
        else:
            os.kill(int(pid), 9)
            pytest.fail("it serves on after its grader has died")

    def test_wants_a_seed_and_a_log(self) -> None:
        command = [sys.executable, "-m", "course_support.examiner"]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
        assert done.returncode == 2
        assert "--seed" in done.stderr
        assert "--log" in done.stderr
