"""Hands out trials and judges answers over HTTP: the trust line of the course.

While learning it runs in the kernel; while grading the same application runs in a process that the learner's kernel
cannot see, and its log is what earns points.
"""

from __future__ import annotations

import argparse
import json
import random
import secrets
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from course_support.exercise import Exercise
from course_support.server import Server
from course_support.trial import Outcome, Trial
from course_support.verdict import MAX_ANSWER, Verdict, wrong

MOST_TRIALS = 3  # of one exercise without an answer, when graded: nobody waits for values that suit
RESTLESS = wrong("The check was begun again and again without an answer.", next_step="Check once, after the answer.")


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
            ],
            exception_handlers={Exception: _broken},
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        yield
        for trial in self._trials.values():
            trial.close()

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
            restless = self._graded and self._opened[exercise.name] > MOST_TRIALS
            drawn = random.Random(f"{self._seed} {exercise.name} {self._opened[exercise.name]}")
        if restless:
            return self._decided(exercise, self._decide(exercise, RESTLESS))
        trial = Trial(exercise, exercise.scenes(drawn))
        arguments = trial.open()
        name = secrets.token_urlsafe()
        with self._lock:
            older = [key for key, other in self._trials.items() if other.exercise is exercise]
            forgotten = [self._trials.pop(key) for key in older]
            self._trials[name] = trial
        for other in forgotten:
            other.close()
        return JSONResponse({"trial": name, "arguments": arguments, "serves": trial.serves}, 201)

    async def _answer(self, request: Request) -> JSONResponse:
        """Judge the answer to a trial's open scene; hand out the next scene, or the verdict."""
        content = await _content(request)
        outcome = content and Outcome.parse(content)
        if not outcome:
            return _refusal(400, f"An answer is a JSON object of a known form and of at most {MAX_ANSWER:,} bytes.")
        with self._lock:
            trial = self._trials.pop(request.path_params["trial"], None)
        if not trial:
            return _refusal(404, "This trial is over: check again to open another.")
        return await run_in_threadpool(self._judge, request.path_params["trial"], trial, outcome)

    def _judge(self, name: str, trial: Trial, outcome: Outcome) -> JSONResponse:
        verdict = trial.answer(outcome)
        if verdict:
            return self._decided(trial.exercise, self._decide(trial.exercise, verdict))
        arguments = trial.open()
        with self._lock:
            self._trials[name] = trial
        return JSONResponse({"arguments": arguments, "serves": trial.serves})

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


def exercises_of(where: str) -> list[Exercise]:
    """The exercises that a module's function `all_exercises` knows; `where` is its name, or its file's path."""
    if not where.endswith(".py"):
        return list(import_module(where).all_exercises().values())
    spec = spec_from_file_location(Path(where).stem, where)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.all_exercises().values())


def main() -> None:
    """Run alone in a process, for grading, until the standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--exercises",
        default="course_support.exercises",
        help="a module, or a file of Python, with `all_exercises` (default: %(default)s)",
    )
    parser.add_argument("--seed", required=True, help="decides every value that is drawn")
    parser.add_argument("--log", required=True, type=Path, help="verdicts are appended to this file, a JSON line each")
    options = parser.parse_args()
    known = exercises_of(options.exercises)
    with Server(Examiner(known, seed=options.seed, graded=True, log=options.log).app) as server:
        print(json.dumps({"url": server.url}), flush=True)
        sys.stdin.read()  # the grader holds the other end: its close, or its death, is the sign to stop


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


async def _broken(request: Request, error: Exception) -> JSONResponse:
    return _refusal(500, "The examiner failed on this: the mistake is the course's, not yours. Please report it.")


def _refusal(status: int, detail: str) -> JSONResponse:
    problem = {"type": "about:blank", "status": status, "detail": detail}
    return JSONResponse(problem, status, media_type="application/problem+json")


if __name__ == "__main__":
    main()
