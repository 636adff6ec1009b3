"""The recorder against an independent count of the bytes, and against clients and servers that break off."""

from __future__ import annotations

import http.client
import socket
import threading
from time import monotonic
from typing import Literal

import pytest
import requests

from course_support import recorder
from course_support.recorder import Recorder, Recording
from course_support.server import Server
from course_support.wire import Exchange
from tests.wiretap import SECONDS, Client, CountingProxy, Probe

HELLO = b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
HELD = b"GET /held HTTP/1.1\r\nHost: x\r\n\r\n"


def echo(body: bytes, *fields: bytes) -> bytes:
    head = [b"POST /echo HTTP/1.1", b"Host: x", b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join([*head, b"", body])


def counts(server: Server) -> list[tuple[int, int]]:
    return [(exchange.request_bytes, exchange.response_bytes) for exchange in server.recorder.exchanges]


CHUNKED = b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;note=x\r\nde\r\n0\r\n\r\n"


def get(path: bytes, method: bytes = b"GET") -> bytes:
    return b"%s %s HTTP/1.1\r\nHost: x\r\n\r\n" % (method, path)


@pytest.mark.parametrize(
    ("request_bytes", "status", "body"),
    [
        pytest.param(HELLO, 200, b"hello", id="plain"),
        pytest.param(HELLO.replace(b"1.1", b"1.0"), 200, b"hello", id="HTTP/1.0"),
        pytest.param(get(b"/hello", b"HEAD"), 200, b"", id="HEAD"),
        pytest.param(echo(b"x" * 300_000), 200, b"x" * 300_000, id="long content"),
        pytest.param(CHUNKED, 200, b"abcde", id="chunked request"),
        pytest.param(get(b"/stream"), 200, b"abc" + b"d" * 1000, id="chunked response"),
        pytest.param(get(b"/length-known"), 200, b"all", id="early end of content"),
        pytest.param(get(b"/none"), 404, b"Not Found", id="not found"),
        pytest.param(get(b"/fails"), 500, b"Internal Server Error", id="failing handler"),
        pytest.param(echo(b"", b"Connection: close"), 200, b"", id="closing"),
    ],
)
def test_bytes_are_those_that_the_client_counted(
    server: Server, request_bytes: bytes, status: int, body: bytes
) -> None:
    with Client(server.port) as client:
        client.ask(request_bytes, request_bytes.split()[0].decode())
        [exchange] = server.recorder.exchanges
        assert (exchange.request_bytes, exchange.response_bytes) == (client.sent, client.received)
    assert exchange.response
    assert (exchange.status, exchange.response.body) == (status, body)
    assert exchange.response.complete
    assert exchange.note == ""


def test_each_exchange_of_a_kept_connection_has_its_own_bytes(server: Server) -> None:
    seen = []
    with Client(server.port) as client:
        for request in (HELLO, echo(b"four"), HELLO):
            before = client.sent, client.received
            client.ask(request)
            seen.append((client.sent - before[0], client.received - before[1]))
    assert counts(server) == seen


def test_pipelined_requests_share_a_segment_and_no_byte(server: Server) -> None:
    pipeline = [echo(b"first"), HELLO, echo(b"third!!")]
    with Client(server.port) as client:
        client.send(b"".join(pipeline))
        answers = [client.answer() for _ in pipeline]
        exchanges = server.recorder.exchanges
    assert counts(server) == [(len(request), len(answer)) for request, answer in zip(pipeline, answers, strict=True)]
    assert [exchange.request.body for exchange in exchanges] == [b"first", b"", b"third!!"]


def test_a_pipelined_request_has_waited_since_its_bytes_arrived(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(HELD + HELLO)
        assert probe.entered.wait(SECONDS)
        probe.release.set()
        client.answer()
        client.answer()
    held, hello = server.recorder.exchanges
    assert held.first_byte
    assert hello.started < held.first_byte


def test_a_request_in_many_pieces_is_one_exchange(server: Server) -> None:
    with Client(server.port) as client:
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each piece in a segment of its own
        request = echo(b"piecemeal")
        for at in range(len(request)):
            client.send(request[at : at + 1])
        client.answer()
    assert counts(server) == [(client.sent, client.received)]


def test_100_continue_counts_and_is_not_the_answer(server: Server) -> None:
    with Client(server.port) as client:
        head, body = echo(b"later", b"Expect: 100-continue").split(b"\r\n\r\n")
        interim = client.ask(head + b"\r\n\r\n")
        client.ask(body)
        [exchange] = server.recorder.exchanges
    assert interim.startswith(b"HTTP/1.1 100 ")
    assert (exchange.status, exchange.response_bytes) == (200, client.received)
    assert exchange.request.body == b"later"


def test_bytes_behind_a_last_request_are_an_exchange_without_a_response(server: Server) -> None:
    last = echo(b"last", b"Connection: close")
    with Client(server.port) as client:
        client.send(last + HELLO)
        client.rest()
    answered, ignored = server.recorder.exchanges
    assert (answered.status, answered.request_bytes, answered.response_bytes) == (200, len(last), client.received)
    assert (ignored.response, ignored.request_bytes) == (None, len(HELLO))
    assert ignored.note == "the server closed the connection without a response"


REFUSED = b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"


def test_content_sent_after_an_early_refusal_belongs_to_the_refused_request(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(REFUSED)
        answered = monotonic()
        client.send(b"y" * 1000)
        client.ask(HELLO)
        refused, hello = server.recorder.exchanges
    assert (refused.status, refused.request_bytes, refused.request.body) == (413, len(REFUSED) + 1000, b"y" * 1000)
    assert refused.ended < answered < hello.started
    assert (hello.status, hello.request_bytes) == (200, len(HELLO))


def test_the_request_behind_late_content_is_an_exchange_of_its_own(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(REFUSED)
        client.send(b"y" * 1000 + HELLO)  # in one segment, as a client with one connection and no pause sends it
        client.answer()
        client.ask(echo(b"third"))
        exchanges = server.recorder.exchanges
    assert [exchange.request_bytes for exchange in exchanges] == [len(REFUSED) + 1000, len(HELLO), len(echo(b"third"))]
    assert [exchange.status for exchange in exchanges] == [413, 200, 200]
    assert sum(exchange.response_bytes for exchange in exchanges) == client.received


def test_a_refusal_is_shown_while_the_client_has_content_left_to_send(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.01)
    with Client(server.port) as client:
        client.ask(REFUSED)
        [exchange] = server.recorder.exchanges
    assert exchange.status == 413
    assert exchange.response_bytes == client.received
    assert exchange.note == "the response came before the request was complete"


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param(b"nonsense\r\n\r\n", id="no request line"),
        pytest.param(b"GET /hello HTTP/1.1\r\nHost x\r\n\r\n", id="a field without a colon"),
        pytest.param(b"GET /hello HTTP/1.1\r\n\r\n", id="no Host"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", id="TLS"),
        pytest.param(b"GET " + b"/a" * 40_000, id="endless target"),
    ],
)
def test_what_is_not_http_is_recorded_with_its_refusal(server: Server, noise: bytes) -> None:
    with Client(server.port) as client:
        client.send(noise)
        answer = client.answer()
        [exchange] = server.recorder.exchanges
    assert answer.startswith(b"HTTP/1.1 400")
    assert (exchange.status, exchange.response_bytes) == (400, client.received)
    assert (exchange.request_bytes, exchange.note) == (len(noise), "")


def test_a_client_that_leaves_before_the_answer(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(HELD)
        assert probe.entered.wait(SECONDS)
        client.reset()
    [exchange] = server.recorder.exchanges
    assert (exchange.response, exchange.note) == (None, "the client closed the connection")
    assert counts(server) == [(client.sent, 0)]


def test_a_client_that_leaves_in_the_middle_of_its_request(server: Server) -> None:
    with Client(server.port) as client:
        client.send(echo(b"x" * 500)[:-1])
        client.socket.shutdown(socket.SHUT_WR)
        client.rest()
    [exchange] = server.recorder.exchanges
    assert (exchange.response, exchange.note) == (None, "the client closed the connection")
    assert exchange.request.body == b"x" * 499


def test_a_server_that_breaks_off_in_the_middle_of_its_response(server: Server) -> None:
    with Client(server.port) as client:
        client.send(b"GET /breaks HTTP/1.1\r\nHost: x\r\n\r\n")
        client.rest()
    [exchange] = server.recorder.exchanges
    assert exchange.response
    assert (exchange.response.body, exchange.response.complete) == (b"begun", False)
    assert exchange.note == "the server closed the connection in the middle of the response"
    assert counts(server) == [(client.sent, client.received)]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dropped_connection_has_no_response_bytes(server: Server, when: Literal["before", "after"]) -> None:
    server.faults.drop_next(when=when)
    with Client(server.port) as client:
        client.send(HELLO)
        assert client.rest() == b""
    [exchange] = server.recorder.exchanges
    assert (exchange.response, exchange.note) == (None, "the server dropped the connection")
    assert counts(server) == [(len(HELLO), 0)]


def test_totals_through_a_proxy_that_counts(server: Server) -> None:
    with CountingProxy(server.port) as proxy, requests.Session() as session:
        session.trust_env = False
        for _ in range(20):
            session.get(f"{proxy.url}/stream")
            session.post(f"{proxy.url}/echo", data=b"z" * 20_000)
            session.post(f"{proxy.url}/echo", data=iter([b"chunk"] * 3))
            session.head(f"{proxy.url}/hello")
            session.get(f"{proxy.url}/hello", headers={"Connection": "close"})
    exchanges = server.recorder.exchanges
    assert len(exchanges) == 100
    assert sum(exchange.request_bytes for exchange in exchanges) == proxy.sent
    assert sum(exchange.response_bytes for exchange in exchanges) == proxy.received


@pytest.mark.parametrize("path", ["/hello", "/stream", "/length-known?"])
def test_traffic_is_complete_as_soon_as_the_client_has_its_answer(server: Server, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    for count in range(1, 501 if path != "/length-known?" else 20):
        connection.request("GET", path)
        body = connection.getresponse().read()
        traffic = server.traffic
        assert len(traffic) == count
        assert traffic[-1].response
        assert traffic[-1].response.complete
        assert traffic[-1].response.body == body
        assert traffic[-1].note == ""
    connection.close()


def test_field_names_keep_the_spelling_of_the_sender(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(b"GET /hello HTTP/1.1\r\nhOST: x\r\nX-ODD: 1\r\nx-odd: 2\r\n\r\n")
    [exchange] = server.recorder.exchanges
    assert exchange.request.fields.pairs == (("hOST", "x"), ("X-ODD", "1"), ("x-odd", "2"))
    assert exchange.request.fields.get("x-odd") == "1, 2"


def test_times_follow_the_bytes(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(HELD)
        assert probe.entered.wait(SECONDS)
        [waiting] = server.recorder.so_far()
        probe.release.set()
        client.answer()
    [exchange] = server.recorder.exchanges
    assert waiting.first_byte is None
    assert exchange.first_byte
    assert exchange.started == waiting.started
    assert exchange.started < waiting.ended < exchange.first_byte <= exchange.ended


def test_an_exchange_in_flight_shows_what_there_is_of_it(
    server: Server, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 0.01)
    with Client(server.port) as client:
        client.send(HELD)
        assert probe.entered.wait(SECONDS)
        [waiting] = server.recorder.exchanges
        probe.release.set()
        client.answer()
        [done] = server.recorder.exchanges
    assert (waiting.request.path, waiting.response, waiting.note) == ("/held", None, "still waiting for the response")
    assert (done.number, done.status, done.note) == (waiting.number, 200, "")


def test_settle_waits_for_an_exchange_in_flight(server: Server, probe: Probe) -> None:
    with Client(server.port) as client:
        client.send(HELD)
        assert probe.entered.wait(SECONDS)
        threading.Timer(0.05, probe.release.set).start()
        server.recorder.settle(SECONDS)
        [exchange] = server.recorder.so_far()
    assert exchange.status == 200


def test_exchanges_of_many_connections_are_numbered_as_they_arrived(server: Server, probe: Probe) -> None:
    with Client(server.port) as slow, Client(server.port) as quick:
        slow.send(HELD)
        assert probe.entered.wait(SECONDS)
        quick.ask(HELLO)
        probe.release.set()
        slow.answer()
    assert [(exchange.number, exchange.request.path) for exchange in server.recorder.exchanges] == [
        (1, "/held"),
        (2, "/hello"),
    ]


def finished(recorder: Recorder, sent: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> Recording:
    recording = recorder.begin()
    recording.receive(HELLO)
    recording.send(sent)
    recorder.finish(recording)
    return recording


def test_memory_is_bounded_by_the_number_of_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "KEEP_EXCHANGES", 3)
    record = Recorder()
    for _ in range(5):
        finished(record)
    assert [exchange.number for exchange in record.exchanges] == [3, 4, 5]


def test_memory_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(HELLO) + 1000
    monkeypatch.setattr(recorder, "KEEP_BYTES", 3 * size)
    record = Recorder()
    for _ in range(5):
        finished(record, sent=b"x" * 1000)
    assert [exchange.number for exchange in record.exchanges] == [3, 4, 5]
    record.clear()
    finished(record, sent=b"x" * 1000)
    assert [exchange.number for exchange in record.exchanges] == [6]


def test_long_content_is_counted_and_not_kept(server: Server) -> None:
    body = b"y" * (2**20 + 1)
    with Client(server.port) as client:
        client.ask(echo(body))
        [exchange] = server.recorder.exchanges
        [recording] = server.recorder._finished
    assert (exchange.request_bytes, exchange.response_bytes) == (client.sent, client.received)
    assert exchange.note == "content beyond 1 MiB was counted, not kept"
    assert exchange.response
    assert exchange.response.complete
    assert recording.size == 2 * 2**20


def test_subscribers_see_each_exchange_once_until_they_leave(server: Server) -> None:
    seen: list[Exchange] = []
    told = threading.Semaphore(0)
    leave = server.recorder.subscribe(lambda recording: seen.append(recording.exchange))
    server.recorder.subscribe(lambda recording: told.release())
    with Client(server.port) as client:
        for _ in range(2):
            client.ask(HELLO)
            assert told.acquire(timeout=SECONDS)
        leave()
        leave()
        client.ask(HELLO)
        assert told.acquire(timeout=SECONDS)
    assert [exchange.number for exchange in seen] == [1, 2]


def fails(recording: Recording) -> None:
    raise ArithmeticError("the subscriber fails")


def test_a_failing_subscriber_harms_nobody(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []
    server.recorder.subscribe(fails)
    server.recorder.subscribe(lambda recording: seen.append(recording.number))
    with Client(server.port) as client:
        client.ask(HELLO)
        client.ask(HELLO)
        assert [exchange.status for exchange in server.recorder.exchanges] == [200, 200]
    server.close()  # subscribers are told at leisure: now they have been
    assert seen == [1, 2]
    assert capfd.readouterr() == ("", "")
    assert "the subscriber fails" in server.log


def test_a_subscriber_may_look_at_the_traffic(server: Server, probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "PATIENCE", 3600)  # a wait in the server's thread would outlast the client's timeout
    seen: list[int] = []
    server.recorder.subscribe(lambda recording: seen.append(len(server.traffic)))
    with Client(server.port) as held, Client(server.port) as client:
        held.send(HELD)
        assert probe.entered.wait(SECONDS)
        client.ask(HELLO)
        client.ask(HELLO)
        probe.release.set()
        held.answer()
    server.close()
    assert seen == [2, 3, 3]


def test_clear_forgets_and_numbers_go_on(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(HELLO)
        server.recorder.clear()
        assert server.recorder.exchanges == ()
        client.ask(HELLO)
    assert [exchange.number for exchange in server.recorder.exchanges] == [2]
