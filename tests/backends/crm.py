"""A CRM that is served, and contacts to import into it: what the tests of batches are played on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from starlette.applications import Starlette

from course_support.backends import batch
from course_support.backends.jobs import Jobs
from course_support.server import Server

SEEDED = 40
KNOWN = "ada.winter@harbour-lights.example"  # contact 101 in every seed
numbers = itertools.count()


def fresh(count: int) -> list[dict[str, Any]]:
    """Contacts that nobody has seen before."""
    return [{"name": "Kim Lee", "email": f"kim{next(numbers)}@new.example", "company": "New"} for _ in range(count)]


@dataclass
class Crm:
    app: Starlette
    server: Server
    session: requests.Session = field(default_factory=requests.Session)

    def __call__(self, method: str, path: str, *, who: str | None = "importer", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}
        headers |= more.pop("headers", {})
        address = self.server.url + (path if path.startswith("/api/") else f"/api/v1{path}")
        return self.session.request(method, address, headers=headers, timeout=60, **more)

    @property
    def jobs(self) -> Jobs:
        found: Jobs = self.app.state.jobs
        return found

    @property
    def total(self) -> int:
        return int(self("GET", "/contacts?limit=1").json()["total"])

    @property
    def welcomed(self) -> int:
        return int(self("GET", "/outbox").json()["welcome_emails"])

    def create(self, contacts: Any, *, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        body = {"operation": "create", "contacts": contacts} | ({"options": options} if options else {})
        return self("POST", "/contacts/batch", json=body, headers=headers or {})

    def update(self, updates: Any, *, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        body = {"operation": "update", "updates": updates} | ({"options": options} if options else {})
        return self("PATCH", "/contacts/batch", json=body, headers=headers or {})

    def start(self, contacts: Any, **options: Any) -> str:
        """The address of a new job."""
        answer = self.create(contacts, headers={"Prefer": "respond-async"}, **options)
        assert answer.status_code == 202, answer.text
        return str(answer.headers["Location"])

    def lines(self, job: str) -> list[Any]:
        """All that is told of a job until its end."""
        answer = self("GET", f"{job}/progress")
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line) for line in answer.text.splitlines()]

    def end(self, job: str) -> Any:
        """The state of the job at its end."""
        return self.lines(job)[-1]


@contextmanager
def open_crm(**switches: Any) -> Iterator[Crm]:
    app = batch.app(**switches)
    with Server(app) as server, requests.Session() as session:
        yield Crm(app, server, session)


def refused(answer: requests.Response, status: int) -> Any:
    """The problem that the answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem
