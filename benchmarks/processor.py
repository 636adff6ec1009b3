"""Where a grading's processor time goes: the sandbox tells it of each session."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from course_support.grading import isolation
from course_support.sandbox.host import Sandbox, Told

PARTS = {"kernels": "kernels", "examiner": "examiners, with the backends", "session": "pytest with nbval"}
GRADER = "the grader itself, with the report"


@contextmanager
def by_part() -> Iterator[dict[str, float]]:
    """Seconds of processor time by part, with a sandbox that is started and ended within; complete behind the block."""
    isolation.close()
    parts = dict.fromkeys(PARTS.values(), 0.0)
    lock, run = threading.Lock(), Sandbox.run

    def counted(sandbox: Sandbox, *arguments: Any, **more: Any) -> Told:
        told = run(sandbox, *arguments, **more)
        with lock:
            for name, seconds in told.processor.items():
                parts[PARTS[name]] += seconds
        return told

    own = _used()
    with patch.object(Sandbox, "run", counted):
        yield parts
    isolation.close()
    parts[GRADER] = _used() - own


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
