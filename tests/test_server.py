"""`serve` and `Server` as a lesson uses them: over real sockets, beside a kernel, and when something goes wrong."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
import websocket
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from course_support import server as server_module
from course_support.faults import Pass
from course_support.recorder import Recording
from course_support.server import ServeError, Server, serve
from tests.wiretap import SECONDS, Client, Probe

HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
PROJECT = Path(__file__).parents[1]


@pytest.fixture
def named() -> Iterator[dict[str, Server]]:
    """What `serve` keeps; closed afterwards."""
    yield server_module._named
    for server in server_module._named.values():
        server.close()
    server_module._named.clear()


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a fresh interpreter, where no test runner has touched logging or the environment."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | environment,
    )


def test_answers_as_soon_as_it_is_there(server: Server) -> None:
    assert server.url == f"http://127.0.0.1:{server.port}"
    assert requests.get(f"{server.url}/hello").text == "hello"
    assert server.running


def test_listens_on_this_machine_alone(server: Server) -> None:
    assert server._socket.getsockname() == ("127.0.0.1", server.port)


def test_kept_connections_do_not_wait_for_delayed_acknowledgements(server: Server) -> None:
    # without TCP_NODELAY each request after the first takes 40 ms
    with Client(server.port) as client:
        client.ask(HELLO)
        [connection] = server._uvicorn.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_close_frees_the_port_and_may_be_repeated(probe: Probe) -> None:
    first = Server(probe.app)
    first.close()
    first.close()
    assert not first.running
    with pytest.raises(requests.ConnectionError):
        requests.get(first.url)
    with Server(probe.app, port=first.port) as second:
        assert second.port == first.port


def test_the_traffic_of_a_closed_server_can_still_be_read(probe: Probe) -> None:
    with Server(probe.app) as server:
        requests.get(f"{server.url}/hello")
    assert [exchange.status for exchange in server.traffic] == [200]
    assert server.last.status == 200


def test_last_is_the_newest_exchange(server: Server) -> None:
    with pytest.raises(LookupError, match="Nothing has been sent"):
        _ = server.last
    requests.get(f"{server.url}/hello")
    requests.get(f"{server.url}/none")
    assert (server.last.number, server.last.status) == (2, 404)


def test_last_reads_one_exchange_of_many(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    monkeypatch.setattr(Recording, "parse", lambda recording: read.append(recording.number))
    with Client(server.port) as client:
        for _ in range(5):
            client.ask(HELLO)
        _ = server.recorder.last
    assert read == [5]


def test_last_is_the_newest_even_if_it_ended_first(server: Server, probe: Probe) -> None:
    with Client(server.port) as slow, Client(server.port) as quick:
        slow.send(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        assert probe.entered.wait(SECONDS)
        quick.ask(HELLO)
        probe.release.set()
        slow.answer()
        assert server.last.request.path == "/hello"


def test_serving_twice_leaves_one_server_on_the_same_port(named: dict[str, Server]) -> None:
    first, second = Probe(), Probe()
    old = serve(first.app)
    threads = threading.active_count()
    new = serve(second.app)
    assert (new.port, old.running, threading.active_count()) == (old.port, False, threads)
    requests.get(f"{old.url}/hello")
    assert (first.work, second.work) == ([], ["hello"])
    assert len(new.traffic) == 1


def test_serving_again_after_a_failure_keeps_the_port(named: dict[str, Server]) -> None:
    old = serve(Probe().app)
    with pytest.raises(ServeError):
        serve(failing())
    assert serve(Probe().app).port == old.port


def test_backends_are_told_apart_by_their_names(named: dict[str, Server]) -> None:
    apps = [Probe().app, Probe().app, Probe().app]
    apps[0].state.name = "rest"
    servers = [serve(apps[0]), serve(apps[1]), serve(apps[2], name="other")]
    assert [server.running for server in servers] == [True] * 3
    assert set(named) == {"rest", "backend", "other"}


def test_starting_and_stopping_leaves_nothing_behind(probe: Probe) -> None:
    def cycle() -> None:
        with Server(probe.app) as server, Client(server.port) as kept, Client(server.port) as unused:
            kept.ask(HELLO)
            assert unused.socket

    def held() -> tuple[int, int]:
        gc.collect()
        return threading.active_count(), len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0

    cycle()
    before = held()
    for _ in range(50):
        cycle()
    assert held() == before


def test_close_meets_connections_that_it_has_just_accepted(probe: Probe) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(10):
            server = Server(probe.app)
            guests = [Client(server.port) for _ in range(3)]
            knocking = threading.Thread(target=knock, args=(server.port, guests))
            knocking.start()
            server.close()
            knocking.join()
            for guest in guests:
                guest.close()
            del server
        gc.collect()
    assert {str(warning.message).partition(" fd=")[0] for warning in caught} == set()


def knock(port: int, guests: list[Client]) -> None:
    """Connect until nobody is at home."""
    with contextlib.suppress(OSError):
        while True:
            guests.append(Client(port))


def failing(words: str = "no room for the data") -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        raise LookupError(words)
        yield

    return Starlette(lifespan=lifespan)


def refusing(words: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.failed", "message": words})

    return app


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (failing(), "LookupError: no room for the data"),
        (refusing("the shop is closed"), "the shop is closed"),
        (refusing(""), "it gave no reason."),
    ],
)
def test_a_failing_start_is_one_sentence_and_leaves_nothing_behind(app: ASGIApp, words: str) -> None:
    with pytest.raises(ServeError):  # its words are not those of the next failure
        Server(failing("an older failure"))
    threads = threading.active_count()
    with pytest.raises(ServeError) as caught:
        Server(app)
    assert str(caught.value) == f"The backend did not start: {words}"
    assert threading.active_count() == threads


def test_a_taken_port_is_one_sentence(server: Server, probe: Probe) -> None:
    with pytest.raises(ServeError) as caught:
        Server(probe.app, port=server.port)
    assert str(caught.value) == f"Port {server.port} is not free on 127.0.0.1: choose another one, or leave it out."


def test_close_cuts_a_request_in_flight(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        assert probe.entered.wait(SECONDS)
        server.close()
        assert client.rest() == b""
    assert not server.running
    assert probe.work == []
    assert (server.last.response, server.last.note) == (None, "the server closed the connection without a response")


def test_close_lets_a_request_that_is_about_to_end_end(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n")
        assert probe.entered.wait(SECONDS)
        probe.release.set()
        server.close()
        assert client.rest().endswith(b"held")
    assert server.last.status == 200


@pytest.mark.parametrize("blocks", ["its thread", "the loop"])
def test_close_does_not_wait_for_a_handler_that_never_returns(blocks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "PATIENCE", 0.3)
    entered, release, returned = threading.Event(), threading.Event(), threading.Event()

    def in_its_thread(request: Request) -> Response:
        entered.set()
        release.wait(SECONDS)
        returned.set()
        return PlainTextResponse("late")

    async def in_the_loop(request: Request) -> Response:
        return in_its_thread(request)

    app = Starlette(routes=[Route("/", in_its_thread if blocks == "its thread" else in_the_loop)])
    server = Server(app)
    with Client(server.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert entered.wait(SECONDS)
        server.close()
        assert not returned.is_set()
        Server(app, port=server.port).close()  # its port is free
        release.set()
    server._thread.join(SECONDS)
    assert not server.running


QUIET = """
import asyncio, gc, logging
logging.basicConfig(format="%(name)s %(message)s")  # as a learner's notebook may
import requests
from starlette.applications import Starlette
from starlette.responses import StreamingResponse, PlainTextResponse
from starlette.routing import Route
from course_support import serve

async def fails(request):
    raise ArithmeticError("the handler fails")

async def breaks(request):
    async def pieces():
        yield b"begun"
        raise ArithmeticError("the content fails")
    return StreamingResponse(pieces())

async def leaves_a_task(request):
    async def work():
        raise ArithmeticError("the task fails")
    asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    return PlainTextResponse("done")

server = serve(Starlette(routes=[Route("/" + f.__name__, f) for f in (fails, breaks, leaves_a_task)]))
for path in ("fails", "breaks", "leaves_a_task", "none"):
    try:
        requests.get(f"{server.url}/{path}")
    except requests.RequestException:
        pass
server.faults.drop_next()
try:
    requests.get(server.url)
except requests.ConnectionError:
    pass
server.close()
gc.collect()
for words in ("the handler fails", "the content fails", "the task fails"):
    assert words in server.log, words
print("nothing else")
"""


def test_nothing_is_printed_from_the_server_thread() -> None:
    result = run(QUIET)
    assert (result.stdout, result.stderr) == ("nothing else\n", "")


PROXIED = """
import os, urllib.request, requests
from course_support import serve
from tests.wiretap import Probe
server = serve(Probe().app)
print(requests.get(server.url + "/hello").text, urllib.request.urlopen(server.url + "/hello").read().decode())
print(os.environ["NO_PROXY"] == os.environ["no_proxy"], os.environ["NO_PROXY"])
"""


@pytest.mark.parametrize(
    ("environment", "hosts"),
    [
        pytest.param({}, "127.0.0.1,localhost", id="unset"),
        pytest.param({"NO_PROXY": "a.example"}, "a.example,127.0.0.1,localhost", id="NO_PROXY"),
        pytest.param({"no_proxy": "a.example"}, "a.example,127.0.0.1,localhost", id="no_proxy"),
        pytest.param({"NO_PROXY": "localhost,127.0.0.1"}, "localhost,127.0.0.1", id="known"),
        pytest.param({"NO_PROXY": "*", "no_proxy": "*"}, "*", id="all"),
    ],
)
def test_the_backend_is_reached_directly_where_a_proxy_is_set(environment: dict[str, str], hosts: str) -> None:
    proxy = "http://127.0.0.1:9"  # nobody listens there
    result = run(PROXIED, HTTP_PROXY=proxy, http_proxy=proxy, ALL_PROXY=proxy, **environment)
    assert result.stdout == f"hello hello\nTrue {hosts}\n", result.stderr


BLOCKED = {
    "in its own work": "import time; print('blocked', flush=True); time.sleep(60)",
    "in a request": "print('blocked', flush=True); requests.get(server.url + '/held')",
}


class Kernel(NamedTuple):
    manager: KernelManager
    client: BlockingKernelClient

    def execute(self, code: str, interrupt: bool = False) -> str:
        """Run a cell and return what it printed, an error by its name; interrupt it once it has printed."""
        printed: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])
                if interrupt:
                    time.sleep(0.2)  # so that the cell has gone on from the print to where it blocks
                    self.manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                printed.append(message["content"]["ename"])

        self.client.execute_interactive(code, timeout=60, output_hook=hear)
        return "".join(printed)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """A real kernel that serves the probe as `server`."""
    kernel = Kernel(*start_new_kernel(cwd=str(PROJECT)))
    try:
        kernel.execute("import requests; from course_support import serve; from tests.wiretap import Probe")
        kernel.execute("server = serve(Probe().app)")
        yield kernel
    finally:
        kernel.client.stop_channels()
        kernel.manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("where", BLOCKED)
def test_interrupting_a_blocked_cell_leaves_the_server_up(kernel: Kernel, where: str) -> None:
    assert kernel.execute(BLOCKED[where], interrupt=True) == "blocked\nKeyboardInterrupt"
    assert kernel.execute("print(server.running, requests.get(server.url + '/hello').text)") == "True hello\n"


def test_the_name_of_the_server_shows_its_card(server: Server) -> None:
    assert repr(server) == server.card.text
    assert server.url in server._repr_html_()


def test_faults_are_off_at_first(server: Server) -> None:
    assert (server.faults.delay, server.faults.waiting) == (0.0, ())
    server.faults.script(Pass())
    assert server.faults.waiting == (Pass(),)


def first_frame(server: Server) -> int:
    """The opcode of what comes first, in the quarter of a second in which a ping would have come."""
    client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws/echo", SECONDS)
    word = threading.Timer(0.25, client.send, ("hey",))
    word.start()
    opcode: int = client.recv_data(control_frame=True)[0]
    word.cancel()
    client.close()
    return opcode


def test_no_pings_but_those_that_the_application_wants(server: Server, probe: Probe) -> None:
    assert first_frame(server) == websocket.ABNF.OPCODE_TEXT
    probe.app.state.ping_interval = 0.05
    with Server(probe.app) as pinging:
        assert first_frame(pinging) == websocket.ABNF.OPCODE_PING
