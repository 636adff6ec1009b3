"""WebSockets in the record: the bytes that crossed the socket, whoever breaks off, and nobody waits."""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Callable
from time import monotonic

import pytest
import websocket
from websockets.frames import Opcode

from course_support import recorder
from course_support.recorder import CLOSING, OPEN
from course_support.server import Server
from course_support.wire import Exchange
from tests.wiretap import SECONDS, UPGRADE, Client, CountingProxy, Probe, frame


def connect(server: Server, path: str = "/ws/echo") -> websocket.WebSocket:
    return websocket.create_connection(f"ws://127.0.0.1:{server.port}{path}", timeout=SECONDS)


def essence(exchange: Exchange) -> list[tuple[str, str, str]]:
    return [(message.sender, message.opcode, message.text) for message in exchange.messages]


def settled(server: Server, note: str = "") -> Exchange:
    """The last exchange, when its connection is known to be lost."""
    lost = threading.Event()
    leave = server.recorder.subscribe(lambda recording: lost.set() if recording.ended else None)
    if server.last.note in (OPEN, CLOSING):
        assert lost.wait(SECONDS)
    leave()
    assert server.last.note == note
    return server.last


def test_a_conversation_from_handshake_to_close(server: Server) -> None:
    client = connect(server)
    client.send("one")
    assert client.recv() == "one"
    client.send_binary(b"\0\xff")
    assert client.recv() == b"\0\xff"
    client.close(1000, b"done")
    exchange = settled(server)
    assert (exchange.request.method, exchange.request.path, exchange.status) == ("GET", "/ws/echo", 101)
    assert exchange.response
    assert exchange.response.complete
    assert exchange.response.fields.get("Upgrade") == "websocket"
    assert [(message.sender, message.opcode) for message in exchange.messages] == [
        ("client", "text"),
        ("server", "text"),
        ("client", "binary"),
        ("server", "binary"),
        ("client", "close"),
        ("server", "close"),
    ]
    assert (exchange.messages[4].close_code, exchange.messages[4].close_reason) == (1000, "done")
    assert exchange.started < exchange.messages[0].at <= exchange.messages[-1].at <= exchange.ended
    assert exchange.first_byte
    assert exchange.first_byte < exchange.messages[0].at


def test_bytes_are_those_that_the_client_counted(server: Server) -> None:
    sent = [frame(Opcode.TEXT, b"x" * size) for size in (0, 125, 126, 70_000)]
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        for data in sent:
            client.send(data)
        client.send(frame(Opcode.CLOSE, b"\x03\xe8"))
        client.rest()
        exchange = settled(server)
    assert (exchange.request_bytes, exchange.response_bytes) == (client.sent, client.received)
    assert [message.bytes for message in exchange.messages if message.sender == "client"] == [*map(len, sent), 8]


def test_totals_through_a_proxy_that_counts(server: Server) -> None:
    with CountingProxy(server.port) as proxy:
        client = websocket.create_connection(proxy.url.replace("http", "ws") + "/ws/echo", timeout=SECONDS)
        for size in (1, 200, 100_000):
            client.send("x" * size)
            client.recv()
        client.close()
        exchange = settled(server)
    assert (exchange.request_bytes, exchange.response_bytes) == (proxy.sent, proxy.received)


def test_a_client_that_has_a_message_finds_it_recorded(server: Server) -> None:
    client = connect(server)
    for count in range(1, 301):
        client.send(f"{count}")
        client.recv()
        messages = server.last.messages
        assert len(messages) == 2 * count
        assert messages[-1].text == f"{count}"
    client.close()


def test_an_open_socket_is_shown_as_far_as_it_got_and_nobody_waits(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 3600)  # a wait would outlast the test
    client = connect(server)
    assert (server.last.status, server.last.messages, server.last.note) == (101, (), OPEN)
    client.send("a")
    client.recv()
    assert essence(server.traffic[0]) == [("client", "text", "a"), ("server", "text", "a")]
    first = server.last
    server.recorder.clear()
    assert len(server.last.messages) == 2  # what has not ended is not forgotten
    assert server.last.duration > first.duration
    client.close()


def test_a_client_that_has_closed_finds_it_closed(server: Server) -> None:
    for _ in range(50):
        client = connect(server)
        client.close()
        assert (server.last.note, [message.opcode for message in server.last.messages]) == ("", ["close", "close"])


def test_a_socket_that_one_side_has_closed_is_closing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 3600)
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/leaves")
        client._exactly(len(b'..{"say":"bye"}' + b"....that was all"))
        assert server.last.note == CLOSING
        client.send(frame(Opcode.CLOSE))
        client.rest()
    assert server.last.note == ""


def test_settle_waits_for_a_frame_that_is_half_way(server: Server) -> None:
    data = frame(Opcode.TEXT, b"in two pieces")
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        begun = threading.Event()
        server.recorder.subscribe(lambda recording: begun.set())
        client.send(data[:9])
        assert begun.wait(SECONDS)
        threading.Timer(0.05, client.send, (data[9:],)).start()
        server.recorder.settle(SECONDS)
        [exchange] = server.recorder.so_far()
    assert ("client", "text", "in two pieces") in essence(exchange)


def test_fragments_and_a_ping_between(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        client.send(frame(Opcode.TEXT, b"fi", fin=False) + frame(Opcode.PING, b"?") + frame(Opcode.CONT, b"sh"))
        client.send(frame(Opcode.CLOSE))
        client.rest()
        exchange = settled(server)
    assert [(message.sender, message.opcode, message.text) for message in exchange.messages[:4]] == [
        ("client", "ping", "?"),
        ("client", "text", "fish"),
        ("server", "pong", "?"),
        ("server", "text", "fish"),
    ]
    assert exchange.messages[-2].close_code == 1005


def test_compression_is_not_negotiated(server: Server) -> None:
    request = (UPGRADE % b"/ws/echo")[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    with Client(server.port) as client:
        assert b"permessage" not in client.ask(request)


def test_the_server_closes_with_a_code_and_a_reason(server: Server) -> None:
    client = connect(server, "/ws/leaves")
    assert client.recv() == '{"say":"bye"}'
    opcode, data = client.recv_data()
    assert (opcode, struct.unpack("!H", data[:2])[0]) == (websocket.ABNF.OPCODE_CLOSE, 4001)
    client.shutdown()
    exchange = settled(server)
    assert (exchange.messages[1].close_code, exchange.messages[1].close_reason) == (4001, "that was all")


def vanish(client: Client) -> None:
    client.reset()


def hang_up(client: Client) -> None:
    client.socket.shutdown(socket.SHUT_WR)
    client.rest()


@pytest.mark.parametrize("leave", [vanish, hang_up])
def test_a_client_that_vanishes(server: Server, leave: Callable[[Client], None]) -> None:
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        client.send(frame(Opcode.TEXT, b"a"))
        client._exactly(3)
        leave(client)
        exchange = settled(server, "the client closed the connection without a close frame")
    assert len(exchange.messages) == 2


def test_a_handler_that_fails(server: Server) -> None:
    connect(server, "/ws/fails").shutdown()
    settled(server, "the server closed the connection without a close frame")


def test_a_client_that_sends_no_frames(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        client.rest()
        exchange = settled(server, "the client sent bytes that are no WebSocket frames")
    assert [(message.sender, message.close_code) for message in exchange.messages] == [("server", 1002)]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [(b"/ws/refuses", 403, b""), (b"/ws/denies", 401, b"who are you?"), (b"/ws/none", 403, b"")],
)
def test_a_refused_handshake_is_a_plain_exchange(server: Server, path: bytes, status: int, body: bytes) -> None:
    with Client(server.port) as client:
        client.send(UPGRADE % path)
        client.rest()
        [exchange] = server.recorder.exchanges
    assert exchange.response
    assert (exchange.status, exchange.response.body, exchange.response.complete) == (status, body, True)
    assert (exchange.messages, exchange.note) == ((), "")
    assert (exchange.request_bytes, exchange.response_bytes) == (client.sent, client.received)


def test_a_malformed_handshake_is_a_plain_exchange(server: Server) -> None:
    with Client(server.port) as client:
        client.send((UPGRADE % b"/ws/echo").replace(b"Version: 13", b"Version: 12"))
        client.rest()
        [exchange] = server.recorder.exchanges
    assert (exchange.status, exchange.messages, exchange.note) == (400, (), "")


def test_a_handshake_after_a_request_on_the_same_connection(server: Server) -> None:
    hello = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
    with Client(server.port) as client:
        client.send(hello + UPGRADE % b"/ws/leaves")
        client.answer()
        client.answer()
        client.send(frame(Opcode.CLOSE))
        client.rest()
        exchange = settled(server)
        first, _ = server.traffic
    assert (first.status, first.request_bytes, first.messages) == (200, len(hello), ())
    assert (exchange.status, exchange.request_bytes) == (101, client.sent - len(hello))


def test_long_messages_are_counted_and_their_beginning_is_kept(server: Server) -> None:
    client = connect(server)
    client.send("x" * (2**20 + 5))
    client.recv()
    client.close()
    exchange = settled(server, "content beyond 1 MiB was counted, not kept")
    assert [len(message.data) for message in exchange.messages[:2]] == [2**20, 2**20]
    assert exchange.messages[1].bytes == 2**20 + 5 + 10


def test_many_clients_at_once_each_have_their_own_messages(server: Server) -> None:
    def talk(name: str) -> None:
        client = connect(server, f"/ws/echo?{name}")
        for count in range(50):
            client.send(f"{name} {count}")
            client.recv()
        client.close()

    threads = [threading.Thread(target=talk, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    for exchange in server.traffic:
        name = exchange.request.target[-1]
        texts = [message.text for message in exchange.messages if message.opcode == "text"]
        assert texts == [f"{name} {count}" for count in range(50) for _ in range(2)]


def test_subscribers_are_told_of_each_message(server: Server) -> None:
    seen: list[int] = []
    server.recorder.subscribe(lambda recording: seen.append(len(recording.exchange.messages)))
    client = connect(server)
    for _ in range(2):
        client.send("a")
        client.recv()
    assert seen == [1, 2, 3, 4]
    client.close()
    settled(server)


@pytest.mark.parametrize("path", ["/ws/echo", "/ws/deaf"])
def test_close_says_goodbye_to_open_sockets(server: Server, probe: Probe, path: str) -> None:
    client = connect(server, path)
    started = monotonic()
    server.close()
    opcode, data = client.recv_data()
    assert (opcode, struct.unpack("!H", data[:2])[0]) == (websocket.ABNF.OPCODE_CLOSE, 1012)
    assert monotonic() - started < SECONDS / 2
    assert not server.running
    client.shutdown()
    exchange = server.last
    assert (exchange.note, exchange.messages[-1].sender, exchange.messages[-1].close_code) == ("", "server", 1012)
    assert probe.work == (["closed 1012"] if path == "/ws/echo" else [])


def test_close_meets_a_socket_that_is_closing(server: Server) -> None:
    long = b"x" * 15_000_000  # more than the system buffers for a client that does not read
    told: queue.Queue[int] = queue.Queue()
    server.recorder.subscribe(lambda recording: told.put(recording.response_bytes))
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        client.send(frame(Opcode.BINARY, long))
        while told.get(timeout=SECONDS) < len(long):
            pass
        client.send(frame(Opcode.CLOSE))
        while told.get(timeout=SECONDS) < client.received + len(frame(Opcode.BINARY, long, mask=False)) + 2:
            pass
        server.close()
    assert server._uvicorn.failure is None
    assert not server.running


def test_an_upgrade_to_anything_else_is_plain_http(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(b"GET /hello HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")
        [exchange] = server.recorder.exchanges
    assert (exchange.status, exchange.messages) == (200, ())
