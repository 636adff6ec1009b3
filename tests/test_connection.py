"""The examiner's end of a WebSocket: what crossed its own socket is on record, whatever the other side does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from websocket import WebSocketConnectionClosedException, WebSocketException
from websockets.frames import Opcode

from course_support import connection
from course_support.connection import Connection, connect
from course_support.recorder import Recorder
from course_support.server import Server
from course_support.wire import Exchange
from tests.wiretap import SECONDS, frame

ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
KEY = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@contextmanager
def saying(*pieces: bytes, after: Callable[[socket.socket], None] = socket.socket.close) -> Iterator[str]:
    """The address of a server that answers the first connection with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            client.settimeout(SECONDS)
            with client:
                client.recv(65536)
                for piece in pieces:
                    client.sendall(piece)
                after(client)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(SECONDS)


def essence(exchange: Exchange) -> list[tuple[str, str, str]]:
    return [(message.sender, message.opcode, message.text) for message in exchange.messages]


def only(recorder: Recorder) -> Exchange:
    [exchange] = recorder.exchanges
    return exchange


def test_both_sides_have_the_same_record(server: Server, recorder: Recorder) -> None:
    talk = connect(server.url, "/ws/echo?a=b", recorder, fields={"X-Who": "examiner"})
    talk.send("one")
    assert talk.recv() == "one"
    talk.send_binary(b"x" * 70_000)
    talk.recv()
    talk.leave()
    ours, theirs = only(recorder), server.last
    assert (ours.request, ours.response) == (theirs.request, theirs.response)
    assert (ours.request_bytes, ours.response_bytes) == (theirs.request_bytes, theirs.response_bytes)
    assert essence(ours) == essence(theirs)
    assert [message.opcode for message in ours.messages] == ["text", "text", "binary", "binary", "close", "close"]
    assert (ours.note, ours.request.fields.get("X-Who")) == ("", "examiner")


@pytest.mark.parametrize(("path", "status", "body"), [("/ws/refuses", 403, b""), ("/ws/denies", 401, b"who are you?")])
def test_a_refusal_is_an_exchange_and_the_connection_is_none(
    server: Server, recorder: Recorder, path: str, status: int, body: bytes
) -> None:
    refused = connect(server.url, path, recorder)
    assert not refused.connected
    with pytest.raises(WebSocketConnectionClosedException):
        refused.send("hello?")
    with pytest.raises(WebSocketConnectionClosedException):
        refused.recv()
    refused.leave()
    exchange = only(recorder)
    assert exchange.response
    assert (exchange.status, exchange.response.body, exchange.note) == (status, body, "")
    assert exchange.response_bytes == server.last.response_bytes


def test_no_redirect_is_followed(recorder: Recorder) -> None:
    with saying(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: ws://127.0.0.1:9/\r\n\r\n") as url:
        assert not connect(url, "/", recorder).connected
    assert (only(recorder).status, only(recorder).note) == (307, "")


def test_where_nobody_listens_the_request_is_shown(recorder: Recorder, server: Server) -> None:
    server.close()
    assert not connect(server.url, "/edit", recorder).connected
    exchange = only(recorder)
    assert (exchange.request.target, exchange.response, exchange.note) == ("/edit", None, "the server gave no response")


def test_a_server_that_hangs_up_on_the_handshake(recorder: Recorder) -> None:
    with saying() as url:
        assert not connect(url, "/", recorder).connected
    assert only(recorder).note == "the server gave no response"


def test_a_subprotocol_that_the_server_does_not_choose_ends_it(server: Server, recorder: Recorder) -> None:
    assert not connect(server.url, "/ws/echo", recorder, ("edit.v1",)).connected
    exchange = only(recorder)
    assert exchange.response
    assert (exchange.status, exchange.request.fields.get("Sec-WebSocket-Protocol")) == (101, "edit.v1")
    assert "Sec-WebSocket-Protocol" not in exchange.response.fields


@pytest.mark.parametrize("name", ["Origin", "Host", "User-Agent", "Sec-WebSocket-Key", "Sec-WebSocket-Version"])
def test_every_field_can_be_set_and_is_sent_once(server: Server, recorder: Recorder, name: str) -> None:
    connect(server.url, "/ws/echo", recorder, fields={name: "http://elsewhere.example"}).leave()
    assert only(recorder).request.fields.all(name) == ("http://elsewhere.example",)


def test_messages_that_come_with_the_answer_are_messages(recorder: Recorder) -> None:
    hello = frame(Opcode.TEXT, b"hello", mask=False)
    with saying(ACCEPTED + hello, frame(Opcode.CLOSE, b"\x03\xf5", mask=False)) as url:
        talk = connect(url, "/", recorder, fields=KEY)
        assert talk.recv() == "hello"
        assert talk.recv_data()[0] == Opcode.CLOSE
        talk.leave()
    assert [message.close_code for message in only(recorder).messages] == [None, 1013, 1000]


def test_what_was_under_way_at_the_end_is_taken_in(recorder: Recorder) -> None:
    def close(client: socket.socket) -> None:
        client.recv(65536)  # the goodbye
        client.sendall(frame(Opcode.TEXT, b"late", mask=False) + frame(Opcode.CLOSE, b"\x03\xe8", mask=False))

    with saying(ACCEPTED, after=close) as url:
        connect(url, "/", recorder, fields=KEY).leave(SECONDS)
    assert [(message.sender, message.opcode) for message in only(recorder).messages] == [
        ("client", "close"),
        ("server", "text"),
        ("server", "close"),
    ]


def test_a_server_that_never_says_goodbye_is_left(recorder: Recorder) -> None:
    left = threading.Event()
    with saying(ACCEPTED, after=lambda client: left.wait(SECONDS) and None) as url:
        talk = connect(url, "/", recorder, fields=KEY)
        talk.leave(0)
        assert talk.sock is None
        left.set()
    assert essence(only(recorder)) == [("client", "close", "\x03\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_line_that_breaks_says_who_broke_it(recorder: Recorder, who: str) -> None:
    goes_on = threading.Event()
    with saying(ACCEPTED, after=lambda client: goes_on.wait(SECONDS) and None) as url:
        talk = connect(url, "/", recorder, fields=KEY)
        if who == "server":
            goes_on.set()
            with pytest.raises(WebSocketConnectionClosedException):
                talk.recv()
        elif talk.sock:
            talk.sock.close()
            goes_on.set()
    assert only(recorder).note == f"the {who} closed the connection without a close frame"


def test_more_than_there_is_room_for_ends_it(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LARGEST", 1000)
    endless = b"\x82\x7f" + (2**60).to_bytes(8, "big") + b"x" * 5000
    with saying(ACCEPTED + endless) as url:
        talk = connect(url, "/", recorder, fields=KEY)
        with pytest.raises(WebSocketException, match="more than 1000 bytes"):
            talk.recv()
        talk.leave(0)
    assert only(recorder).response_bytes < 20_000


def test_a_client_that_does_not_read_makes_the_server_wait(recorder: Recorder) -> None:
    """With the smallest buffer, far less than is sent fits on the way."""
    stuck = threading.Event()

    def flood(client: socket.socket) -> None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.settimeout(0.2)
        try:
            client.sendall(bytes(2**20))
        except TimeoutError:
            stuck.set()

    with saying(ACCEPTED, after=flood) as url:
        talk = connect(url, "/", recorder, recv_buffer=4096, fields=KEY)
        assert stuck.wait(SECONDS)
        talk.leave(0)


def test_each_call_has_an_end(server: Server, recorder: Recorder) -> None:
    talk = connect(server.url, "/ws/echo", recorder)
    assert isinstance(talk, Connection)
    assert talk.gettimeout() == connection.TIMEOUT
    assert talk.sock
    assert talk.sock.gettimeout() == connection.TIMEOUT
    talk.leave()
