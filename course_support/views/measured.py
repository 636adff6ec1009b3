"""What one job took in each style, as a table, and the decisions that follow from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from course_support.errors import CourseError
from course_support.views.quantity import TIME_WIDTH, bytes_text, number_text
from course_support.views.style import table, view
from course_support.views.table import text_table

COLUMNS = ("style", "latency", "note", "spread", "requests", "sent", "received", "time", "set-up", "age")
DECISIONS = ("asked for", "first", "figure", "next", "last")
LEVEL = 1.1  # times that differ by less than a tenth are level: the next run may turn them round


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
    """Who needs least of what is asked for: the first, all that are level with it, and how far off the others are."""

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
    that was measured; for requests and bytes, the least latency. Times within a tenth are told as level. CourseError
    where there is nothing to compare.
    """
    newest = {(it.style, it.changes, it.note_bytes, it.latency, it.spread): it for it in measurements}
    if len({it.changes for it in newest.values()}) > 1:
        raise CourseError("Compare runs with the same number of changes, or make a table for each number.")
    rows = tuple(_decision(*group) for group in _groups(list(newest.values())) if len(group[1]) > 1)
    if not rows:
        raise CourseError("Measure at least two styles in the same setting first, for example with grid().")
    return Decisions(rows)


Group = tuple[str, list[Measurement], Callable[[Measurement], float], str]  # a question, who answers, by what, its unit


def _groups(measured: list[Measurement]) -> Iterator[Group]:
    shortest = min((it.note_bytes for it in measured), default=0)
    small = [it for it in measured if it.note_bytes == shortest]
    at_once = [it for it in measured if not it.spread]
    near = [it for it in at_once if it.latency == min(it.latency for it in at_once)]
    yield "fewest requests", [it for it in near if it in small], lambda it: it.requests, ""
    for note in sorted({it.note_bytes for it in near}):
        yield f"fewest bytes, notes of {bytes_text(note)}", [it for it in near if it.note_bytes == note], _bytes, "B"
    for spread, latency in sorted({(it.spread, it.latency) for it in small}):
        group = [it for it in small if (it.spread, it.latency) == (spread, latency)]
        if spread:
            yield f"youngest, one change in {_ms(spread)}, latency {_ms(latency)}", group, _age, "ms"
        else:
            yield f"fastest, latency {_ms(latency)}", group, _time, "ms"


def _bytes(measurement: Measurement) -> float:
    return measurement.bytes


def _time(measurement: Measurement) -> float:
    return measurement.milliseconds


def _age(measurement: Measurement) -> float:
    return measurement.age_ms


def _decision(
    question: str, group: Sequence[Measurement], figure: Callable[[Measurement], float], unit: str
) -> Decision:
    ranked = sorted(group, key=figure)
    best, most = figure(ranked[0]), figure(ranked[0]) * (LEVEL if unit == "ms" else 1)
    behind = [it for it in ranked if figure(it) > most]
    told = [f"{it.style}: {number_text(figure(it), unit)} ({figure(it) / best:.1f}×)" for it in behind]
    first = tuple(it.style for it in ranked if it not in behind)
    return Decision(question, first, number_text(best, unit), told[0] if told else "–", told[-1] if told[1:] else "–")


def _cells(row: Decision) -> tuple[str, ...]:
    return (row.question, ", ".join(row.first), row.figure, row.next, row.last)


def _row(it: Measurement) -> tuple[str, ...]:
    counts = [number_text(it.requests), bytes_text(it.sent), bytes_text(it.received)]
    times = [number_text(time, "ms") for time in (it.milliseconds, it.setup_ms, it.age_ms)]
    return (it.style, _ms(it.latency), bytes_text(it.note_bytes), _ms(it.spread), *counts, *times)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:g} ms"
