"""Hands out trials and judges answers over HTTP: the trust line of the course.

While learning it runs in the kernel; while grading the same application runs in a process that the learner's kernel
cannot see, and its log is what earns points.
"""

from __future__ import annotations

import json
import random
import secrets
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from course_support.exercise import URL, Client, Evidence, Exercise, Failure, Scene
from course_support.server import Server
from course_support.verdict import Verdict

MAX_ANSWER = 2**20  # bytes


class Trial:
    """One learner's attempt at one exercise: its scenes, played one after the other."""

    def __init__(self, exercise: Exercise, scenes: Iterable[Scene]) -> None:
        self.exercise = exercise
        self._scenes = list(scenes)
        self._server: Server | None = None

    def open(self) -> list[Any]:
        """Start the next scene's backend; returns the arguments for the learner's function."""
        scene = self._scenes[0]
        self._server = Server(scene.app)
        self._server.faults.script(*scene.faults)
        return [self._server.url if value is URL else value for value in scene.arguments.values()]

    def answer(self, answer: dict[str, Any]) -> Verdict | None:
        """The verdict on the answer to the open scene, or None where the answer is right and scenes are left."""
        assert self._server
        scene, server = self._scenes.pop(0), self._server
        try:
            exchanges = server.recorder.exchanges
            evidence = _evidence(scene, answer, tuple(exchanges), _ask_afterwards(scene, server, len(exchanges)))
        finally:
            server.close()
        verdict = self.exercise.verdict(evidence)
        return None if verdict.passed and self._scenes else verdict

    def close(self) -> None:
        if self._server:
            self._server.close()


def _ask_afterwards(scene: Scene, server: Server, seen: int) -> tuple[Any, ...]:
    if not scene.afterwards:
        return ()
    server.faults.clear()
    client = Client(server.url)
    try:
        scene.afterwards(client)
    finally:
        client.close()
    return tuple(server.recorder.exchanges[seen:])


def _evidence(scene: Scene, answer: dict[str, Any], exchanges: Any, afterwards: Any) -> Evidence:
    failure = answer.get("error")
    return Evidence(
        scene.arguments,
        answer.get("value"),
        Failure(**failure) if failure else None,
        str(answer.get("unusable", "")),
        exchanges,
        afterwards,
        scene.expected,
    )


class Examiner:
    """The examiner of some exercises.

    `seed` decides every value that is drawn, so that a grade can be replayed. With `graded`, the first verdict on an
    exercise counts and a later check is answered with it. Each verdict is appended to `log` as a line of JSON.
    """

    def __init__(
        self, exercises: Iterable[Exercise], *, seed: str, graded: bool = False, log: Path | None = None
    ) -> None:
        self._exercises = {exercise.name: exercise for exercise in exercises}
        self._seed = seed
        self._graded = graded
        self._log = log
        self._trials: dict[str, Trial] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._opened: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.app = Starlette(
            routes=[
                Route("/exercises", self._list),
                Route("/trials", self._open, methods=["POST"]),
                Route("/trials/{trial}/answers", self._answer, methods=["POST"]),
            ]
        )

    async def _list(self, request: Request) -> JSONResponse:
        """The exercises, without anything that helps to guess an answer."""
        public = ("name", "title", "points", "hints")
        return JSONResponse([{name: getattr(e, name) for name in public} for e in self._exercises.values()])

    async def _open(self, request: Request) -> JSONResponse:
        """Open a trial of the exercise that the content names."""
        content = await _content(request)
        exercise = self._exercises.get(str(content and content.get("exercise")))
        if not exercise:
            return _refusal(404, "There is no exercise of that name.")
        if self._graded and exercise.name in self._verdicts:
            return self._decided(exercise, self._verdicts[exercise.name])
        return await run_in_threadpool(self._open_trial, exercise)

    def _open_trial(self, exercise: Exercise) -> JSONResponse:
        with self._lock:
            self._opened[exercise.name] += 1
            drawn = random.Random(f"{self._seed} {exercise.name} {self._opened[exercise.name]}")
            name, trial = secrets.token_urlsafe(), Trial(exercise, exercise.scenes(drawn))
            for forgotten in [self._trials.pop(n) for n, t in list(self._trials.items()) if t.exercise is exercise]:
                forgotten.close()
            self._trials[name] = trial
        return JSONResponse({"trial": name, "arguments": trial.open()}, 201)

    async def _answer(self, request: Request) -> JSONResponse:
        """Judge the answer to a trial's open scene; hand out the next scene, or the verdict."""
        content = await _content(request)
        if content is None:
            return _refusal(400, f"An answer is a JSON object of at most {MAX_ANSWER:,} bytes.")
        with self._lock:
            trial = self._trials.pop(request.path_params["trial"], None)
        if not trial:
            return _refusal(404, "This trial is over: check again to open another.")
        return await run_in_threadpool(self._judge, request.path_params["trial"], trial, content)

    def _judge(self, name: str, trial: Trial, content: dict[str, Any]) -> JSONResponse:
        verdict = trial.answer(content)
        if verdict:
            return self._decided(trial.exercise, self._decide(trial.exercise, verdict))
        arguments = trial.open()
        with self._lock:
            self._trials[name] = trial
        return JSONResponse({"arguments": arguments})

    def _decide(self, exercise: Exercise, verdict: Verdict) -> Verdict:
        with self._lock:
            first = self._verdicts.setdefault(exercise.name, verdict)
            verdict = first if self._graded else verdict
            if self._log:
                with self._log.open("a", encoding="utf-8") as log:
                    log.write(json.dumps({"exercise": exercise.name, **_result(exercise, verdict)}) + "\n")
        return verdict

    def _decided(self, exercise: Exercise, verdict: Verdict) -> JSONResponse:
        return JSONResponse(_result(exercise, verdict))


def _result(exercise: Exercise, verdict: Verdict) -> dict[str, Any]:
    points = exercise.points if verdict.passed else 0
    return {"verdict": verdict.to_json(), "outcome": verdict.outcome, "points": points, "of": exercise.points}


async def _content(request: Request) -> dict[str, Any] | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_ANSWER:
            return None
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _refusal(status: int, detail: str) -> JSONResponse:
    problem = {"type": "about:blank", "status": status, "detail": detail}
    return JSONResponse(problem, status, media_type="application/problem+json")
