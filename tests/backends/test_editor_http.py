"""HTTP beside the editor's WebSocket: reading, replacing, polling for updates, and the lost update."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from .editors import ID, PATH, Service, serving, update

UPDATES = f"{PATH}/updates"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def test_the_list_has_every_document(service: Service) -> None:
    listed = service("GET", "/api/v1/documents").json()["documents"]
    assert {"id": ID, "seq": 0} in listed
    assert len(listed) == 6
    for it in listed:
        assert service("GET", f"/api/v1/documents/{it['id']}").json()["text"]


def test_a_document_shows_its_text_and_seq(service: Service) -> None:
    ada = service.edit()
    ada.send(position=0, content="X")
    ada.read()
    answer = service("GET", who="reader")
    assert answer.json() == {"id": ID, "text": service.document.text, "seq": 1}
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("path", [PATH, UPDATES, "/api/v1/documents"])
def test_whoever_polls_can_ask_whether_anything_is_new(service: Service, path: str) -> None:
    tag = {"If-None-Match": service("GET", path).headers["ETag"]}
    assert service("GET", path, headers=tag).status_code == 304
    service("POST", UPDATES, json=update(0, "X"))
    assert service("GET", path, headers=tag).status_code == 200


def test_put_replaces_the_text_and_editors_see_it(service: Service) -> None:
    ada = service.edit("ada")
    length = len(service.document.text)
    answer = service("PUT", who="grace", json={"text": "New."})
    assert answer.status_code == 200
    assert answer.json() == {"id": ID, "text": "New.", "seq": 2}
    assert answer.headers["Content-Location"] == PATH
    assert "ETag" not in answer.headers  # RFC 9110, section 9.3.4
    shown = [(it["position"], it["remove"], it["content"], it["userId"]) for it in (ada.read(), ada.read())]
    assert shown == [(0, length, "", "grace"), (0, 0, "New.", "grace")]


def test_two_who_put_lose_an_update(service: Service) -> None:
    text = service("GET").json()["text"]
    service("PUT", who="ada", json={"text": text + " Ada."})
    service("PUT", who="grace", json={"text": text + " Grace."})
    assert service("GET").json()["text"] == text + " Grace."


def test_if_match_would_have_noticed(service: Service) -> None:
    tag = service("GET").headers["ETag"]
    assert service("PUT", json={"text": "Ada."}, headers={"If-Match": tag}).status_code == 200
    assert service("PUT", json={"text": "Grace."}, headers={"If-Match": tag}).status_code == 412
    assert service.document.text == "Ada."


def test_two_who_post_updates_lose_none(service: Service) -> None:
    seq = service("GET").json()["seq"]
    for who in ("ada", "grace"):
        assert service("POST", UPDATES, who, json=update(0, f"{who}. ", base=seq)).status_code == 201
    assert service.document.text.startswith("ada. grace. ")


def test_a_posted_update_is_created_and_told(service: Service) -> None:
    ada = service.edit("ada")
    answer = service("POST", UPDATES, "grace", json=update(2, "X", id="g-1", timestamp="t", userId="grace"))
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{UPDATES}?after=0"
    [created] = answer.json()["updates"]
    assert created == ada.read()
    assert created == update(2, "X", timestamp="t", userId="grace", remove=0, seq=1, id="g-1")
    assert service("GET", answer.headers["Location"]).json() == answer.json()


def test_the_same_id_again_is_200_and_changes_nothing(service: Service) -> None:
    ada = service.edit("ada")
    first = service("POST", UPDATES, "grace", json=update(0, "X", id="g-1"))
    again = service("POST", UPDATES, "grace", json=update(0, "X", id="g-1"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    service("POST", UPDATES, "grace", json=update(0, "Y"))
    assert [ada.read()["content"] for _ in range(2)] == ["X", "Y"]


def test_whoever_polls_gets_the_updates_after_a_seq(service: Service) -> None:
    for content in "abc":
        service("POST", UPDATES, json=update(0, content))
    answer = service("GET", f"{UPDATES}?after=1", who="reader").json()
    assert ([it["seq"] for it in answer["updates"]], answer["seq"]) == ([2, 3], 3)
    assert len(service("GET", UPDATES).json()["updates"]) == 3
    assert service("GET", f"{UPDATES}?after=3").json() == {"updates": [], "seq": 3}


@pytest.mark.parametrize("after", ["0", "2", "6", "99"])
def test_what_the_log_does_not_have_is_410(after: str) -> None:
    with serving(keep=2) as service:
        for content in "abcde":
            service("POST", UPDATES, json=update(0, content))
        answer = service("GET", f"{UPDATES}?after={after}")
        assert answer.status_code == 410
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.json()["detail"].startswith("Read the document again")
        assert service("GET", f"{UPDATES}?after=3").status_code == 200


@pytest.mark.parametrize("after", ["-1", "x", "", "1.0", "01"])
def test_an_odd_seq_is_400(service: Service, after: str) -> None:
    assert service("GET", f"{UPDATES}?after={after}").status_code == 400


ENDPOINTS: list[tuple[str, str, Any, str]] = [
    ("GET", "/api/v1/documents", None, "read"),
    ("GET", PATH, None, "read"),
    ("PUT", PATH, {"text": "X"}, "write"),
    ("GET", UPDATES, None, "read"),
    ("POST", UPDATES, update(0, "X"), "write"),
    ("POST", "/api/v1/tickets", None, "read"),
]


@pytest.mark.parametrize(("method", "path", "sent", "scope"), ENDPOINTS)
def test_each_endpoint_asks_who_it_is(service: Service, method: str, path: str, sent: Any, scope: str) -> None:
    more = {"json": sent} if sent else {}
    answer = service(method, path, None, **more)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="documents"')
    answer = service(method, path, "reader", **more)
    assert answer.status_code == (403 if scope == "write" else 201 if method == "POST" else 200)
    assert service.document.seq == 0
    assert service(method, path, headers={"Accept": "text/html"}, **more).status_code == 406
    assert answer.headers["Date"].startswith("Mon, 02 Mar 2026 09:00:0")


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_document_is_404(service: Service, method: str) -> None:
    assert service(method, "/api/v1/documents/document-0", json={"text": ""}).status_code == 404
    assert service("POST", "/api/v1/documents/document-0/updates", json=update(0, "X")).status_code == 404
    assert service("GET", f"{PATH}/").status_code == 404


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/api/v1/documents", "GET, HEAD, OPTIONS"),
        (PATH, "GET, HEAD, OPTIONS, PUT"),
        (UPDATES, "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/tickets", "OPTIONS, POST"),
    ],
)
def test_options_and_405_list_the_methods(service: Service, path: str, allow: str) -> None:
    answer = service("OPTIONS", path)
    assert (answer.status_code, answer.headers["Allow"]) == (204, allow)
    answer = service("DELETE", path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)


BAD: list[tuple[bytes, int]] = [
    (b"{", 400),
    (b'{"type": "text_update", "position": NaN}', 400),
    (b"\xff", 400),
    (b"[" * 50_000, 400),
    (b'{"position": ' + b"9" * 5000 + b"}", 400),
    (b"[]", 422),
    (b"null", 422),
    (b"{}", 422),
    (json.dumps(update(0, "x" * 16 * 1024)).encode(), 413),
    (b" " * 70_000, 413),
    (json.dumps(update(10_000, "x")).encode(), 422),
    (json.dumps(update(0, "x", userId="grace")).encode(), 422),
]


@pytest.mark.parametrize(("body", "status"), BAD, ids=[str(body[:40]) for body, _ in BAD])
def test_a_bad_body_is_a_problem_and_changes_nothing(service: Service, body: bytes, status: int) -> None:
    logged = service.tracebacks
    json_type = {"Content-Type": "application/json"}
    answer = service("POST", UPDATES, data=body, headers=json_type)
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    if status != 413:
        assert service("PUT", data=body, headers=json_type).status_code in (400, 422)
    assert (service.document.seq, service.tracebacks) == (0, logged)


def test_other_media_types_are_415(service: Service) -> None:
    for method, path in (("POST", UPDATES), ("PUT", PATH)):
        assert service(method, path, data=b"X", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_document_that_is_full_is_409(service: Service) -> None:
    service.document.replace("x" * 200 * 1024, "ada", "")
    assert service("POST", UPDATES, json=update(0, "X")).status_code == 409
    assert service("POST", UPDATES, json=update(0, remove=1)).status_code == 201
    assert service("POST", UPDATES, json=update(0, "X")).status_code == 201


def test_naively_a_post_is_taken_as_it_comes(service: Service) -> None:
    service.app.state.transform = False
    assert service("POST", UPDATES, json=update(10_000, "!")).status_code == 201
    assert service.document.text.endswith("!")


@pytest.mark.parametrize(("method", "path", "sent"), [("PUT", PATH, {"text": ""}), ("POST", UPDATES, update(0, "X"))])
def test_a_failure_is_500_once_and_changes_nothing(service: Service, method: str, path: str, sent: Any) -> None:
    before = service.document.text
    service.app.state.broken = True
    answer = service(method, path, json=sent)
    assert answer.status_code == 500
    assert "broken" not in answer.text
    assert service.document.text == before
    assert service(method, path, json=sent).ok


def test_the_card_tells_of_every_route(service: Service) -> None:
    shown = service.server.card
    assert shown.name == "WebSocket: a collaborative document editor"
    assert list(shown.credentials) == ["ada", "grace", "alan", "reader"]
    assert all(does.endswith(".") for _, _, does in shown.routes)
    assert [route[:2] for route in shown.routes[:2]] == [("WebSocket", "/edit/{document}"), ("GET", "/edit/{document}")]
