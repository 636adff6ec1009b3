"""The statement counter: each answer tells of its own request alone."""

from __future__ import annotations

import asyncio

import requests
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from course_support.backends import statements
from course_support.server import Server


async def count(request: Request) -> Response:
    async def one() -> None:
        await asyncio.sleep(0.01)
        statements.count()

    await asyncio.gather(*(one() for _ in range(int(request.path_params["number"]))))
    return PlainTextResponse("counted")


APP = Starlette(routes=[Route("/{number}", count)], middleware=[Middleware(statements.Counted)])


def test_tasks_count_for_the_request_that_started_them_and_for_no_other() -> None:
    async def side_by_side(url: str) -> list[str]:
        answers = await asyncio.gather(*(asyncio.to_thread(requests.get, f"{url}/{number}") for number in range(8)))
        return [answer.headers[statements.FIELD] for answer in answers]

    with Server(APP) as server:
        assert asyncio.run(side_by_side(server.url)) == [str(number) for number in range(8)]
        assert requests.get(f"{server.url}/3", timeout=5).headers[statements.FIELD] == "3"


def test_outside_of_a_request_nobody_counts() -> None:
    statements.count()
