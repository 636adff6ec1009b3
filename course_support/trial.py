"""One learner's attempt at one exercise: each scene with a fresh backend, what came of the call, and the verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from course_support.exercise import MAX_REQUESTS, URL, Client, Evidence, Exercise, Failure, Scene
from course_support.server import Server
from course_support.verdict import Verdict
from course_support.wire import Exchange


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the learner's kernel says came of its call: one of the three."""

    value: Any = None
    failure: Failure | None = None
    unusable: str = ""

    @classmethod
    def parse(cls, content: dict[str, Any]) -> Outcome | None:
        """The outcome in an answer's content, or None: a kernel may send what it likes."""
        match content:
            case {"value": value}:
                return cls(value)
            case {"unusable": str(why)} if why:
                return cls(unusable=why)
            case {
                "error": {"type": str(kind), "message": str(message), "line": int() | None as line, "source": str(text)}
            }:
                return cls(failure=Failure(kind[:100], message[:500], line, text[:200]))
        return None


class Trial:
    """One learner's attempt at one exercise: its scenes, played one after the other."""

    def __init__(self, exercise: Exercise, scenes: Iterable[Scene]) -> None:
        self.exercise = exercise
        self._scenes = list(scenes)
        self._server: Server | None = None

    def open(self) -> list[Any]:
        """Start the next scene's backend; returns the arguments for the learner's function."""
        scene = self._scenes[0]
        self._server = Server(_Bounded(scene.app))
        self._server.faults.script(*scene.faults)
        return [self._server.url if value is URL else value for value in scene.arguments.values()]

    def answer(self, outcome: Outcome) -> Verdict | None:
        """The verdict on the outcome of the open scene, or None where the answer is right and scenes are left."""
        assert self._server
        self._server.close()  # first: what the learner's code sends from here on comes too late
        scene, exchanges = self._scenes.pop(0), self._server.recorder.exchanges
        verdict = self.exercise.verdict(_evidence(scene, outcome, exchanges))
        return None if verdict.passed and self._scenes else verdict

    def close(self) -> None:
        if self._server:
            self._server.close()


class _Bounded:
    """ASGI middleware: hangs up on whoever sends too many requests, so that a loop without an end has one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._left = MAX_REQUESTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._left -= scope["type"] == "http"
        if self._left < 0:
            scope["state"]["drop"]()
        else:
            await self._app(scope, receive, send)


def _evidence(scene: Scene, outcome: Outcome, exchanges: tuple[Exchange, ...]) -> Evidence:
    return Evidence(
        scene.arguments,
        outcome.value,
        outcome.failure,
        outcome.unusable,
        exchanges,
        _afterwards(scene),
        scene.expected,
    )


def _afterwards(scene: Scene) -> tuple[Exchange, ...]:
    """The examiner's own exchanges with the backend, on a server that the learner's code does not know."""
    if not scene.afterwards:
        return ()
    with Server(scene.app) as server:
        client = Client(server.url)
        try:
            scene.afterwards(client)
        finally:
            client.close()
        return server.recorder.exchanges
