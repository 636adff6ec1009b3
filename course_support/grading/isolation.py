"""How well a learner's code is kept apart from this machine while it is graded, and what this machine can do."""

from __future__ import annotations

import atexit
import functools
import os
import threading
from dataclasses import dataclass

from course_support.grading.errors import GradingError
from course_support.sandbox import probing
from course_support.sandbox.host import Sandbox, SandboxError
from course_support.sandbox.processes import Processes

LEVELS = ("process", "user", "sandbox")  # from the weakest


@dataclass(frozen=True, slots=True)
class Isolation:
    """A level of `LEVELS`, and a sentence or two on it for reports and the terminal."""

    level: str
    text: str


TEXTS = {
    "process": "Without a sandbox: answers ran with the rights of whoever started the grading, and could read the "
    "solutions. Look at surprising results yourself.",
    "user": "Without a sandbox: answers ran as a user without rights, who could read what everybody can, but not "
    "change a grade.",
    "sandbox": "In a sandbox: each answer ran in a kernel without rights, with no files, network or processes but "
    "its own.",
}


@functools.cache
def _found() -> Isolation:
    """The strongest level. GradingError where that would mean to run answers as root."""
    missing = probing.missing()
    if not missing:
        return Isolation("sandbox", TEXTS["sandbox"])
    if not hasattr(os, "geteuid") or os.geteuid():
        return Isolation("process", f"{TEXTS['process']} {missing}")
    if unreadable := probing.unreadable():
        raise GradingError(f"{missing} {unreadable}")
    return Isolation("user", f"{TEXTS['user']} {missing}")


def probe(least: str = "") -> Isolation:
    """The strongest level that works on this machine. Raises GradingError where that is less than `least`."""
    found = _found()
    if least and least not in LEVELS:
        raise GradingError(f"There is no isolation {least!r}: choose one of {', '.join(LEVELS)}.")
    if least and LEVELS.index(found.level) < LEVELS.index(least):
        raise GradingError(f"There is no {least} on this machine. {probing.missing()}")
    return found


_grounds: dict[tuple[str, str, int], Sandbox | Processes] = {}
_lock = threading.Lock()


def ground(exercises: str, memory: int, least: str = "") -> Sandbox | Processes:
    """Where to run the sheets of these exercises: started once for this process, and again if it has broken.

    Raises GradingError where there is less isolation than `least`, or where it does not start.
    """
    level = probe(least).level
    key = (level, exercises, memory)
    with _lock:
        known = _grounds.get(key)
        if isinstance(known, Sandbox) and not known.runs:
            known.close()
            known = None
        if not known:
            try:
                known = _start(level, exercises, memory)
            except SandboxError as error:
                raise GradingError(str(error)) from error
            _grounds[key] = known
        return known


def _start(level: str, exercises: str, memory: int) -> Sandbox | Processes:
    if level == "sandbox":
        return Sandbox(exercises, memory)
    return Processes(exercises, memory, step_down=level == "user")


@atexit.register
def close() -> None:
    """End what was started."""
    with _lock:
        while _grounds:
            _grounds.popitem()[1].close()
