"""What a learner typed becomes one request, and everything that cannot be sent becomes one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from course_support.server import Server
from course_support.widgets.sending import PlaygroundError, parse_headers, send


def test_sends_what_it_is_told(server: Server) -> None:
    exchange = send(server, "PUT", "/items?limit=2", {"X-Note": "hello"}, '{"name": "Übung"}')
    sent = exchange.request
    assert (sent.method, sent.target, sent.fields.get("X-Note")) == ("PUT", "/items?limit=2", "hello")
    assert sent.json() == {"name": "Übung"}
    assert exchange.status == 200
    assert list(server.traffic) == [exchange]


def test_credentials_become_a_bearer_token(server: Server) -> None:
    assert send(server, path="/items", credentials="ada").request.fields.get("Authorization") == "Bearer ada-secret"


def test_a_header_that_is_written_out_wins_over_the_credentials(server: Server) -> None:
    exchange = send(server, path="/items", headers={"authorization": "Basic x"}, credentials="ada")
    assert exchange.request.fields.all("Authorization") == ("Basic x",)


def test_without_credentials_nothing_is_sent_on_the_learners_behalf(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(netrc))
    assert send(server, path="/items").request.fields.get("Authorization") is None


def test_redirects_and_errors_are_answers_like_any_other(server: Server) -> None:
    assert send(server, path="/items/").status == 307
    assert send(server, path="/nowhere").status == 404


@pytest.mark.parametrize("path", ["//items", "/items/a b", "/items/ü", "/items/../items"])
def test_finds_the_exchange_of_a_path_that_the_client_spells_another_way(server: Server, path: str) -> None:
    assert send(server, path=path).request.method == "GET"


def test_a_dropped_connection_is_an_exchange_without_a_response(server: Server) -> None:
    server.faults.drop_next()
    exchange = send(server, path="/items")
    assert exchange.response is None
    assert "dropped" in exchange.note


def test_a_timeout_is_an_exchange_without_a_response(server: Server) -> None:
    exchange = send(server, path="/sleep", timeout=0.1)
    assert (exchange.request.target, exchange.response) == ("/sleep", None)


def test_finds_its_own_exchange_among_those_before(server: Server) -> None:
    first, second = send(server, path="/items"), send(server, path="/items")
    assert (first.number, second.number) == (1, 2)


def test_says_that_the_backend_is_closed(server: Server) -> None:
    server.close()
    with pytest.raises(PlaygroundError, match="run the cell that starts the backend again"):
        send(server, path="/items")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"path": "items"}, "write /items instead of items"),
        ({"path": ""}, "write / instead of nothing"),
        ({"path": "@other.example/"}, "A path starts with"),
        ({"method": "GET /"}, "no method"),
        ({"headers": {"X Y": "1"}}, "no name of a header"),
        ({"headers": {"X": "a\r\nEvil: 1"}}, "not plain ASCII"),
        ({"headers": {"X": "grün"}}, "The value of X holds a character that is not plain ASCII: grün"),
        ({"credentials": "bob"}, "no credentials called bob; it knows: ada"),
    ],
)
def test_refuses_in_one_sentence(server: Server, arguments: dict[str, object], sentence: str) -> None:
    with pytest.raises(PlaygroundError, match=sentence):
        send(server, **{"path": "/items", **arguments})  # type: ignore[arg-type]
    assert len(server.traffic) == 0


def test_reads_header_lines() -> None:
    assert parse_headers("Accept: a/b\n\nX-Empty:\nAccept: c/d\nx-time: 10:30 \r\n") == {
        "Accept": "a/b, c/d",
        "X-Empty": "",
        "x-time": "10:30",
    }


@pytest.mark.parametrize("line", ["Accept application/json", ": x", "X Y: 1", " folded"])
def test_names_the_line_that_is_no_header(line: str) -> None:
    with pytest.raises(PlaygroundError, match="Line 2 of the headers is not of the form"):
        parse_headers(f"Accept: */*\n{line}")
