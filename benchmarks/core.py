"""Measures the core: `python benchmarks/core.py` prints how long a server takes to be ready and what recording costs.

Each figure is a median over rounds taken in turn, so that a busy moment of the machine hits both sides of a ratio:
the ratios can be compared between machines, the milliseconds cannot.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from time import perf_counter
from unittest.mock import patch

import websocket
from rich.console import Console
from rich.table import Table
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from uvicorn.protocols.http.h11_impl import H11Protocol

from course_support.server import Server, serve

ROUNDS = 15
REQUESTS = 400
CELL = """
import ipykernel.ipkernel, matplotlib_inline  # what a kernel has loaded before its first cell
from time import perf_counter
started = perf_counter()
{}
print(perf_counter() - started)
"""
LIBRARIES = "import requests, starlette.applications, starlette.endpoints, uvicorn.protocols.http.h11_impl"
FIRST = "from course_support import serve; from course_support.backends.rest import app; server = serve(app(seed=1))"


async def _hello(request: Request) -> Response:
    return JSONResponse({"id": 1, "name": "Workout Mix", "songs": 12})


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


APP = Starlette(routes=[Route("/", _hello), WebSocketRoute("/echo", _echo)])


def main() -> None:
    table = Table("", "ms", "times", title="The core: medians of rounds taken in turn", title_justify="left")
    libraries, first = in_turn(lambda: cell(LIBRARIES), lambda: cell(FIRST))
    started, stopped, replaced = in_turn(start, stop, replace)
    plain, recorded, read = recording()
    said, said_recorded = saying()
    for what, seconds, base in [
        ("the libraries alone imported, in a fresh kernel", libraries, libraries),
        ("a lesson's first cell: imports and start", first, libraries),
        ("one more server: start", started, started),
        ("one more server: stop", stopped, started),
        ("serve() again: stop, and start on the same port", replaced, started),
        ("a request, unrecorded", plain, plain),
        ("a request, recorded", recorded, plain),
        ("a recorded exchange, read for the first time", read, plain),
        ("a WebSocket message and its echo, unrecorded", said, said),
        ("a WebSocket message and its echo, recorded", said_recorded, said),
    ]:
        table.add_row(what, f"{seconds * 1000:.2f}", f"{seconds / base:.2f}")
    Console().print(table)


def in_turn(*measures: Callable[[], float]) -> list[float]:
    """The median of each measure; the first round only warms the disk."""
    times = [[measure() for measure in measures] for _ in range(ROUNDS + 1)][1:]
    return [median(column) for column in zip(*times, strict=True)]


def cell(code: str) -> float:
    """Seconds that a cell takes in a fresh interpreter."""
    run = subprocess.run([sys.executable, "-c", CELL.format(code)], capture_output=True, check=True)
    return float(run.stdout)


def start() -> float:
    started = perf_counter()
    server = Server(APP)
    seconds = perf_counter() - started
    server.close()
    return seconds


def stop() -> float:
    server = Server(APP)
    started = perf_counter()
    server.close()
    return perf_counter() - started


def replace() -> float:
    serve(APP, name="benchmark")
    started = perf_counter()
    server = serve(APP, name="benchmark")
    seconds = perf_counter() - started
    server.close()
    return seconds


def recording() -> tuple[float, float, float]:
    """Seconds for a request without the tap and with it, and for reading an exchange."""
    with unrecorded() as plain, Server(APP) as recorded:
        connections = [http.client.HTTPConnection("127.0.0.1", server.port) for server in (plain, recorded)]
        times = in_turn(*(partial(requests, connection) for connection in connections))
        started = perf_counter()
        read = len(recorded.traffic)
        each = (perf_counter() - started) / read
        for connection in connections:
            connection.close()
    return times[0], times[1], each


def saying() -> tuple[float, float]:
    """Seconds for a message and its echo, without the tap and with it."""
    with unrecorded() as plain, Server(APP) as recorded:
        sockets = [websocket.create_connection(f"ws://127.0.0.1:{server.port}/echo") for server in (plain, recorded)]
        times = in_turn(*(partial(echoes, socket) for socket in sockets))
        for socket in sockets:
            socket.close()
    return times[0], times[1]


@contextmanager
def unrecorded() -> Iterator[Server]:
    """The same server with uvicorn's own protocol."""
    with patch("course_support.server.tapped", lambda recorder: H11Protocol):
        server = Server(APP)
    with server:
        yield server


def requests(connection: http.client.HTTPConnection) -> float:
    """Seconds that one of many kept-alive requests takes."""
    started = perf_counter()
    for _ in range(REQUESTS):
        connection.request("GET", "/")
        connection.getresponse().read()
    return (perf_counter() - started) / REQUESTS


def echoes(socket: websocket.WebSocket) -> float:
    """Seconds that one of many messages and its echo take."""
    started = perf_counter()
    for _ in range(REQUESTS):
        socket.send("hello")
        socket.recv()
    return (perf_counter() - started) / REQUESTS


if __name__ == "__main__":
    main()
