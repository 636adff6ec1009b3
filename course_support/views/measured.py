"""What one job took in each style, as a table, and the decisions that follow from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple

from course_support.errors import CourseError
from course_support.views.quantity import TIME_WIDTH, bytes_text, number_text
from course_support.views.style import table, view
from course_support.views.table import text_table

COLUMNS = ("style", "latency", "note", "spread", "requests", "sent", "received", "time", "set-up", "age")
DECISIONS = ("asked for", "first", "figure", "next", "last")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a style took for `changes` changes with notes of `note_bytes` bytes.

    `latency` is the seconds of a round trip, `spread` those between one change and the next. `requests`, `sent` and
    `received` (bytes on the socket) and `milliseconds`, up to the last answer, include what the client needed before
    the first change (the contract, a handshake): `setup_requests` and `setup_ms` say how much of it that was. What is
    said on a WebSocket after its handshake is no request.
    `age_ms` is how old a change was when the shop knew of it, in the median. `state` is the shop's record at the end.
    """

    style: str
    requests: int
    sent: int
    received: int
    milliseconds: float
    age_ms: float
    setup_requests: int
    setup_ms: float
    changes: int
    note_bytes: int
    latency: float
    spread: float
    state: Mapping[str, tuple[int, str]] = field(repr=False)

    @property
    def bytes(self) -> int:
        """Both directions together."""
        return self.sent + self.received


class Measurements(list[Measurement]):
    """Measurements that show themselves as a table."""

    @property
    def text(self) -> str:
        widths = (0, 0, 0, 0, 0, 0, 0, TIME_WIDTH, TIME_WIDTH, TIME_WIDTH)
        return "\n".join(text_table([COLUMNS, *map(_row, self)], "<" + ">" * 9, widths))

    @property
    def html(self) -> str:
        rows = [_row(it) for it in self]
        return view("Measurements", table("What the job took in each style", COLUMNS, rows, figures=range(1, 10)))

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who needs least of what is asked for, who comes next, and who last, each with all that are level with it."""

    question: str
    first: tuple[str, ...]
    figure: str
    next: str
    last: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decision table: one row for each question that the measurements answer."""

    rows: tuple[Decision, ...]

    @property
    def text(self) -> str:
        return "\n".join(text_table([DECISIONS, *map(_cells, self.rows)], "<<><<"))

    @property
    def html(self) -> str:
        rows = [_cells(row) for row in self.rows]
        return view("Decision table", table("Decided by what was measured", DECISIONS, rows, figures=(2,)))

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def decision_table(measurements: Iterable[Measurement]) -> Decisions:
    """Who needs the fewest requests and bytes, who is fastest at each latency, and who brings the youngest changes.

    Of a style measured twice in one setting the later counts. Where no length of notes is told, it is the shortest
    that was measured; for requests and bytes, the least latency. Times within a tenth are told as level, ages within
    5 ms too; who is fastest without any latency is left out, as another run would say otherwise. CourseError where
    there is nothing to compare.
    """
    newest = {(it.style, it.changes, it.note_bytes, it.latency, it.spread): it for it in measurements}
    if len({it.changes for it in newest.values()}) > 1:
        raise CourseError("Compare runs with the same number of changes, or make a table for each number.")
    rows = tuple(_decision(*group) for group in _groups(list(newest.values())) if len(group[1]) > 1)
    if not rows:
        raise CourseError("Measure at least two styles in the same setting first, for example with grid().")
    return Decisions(rows)


class Yardstick(NamedTuple):
    """What is compared, its unit, and what is level with the least: up to so many times that, or so much more."""

    figure: Callable[[Measurement], float]
    unit: str = ""
    times: float = 1.0
    more: float = 0.0


# The next run may turn round what is level here
REQUESTS = Yardstick(attrgetter("requests"))
BYTES = Yardstick(attrgetter("bytes"), "B")
TIME = Yardstick(attrgetter("milliseconds"), "ms", times=1.1)
AGE = Yardstick(attrgetter("age_ms"), "ms", times=1.1, more=5)


def _groups(measured: list[Measurement]) -> Iterator[tuple[str, list[Measurement], Yardstick]]:
    """Each question, who answers it, and by what."""
    shortest = min((it.note_bytes for it in measured), default=0)
    small = [it for it in measured if it.note_bytes == shortest]
    at_once = [it for it in measured if not it.spread]
    near = [it for it in at_once if it.latency == min(it.latency for it in at_once)]
    yield "fewest requests", [it for it in near if it in small], REQUESTS
    for note in sorted({it.note_bytes for it in near}):
        yield f"fewest bytes, notes of {bytes_text(note)}", [it for it in near if it.note_bytes == note], BYTES
    for spread, latency in sorted({(it.spread, it.latency) for it in small}):
        group = [it for it in small if (it.spread, it.latency) == (spread, latency)]
        if spread:
            yield f"youngest, one change in {_ms(spread)}, latency {_ms(latency)}", group, AGE
        elif latency:  # without any, what else the machine does decides
            yield f"fastest, latency {_ms(latency)}", group, TIME


def _decision(question: str, group: Sequence[Measurement], by: Yardstick) -> Decision:
    ranks = _ranks(group, by)
    best = by.figure(ranks[0][0])
    told = [_rank(rank, by, best) for rank in ranks[1:]]
    first = tuple(it.style for it in ranks[0])
    return Decision(
        question, first, number_text(best, by.unit), told[0] if told else "–", told[-1] if told[1:] else "–"
    )


def _ranks(group: Sequence[Measurement], by: Yardstick) -> list[list[Measurement]]:
    """Those that are level stand together, the least first."""
    ranks: list[list[Measurement]] = []
    most = -1.0
    for it in sorted(group, key=by.figure):
        if by.figure(it) > most:
            ranks.append([])
            most = max(by.figure(it) * by.times, by.figure(it) + by.more)
        ranks[-1].append(it)
    return ranks


def _rank(rank: Sequence[Measurement], by: Yardstick, best: float) -> str:
    """`REST, webhooks: 10 (10.0×)`; of figures that differ the least is told."""
    least = by.figure(rank[0])
    return f"{', '.join(it.style for it in rank)}: {number_text(least, by.unit)} ({least / best:.1f}×)"


def _cells(row: Decision) -> tuple[str, ...]:
    return (row.question, ", ".join(row.first), row.figure, row.next, row.last)


def _row(it: Measurement) -> tuple[str, ...]:
    counts = [number_text(it.requests), bytes_text(it.sent), bytes_text(it.received)]
    times = [number_text(time, "ms") for time in (it.milliseconds, it.setup_ms, it.age_ms)]
    return (it.style, _ms(it.latency), bytes_text(it.note_bytes), _ms(it.spread), *counts, *times)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:g} ms"
