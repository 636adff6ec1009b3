"""Shows how far the grading is: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

T = TypeVar("T")
BETWEEN_LINES = 30  # seconds
WINDOW = 300  # seconds by which the time that is left is estimated: one sheet may take a hundred times another's


def say(text: str, show: bool = True) -> None:
    """A line on the standard error, where it may be shown."""
    if show:
        print(text, file=sys.stderr, flush=True)


def watched(done: Iterable[T], total: int, show: bool = True) -> Iterator[T]:
    """The same values, told of on the standard error while they come."""
    console = Console(stderr=True)
    if not show:
        return iter(done)
    return _with_bar(done, total, console) if console.is_terminal else _with_lines(done, total)


def _with_bar(done: Iterable[T], total: int, console: Console) -> Iterator[T]:
    left = (TimeElapsedColumn(), TextColumn("left:"), TimeRemainingColumn())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *left)
    with Progress(*columns, console=console, speed_estimate_period=WINDOW) as bar:
        yield from bar.track(done, total=total, description="Grading")


def _with_lines(done: Iterable[T], total: int) -> Iterator[T]:
    begun = told = monotonic()
    for number, value in enumerate(done, 1):
        yield value
        if number < total and monotonic() - told > BETWEEN_LINES:
            told = monotonic()
            say(f"Graded {number} of {total}, {_span((told - begun) / number * (total - number))} left.")


def _span(seconds: float) -> str:
    """About how long that is, in words."""
    if seconds < 90:
        return f"about {round(seconds)} seconds"
    return f"about {round(seconds / 60)} minutes" if seconds < 5400 else f"about {seconds / 3600:.1f} hours"
