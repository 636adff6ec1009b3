"""Imports the rows of a sheet into the CRM as a good client does: in groups, as jobs, each with a key of its own.

It knows nothing of widgets: whoever runs it is told when there is something new to show.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import sleep
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import requests

from course_support.errors import CourseError
from course_support.sheets import Row

PATH = "/api/v1/contacts/batch"
OWNER = "importer"  # of the token
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two lines of progress
TRIES = 3  # with the same key, which makes trying again safe

Tell = Callable[[], object]


class ImportFailed(CourseError):
    """An import that did not get to its end, with the reason in one sentence."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that was not imported: its line in the sheet, and what the service says of it."""

    line: int
    code: str
    message: str


@dataclass
class Counts:
    processed: int = 0
    created: int = 0
    skipped: int = 0
    requests: int = 0  # groups that the service has taken
    faults: list[Fault] = field(default_factory=list)


class Import:
    """One import. `run` does it and returns when it has ended; `cancel` may be called from any thread.

    Meanwhile and after, `counts` says how far it is, and `status` is "ready", "running", "succeeded", "cancelled", or
    "failed", which `reason` explains. `waits` is the seconds that the service has asked it to wait, or 0.
    """

    def __init__(
        self, url: str, token: str, rows: Sequence[Row], size: int, options: dict[str, bool], tell: Tell
    ) -> None:
        self.rows = rows
        self.counts = Counts()
        self.status = "ready"
        self.reason = ""
        self.waits = 0
        self._url = url
        self._size = size
        self._options = options
        self._tell = tell
        self._fields = {"Authorization": f"Bearer {token}"}
        self._cancelled = threading.Event()
        self._job = ""  # the URL of the one at work

    def run(self) -> None:
        self.status = "running"
        try:
            with self._session() as session:
                for start in range(0, len(self.rows), self._size):
                    if not self._cancelled.is_set():
                        self._import_group(session, start)
        except (ValueError, LookupError, TypeError):  # no JSON, or other members: who shows it must not wait for ever
            self._fail(f"What answers at {self._url} is not the CRM of this lesson: give the importer its backend.")
        except requests.RequestException:
            self._fail(f"Nothing answers at {self._url}: run the cell that starts the backend.")
        except ImportFailed as error:
            self._fail(str(error))
        else:
            self.status = "cancelled" if self._cancelled.is_set() else "succeeded"
        self._tell()

    def _fail(self, reason: str) -> None:
        self.status, self.reason = "failed", reason

    def cancel(self) -> None:
        """Have it stop: no further group is sent, and the job at work ends after what it is storing now."""
        self._cancelled.set()
        if self._job:
            threading.Thread(target=self._delete, args=(self._job,), daemon=True).start()

    def _delete(self, job: str) -> None:
        with suppress(requests.RequestException), self._session() as session:
            self._ask(session, "DELETE", job)  # 409, for a job that has just ended, is as good

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # no proxy between the learner and the wire
        session.headers.update(self._fields)
        return session

    def _import_group(self, session: requests.Session, start: int) -> None:
        group = self.rows[start : start + self._size]
        sent = {"operation": "create", "contacts": group, "options": self._options}
        fields = {"Prefer": "respond-async", "Idempotency-Key": f'"{uuid4()}"'}
        answer = self._ask(session, "POST", self._url + PATH, json=sent, headers=fields)
        if self._cancelled.is_set() and answer.status_code not in (200, 202):
            return
        if answer.status_code not in (200, 202):  # a preference may be ignored (RFC 7240, section 2)
            raise ImportFailed(_refusal(answer, group))
        before = replace(self.counts, requests=self.counts.requests + 1)
        state = answer.json()
        if answer.status_code == 202:
            for state in self._follow(session, urljoin(self._url, answer.headers["Location"])):
                self._count(before, state)
        self._count(before, state)
        self._conclude(state, group)

    def _follow(self, session: requests.Session, job: str) -> Iterator[dict[str, Any]]:
        """How far the job is, line by line; where the stream breaks off, its state, asked for until it has ended."""
        self._job = job
        if self._cancelled.is_set():  # while it was being accepted
            self._delete(job)
        state: dict[str, Any] = {}
        with (
            suppress(requests.RequestException),
            self._ask(session, "GET", f"{job}/progress", stream=True) as answer,
        ):
            for line in answer.iter_lines() if answer.ok else ():
                state = json.loads(line)
                yield state
        while state.get("status", "running") == "running":
            answer = self._ask(session, "GET", job)
            if not answer.ok:
                raise ImportFailed(f"Nobody can tell what became of the job: {_detail(answer)}")
            state = answer.json()
            yield state
            self._pause(answer)
        self._job = ""

    def _count(self, before: Counts, state: dict[str, Any]) -> None:
        self.counts = replace(
            before,
            processed=before.processed + state["processed"],
            created=before.created + state["created"],
            skipped=before.skipped + state["skipped"],
        )
        self._tell()

    def _conclude(self, state: dict[str, Any], group: Sequence[Row]) -> None:
        """Take over what the end of a job tells; an answer of 200 has no status."""
        self.counts.faults += [Fault(group[e["index"]].line, e["code"], e["message"]) for e in state["errors"]]
        if state.get("status") == "cancelled":
            self._cancelled.set()  # it may have been cancelled elsewhere
        if state.get("status") == "failed":
            done = state["processed"]
            where = f"after line {group[done - 1].line}" if done else "before its first line"
            raise ImportFailed(
                f"The import broke off {where} of the sheet: {state.get('message', 'no reason is given')}"
            )

    def _ask(self, session: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        """The answer, after all waits that the service asks for; a POST is given up once the import is cancelled."""
        while True:
            answer = self._try(session, method, url, **options)
            busy = answer.status_code in (409, 429, 503) and "Retry-After" in answer.headers
            if not busy or (method == "POST" and self._cancelled.is_set()):
                return answer
            self._pause(answer)

    def _try(self, session: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        for _ in range(TRIES - 1):
            with suppress(requests.ConnectionError):
                return session.request(method, url, timeout=TIMEOUT, **options)
        return session.request(method, url, timeout=TIMEOUT, **options)

    def _pause(self, answer: requests.Response) -> None:
        """Wait as long as the answer says; once cancelled, without being woken."""
        seconds = answer.headers.get("Retry-After", "0")
        self.waits = int(seconds) if seconds.isdigit() else 1
        self._tell()
        (sleep if self._cancelled.is_set() else self._cancelled.wait)(self.waits)
        self.waits = 0


def _refusal(answer: requests.Response, group: Sequence[Row]) -> str:
    return f"Lines {group[0].line} to {group[-1].line} were refused with {answer.status_code}: {_detail(answer)}"


def _detail(answer: requests.Response) -> str:
    """What a problem (RFC 9457) says in words, or the bare status."""
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or f"the answer was {answer.status_code} {answer.reason}.")
