"""Imports that go on after their request is answered: each in a thread, group by group, telling how far it is."""

import asyncio
import contextlib
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from course_support.backends.batch_items import Batch, Outcome, created, failed
from course_support.backends.clock import Clock
from course_support.backends.contacts_database import Database
from course_support.backends.payments import timestamp
from course_support.backends.problem import DETAILS

GROUP = 100  # contacts that are committed together
BREATH = 0.001  # seconds between groups, without which the thread had the lock again before others could get it
COUNTS = {"processed": 0, "created": 0, "skipped": 0}


@dataclass
class Job:
    id: str
    owner: str
    total: int
    status: str = "running"  # then succeeded, cancelled or failed
    counts: dict[str, int] = field(default_factory=lambda: dict(COUNTS))
    errors: list[dict[str, Any]] = field(default_factory=list)
    expires: datetime | None = None
    message: str | None = None  # of a failed one: what to do
    cancelled: threading.Event = field(default_factory=threading.Event)
    _lines: list[dict[str, Any]] = field(default_factory=list)
    _bells: list[Callable[[], object]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._lines.append(self._progress)

    @property
    def state(self) -> dict[str, Any]:
        """What its owner sees of it."""
        with self._lock:
            return self._state

    async def follow(self) -> AsyncIterator[dict[str, Any]]:
        """How far it is, now and after each group to come; its whole state at last. Many may follow."""
        with self._lock:
            told = len(self._lines) - 1
        while True:
            bell = asyncio.Event()
            lines, ended = self._news(told, bell)
            for line in lines:
                yield line
            told += len(lines)
            if ended:
                return
            await bell.wait()

    def advance(self, outcomes: Sequence[Outcome]) -> None:
        """Count what was done."""
        with self._lock:
            self.counts = {name: self.counts[name] + number for name, number in created(outcomes).items()}
            self.errors += failed(outcomes)
            self._tell(self._progress)

    def end(self, status: str, expires: datetime, message: str | None = None, *, undone: bool = False) -> None:
        with self._lock:
            self.status, self.expires, self.message = status, expires, message
            if undone:
                self.counts = dict(COUNTS)
            self._tell(self._state)

    @property
    def _progress(self) -> dict[str, Any]:
        counts = self.counts
        return {
            "processed": counts["processed"],
            "total": self.total,
            "created": counts["created"],
            "skipped": counts["skipped"],
            "errors": len(self.errors),
        }

    @property
    def _state(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": self.status,
            "total": self.total,
            **self.counts,
            "errors": list(self.errors),
            "expires_at": self.expires and timestamp(self.expires),
            **({"message": self.message} if self.message else {}),
        }

    def _news(self, told: int, bell: asyncio.Event) -> tuple[list[dict[str, Any]], bool]:
        """The lines since, and whether they are the last; if not, the bell rings when there are more."""
        loop = asyncio.get_running_loop()
        with self._lock:
            ended = self.status != "running"
            if not ended:
                self._bells.append(lambda: loop.call_soon_threadsafe(bell.set))
            return self._lines[told:], ended

    def _tell(self, line: dict[str, Any]) -> None:
        self._lines.append(line)
        for ring in self._bells:
            with contextlib.suppress(RuntimeError):  # the server has been closed, and its loop with it
                ring()
        self._bells.clear()


class Stopped(Exception):
    """A job does not get to its end."""

    def __init__(self, status: str, message: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Jobs:
    """All jobs. Ids are drawn from the seed. The state of one can be asked for `keep` after its end.

    `break_after`, a switch for lessons: the next job fails after so many contacts.
    """

    def __init__(self, seed: int, database: Database, clock: Clock, keep: timedelta) -> None:
        self.break_after: int | None = None
        self._draw = random.Random(f"jobs {seed}")
        self._database = database
        self._clock = clock
        self._keep = keep
        self._all: dict[str, Job] = {}

    def get(self, id: str) -> Job | None:
        return self._all.get(id)

    def expired(self, job: Job) -> bool:
        return job.expires is not None and self._clock.now >= job.expires

    def start(
        self, owner: str, batch: Batch, items: Sequence[Any], pace: Callable[[], float], *, atomic: bool = False
    ) -> Job:
        """A job that begins as soon as the database is free. `pace` gives the seconds to rest between groups."""
        job = Job(f"job_{self._draw.getrandbits(64):016x}", owner, len(items))
        self._all[job.id] = job
        groups, self.break_after = _groups(items, self.break_after, atomic), None
        whole = partial(self._all_or_nothing, job, batch, groups)
        work = whole if atomic else partial(self._group_by_group, job, batch, groups, pace)
        threading.Thread(target=self._run, args=(job, work), kwargs={"undo": atomic}, daemon=True).start()
        return job

    def _run(self, job: Job, work: Callable[[], None], *, undo: bool) -> None:
        try:
            work()
        except Stopped as stopped:
            self._end(job, stopped.status, stopped.message, undone=undo)
        except Exception:  # whoever follows the job must not wait for ever
            self._end(job, "failed", DETAILS[500], undone=undo)
            raise
        else:
            self._end(job, "succeeded")

    def _group_by_group(
        self, job: Job, batch: Batch, groups: Iterator[tuple[int, Sequence[Any]]], pace: Callable[[], float]
    ) -> None:
        for start, group in groups:
            if start and job.cancelled.wait(max(pace(), BREATH)):
                raise Stopped("cancelled")
            with self._database.transaction():
                outcomes = batch.create(group, start)
            job.advance(outcomes)

    def _all_or_nothing(self, job: Job, batch: Batch, groups: Iterator[tuple[int, Sequence[Any]]]) -> None:
        """Without a rest, as until its end everybody else waits for the database."""
        with self._database.transaction():
            for start, group in groups:
                if job.cancelled.is_set():
                    raise Stopped("cancelled")
                job.advance(batch.create(group, start))
            if job.errors:
                raise Stopped("failed", "Correct what the errors name, then send all of it again: nothing is stored.")

    def _end(self, job: Job, status: str, message: str | None = None, *, undone: bool = False) -> None:
        job.end(status, self._clock.now + self._keep, message, undone=undone)


def _groups(items: Sequence[Any], stop: int | None, atomic: bool) -> Iterator[tuple[int, Sequence[Any]]]:
    """The index at which each group starts, and the group. Raises Stopped where the switch `break_after` says."""
    end = len(items) if stop is None else min(stop, len(items))
    for start in range(0, end, GROUP):
        yield start, items[start : min(start + GROUP, end)]
    if end < len(items) and atomic:
        raise Stopped("failed", "Send all of it again: the import broke off, and nothing is stored.")
    if end < len(items):
        raise Stopped("failed", f"Send the rest again, from index {end} on: the import broke off there.")
