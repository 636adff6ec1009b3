"""Media types that are accepted, and JSON that is none."""

import http.client
import urllib.error
import urllib.request

import pytest

from course_support.backends.content import JSON, accepted, parse
from course_support.backends.problem import Problem

from .conftest import Client


@pytest.mark.parametrize(
    ("accept", "admitted"),
    [
        ([], True),
        ([""], True),
        (["*/*"], True),
        (["application/*"], True),
        (["application/json"], True),
        (["Application/JSON; charset=utf-8"], True),
        (["text/html, application/json;q=0.1"], True),
        (["text/html", "application/json"], True),
        (["text/html,*/*;q=0.8"], True),
        (["application/json;q=0.001"], True),
        (["*/*;q=0, application/json"], True),
        (["application/json, */*;q=0"], True),
        (["text/html"], False),
        (["text/*"], False),
        (["application/xml"], False),
        (["application/problem+json"], False),
        (["application/json;q=0"], False),
        (["application/json; Q=0.000, */*"], False),
        (["application/*;q=0, */*"], False),
        (["*/*;q=0"], False),
        (["json"], False),
        ([" , ;"], True),
    ],
)
def test_accept(accept: list[str], admitted: bool) -> None:
    assert accepted(JSON, accept) is admitted


def test_parse_gives_the_value() -> None:
    assert parse('{"ü": [1, 2.5, null, true]}'.encode()) == {"ü": [1, 2.5, None, True]}


@pytest.mark.parametrize("text", [b"", b"{", b"[NaN]", b"[-Infinity]", b"\xff", b"[" * 100_000, b"1" * 5_000])
def test_parse_refuses_what_is_no_json_with_a_400(text: bytes) -> None:
    with pytest.raises(Problem) as refused:
        parse(text)
    assert refused.value.status_code == 400


def test_a_client_that_is_still_sending_gets_its_answer(client: Client) -> None:
    """urllib asks for the connection to be closed: an answer before the last byte would arrive as a reset."""
    address = client.url + "/api/v1/playlists"
    for size in [100, 70_000, 3_000_000] * 10:
        request = urllib.request.Request(address, data=b"x" * size, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        with refused.value as answer:
            assert (answer.status, len(answer.read())) == (401, int(answer.headers["Content-Length"]))


def test_a_client_that_leaves_does_no_harm(client: Client) -> None:
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/api/v1/playlists")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"only this")
    connection.close()
    assert client("GET").status_code == 200
