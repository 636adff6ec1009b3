"""One learner's attempt at one exercise: each scene with a fresh backend, what came of the call, and the verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from websocket import WebSocketException

from course_support.evidence import MAX_REQUESTS, Evidence, Failure
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.relay import Relay
from course_support.server import Server
from course_support.verdict import Verdict
from course_support.wire import Exchange


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the learner's kernel says came of its call: one of the four. `serving` is where it serves an application."""

    value: Any = None
    failure: Failure | None = None
    unusable: str = ""
    serving: str = ""

    @classmethod
    def parse(cls, content: dict[str, Any]) -> Outcome | None:
        """The outcome in an answer's content, or None: a kernel may send what it likes."""
        match content:
            case {"value": value}:
                return cls(value)
            case {"unusable": str(why)} if why:
                return cls(unusable=why)
            case {"serving": str(url)} if re.fullmatch(r"http://127\.0\.0\.1:[0-9]{1,5}", url):
                return cls(serving=url)
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
        self._passed = False  # a scene

    def open(self) -> list[Any]:
        """Start the next scene's backend; returns the arguments for the learner's function."""
        scene = self._scenes[0]
        self._server = Server(_Bounded(scene.app))
        self._server.faults.script(*scene.faults)
        return [self._server.url if value is URL else value for value in scene.arguments.values()]

    @property
    def serves(self) -> bool:
        """Whether the open scene asks for an application to serve."""
        return self._scenes[0].serves

    def answer(self, outcome: Outcome) -> Verdict | None:
        """The verdict on the outcome of the open scene, or None where the answer is right and scenes are left."""
        assert self._server
        scene = self._scenes.pop(0)
        if outcome.serving == self._server.url:
            outcome = Outcome(unusable="the address of the exercise's own backend")
        if scene.serves:
            afterwards = _visit(scene, outcome.serving)  # the application may ask the backend while it answers
            self._server.close()
        else:
            self._server.close()  # first: what the learner's code sends from here on comes too late
            afterwards = _afterwards(scene)
        evidence = _evidence(scene, outcome, self._server.recorder.exchanges, afterwards)
        verdict = self.exercise.verdict(replace(evidence, attempted=self._passed))
        self._passed = verdict.passed
        return None if verdict.passed and self._scenes else verdict

    def close(self) -> None:
        if self._server:
            self._server.close()


class _Bounded:
    """ASGI middleware: hangs up after too many requests or handshakes, so that a loop without an end has one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.state = getattr(app, "state", None)  # whether it wants pings
        self._left = MAX_REQUESTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._left -= scope["type"] in ("http", "websocket")
        if self._left < 0:
            scope["state"]["drop"]()
        else:
            await self._app(scope, receive, send)


def _evidence(
    scene: Scene, outcome: Outcome, exchanges: tuple[Exchange, ...], afterwards: tuple[Exchange, ...]
) -> Evidence:
    return Evidence(
        scene.arguments,
        outcome.value,
        outcome.failure,
        outcome.unusable,
        exchanges,
        afterwards,
        scene.expected,
        scene.serves,
        bool(outcome.serving),
    )


def _afterwards(scene: Scene) -> tuple[Exchange, ...]:
    """The examiner's own exchanges with the backend, on a server that the learner's code does not know."""
    return _played(scene.app, scene.afterwards) if scene.afterwards else ()


def _visit(scene: Scene, serving: str) -> tuple[Exchange, ...]:
    """The examiner's exchanges with the learner's application, recorded on the examiner's side."""
    return _played(Relay(serving), scene.afterwards, serving) if scene.afterwards and serving else ()


def _played(app: ASGIApp, play: Callable[[Client], None], direct: str = "") -> tuple[Exchange, ...]:
    with Server(app) as server:
        client = Client(server.url, direct, server.recorder if direct else None)
        try:
            play(client)
        except (OSError, WebSocketException):  # those of requests among them
            pass  # of a learner's application: the exchanges show that it gave no answer
        finally:
            client.close()
        return server.recorder.exchanges
