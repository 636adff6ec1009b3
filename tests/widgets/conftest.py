"""A small backend for the widgets: it answers, refuses, and waits for as long as a test likes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from course_support.server import Server


async def echo(request: Request) -> Response:
    return JSONResponse({"got": (await request.body()).decode()})


async def sleep(request: Request) -> Response:
    await asyncio.sleep(60)
    return Response()


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@pytest.fixture
def server() -> Iterator[Server]:
    methods = ["GET", "POST", "PUT", "DELETE"]
    app = Starlette(
        routes=[
            Route("/items", echo, methods=methods),
            Route("/items/{id}", echo),
            Route("/sleep", sleep),
            WebSocketRoute("/talk", talk),
        ]
    )
    app.state.name = "small"
    app.state.credentials = {"ada": "ada-secret"}
    with Server(app) as server:
        yield server
