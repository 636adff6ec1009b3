"""Who may open the editor's WebSocket: every refusal comes before the upgrade, as a problem with its status."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from .editors import ID, Service, serving, until

EDIT = f"/edit/{ID}"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def ticket(service: Service, who: str = "ada") -> str:
    answer = service("POST", "/api/v1/tickets", who)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["expires_in"] == 30
    return str(answer.json()["ticket"])


REFUSALS: dict[str, tuple[dict[str, Any], int, str]] = {
    "no token": ({"who": None}, 401, "Send an Authorization field"),
    "a wrong token": ({"who": None, "header": {"Authorization": "Bearer x"}}, 401, "Send a token that this"),
    "another scheme": ({"who": None, "header": {"Authorization": "Basic YTpi"}}, 401, "Send an Authorization"),
    "no such ticket": ({"who": None, "path": f"{EDIT}?ticket=x"}, 401, "Get a new ticket"),
    "an empty ticket": ({"who": None, "path": f"{EDIT}?ticket="}, 401, "Get a new ticket"),
    "a ticket that is none beside a token": ({"path": f"{EDIT}?ticket=x"}, 401, "Get a new ticket"),
    "a page from elsewhere": ({"origin": "https://evil.example"}, 403, "Connect from a page of this machine"),
    "a page of nowhere": ({"origin": "null"}, 403, "Connect from a page of this machine"),
    "a page that looks like ours": ({"origin": "http://localhost.evil.example"}, 403, "Connect from a page"),
    "an origin that is none": ({"origin": "http://["}, 403, "Connect from a page of this machine"),
    "a page from elsewhere without a token": ({"who": None, "origin": "https://evil.example"}, 403, "Connect"),
    "no such document": ({"path": "/edit/document-0"}, 404, "Take the id of a document from the list"),
    "no such document, no token": ({"path": "/edit/document-0", "who": None}, 401, "Send an Authorization"),
    "another path": ({"path": "/edit"}, 404, "Check the path"),
    "a path below": ({"path": f"{EDIT}/x"}, 404, "Check the path"),
    "a slash at the end": ({"path": f"{EDIT}/"}, 404, "Check the path"),
    "no subprotocol": ({"subprotocols": None}, 400, "Offer the subprotocol edit.v1 in Sec-WebSocket-Protocol."),
    "another subprotocol": ({"subprotocols": ["edit.v2", "mqtt"]}, 400, "Offer the subprotocol edit.v1"),
    "an odd seq": ({"path": f"{EDIT}?after=-1"}, 400, "Set after to the seq"),
    "no seq": ({"path": f"{EDIT}?after="}, 400, "Set after to the seq"),
    "a seq like 007": ({"path": f"{EDIT}?after=007"}, 400, "Set after to the seq"),
    "a seq of other digits": ({"path": f"{EDIT}?after=%D9%A3"}, 400, "Set after to the seq"),
    "a seq too long": ({"path": f"{EDIT}?after=" + "9" * 5000}, 400, "Set after to the seq"),
}


@pytest.mark.parametrize(("how", "status", "detail"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_a_problem(service: Service, how: dict[str, Any], status: int, detail: str) -> None:
    logged = service.tracebacks
    got, fields, problem = service.refusal(**how)
    assert got == problem["status"] == status
    assert fields["content-type"] == "application/problem+json"
    assert fields["date"] == "Mon, 02 Mar 2026 09:00:00 GMT"  # the clock of the course, as in every other answer
    assert problem["detail"].startswith(detail)
    assert problem["instance"] == how.get("path", EDIT).partition("?")[0]
    assert ("www-authenticate" in fields) == (status == 401)
    assert not service.app.state.rooms.connections
    assert service.tracebacks == logged


@pytest.mark.parametrize(
    ("how", "challenge"),
    [
        ({}, 'Bearer realm="documents"'),
        ({"header": {"Authorization": "Bearer x"}}, 'Bearer realm="documents", error="invalid_token"'),
        ({"path": f"{EDIT}?ticket=x"}, 'Bearer realm="documents", error="invalid_token"'),
    ],
)
def test_the_challenge_says_whether_a_token_came(service: Service, how: dict[str, Any], challenge: str) -> None:
    assert service.refusal(None, **how)[1]["www-authenticate"] == challenge


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8888", "https://localhost", "http://[::1]:1"])
def test_a_page_of_this_machine_is_welcome(service: Service, origin: str) -> None:
    service.edit(origin=origin)


def test_so_is_a_program_that_is_no_page(service: Service) -> None:
    service.edit(suppress_origin=True)


def test_a_ticket_stands_for_its_user(service: Service) -> None:
    editor = service.knock(None, path=f"{EDIT}?ticket={ticket(service, 'grace')}")
    assert editor.read()["users"] == [{"id": "grace", "name": "Grace"}]
    editor.send(position=0, content="X")
    assert editor.read()["userId"] == "grace"


def test_a_ticket_opens_one_connection(service: Service) -> None:
    once = f"{EDIT}?ticket={ticket(service)}"
    service.knock(None, path=once)
    assert service.refusal(None, path=once)[0] == 401


def test_a_handshake_that_fails_uses_it_up_but_a_page_from_elsewhere_cannot(service: Service) -> None:
    once, twice = ticket(service), ticket(service)
    assert service.refusal(None, path=f"/edit/document-0?ticket={once}")[0] == 404
    assert service.refusal(None, path=f"{EDIT}?ticket={once}")[0] == 401
    assert service.refusal(None, path=f"{EDIT}?ticket={twice}", origin="http://evil.example")[0] == 403
    service.knock(None, path=f"{EDIT}?ticket={twice}")


def test_a_ticket_expires(service: Service) -> None:
    late = ticket(service)
    service.app.state.clock.advance(timedelta(seconds=30))
    assert service.refusal(None, path=f"{EDIT}?ticket={late}")[0] == 401


def test_a_reader_s_ticket_only_reads(service: Service) -> None:
    editor = service.edit(None, path=f"{EDIT}?ticket={ticket(service, 'reader')}")  # type: ignore[arg-type]
    editor.send(position=0, content="X")
    assert editor.closed() == (1008, "Use a token that may write: this one may only read.")


def test_a_token_gets_the_ticket(service: Service) -> None:
    assert service("POST", "/api/v1/tickets", None).status_code == 401


def test_of_several_subprotocols_it_takes_its_own(service: Service) -> None:
    assert service.edit(subprotocols=["mqtt", "edit.v1"]).raw.getsubprotocol() == "edit.v1"


@pytest.mark.parametrize("who", ["ada", None])
def test_without_an_upgrade_it_is_426(service: Service, who: str | None) -> None:
    answer = service("GET", EDIT, who)
    assert answer.status_code == answer.json()["status"] == 426
    assert answer.headers["Upgrade"] == "websocket"
    assert answer.headers["Connection"] == "Upgrade"  # RFC 9110, section 7.8: the one field comes with the other
    assert "edit.v1" in answer.json()["detail"]


def test_the_connection_of_a_426_goes_on(service: Service) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.server.port, timeout=10)
    for _ in range(2):
        connection.request("GET", EDIT)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 426
    connection.close()


def test_other_methods_are_405(service: Service) -> None:
    answer = service("POST", EDIT)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert service("OPTIONS", EDIT).headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_full_room_is_503_and_says_when_to_come_back() -> None:
    with serving(room_size=2) as service:
        other = next(id for id in service.app.state.documents if id != ID)
        first, _ = service.edit("ada"), service.edit("grace")
        status, fields, problem = service.refusal("alan")
        assert (status, fields["retry-after"]) == (503, "5")
        assert problem["detail"] == "Come back later: this document is full."
        service.edit("alan", path=f"/edit/{other}")
        first.raw.close()
        until(lambda: len(service.app.state.rooms[ID].connections) == 1)
        service.edit("alan")
