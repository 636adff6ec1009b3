"""One direction of a line: bytes keep their order, however late they come, and whoever sends too many has to wait."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Protocol


class Trouble(Protocol):
    """What holds things up: seconds of `lag`, and a silence without an end."""

    @property
    def lag(self) -> float: ...

    @property
    def silent(self) -> bool: ...


class Lane:
    """What is put in happens in its order: at once, or late, or when the silence ends. `size` counts what waits."""

    def __init__(self, trouble: Trouble) -> None:
        self.size = 0
        self._trouble = trouble
        self._held: deque[tuple[float, int, Callable[[], None]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def put(self, act: Callable[[], None], size: int = 0) -> None:
        if self._held or self._trouble.lag or self._trouble.silent:
            self._held.append((monotonic() + self._trouble.lag, size, act))
            self.size += size
            if not self._timer:
                self.flush()
        else:
            act()

    def flush(self) -> None:
        """Let happen what is due."""
        self._stop()
        while self._held and not self._trouble.silent and self._held[0][0] <= monotonic():
            _, size, act = self._held.popleft()
            self.size -= size
            act()
        if self._held and not self._trouble.silent:
            wait = self._held[0][0] - monotonic()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, wait), self.flush)

    def clear(self) -> None:
        self._stop()
        self._held.clear()
        self.size = 0

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None


class Gate:
    """Shut as long as anybody wants it shut; `on_shut` and `on_open` are called when that changes."""

    def __init__(self, on_shut: Callable[[], object], on_open: Callable[[], object]) -> None:
        self._on_shut = on_shut
        self._on_open = on_open
        self._by: set[str] = set()

    def shut(self, by: str) -> None:
        was_open = not self._by
        self._by.add(by)
        if was_open:
            self._on_shut()

    def open(self, by: str) -> None:
        was_shut = by in self._by
        self._by.discard(by)
        if was_shut and not self._by:
            self._on_open()
