"""A small exercise for tests of the machinery: ask an echo service for a word, in two scenes, and return it."""

from __future__ import annotations

import random
from typing import Any

import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.evidence import Evidence, same
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.faults import Fault
from course_support.verdict import PASSED, Verdict, wrong


def service() -> Starlette:
    """`GET /echo?word=…` answers with the word; it counts how often it was asked."""

    async def echo(request: Request) -> Response:
        app.state.asked += 1
        return JSONResponse({"word": request.query_params.get("word"), "asked": app.state.asked})

    app = Starlette(routes=[Route("/echo", echo)])
    app.state.asked = 0
    return app


def scenes(draw: random.Random) -> list[Scene]:
    return [scene(f"{which}-{draw.randrange(10**9)}") for which in ("first", "second")]


def scene(word: str, *faults: Fault) -> Scene:
    def afterwards(client: Client) -> None:
        client.send("GET", "/echo?word=afterwards", "the-examiners-token")

    return Scene(service(), {"url": URL, "word": word}, {"word": word}, faults, afterwards)


def judge(evidence: Evidence) -> Verdict:
    if same(evidence.value, evidence.expected["word"]) and evidence.exchanges:
        return PASSED
    return wrong("That is not the word.", evidence.last, expected=evidence.expected["word"], seen=repr(evidence.value))


ECHO = Exercise("lesson.echo", "Say it again", 2, ("Ask.", "Ask the service."), scenes, judge)


def right(url: str, word: str) -> Any:
    return requests.get(f"{url}/echo", params={"word": word}, timeout=10).json()["word"]
