"""Who does the jobs: threads of this machine that wait for processes, or a cluster.

What a worker took with it when it died is done once more. Where there are no workers left, this machine does the rest.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from time import monotonic
from typing import Any

from course_support.grading import isolation
from course_support.grading.course import Call
from course_support.grading.errors import GradingError

GLANCE = 1  # seconds between two looks at whether the workers are still there; Windows hears no Ctrl+C in between
GRACE = 5  # seconds for what is running when the grading is broken off
CONNECT = 10  # seconds for a scheduler to answer
PATIENCE = 30  # seconds for a cluster to get a worker, or its scheduler, back
AT_LEAST = 32  # jobs under way where the number of workers is not known, or may grow
INSTALL = 'pip install "api-architectures-course[cluster]"'


@dataclass(frozen=True, slots=True)
class Lost:
    """What comes of a job whose worker died each time."""

    cause: str


@dataclass(frozen=True, slots=True)
class _Task:
    key: str
    call: Call
    again: bool = False


class Crew:
    """Does jobs on an executor, `ahead` of them at a time. `is_lost` says that it will do no more.

    `take_over` is called before this machine's own threads go on instead: it may raise GradingError. `break_off` ends
    jobs that run while nobody wants their result any more.
    """

    def __init__(
        self,
        executor: Executor,
        ahead: int,
        is_lost: Callable[[], bool] = lambda: False,
        take_over: Callable[[], None] = lambda: None,
        break_off: Callable[[], None] = lambda: None,
    ) -> None:
        self._executor, self._ahead, self._is_lost, self._take_over = executor, ahead, is_lost, take_over
        self._break_off = break_off
        self._stack = ExitStack()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def carry_out(
        self, jobs: Iterable[tuple[str, Call]], failed: Callable[[Any], bool] = lambda _: False
    ) -> Iterator[tuple[str, Any]]:
        """What each job returned, or `Lost`, with its key, in the order in which they end.

        What is lost, or `failed` calls a failure, is tried once more. A GradingError of a job ends it all at once; one
        that comes from `jobs` does when what is under way has ended.
        """
        errors: list[GradingError] = []
        coming = _until_error(jobs, errors)
        pending: dict[Future[Any], _Task] = {}
        try:
            while True:
                for key, call in islice(coming, self._ahead - len(pending)):
                    self._begin(_Task(key, call), pending)
                if not pending:
                    break
                for future in self._ended(pending):
                    task, outcome = pending.pop(future), _outcome(future)
                    if not task.again and (isinstance(outcome, Lost) or failed(outcome)):
                        self._begin(replace(task, again=True), pending)
                    else:
                        yield task.key, outcome
        finally:
            if running := [future for future in pending if not future.cancel()]:
                self._break_off()
                wait(running, GRACE)
        if errors:
            raise errors[0]

    def ask(self, call: Call) -> Any:
        """What a single job returned. GradingError where it was lost."""
        ((_, outcome),) = self.carry_out([("", call)])
        if isinstance(outcome, Lost):
            raise GradingError(f"No worker could do its job ({outcome.cause}): run the same command again.")
        return outcome

    def _begin(self, task: _Task, pending: dict[Future[Any], _Task]) -> None:
        try:
            future = self._executor.submit(*task.call)
        except (BrokenExecutor, RuntimeError):  # the latter where it was shut down
            self._change_over()
            future = self._executor.submit(*task.call)
        pending[future] = task

    def _ended(self, pending: dict[Future[Any], _Task]) -> Collection[Future[Any]]:
        """The jobs that have ended, at least one; where the workers are lost, all start anew first."""
        while not (done := wait(pending, GLANCE, FIRST_COMPLETED).done):
            if self._is_lost():
                self._change_over()
                left = list(pending.values())
                pending.clear()
                for task in left:
                    self._begin(task, pending)
        return done

    def _change_over(self) -> None:
        self._take_over()
        self._break_off = isolation.close
        self._executor = self._stack.enter_context(threads(os.cpu_count()))
        self._is_lost = lambda: False


@contextmanager
def threads(workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads of this process that are not waited for where it is left early: `carry_out` has given them a moment."""
    executor = ThreadPoolExecutor(workers)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


@contextmanager
def local(workers: int | None = None) -> Iterator[Crew]:
    """A thread for each core and one more, as sheets also wait; or as many as asked for."""
    workers = workers or (os.cpu_count() or 1) + 1
    with threads(workers) as executor, Crew(executor, 2 * workers, break_off=isolation.close) as crew:
        yield crew


@contextmanager
def others(executor: Executor, take_over: Callable[[], None]) -> Iterator[Crew]:
    """An executor of whoever calls, who also shuts it down."""
    with Crew(executor, AT_LEAST, take_over=take_over) as crew:
        yield crew


@contextmanager
def cluster(address: str, take_over: Callable[[], None]) -> Iterator[Crew]:
    """The workers of a running `dask.distributed` cluster. GradingError where the library is missing, or nobody is."""
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise GradingError(f"--cluster needs the library dask.distributed: {INSTALL}.") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it says of lost workers is said by us
    try:
        client = distributed.Client(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise GradingError(f"No cluster answers at {address}: give the address of its scheduler, such as"
                           " tcp://192.0.2.7:8786.") from error  # fmt: skip
    try:
        ahead = 2 * sum(client.nthreads().values())
        with Crew(client.get_executor(pure=False), max(ahead, AT_LEAST), _Watch(client), take_over) as crew:
            yield crew
    finally:
        client.close(timeout=GRACE)


class _Watch:
    """Tells when a cluster has had no scheduler, or no worker, for longer than is to be waited for."""

    def __init__(self, client: Any) -> None:
        self._client, self._last = client, monotonic()

    def __call__(self) -> bool:
        if self._client.status == "running" and self._client.nthreads():
            self._last = monotonic()
        return monotonic() - self._last > PATIENCE


def _until_error(jobs: Iterable[tuple[str, Call]], errors: list[GradingError]) -> Iterator[tuple[str, Call]]:
    try:
        yield from jobs
    except GradingError as error:
        errors.append(error)


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.result()
    except GradingError:
        raise
    except (ImportError, AttributeError, TypeError) as error:
        raise GradingError(_unlike(error)) from error
    except Exception as error:
        if "deserializ" in str(error):
            raise GradingError(_unlike(error)) from error
        return Lost(repr(error))


def _unlike(error: Exception) -> str:
    return (
        f"A worker or the scheduler could not take a job ({error!r}): install the same version of the course there,"
        " start it anew, and run the same command again."
    )
