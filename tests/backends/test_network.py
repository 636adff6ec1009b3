"""One request to one shop: where it may go, how long it may take, and what may happen to it on the way."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from starlette.responses import Response

from course_support.backends.clock import START, Clock
from course_support.backends.network import MOST, Network, Outcome, Sending, tampered
from course_support.backends.targets import resolve
from course_support.server import Server

from .market import Shop

BODY = b'{"event_type":"payment.completed","amount":"49.90"}'
Talk = Callable[[socket.socket], object]


@pytest.fixture
def network() -> Network:
    return Network(Clock(), resolve, timeout=10)


@pytest.fixture
def shop() -> Iterator[tuple[Shop, Server]]:
    shop = Shop()
    with Server(shop.app) as server:
        yield shop, server


def sending(port: int, path: str = "/webhooks/payments", host: str = "shop.localhost") -> Sending:
    return Sending(f"http://{host}:{port}{path}", {"Content-Type": "application/json", "webhook-id": "msg_1"}, BODY)


@contextlib.contextmanager
def rude(talk: Talk) -> Iterator[int]:
    """The port of a shop that reads nothing and says what `talk` says, to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    with line, contextlib.suppress(OSError):
                        talk(line)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(20)


def says(*parts: bytes, forever: bytes = b"", pause: float = 0) -> Talk:
    """Says the parts, and then `forever` until nobody listens any more; a backstop ends it after half a minute."""

    def talk(line: socket.socket) -> None:
        line.recv(65536)
        for part in parts:
            line.sendall(part)
        end = time.monotonic() + 30
        while forever and time.monotonic() < end:
            line.sendall(forever)
            time.sleep(pause)

    return talk


def test_a_request_arrives_as_it_was_sent(network: Network, shop: tuple[Shop, Server]) -> None:
    own, server = shop
    assert network.carry(sending(server.port, "/a%20b?c=d")) == Outcome(200)
    request = server.last.request
    assert (request.method, request.target, request.body) == ("POST", "/a%20b?c=d", BODY)
    fields = own.received[0][0]
    assert fields == {
        "host": f"shop.localhost:{server.port}",
        "user-agent": "payment-processor",
        "connection": "close",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "accept-encoding": "identity",
        "webhook-id": "msg_1",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_delivers(network: Network, shop: tuple[Shop, Server], status: int) -> None:
    shop[0].answer(status)
    assert network.carry(sending(shop[1].port)).delivered


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 410, 500, 503])
def test_nothing_else_does(network: Network, shop: tuple[Shop, Server], status: int) -> None:
    shop[0].answer(status)
    outcome = network.carry(sending(shop[1].port))
    assert (outcome.status, outcome.delivered, outcome.error) == (status, False, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(network: Network, shop: tuple[Shop, Server], status: int) -> None:
    with Server((inside := Shop()).app) as private:
        for location in (private.url, f"http://shop.localhost:{shop[1].port}/", "http://169.254.169.254/"):
            shop[0].answer(status, Location=location)
            assert network.carry(sending(shop[1].port)) == Outcome(status)
    assert inside.received == []
    assert len(shop[0].received) == 3


def test_retry_after_is_passed_on(network: Network, shop: tuple[Shop, Server]) -> None:
    shop[0].answer(503, Retry_After="17")
    assert network.carry(sending(shop[1].port)) == Outcome(503, retry_after="17")


def test_a_public_address_is_out_of_reach(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*arguments: object) -> None:
        raise AssertionError(arguments)

    monkeypatch.setattr(socket.socket, "connect", connect)
    for url in ("https://yourstore.com/", "https://8.8.8.8/", "https://[2606:4700::1111]/"):
        assert network.carry(Sending(url, {}, BODY)) == Outcome(error="unreachable")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "other.localhost", "[::1]"])
def test_another_name_of_loopback_is_refused(network: Network, shop: tuple[Shop, Server], host: str) -> None:
    for scheme in ("http", "https"):
        url = f"{scheme}://{host}:{shop[1].port}/"
        outcome = network.carry(Sending(url, {}, BODY))
        assert str(outcome.error).startswith("refused: Choose ")
    assert not shop[1].recorder.exchanges


def test_a_name_that_leads_elsewhere_by_now_is_refused(shop: tuple[Shop, Server]) -> None:
    leads_to = ["8.8.8.8"]
    network = Network(Clock(), lambda name: leads_to, timeout=10)
    there = Sending(f"https://yourstore.com:{shop[1].port}/", {}, BODY)
    assert network.carry(there).error == "unreachable"
    leads_to[:] = ["127.0.0.1"]
    assert network.carry(there).error == "refused: Choose a public address: 127.0.0.1 is not one (loopback)."


def test_proxies_of_the_environment_are_not_asked(
    network: Network, shop: tuple[Shop, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    assert network.carry(sending(shop[1].port)).delivered


def test_a_shop_that_is_closed_has_no_connection(network: Network) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, and nobody listens
        assert network.carry(sending(unused.getsockname()[1])) == Outcome(error="no connection")


DRIP = {
    "a status line": says(b"HTTP/1.1 200 OK", forever=b"K", pause=0.05),
    "a header": says(b"HTTP/1.1 200 OK\r\nA: ", forever=b"a", pause=0.05),
    "interim answers": says(forever=b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.05),
    "content": says(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", forever=b"a", pause=0.05),
    "chunks": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", forever=b"1\r\na\r\n", pause=0.05),
    "content without a length": says(b"HTTP/1.1 200 OK\r\n\r\n", forever=b"a", pause=0.05),
}


@pytest.mark.parametrize("kind", DRIP)
def test_a_shop_that_drips_is_too_late(kind: str) -> None:
    """Each byte comes in time: only the sum does not."""
    with rude(DRIP[kind]) as port:
        started = time.monotonic()
        outcome = Network(Clock(), resolve, timeout=0.4).carry(sending(port))
        assert outcome == Outcome(error="timeout")
        assert time.monotonic() - started < 20  # it would go on for thirty seconds


def test_a_shop_that_says_nothing_is_too_late() -> None:
    release = threading.Event()
    with rude(lambda line: release.wait(30)) as port:
        assert Network(Clock(), resolve, timeout=0.2).carry(sending(port)) == Outcome(error="timeout")
        release.set()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
    ],
)
def test_an_endless_answer_is_read_for_a_while_and_its_status_counts(network: Network, head: bytes) -> None:
    sent = []

    def talk(line: socket.socket) -> None:
        line.recv(65536)
        line.sendall(head)
        while len(sent) < 100_000:
            sent.append(line.send(b"a" * 4096))

    with rude(talk) as port:
        assert network.carry(sending(port)) == Outcome(200)
    assert MOST <= sum(sent) < 100 * 2**20  # what the buffers of the line hold besides


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"Hello\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 -200 OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_answer_is_a_broken_connection(network: Network, answer: bytes) -> None:
    with rude(says(answer)) as port:
        assert network.carry(sending(port)) == Outcome(error="broken connection")


@pytest.mark.parametrize("length", [b"-1", b"abc"])
def test_a_length_that_is_none_breaks_nothing_of_ours(network: Network, length: bytes) -> None:
    with rude(says(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n")) as port:
        assert network.carry(sending(port)).error in (None, "broken connection")


def test_tls_is_not_left_out_because_the_shop_has_none(network: Network, shop: tuple[Shop, Server]) -> None:
    there = Sending(f"https://shop.localhost:{shop[1].port}/", {}, BODY)
    assert network.carry(there) == Outcome(error="broken connection")
    assert shop[0].received == []


# --- Mischief --------------------------------------------------------------------------------------------------------


def test_tampering_changes_one_byte_and_leaves_json(network: Network, shop: tuple[Shop, Server]) -> None:
    network.tamper = True
    network.carry(sending(shop[1].port))
    assert shop[0].received[0][1] == BODY.replace(b"49.90", b"99.90")
    assert tampered(b'{"amount":"9.00"}') == b'{"amount":"1.00"}'


def test_a_duplicate_arrives_twice_and_the_first_answer_counts(network: Network, shop: tuple[Shop, Server]) -> None:
    network.duplicate = True
    shop[0].answer(200, 500)
    assert network.carry(sending(shop[1].port)) == Outcome(200)
    first, second = shop[0].received
    assert first == second


def test_held_up_is_late_by_the_clock(shop: tuple[Shop, Server]) -> None:
    clock = Clock()
    network = Network(clock, resolve, timeout=10)
    network.hold = timedelta(minutes=10)
    assert network.carry(sending(shop[1].port)).delivered
    assert clock.now == START + timedelta(minutes=10)


def test_a_replay_is_the_last_delivered_request_byte_for_byte(network: Network, shop: tuple[Shop, Server]) -> None:
    own, server = shop
    with pytest.raises(LookupError, match="Let a delivery succeed first"):
        network.replay()
    network.carry(sending(server.port, "/1"))
    own.answer(500)
    network.carry(sending(server.port, "/2"))
    network.tamper = network.duplicate = True  # meddling is for requests on their way, and this is a new one
    own.answers.append(Response(status_code=409))
    assert network.replay() == Outcome(409)
    first, _, again = server.recorder.exchanges
    assert again.request == first.request


def test_what_was_overheard_is_what_arrived(network: Network, shop: tuple[Shop, Server]) -> None:
    network.tamper = True
    network.carry(sending(shop[1].port))
    network.tamper = False
    network.replay()
    first, again = shop[0].received
    assert again == first
    assert again[1] != BODY
