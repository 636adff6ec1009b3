"""Jobs: imports that are answered at once, followed, asked for, cancelled, broken off and forgotten."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import requests

from course_support.backends.batch_items import Batch
from course_support.backends.clock import Clock
from course_support.backends.contacts import Contacts
from course_support.backends.contacts_database import Database
from course_support.backends.jobs import Job, Jobs

from .crm import KNOWN, SEEDED, Crm, fresh, open_crm, refused

STATE = ["id", "status", "total", "processed", "created", "skipped", "errors", "expires_at"]
SLOW = 120.0  # seconds between groups: nobody waits for them


@pytest.fixture(scope="module")
def crm() -> Any:
    with open_crm() as crm:
        yield crm


@pytest.fixture
def slow(crm: Crm) -> Any:
    """The job rests after its first group until it is cancelled."""
    crm.app.state.pace = SLOW
    yield crm
    crm.app.state.pace = 0.0


def group_done(crm: Crm, job: str) -> Any:
    """The state after the first group."""
    while not (state := crm("GET", job).json())["processed"]:
        time.sleep(0.01)
    return state


# --- To its end ------------------------------------------------------------------------------------------------------


def test_a_job_to_the_letter(slow: Crm) -> None:
    answer = slow.create(fresh(250), headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    job, state = answer.headers["Location"], answer.json()
    assert job == f"/api/v1/jobs/{state['id']}"
    assert (answer.headers["Retry-After"], answer.headers["Preference-Applied"]) == ("1", "respond-async")
    assert list(state) == STATE
    assert (state["status"], state["total"], state["expires_at"]) == ("running", 250, None)
    running = slow("GET", job)
    assert (running.status_code, running.headers["Retry-After"]) == (200, "1")
    group_done(slow, job)
    slow("DELETE", job)
    slow.end(job)
    ended = slow("GET", job)
    assert list(ended.json()) == STATE
    assert "Retry-After" not in ended.headers


def test_a_job_does_what_a_request_does(crm: Crm) -> None:
    before = crm.total
    (new,) = fresh(1)
    items = [*fresh(149), new, {"name": ""}, new, {"name": "Ada", "email": KNOWN}]
    state = crm.end(crm.start(items, send_welcome_email=True))
    assert (state["status"], state["total"], state["processed"]) == ("succeeded", 153, 153)
    assert (state["created"], state["skipped"]) == (150, 2)
    assert [(error["index"], error["code"]) for error in state["errors"]] == [(150, "missing_name")]
    assert (crm.total, crm.welcomed) == (before + 150, 150)
    strict = crm.end(crm.start(items[149:], skip_duplicates=False))
    assert [error["code"] for error in strict["errors"]] == ["duplicate", "missing_name", "duplicate", "duplicate"]


def test_a_double_is_known_across_groups(crm: Crm) -> None:
    (new,) = fresh(1)
    state = crm.end(crm.start([new, *fresh(120), new], skip_duplicates=False))
    assert [(error["index"], error["code"]) for error in state["errors"]] == [(121, "duplicate_in_batch")]


@pytest.mark.parametrize(
    ("prefer", "status"),
    [("Respond-Async", 202), ("wait=5, respond-async", 202), ("respond-async; a=b", 202), ("wait=5", 200), ("", 200)],
)
def test_only_who_prefers_it_gets_a_job(crm: Crm, prefer: str, status: int) -> None:
    assert crm.create(fresh(1), headers={"Prefer": prefer}).status_code == status


def test_a_batch_that_is_none_gets_no_job(crm: Crm) -> None:
    refused(crm.create({}, headers={"Prefer": "respond-async"}), 422)
    assert crm.update([], headers={"Prefer": "respond-async"}).status_code == 200
    assert crm.end(crm.start([]))["status"] == "succeeded"


# --- Progress --------------------------------------------------------------------------------------------------------


def test_two_follow_a_job_line_by_line(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first contact waits until both have had their first line."""
    create, begun = Contacts.create, threading.Barrier(3)

    def waiting(contacts: Contacts, **members: Any) -> int:
        monkeypatch.setattr(Contacts, "create", create)
        begun.wait(60)
        return create(contacts, **members)

    monkeypatch.setattr(Contacts, "create", waiting)
    job = crm.start([*fresh(249), {"name": ""}])
    told: list[list[Any]] = [[], []]
    followers = [threading.Thread(target=follow, args=(crm, job, lines, begun)) for lines in told]
    for follower in followers:
        follower.start()
    for follower in followers:
        follower.join(60)
    assert told[0] == told[1]
    *progress, state = told[0]
    assert [line["processed"] for line in progress] == [0, 100, 200, 250]
    assert progress[0] == {"processed": 0, "total": 250, "created": 0, "skipped": 0, "errors": 0}
    assert progress[-1] == {"processed": 250, "total": 250, "created": 249, "skipped": 0, "errors": 1}
    assert (list(state), state["status"]) == (STATE, "succeeded")


def follow(crm: Crm, job: str, lines: list[Any], begun: threading.Barrier) -> None:
    headers = {"Authorization": f"Bearer {crm.app.state.credentials['importer']}"}
    with requests.get(f"{crm.server.url}{job}/progress", headers=headers, stream=True, timeout=60) as answer:
        for line in answer.iter_lines():
            lines.append(json.loads(line))
            if len(lines) == 1:
                begun.wait(60)


def test_who_comes_late_is_told_the_end(crm: Crm) -> None:
    job = crm.start(fresh(1))
    state = crm.end(job)
    assert crm.lines(job) == [state]


# --- Cancelled, broken, all or nothing -------------------------------------------------------------------------------


def test_cancelling_keeps_what_is_stored(slow: Crm) -> None:
    before = slow.total
    job = slow.start(fresh(250))
    group_done(slow, job)
    answer = slow("DELETE", job)
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    state = slow.end(job)
    assert (state["status"], state["processed"], state["created"]) == ("cancelled", 100, 100)
    assert slow.total == before + 100
    assert "cancelled" in refused(slow("DELETE", job), 409)["detail"]


def test_a_job_that_breaks_off_can_be_resumed(crm: Crm) -> None:
    before, items = crm.total, fresh(300)
    crm.jobs.break_after = 130
    state = crm.end(crm.start(items))
    assert list(state) == [*STATE, "message"]
    assert (state["status"], state["processed"], state["created"]) == ("failed", 130, 130)
    assert state["message"] == "Send the rest again, from index 130 on: the import broke off there."
    assert crm.total == before + 130
    rest = crm.end(crm.start(items[state["processed"] :]))
    assert (rest["status"], rest["created"], rest["skipped"]) == ("succeeded", 170, 0)
    assert crm.total == before + 300


def test_progress_is_what_a_client_of_ndjson_accepts(crm: Crm) -> None:
    progress = f"{crm.start(fresh(1))}/progress"
    assert crm("GET", progress, headers={"Accept": "application/x-ndjson"}).status_code == 200
    refused(crm("GET", progress, headers={"Accept": "application/json"}), 406)


def test_all_or_nothing(crm: Crm) -> None:
    before, items = crm.total, fresh(150)
    faulty = [*items, {"name": ""}]
    state = crm.end(crm.start(faulty, atomic=True, send_welcome_email=True))
    assert (state["status"], state["processed"], state["created"]) == ("failed", 0, 0)
    assert [(error["index"], error["code"]) for error in state["errors"]] == [(150, "missing_name")]
    assert crm.total == before
    crm.jobs.break_after = 120
    state = crm.end(crm.start(items, atomic=True))
    assert (state["status"], state["created"]) == ("failed", 0)
    assert state["message"] == "Send all of it again: the import broke off, and nothing is stored."
    assert crm.total == before
    assert crm.end(crm.start(items, atomic=True))["created"] == 150
    assert crm.total == before + 150


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_job_that_fails_for_another_reason_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(contacts: Contacts, **members: Any) -> int:
        raise RuntimeError("the lights went out")

    with open_crm() as crm:
        monkeypatch.setattr(Contacts, "create", failing)
        state = crm.end(crm.start(fresh(3)))
        assert (state["status"], state["created"]) == ("failed", 0)
        assert state["message"].endswith(".")
        assert crm.total == SEEDED


def test_others_get_the_database_between_groups(slow: Crm) -> None:
    job = slow.start(fresh(250))
    assert group_done(slow, job)["status"] == "running"
    assert slow.create(fresh(1)).json()["created"] == 1
    assert slow("GET", job).json()["status"] == "running"
    slow("DELETE", job)
    assert slow.end(job)["created"] == 100


# --- Whose it is, and how long ---------------------------------------------------------------------------------------


def test_a_job_is_forgotten_after_a_while() -> None:
    with open_crm(keep=timedelta(minutes=5)) as crm:
        job = crm.start(fresh(1))
        state = crm.end(job)
        assert state["expires_at"].startswith("2026-03-02T09:05:")
        crm.app.state.clock.advance(timedelta(minutes=4, seconds=50))
        assert crm("GET", job).json() == state
        crm.app.state.clock.advance(timedelta(seconds=10))
        for method, path in (("GET", job), ("DELETE", job), ("GET", f"{job}/progress")):
            refused(crm(method, path), 410)


def test_a_job_is_its_token_s_own(crm: Crm) -> None:
    job = crm.start(fresh(1))
    crm.end(job)
    for path, who in ((job, "viewer"), (f"{job}/progress", "viewer"), ("/jobs/job_0000000000000000", "importer")):
        refused(crm("GET", path, who=who), 404)


def test_ids_are_drawn_from_the_seed() -> None:
    database, clock = Database(), Clock()
    contacts = Contacts(database, 1)

    def ids(seed: int) -> list[str]:
        jobs = Jobs(seed, database, clock, timedelta(hours=1))
        return [jobs.start("importer", Batch(contacts, {}), [], lambda: 0.0).id for _ in range(3)]

    assert ids(1) == ids(1) != ids(2)
    assert len(set(ids(1))) == 3


def test_head_of_the_progress_does_not_wait_for_its_end(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crm.app.state, "pace", 60.0)
    job = crm.start(fresh(200))
    answer = crm("HEAD", f"{job}/progress")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    assert crm("GET", job).json()["status"] == "running"
    assert crm("DELETE", job).status_code == 202


def test_a_follower_that_is_gone_stops_no_job() -> None:
    job = Job("job_1", "importer", 1)

    def gone() -> None:
        raise RuntimeError("Event loop is closed")

    job._bells.append(gone)
    job.advance([])
    assert not job._bells
