"""Turns any number of events into few updates of the page: a page that is sent a thousand messages a second stalls."""

from __future__ import annotations

import threading
from collections.abc import Callable

SECONDS = 0.1


class Pulse:
    """Calls `work` 0.1 s after the first of any number of beats, in a thread of its own."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._due = False

    def beat(self) -> None:
        """Have `work` called soon, from whatever thread this is."""
        with self._lock:
            due, self._due = self._due, True
        if not due:
            timer = threading.Timer(SECONDS, self._run)
            timer.daemon = True
            timer.start()

    def _run(self) -> None:
        with self._lock:
            self._due = False
        self._work()
