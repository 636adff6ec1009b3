"""Faults of the line under open WebSockets, as both of its ends meet them over a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from time import monotonic

import pytest
import websocket
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websocket import WebSocketConnectionClosedException, WebSocketTimeoutException
from websockets.frames import Opcode

from course_support import line
from course_support.faults import Lag
from course_support.recorder import OPEN
from course_support.server import Server
from tests.wiretap import SECONDS, UPGRADE, Client, Probe, frame

LOST = (WebSocketConnectionClosedException, ConnectionError)
A_MOMENT = 0.2  # seconds in which what should not come would have come


@pytest.fixture
def connect(server: Server) -> Iterator[Callable[..., websocket.WebSocket]]:
    opened: list[websocket.WebSocket] = []

    def connect(path: str = "/ws/echo", **options: object) -> websocket.WebSocket:
        opened.append(websocket.create_connection(f"ws://127.0.0.1:{server.port}{path}", SECONDS, **options))
        return opened[-1]

    yield connect
    for client in opened:
        client.shutdown()


Connect = Callable[..., websocket.WebSocket]


def until(true: Callable[[], bool]) -> bool:
    """Wait for it; False if it takes too long."""
    end = monotonic() + SECONDS
    while not true() and monotonic() < end:
        time.sleep(0.005)
    return true()


def echo(client: websocket.WebSocket, text: str = "hey") -> str | bytes:
    client.send(text)
    return client.recv()


def silence(client: websocket.WebSocket) -> None:
    """Nothing comes."""
    client.settimeout(A_MOMENT)
    with pytest.raises(WebSocketTimeoutException):
        client.recv()
    client.settimeout(SECONDS)


class TestCut:
    def test_breaks_every_open_websocket_without_a_close_frame(self, server: Server, connect: Connect) -> None:
        clients = [connect(), connect()]
        for client in clients:
            assert echo(client) == "hey"
        server.faults.cut()
        for client in clients:
            with pytest.raises(LOST):
                client.recv()
        assert [exchange.note for exchange in server.traffic] == ["the line was cut"] * 2
        assert [message.opcode for message in server.last.messages] == ["text", "text"]

    def test_is_over_when_it_returns(self, server: Server, connect: Connect) -> None:
        for _ in range(20):
            connect()
            server.faults.cut()
            assert server.recorder.so_far()[-1].note == "the line was cut"

    def test_tells_the_server(self, server: Server, probe: Probe, connect: Connect) -> None:
        echo(connect())
        server.faults.cut()
        assert until(lambda: probe.work == ["closed 1005"])

    def test_spares_whoever_connects_again_and_every_request(self, server: Server, connect: Connect) -> None:
        connect()
        server.faults.cut()
        assert echo(connect()) == "hey"
        with Client(server.port) as http:
            assert http.ask(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"hello")
            server.faults.cut()
            assert http.ask(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"hello")

    def test_of_nothing_is_nothing(self, server: Server, connect: Connect) -> None:
        server.faults.cut()
        client = connect()
        client.close()
        server.faults.cut()
        assert server.last.note == ""
        server.close()
        server.faults.cut()

    def test_from_the_servers_own_thread(self) -> None:
        async def cutting(socket: WebSocket) -> None:
            await socket.accept()
            await socket.receive_text()
            server.faults.cut()

        with Server(Starlette(routes=[WebSocketRoute("/", cutting)])) as server:
            client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/", SECONDS)
            client.send("go")
            with pytest.raises(LOST):
                client.recv()
            client.shutdown()


class TestLag:
    def test_takes_its_time_in_both_directions(self, server: Server, connect: Connect) -> None:
        client = connect()
        echo(client)
        server.faults.lag = 0.15
        started = monotonic()
        assert echo(client) == "hey"
        assert monotonic() - started >= 0.3

    def test_keeps_the_order_even_if_it_becomes_shorter(self, server: Server, connect: Connect) -> None:
        client = connect()
        for count in range(20):
            server.faults.lag = 0.2 if count < 10 else 0.01
            client.send(str(count))
        server.faults.lag = 0
        for count in range(20, 30):
            client.send(str(count))
        assert [client.recv() for _ in range(30)] == [str(count) for count in range(30)]

    def test_is_none_for_requests_and_handshakes(self, server: Server, connect: Connect) -> None:
        server.faults.lag = 3600
        with Client(server.port) as http:
            assert http.ask(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"hello")
        assert connect().connected

    def test_holds_the_goodbyes_up_too(self, server: Server, probe: Probe, connect: Connect) -> None:
        client = connect()
        echo(client)
        server.faults.lag = 0.15
        started = monotonic()
        client.send_close(1001)
        assert client.recv_data()[0] == Opcode.CLOSE
        assert monotonic() - started >= 0.3
        with pytest.raises(LOST):
            client.recv()
        assert until(lambda: server.last.note == "")
        assert [message.close_code for message in server.last.messages[-2:]] == [1001, 1001]
        assert probe.work == ["closed 1001"]

    def test_the_record_has_the_times_of_the_clients_side(self, server: Server, connect: Connect) -> None:
        client = connect()
        server.faults.lag = 0.1
        echo(client)
        asked, answered = server.last.messages
        assert answered.at - asked.at >= 0.2

    def test_long_messages_arrive_whole(self, server: Server, connect: Connect) -> None:
        client = connect()
        server.faults.lag = 0.01
        long = "x" * 3_000_000
        assert echo(client, long) == long
        server.faults.clear()
        assert echo(client) == "hey"

    def test_what_is_on_a_line_that_is_cut_is_lost(self, server: Server, probe: Probe, connect: Connect) -> None:
        client = connect()
        server.faults.lag = 0.1
        client.send("never heard")
        assert until(lambda: len(server.last.messages) == 1)
        server.faults.cut()
        assert until(lambda: probe.work == ["closed 1005"])
        assert [message.sender for message in server.last.messages] == ["client"]


class TestSilence:
    def test_nothing_passes_until_it_ends_and_then_all(self, server: Server, connect: Connect) -> None:
        client = connect()
        server.faults.silent = True
        client.send("one")
        client.ping("two")
        client.send("three")
        silence(client)
        assert [message.opcode for message in server.last.messages] == ["text", "ping", "text"], "on the client's side"
        assert server.last.note == OPEN
        server.faults.silent = False
        heard = [client.recv_data(True) for _ in range(3)]
        assert [data for opcode, data in heard if opcode == Opcode.TEXT] == [b"one", b"three"]
        assert (Opcode.PONG, b"two") in heard

    def test_swallows_a_goodbye(self, server: Server, probe: Probe, connect: Connect) -> None:
        client = connect()
        echo(client)
        server.faults.silent = True
        client.send_close(1000)
        silence(client)
        assert probe.work == []
        server.faults.silent = False
        assert client.recv_data()[0] == Opcode.CLOSE
        assert until(lambda: probe.work == ["closed 1000"])

    def test_the_server_does_not_notice_that_a_client_is_gone(
        self, server: Server, probe: Probe, connect: Connect
    ) -> None:
        client = connect()
        echo(client)
        server.faults.silent = True
        client.shutdown()
        assert until(lambda: server.last.note == "the client closed the connection without a close frame")
        time.sleep(A_MOMENT)
        assert probe.work == []
        server.faults.silent = False
        assert until(lambda: probe.work == ["closed 1005"])

    def test_a_server_that_pings_does_notice(self, probe: Probe) -> None:
        probe.app.state.ping_interval = 0.1
        with Server(probe.app) as server:
            client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws/echo", SECONDS)
            echo(client)
            server.faults.silent = True
            assert until(lambda: probe.work == ["closed 1005"])
            assert 1011 not in [message.close_code for message in server.last.messages]
            server.faults.silent = False
            assert until(lambda: server.last.messages[-1].close_code == 1011)
            client.shutdown()

    def test_a_server_may_wait_longer_for_a_pong_than_for_the_next_ping(self, probe: Probe) -> None:
        probe.app.state.ping_interval, probe.app.state.ping_timeout = 0.05, 20.0
        with Server(probe.app) as server:
            server.faults.script(Lag(0.1))
            client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws/echo", SECONDS)
            for _ in range(3):
                echo(client)
            assert Opcode.PING.name.lower() in [message.opcode for message in server.last.messages]
            client.close()
            assert 1011 not in [message.close_code for message in server.last.messages]

    def test_a_server_that_closes_is_not_kept_waiting(self, server: Server, connect: Connect) -> None:
        server.faults.silent = True
        client = connect("/ws/leaves")
        silence(client)
        assert server.last.messages == ()
        server.faults.silent = False
        assert client.recv() == '{"say":"bye"}'
        assert client.recv_data()[0] == Opcode.CLOSE

    def test_it_can_be_cut(self, server: Server, probe: Probe, connect: Connect) -> None:
        client = connect()
        echo(client)
        server.faults.silent = True
        client.send("unheard")
        server.faults.cut()
        with pytest.raises(LOST):
            client.recv()
        assert until(lambda: probe.work == ["closed 1005"])

    @pytest.mark.parametrize("path", ["/ws/echo", "/ws/leaves", "/ws/deaf"])
    def test_a_server_that_is_closed_leaves_no_line_behind(self, server: Server, connect: Connect, path: str) -> None:
        server.faults.silent = True
        client = connect(path)
        client.send("unheard")
        server.close()
        assert not server.running
        with pytest.raises(LOST):
            client.recv()
        assert not server.faults.lines.open

    def test_fills_up_and_both_sides_have_to_wait(self, server: Server, connect: Connect) -> None:
        """What is held is bounded: a line is no store."""
        client = connect()
        client.settimeout(A_MOMENT)
        server.faults.silent = True
        with pytest.raises((WebSocketTimeoutException, TimeoutError)):
            client.send("x" * 30_000_000)
        assert server.last.request_bytes < 1_000_000

    def test_a_server_that_only_talks_has_to_wait(self) -> None:
        sent: list[int] = []

        async def talking(socket: WebSocket) -> None:
            await socket.accept()
            for count in range(200):
                await socket.send_text("x" * 10_000)
                sent.append(count)
            await socket.receive()

        with Server(Starlette(routes=[WebSocketRoute("/", talking)])) as server:
            server.faults.silent = True
            client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/", SECONDS)
            assert until(lambda: bool(sent))
            time.sleep(A_MOMENT)
            assert len(sent) * 10_000 < 2 * line.HIGH
            server.faults.silent = False
            assert sum(len(client.recv()) for _ in range(200)) == 2_000_000
            client.close()


class Ends:
    """Both ends of a line: the transport that has the client's socket, and the server's protocol."""

    def __init__(self) -> None:
        self.reading = True
        self.got = 0

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    def data_received(self, data: bytes) -> None:
        self.got += len(data)


def test_reading_goes_on_when_neither_the_line_nor_the_protocol_has_too_much() -> None:
    """Else a client that is faster than a slow line would fill the memory: the protocol asks for more all the time."""

    async def send_much() -> None:
        ends, lines = Ends(), line.Lines()
        slow = line.Line(lines, ends, ends, lambda data: None, None)  # type: ignore[arg-type]
        lines.silent = True
        slow.received(bytes(line.HIGH + 1))
        slow.pause_reading()
        slow.resume_reading()
        assert not ends.reading
        slow.pause_reading()
        lines.silent = False
        assert ends.got == line.HIGH + 1
        assert not ends.reading
        slow.resume_reading()
        assert ends.reading

    asyncio.run(send_much())


def test_a_frame_before_the_answer_to_the_handshake_does_not_stop_the_line(server: Server) -> None:
    server.faults.delay = A_MOMENT
    with Client(server.port) as client:
        client.send(UPGRADE % b"/ws/echo")
        time.sleep(A_MOMENT / 2)  # so that uvicorn does not take the frame for a part of the request
        client.send(frame(Opcode.TEXT, b"hey"))
        client.answer()
        client.send(frame(Opcode.TEXT, b"you"))
        assert client._exactly(10) == b"\x81\x03hey\x81\x03you"


def test_frames_after_the_servers_goodbye_fail_nobody(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/leaves")
        client._exactly(31)  # a message, and the close frame
        logged = server.log
        client.send(b"\xff" * 20)  # these are no frames, and there is nothing left to answer with
        client.rest()
        assert server.log == logged


def test_clear_ends_it_all(server: Server, connect: Connect) -> None:
    client = connect()
    server.faults.lag = 0.01
    server.faults.silent = True
    client.send("one")
    server.faults.clear()
    assert (server.faults.lag, server.faults.silent) == (0.0, False)
    assert client.recv() == "one"
    assert echo(client) == "hey"


def test_without_a_fault_a_client_that_does_not_read_makes_the_server_wait(server: Server) -> None:
    def flood() -> None:
        with contextlib.suppress(OSError):
            for _ in range(30):
                client.send(frame(Opcode.BINARY, bytes(10**6)))

    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        flooding = threading.Thread(target=flood)
        flooding.start()
        flooding.join(A_MOMENT)
        assert flooding.is_alive()
        client.socket.shutdown(socket.SHUT_RDWR)
        flooding.join(SECONDS)
