"""Where a grading's processor time goes: the fork servers of the sandbox count what their children had."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psutil

GLANCE = 0.2  # seconds; what ends within the last glance is missed
ZYGOTE = "course_support.sandbox.zygote"
KERNELS, EXAMINERS, TESTERS = "kernels", "examiners, with the backends", "pytest with nbval"
SERVERS, GRADER = "forking", "the grader itself, with the report"


@contextmanager
def by_part() -> Iterator[Mapping[str, float]]:
    """Seconds of processor time of each part; they are there when the block has ended."""
    parts: dict[str, float] = {}
    before, own = _servers(), _own()
    seen: dict[tuple[int, str], float] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(GLANCE):
            seen.update(_servers())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield parts
    finally:
        over.set()
        watcher.join()
        parts[GRADER] = _own() - own
        for (process, part), seconds in (seen | _servers()).items():
            parts[part] = parts.get(part, 0) + seconds - before.get((process, part), 0)


def _servers() -> dict[tuple[int, str], float]:
    """Seconds by fork server and part."""
    found = {}
    with suppress(psutil.Error):
        below = psutil.Process().children(recursive=True)
        zygotes = {process.pid: process for process in below if _is_zygote(process)}
        firsts = [process for process in zygotes.values() if process.ppid() not in zygotes]
        for first in firsts:
            companions = sorted((p for p in first.children() if p.pid in zygotes), key=lambda p: p.create_time())[:2]
            for part, process in zip((KERNELS, EXAMINERS, TESTERS), [first, *companions], strict=False):
                times = process.cpu_times()
                found[process.pid, part] = times.children_user + times.children_system
                found[process.pid, SERVERS] = times.user + times.system
            # the box's first process, which gets the kernels that are left over when their watcher is ended
            left = psutil.Process(first.ppid()).cpu_times()
            found[first.ppid(), KERNELS] = left.children_user + left.children_system
    return found


def _is_zygote(process: psutil.Process) -> bool:
    try:
        return ZYGOTE in process.cmdline() and "bwrap" not in process.name()
    except psutil.Error:  # it has just ended
        return False


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
