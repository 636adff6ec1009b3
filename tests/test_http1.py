"""Messages made from any bytes: whole, cut off, damaged and hostile."""

from __future__ import annotations

import json
from random import Random

import pytest

from course_support.http1 import parse_request, parse_response
from course_support.wire import Exchange

REQUEST = (
    b"PUT /a%20b?x=1&y=&x=2 HTTP/1.1\r\nhOST: example\r\nContent-Type: application/json; charset=utf-8\r\n"
    b'Content-Length: 13\r\n\r\n{"name": "A"}'
)
CHUNKED = (
    b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 201 Created\r\nLocation: /c\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Length: 4\r\n\r\nfour"
)
CHUNKED_RESPONSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.0 200 OK\r\n\r\nall that comes"


def test_a_request_is_read_from_its_bytes() -> None:
    request = parse_request(REQUEST)
    assert (request.method, request.target, request.http_version) == ("PUT", "/a%20b?x=1&y=&x=2", "1.1")
    assert (request.path, request.query) == ("/a%20b", {"x": "2", "y": ""})
    assert request.fields.pairs[0] == ("hOST", "example")
    assert (request.media_type, request.text, request.json()) == ("application/json", '{"name": "A"}', {"name": "A"})


def test_chunks_are_joined_and_their_framing_is_gone() -> None:
    assert parse_request(CHUNKED).body == b"abcde"
    response = parse_response(CHUNKED_RESPONSE, "GET")
    assert response
    assert (response.body, response.complete) == (b"abc", True)


def test_the_final_response_counts_not_the_interim_ones() -> None:
    response = parse_response(INTERIM + RESPONSE, "POST")
    assert response
    assert (response.status, response.reason, response.body, response.complete) == (201, "Created", b"four", True)
    assert response.fields.all("Set-Cookie") == ("a=1", "b=2")
    assert parse_response(INTERIM, "POST") is None


def test_a_response_may_end_with_its_connection() -> None:
    response = parse_response(UNTIL_CLOSE, "GET")
    assert response
    assert (response.http_version, response.body, response.complete) == ("1.0", b"all that comes", True)


def test_switching_protocols_is_the_final_response_and_takes_no_content() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    response = parse_response(INTERIM + head + b"\x81\x05hello", "GET")
    assert response
    assert (response.status, response.reason, response.body, response.complete) == (
        101,
        "Switching Protocols",
        b"",
        True,
    )


@pytest.mark.parametrize(("method", "complete"), [("HEAD", True), ("GET", False), ("", False), ("\x16\x03", False)])
def test_only_the_answer_to_head_is_complete_without_its_content(method: str, complete: bool) -> None:
    response = parse_response(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", method)
    assert response
    assert (response.body, response.complete) == (b"", complete)


@pytest.mark.parametrize("whole", [REQUEST, CHUNKED])
def test_a_request_cut_off_anywhere_is_read_as_far_as_it_got(whole: bytes) -> None:
    complete = parse_request(whole)
    for end in range(len(whole)):
        request = parse_request(whole[:end])
        if whole[:end].count(b"\r\n\r\n"):
            assert (request.method, request.target, request.fields) == (
                complete.method,
                complete.target,
                complete.fields,
            )
            assert complete.body.startswith(request.body)
        else:
            assert request.body == whole[:end]
            assert complete.method.startswith(request.method)


@pytest.mark.parametrize("whole", [RESPONSE, CHUNKED_RESPONSE, INTERIM + RESPONSE])
def test_a_response_cut_off_anywhere_is_never_complete(whole: bytes) -> None:
    complete = parse_response(whole, "GET")
    assert complete
    for end in range(len(whole)):
        response = parse_response(whole[:end], "GET")
        assert response is None or (not response.complete and complete.body.startswith(response.body))


HOSTILE = [
    b"",
    b"\r\n\r\n",
    b"\0" * 100,
    b"\xff\xfe GET",
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"nonsense",
    b"GET",
    b"GET //[ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000,
    b"GET / HTTP/1.1\r\nHost: x\r\nA: \xff\x80\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000,
    b"GET /" + b"a" * 100_000,
    b"HTTP/1.1 999 \xff\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
    b"HTTP/9.9 200 OK\r\n\r\n",
]


def look_at_all_of_it(raw: bytes) -> None:
    for method in ("GET", "HEAD", "\x16\x03", "é"):
        exchange = Exchange(1, parse_request(raw), parse_response(raw, method))
        assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange
        for message in (exchange.request, exchange.response):
            _ = message and (message.text, message.json(), message.media_type)
        _ = exchange.request.path, exchange.request.query


@pytest.mark.parametrize("raw", HOSTILE, ids=lambda raw: repr(raw[:40]))
def test_hostile_bytes_are_read_without_an_error(raw: bytes) -> None:
    look_at_all_of_it(raw)


@pytest.mark.parametrize("whole", [REQUEST, CHUNKED, RESPONSE, CHUNKED_RESPONSE])
def test_damaged_bytes_are_read_without_an_error(whole: bytes) -> None:
    random = Random(1)
    for _ in range(400):
        raw = bytearray(whole)
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(raw))
            raw[at : at + random.randint(0, 3)] = random.randbytes(random.randint(0, 3))
        look_at_all_of_it(bytes(raw))


def test_what_is_not_http_keeps_its_first_word_and_all_its_bytes() -> None:
    request = parse_request(b"HELO mail.example\r\nMAIL FROM: x\r\n")
    assert (request.method, request.target, len(request.fields)) == ("HELO", "mail.example", 0)
    assert request.body == b"HELO mail.example\r\nMAIL FROM: x\r\n"
