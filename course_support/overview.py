"""Shows what a learner has passed and tried across all lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from course_support.records import Record
from course_support.views.style import code, table, view
from course_support.views.table import text_table

COLUMNS = ("exercise", "state", "points")


@dataclass(frozen=True, slots=True)
class Line:
    """One exercise: its name, the points it is worth, and what is known of the learner's attempts."""

    name: str
    worth: int
    record: Record

    @property
    def lesson(self) -> str:
        return self.name.partition(".")[0]

    @property
    def points(self) -> int:
        return min(self.record.points, self.worth)

    @property
    def state(self) -> str:
        if self.points == self.worth:
            return "✔ passed"
        return "✘ tried, not yet" if self.record.attempts else "○ not tried"


@dataclass(frozen=True, slots=True, repr=False)
class Overview:
    """Progress through all lessons, as a notebook shows it."""

    lines: Sequence[Line]

    @property
    def lessons(self) -> list[tuple[str, list[Line]]]:
        return [(lesson, list(lines)) for lesson, lines in groupby(self.lines, lambda line: line.lesson)]

    @property
    def text(self) -> str:
        rows = [COLUMNS]
        for lesson, lines in self.lessons:
            rows += [(lesson, "", _sum(lines)), *((f"  {line.name}", line.state, _sum([line])) for line in lines)]
        return "\n".join(text_table([*rows, ("all lessons", "", _sum(self.lines))], "<<>"))

    @property
    def html(self) -> str:
        tables = [
            table(
                f"{lesson}: {_sum(lines)} points",
                COLUMNS,
                [(code(line.name), line.state, _sum([line])) for line in lines],
                figures=(2,),
            )
            for lesson, lines in self.lessons
        ]
        return view("Progress", *tables, f'<p class="api-remark">All lessons: {_sum(self.lines)} points.</p>')

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def _sum(lines: Sequence[Line]) -> str:
    return f"{sum(line.points for line in lines)} of {sum(line.worth for line in lines)}"
