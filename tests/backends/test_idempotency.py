"""Idempotency keys: what is sent twice is done once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import requests
from starlette.requests import Request
from starlette.responses import Response

from course_support.backends.clock import Clock
from course_support.backends.contacts_database import Database
from course_support.backends.idempotency import Key, Keys, key_of

from .crm import Crm, fresh, open_crm, refused


@pytest.fixture(scope="module")
def crm() -> Any:
    with open_crm() as crm:
        yield crm


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text}


def test_the_first_answer_again_byte_for_byte(crm: Crm) -> None:
    items = [*fresh(2), {"name": ""}]
    first = crm.create(items, headers=key('"batch-1"'), multi_status=True)
    total = crm.total
    again = crm.create(items, headers=key('"batch-1"'), multi_status=True)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again.headers["Content-Type"], again.headers["Cache-Control"]) == ("application/json", "no-store")
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert crm.total == total


def test_one_contact_has_its_place_kept_too(crm: Crm) -> None:
    (new,) = fresh(1)
    first, again = (crm("POST", "/contacts", json=new, headers=key('"one-1"')) for _ in range(2))
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["Location"] == first.headers["Location"]


def test_updates_are_done_once(crm: Crm) -> None:
    crm.update([{"id": 130, "company": "First"}], headers=key('"update-1"'))
    crm.update([{"id": 130, "company": "Second"}])
    again = crm.update([{"id": 130, "company": "First"}], headers=key('"update-1"'))
    assert again.json()["updated"] == 1
    assert crm("GET", "/contacts/130").json()["company"] == "Second"


def test_a_job_is_started_once(crm: Crm) -> None:
    items, headers = fresh(3), key('"job-1"') | {"Prefer": "respond-async"}
    first, again = (crm.create(items, headers=headers) for _ in range(2))
    assert (again.status_code, again.content) == (202, first.content)
    for name in ("Location", "Retry-After", "Preference-Applied"):
        assert again.headers[name] == first.headers[name]
    assert crm.end(first.headers["Location"])["created"] == 3


def test_another_request_with_the_same_key(crm: Crm) -> None:
    items = fresh(1)
    crm.create(items, headers=key('"same"'))
    for answer in (
        crm.create(fresh(1), headers=key('"same"')),
        crm.create(items, headers=key('"same"'), atomic=True),
        crm("POST", "/contacts", json=fresh(1)[0], headers=key('"same"')),
        crm.update([], headers=key('"same"')),
    ):
        assert refused(answer, 422)["detail"].startswith("Take a new Idempotency-Key")


def test_a_refusal_is_not_kept(crm: Crm) -> None:
    items = [*fresh(1), {"name": "A", "email": "x"}]
    for _ in range(2):
        answer = crm.create(items, headers=key('"refused"'), atomic=True)
        refused(answer, 422)
        assert "Idempotency-Replayed" not in answer.headers
    mended = [items[0], items[1] | fresh(1)[0]]
    assert crm.create(mended, headers=key('"refused"'), atomic=True).json()["created"] == 2


def test_the_quotation_marks_may_be_left_out(crm: Crm) -> None:
    items = fresh(1)
    crm.create(items, headers=key("8e03978e-40d5"))
    assert crm.create(items, headers=key('"8e03978e-40d5"')).headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    "text",
    ['""', '" ', "a b", '"a', 'a"b', '"a"b"', '"' + "a" * 256 + '"', "a" * 256, '"ä"', '"\\a"', '"a", "b"', "\x80"],
    ids=ascii,
)
def test_what_is_no_key(crm: Crm, text: str) -> None:
    before = crm.total
    answer = crm.create(fresh(1), headers={"Idempotency-Key": text.encode("latin-1")})  # type: ignore[dict-item]
    assert "1 to 255 printable characters" in refused(answer, 400)["detail"]
    assert crm.total == before


@pytest.mark.parametrize("text", ['"a b"', '"' + "a" * 255 + '"', '"\\"\\\\"'], ids=ascii)
def test_what_is_a_key(crm: Crm, text: str) -> None:
    assert crm.create(fresh(1), headers=key(text)).json()["created"] == 1


def test_a_key_belongs_to_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    scopes = {"importer": {"read", "write"}, "viewer": {"read", "write"}}
    monkeypatch.setattr("course_support.backends.batch_access.SCOPES", scopes)
    with open_crm() as crm:
        crm.create(fresh(1), headers=key('"mine"'))
        body = {"operation": "create", "contacts": fresh(1)}
        other = crm("POST", "/contacts/batch", who="viewer", json=body, headers=key('"mine"'))
        assert other.json()["created"] == 1


def test_two_tokens_work_with_the_same_key_at_the_same_time() -> None:
    keys = Keys(Database(), Clock())
    mine, yours = (Key(owner, "same", owner) for owner in ("mine", "yours"))
    with keys._claimed(mine):
        assert keys.once(yours, lambda: Response("b")).body == b"b"


def test_a_fingerprint_is_of_method_path_and_body() -> None:
    def fingerprint(method: str, path: str, body: bytes) -> str:
        scope = {"type": "http", "method": method, "path": path, "headers": [(b"idempotency-key", b'"a"')]}
        found = key_of(Request(scope | {"server": ("x", 80), "query_string": b""}), "importer", body)
        assert found
        return found.fingerprint

    sent = [("POST", "/a", b"{}"), ("PATCH", "/a", b"{}"), ("POST", "/b", b"{}"), ("POST", "/a", b"{ }")]
    assert len({fingerprint(*request) for request in sent * 2}) == len(sent)


def test_a_key_is_kept_for_a_day() -> None:
    with open_crm() as crm:
        items, clock = fresh(1), crm.app.state.clock
        crm.create(items, headers=key('"day"'))
        clock.advance(timedelta(hours=23, minutes=59))
        assert crm.create(items, headers=key('"day"')).json()["created"] == 1
        clock.advance(timedelta(minutes=1))
        later = crm.create(items, headers=key('"day"'))
        assert (later.json()["skipped"], later.headers.get("Idempotency-Replayed")) == (1, None)


def test_while_the_first_is_at_work(crm: Crm) -> None:
    items, answers = fresh(1), []
    first = threading.Thread(target=lambda: answers.append(crm.create(items, headers=key('"busy"'))))
    database: Database = crm.app.state.contacts.database
    with database.transaction():  # for which the first has to wait
        first.start()
        while first.is_alive() and not crm.app.state.keys._at_work:
            first.join(0.01)
        second = crm.create(items, headers=key('"busy"'))
        refused(second, 409)
        assert second.headers["Retry-After"] == "1"
        refused(crm.create(fresh(1), headers=key('"busy"')), 422)
    first.join(60)
    assert answers[0].json()["created"] == 1


def test_eight_at_once_are_one(crm: Crm) -> None:
    before, items, answers = crm.total, fresh(200), []
    body = {"operation": "create", "contacts": items, "options": {"send_welcome_email": True}}
    headers = {"Authorization": f"Bearer {crm.app.state.credentials['importer']}", **key('"race"')}
    together = threading.Barrier(8)

    def send() -> None:
        together.wait(60)
        address = f"{crm.server.url}/api/v1/contacts/batch"
        answers.append(requests.post(address, json=body, headers=headers, timeout=60))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = [answer for answer in answers if answer.status_code == 200]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert [answer.json()["created"] for answer in done] == [200] * len(done)
    assert len([answer for answer in done if "Idempotency-Replayed" not in answer.headers]) == 1
    assert (crm.total, crm.welcomed) == (before + 200, 200)
