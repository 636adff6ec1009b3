"""Faults as a client meets them, over a real socket: scripted, spent one by one, and gone when cleared."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from time import monotonic
from typing import Literal

import pytest
import requests
import websocket
from websocket import WebSocketBadStatusException, WebSocketConnectionClosedException
from websockets.frames import Opcode

from course_support import faults
from course_support.faults import Answer, Cut, Drop, Fault, Lag, Pass, Slow
from course_support.server import Server
from tests.wiretap import SECONDS, UPGRADE, Client, Probe, frame


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the faults wanted to wait, without the wait."""
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr(faults, "sleep", sleep)
    return naps


def test_without_a_fault_every_request_goes_through(server: Server, http: requests.Session, naps: list[float]) -> None:
    assert [http.get(f"{server.url}/hello").text for _ in range(3)] == ["hello"] * 3
    assert naps == []


@pytest.mark.parametrize(("status", "retry_after"), [(429, 2), (503, 0), (500, None)])
def test_the_next_answers_are_errors_and_the_backend_is_not_asked(
    server: Server, probe: Probe, http: requests.Session, status: int, retry_after: int | None
) -> None:
    server.faults.answer_next(status, times=2, retry_after=retry_after)
    answers = [http.get(f"{server.url}/hello") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == (None if retry_after is None else str(retry_after))
    assert answers[0].headers["Content-Type"] == "application/problem+json"
    assert answers[0].json() == {"type": "about:blank", "title": answers[0].reason, "status": status}
    assert probe.work == ["hello"]


@pytest.mark.parametrize("status", [200, 304, 399, 499, 600, 0, -1])
def test_only_an_error_is_a_fault(server: Server, status: int) -> None:
    with pytest.raises(ValueError, match=f"not with {status}"):
        server.faults.answer_next(status)
    assert server.faults.waiting == ()


@pytest.mark.parametrize(("when", "work"), [("before", []), ("after", ["echo 4"])])
def test_a_dropped_connection_has_done_its_work_or_not(
    server: Server, probe: Probe, http: requests.Session, when: Literal["before", "after"], work: list[str]
) -> None:
    server.faults.drop_next(when=when)
    with pytest.raises(requests.ConnectionError):
        http.post(f"{server.url}/echo", data=b"four")
    assert probe.work == work
    assert http.post(f"{server.url}/echo", data=b"five5").content == b"five5"
    assert probe.work == [*work, "echo 5"]


@pytest.mark.parametrize("size", [1, 9, 10, 11, 1000])
def test_slow_content_comes_in_pieces_that_add_up(
    server: Server, http: requests.Session, naps: list[float], size: int
) -> None:
    body = bytes(range(256)) * 4
    server.faults.slow_next(2.5)
    assert http.post(f"{server.url}/echo", data=body[:size]).content == body[:size]
    assert sum(naps) == pytest.approx(2.5)
    assert len(naps) == min(size, 10) or size == 11
    assert http.post(f"{server.url}/echo", data=body).content == body
    assert sum(naps) == pytest.approx(2.5)


def test_the_head_of_a_slow_response_does_not_wait(server: Server, probe: Probe) -> None:
    server.faults.slow_next(0.05)
    with Client(server.port) as client:
        client.ask(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
    exchange = server.last
    assert exchange.first_byte
    assert exchange.ended - exchange.first_byte >= 0.05


def test_content_that_is_not_there_cannot_be_slow(server: Server, http: requests.Session, naps: list[float]) -> None:
    server.faults.slow_next(5)
    assert http.post(f"{server.url}/echo").content == b""
    assert naps == []


def test_the_delay_holds_for_every_request_until_it_is_cleared(
    server: Server, http: requests.Session, naps: list[float]
) -> None:
    server.faults.delay = 0.25
    server.faults.answer_next(503)
    assert [http.get(f"{server.url}/hello").status_code for _ in range(2)] == [503, 200]
    server.faults.clear()
    http.get(f"{server.url}/hello")
    assert naps == [0.25, 0.25]


def test_a_script_is_spent_in_order_one_fault_a_request(server: Server, probe: Probe, http: requests.Session) -> None:
    script: list[Fault] = [Answer(503, 1), Pass(), Drop("after"), Slow(0), Drop("before"), Answer(500)]

    def play() -> list[int | None]:
        server.faults.script(*script)
        seen: list[int | None] = []
        for left in reversed(range(len(script))):
            try:
                seen.append(http.get(f"{server.url}/hello").status_code)
            except requests.ConnectionError:
                seen.append(None)
            assert len(server.faults.waiting) == left
        return seen

    assert play() == play() == [503, 200, None, 200, None, 500]
    assert probe.work == ["hello"] * 6


def test_faults_line_up_behind_those_that_wait_and_clear_forgets_them(server: Server, http: requests.Session) -> None:
    server.faults.answer_next(429)
    server.faults.drop_next(times=2)
    assert server.faults.waiting == (Answer(429), Drop("before"), Drop("before"))
    server.faults.clear()
    assert server.faults.waiting == ()
    assert http.get(f"{server.url}/hello").status_code == 200


def test_faults_may_be_kept_to_some_requests(server: Server, http: requests.Session) -> None:
    server.faults.applies = lambda scope: scope["method"] == "POST"
    server.faults.answer_next(503)
    assert http.get(f"{server.url}/hello").status_code == 200
    assert http.post(f"{server.url}/echo", data=b"x").status_code == 503
    assert http.post(f"{server.url}/echo", data=b"x").status_code == 200


def shake_hands(server: Server) -> bytes:
    with Client(server.port) as client:
        client.send(UPGRADE % b"/ws/leaves")
        client.send(frame(Opcode.CLOSE))
        return client.rest()


def test_a_handshake_is_delayed_and_then_accepted(server: Server, naps: list[float]) -> None:
    server.faults.delay = 0.25
    assert shake_hands(server).startswith(b"HTTP/1.1 101 ")
    assert naps == [0.25]


def test_a_handshake_is_refused(server: Server) -> None:
    server.faults.answer_next(503, retry_after=2)
    with Client(server.port) as client:
        client.send(UPGRADE % b"/ws/leaves")
        answer = client.rest()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 2\r\n" in answer.lower()
    assert answer.endswith(b'"status": 503}')
    assert (server.last.status, server.last.note, server.faults.waiting) == (503, "", ())


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_handshake_is_dropped(server: Server, when: Literal["before", "after"]) -> None:
    server.faults.drop_next(when=when)
    with contextlib.suppress(ConnectionResetError):  # where the close frame came just before the end
        assert shake_hands(server) == b""
    assert (server.last.response, server.last.note) == (None, "the server dropped the connection")


def test_a_slow_handshake_is_none(server: Server, naps: list[float]) -> None:
    server.faults.slow_next(5)
    assert b"that was all" in shake_hands(server)
    assert (naps, server.faults.waiting) == ([], ())


def converse(server: Server, path: str = "/ws/echo", words: int = 5) -> int:
    """How many of its words a client hears back before the line breaks."""
    client = websocket.create_connection(f"ws://127.0.0.1:{server.port}{path}", SECONDS)
    heard = 0
    try:
        for _ in range(words):
            client.ping()
            client.send("word")
            heard += client.recv() == "word"
    except (WebSocketConnectionClosedException, ConnectionError):
        pass
    client.close()
    return heard


def test_a_line_is_cut_after_so_many_messages(server: Server) -> None:
    server.faults.cut_after(2, times=2)
    assert [converse(server) for _ in range(3)] == [2, 2, 5]
    assert [exchange.note for exchange in server.traffic] == ["the line was cut", "the line was cut", ""]
    server_said = [m.opcode for m in server.traffic[0].messages if m.sender == "server" and m.opcode != "pong"]
    assert server_said == ["text", "text"]


def test_a_cut_waits_for_a_websocket_that_opens(server: Server, http: requests.Session) -> None:
    server.faults.script(Cut(1), Answer(503))
    assert http.get(f"{server.url}/hello").status_code == 200
    with pytest.raises(WebSocketBadStatusException):
        converse(server, "/ws/denies")
    assert server.faults.waiting == (Cut(1), Answer(503))
    assert converse(server) == 1
    assert server.faults.waiting == (Answer(503),)
    assert http.get(f"{server.url}/hello").status_code == 503


def test_a_series_of_drops_is_spent_in_order(server: Server) -> None:
    server.faults.script(Cut(3), Answer(503), Drop(), Cut(1), Pass())
    seen: list[int | str] = []
    for _ in range(6):
        try:
            seen.append(converse(server))
        except WebSocketBadStatusException as refused:
            seen.append(f"{refused.status_code}")
        except (WebSocketConnectionClosedException, ConnectionError):
            seen.append("dropped")
    assert seen == [3, "503", "dropped", 1, 5, 5]


def test_clear_spares_a_line_that_was_to_be_cut(server: Server) -> None:
    server.faults.cut_after(2)
    client = websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws/echo", SECONDS)
    server.faults.clear()
    for _ in range(3):
        client.send("word")
        assert client.recv() == "word"
    client.close()


def test_one_line_grows_slow_after_so_many_messages(server: Server) -> None:
    server.faults.script(Lag(0.2, after=2))
    slow, other = (websocket.create_connection(f"ws://127.0.0.1:{server.port}/ws/echo", SECONDS) for _ in range(2))
    for client in (slow, other, slow, other, other, slow):
        client.send("word")
        assert client.recv() == "word"
    asked = monotonic()
    slow.ping()
    assert slow.recv_data(control_frame=True)[0] == Opcode.PONG
    assert monotonic() - asked >= 0.4
    server.faults.clear()
    slow.close()
    other.close()
    echoes = [m.at for m in server.traffic[0].messages if m.opcode == "text"]
    assert echoes[-1] - echoes[-2] >= 0.4
    others = [m for m in server.traffic[1].messages if m.opcode == "text"]
    assert others[-1].at < echoes[-1]


def test_a_lag_waits_for_a_websocket_that_opens(server: Server, http: requests.Session) -> None:
    server.faults.script(Lag(0.1), Answer(503))
    assert http.get(f"{server.url}/hello").status_code == 200
    assert server.faults.waiting == (Lag(0.1), Answer(503))
    assert converse(server, words=2) == 2
    assert server.faults.waiting == (Answer(503),)


@pytest.mark.parametrize("messages", [0, -1])
def test_a_line_is_cut_after_one_message_at_least(server: Server, messages: int) -> None:
    with pytest.raises(ValueError, match="at least 1 message"):
        server.faults.cut_after(messages)
    assert server.faults.waiting == ()
