"""What clients and audits of others make of the GraphQL service: graphql-http, graphql-ws and sgqlc."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.backends.graphql_client import GET_EVENT, Client, serving
from tests.peers import run

# Both rows are from before 2025. The draft has since had a server without a hint send what status codes can be told by.
OUTDATED = {"47DE", "80D8"}
COUNT = 'subscription { attendeeCount(eventId: "abc123") }'
REGISTER = 'mutation { registerAttendee(input: {eventId: "abc123", name: "A", email: "aNUMBER@b"}) { event { id } } }'


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


def test_the_audit_of_graphql_http_finds_nothing(client: Client) -> None:
    audits = run("graphql_audit.mjs", client.url, client.token()["Authorization"])
    assert len(audits) > 50
    wanting = {
        audit["id"]: (audit["status"], audit["name"], audit.get("reason"))
        for audit in audits
        if audit["status"] != "ok"
    }
    assert {id: status for id, (status, *_) in wanting.items()} == dict.fromkeys(OUTDATED, "warn"), wanting


def test_graphql_ws_subscribes(client: Client) -> None:
    before = client.app.state.events.attendee_count("abc123")
    given = {"connectionParams": client.token(), "mutation": REGISTER}
    seen = run("graphql_subscribe.mjs", client.url.replace("http", "ws"), COUNT, "3", given=given)
    assert seen["results"] == [{"data": {"attendeeCount": before + more}} for more in range(3)]
    assert "error" not in seen


def test_graphql_ws_tells_an_error_from_a_close(client: Client) -> None:
    url, given = client.url.replace("http", "ws"), {"connectionParams": client.token(), "mutation": REGISTER}
    wrong = run("graphql_subscribe.mjs", url, "subscription { nothing }", "1", given=given)
    assert wrong["error"][0]["message"] == "Cannot query field 'nothing' on type 'Subscription'."
    nobody = run("graphql_subscribe.mjs", url, COUNT, "1", given=given | {"connectionParams": {}})
    assert nobody["close"] == [4403, "Forbidden"]


def test_sgqlc_writes_a_client_from_the_schema(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "get_event.graphql").write_text(GET_EVENT)
    codegen = str(Path(sys.executable).with_name("sgqlc-codegen"))
    token = f"Authorization: {client.token('guest')['Authorization']}"
    for command in (
        [sys.executable, "-m", "sgqlc.introspection", "-H", token, client.url, "events.json"],
        [codegen, "schema", "events.json", "events_schema.py"],
        [codegen, "operation", "--schema", "events.json", "events_schema", "events_queries.py", "get_event.graphql"],
    ):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    monkeypatch.syspath_prepend(tmp_path)
    requests_endpoint = import_module("sgqlc.endpoint.requests").RequestsEndpoint(client.url, client.token("guest"))
    operation = import_module("events_queries").Operations.query.get_event
    event = (operation + requests_endpoint(operation, {"eventId": "abc123"})).event
    stored = client.app.state.events.event("abc123")
    assert (event.name, event.date, event.location.coordinates) == (
        stored.name,
        stored.date,
        stored.location.coordinates,
    )
    assert len(event.speakers) == len(client.app.state.events.speakers_of("abc123"))
    assert event.speakers[0].sessions[0].title


def test_sgqlc_reads_errors_whatever_they_are_about(client: Client) -> None:
    endpoint = import_module("sgqlc.endpoint.requests").RequestsEndpoint(client.url, client.token())
    answer = endpoint("{ nothing }")
    assert answer["errors"][0]["message"] == "Cannot query field 'nothing' on type 'Query'."
    client.app.state.broken.add("Speaker.photo")
    answer = endpoint(GET_EVENT, {"eventId": "abc123"})
    assert answer["errors"]
    assert answer["data"]["event"]["name"]
