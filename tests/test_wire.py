"""The values of the wire: fields, exchanges and messages, and their way through JSON and back."""

from __future__ import annotations

import json

import pytest

from course_support.wire import Exchange, Fields, Message, Request, Response


def test_field_names_do_not_care_about_case_and_keep_it() -> None:
    fields = Fields.of(("ACCEPT", "text/html"), ("accept", "text/plain"), Content_Type="text/css")
    assert list(fields) == [("ACCEPT", "text/html"), ("accept", "text/plain"), ("Content-Type", "text/css")]
    assert len(fields) == 3
    assert fields.all("Accept") == ("text/html", "text/plain")
    assert fields.get("Accept") == "text/html, text/plain"
    assert (fields.get("Etag"), fields.get("Etag", "none")) == (None, "none")
    assert "content-type" in fields
    assert "etag" not in fields


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a?b=c", "/a", {"b": "c"}),
        ("http://host:80/a/b?c=http://d/", "/a/b", {"c": "http://d/"}),
        ("/go/http://host/?x=1", "/go/http://host/", {"x": "1"}),
        ("//twice/a", "//twice/a", {}),
        ("/a?one?two", "/a", {"one?two": ""}),
        ("//[", "//[", {}),
        ("*", "*", {}),
        ("host:443", "host:443", {}),
        ("", "", {}),
    ],
)
def test_any_target_has_a_path_and_a_query(target: str, path: str, query: dict[str, str]) -> None:
    request = Request("GET", target)
    assert (request.path, request.query) == (path, query)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5000])
def test_content_that_is_not_json_is_none(body: bytes) -> None:
    assert Response(200, body=body).json() is None


def test_text_shows_what_is_not_utf_8() -> None:
    assert Response(200, body="für ".encode() + b"\xff").text == "für \N{REPLACEMENT CHARACTER}"


def test_a_message_is_read_as_text_and_as_json() -> None:
    message = Message("client", "text", '{"für": 1}'.encode())
    assert (message.text, message.json()) == ('{"für": 1}', {"für": 1})
    assert Message("server", "binary", b"\xff").text == "\N{REPLACEMENT CHARACTER}"
    assert Message("server", "binary", b"\xff").json() is None


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        (b"\x03\xe8", 1000, ""),
        ("\x11S".encode("latin-1") + "für dich".encode(), 4435, "für dich"),
        (b"", 1005, ""),
        (b"\x03", None, None),
        (b"\x03\xed", None, None),  # 1005 itself must not be sent
        (b"\x03\xe8\xff", None, None),
    ],
)
def test_a_close_frame_says_why(data: bytes, code: int | None, reason: str | None) -> None:
    message = Message("server", "close", data)
    assert (message.close_code, message.close_reason) == (code, reason)


def test_only_a_close_frame_has_a_code() -> None:
    message = Message("server", "text", b"\x03\xe8")
    assert (message.close_code, message.close_reason) == (None, None)


@pytest.mark.parametrize(
    "exchange",
    [
        Exchange(1, Request("GET", "/"), None),
        Exchange(
            number=7,
            request=Request("POST", "/a?b", Fields.of(("A", "1"), ("a", "\xff")), b"\0\xff", "1.0"),
            response=Response(503, "Odd Reason", Fields.of(Retry_After="1"), b"x", "1.0", complete=False),
            request_bytes=3,
            response_bytes=4,
            started=1.5,
            first_byte=1.75,
            ended=2.5,
            note="cut",
            messages=(
                Message("client", "text", b"hello", 1.8, 11, (b"\x81\x85\0\1\2\xff",)),
                Message("server", "close", b"\x03\xe8", 2.25, 4),
            ),
        ),
    ],
    ids=["least", "most"],
)
def test_an_exchange_survives_json(exchange: Exchange) -> None:
    assert Exchange.from_json(json.loads(json.dumps(exchange.to_json()))) == exchange


def test_duration_and_status() -> None:
    exchange = Exchange(1, Request("GET", "/"), Response(204), started=1.0, ended=1.5)
    assert (exchange.duration, exchange.status) == (0.5, 204)
    assert Exchange(1, Request("GET", "/"), None).status is None
