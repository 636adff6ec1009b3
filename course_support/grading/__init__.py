"""Grades a folder of handed-in notebooks: `score(run(assemble(read(submission), reference)))` for each file.

Every file becomes a row in the report, whatever it is; nothing of it is believed but its answers.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from course_support.grading import folder, reference, report
from course_support.grading.errors import GradingError
from course_support.grading.folder import HandIn
from course_support.grading.pipeline import grade, lessons_of, prove
from course_support.grading.reference import Reference
from course_support.grading.run import Settings, catalogue
from course_support.grading.score import Row

__all__ = ["GradingError", "Settings", "Summary", "grade", "grade_folder"]
AHEAD = 32  # files
SOLUTIONS = Path(__file__).resolve().parent.parent.parent / "solutions"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a grading came to; its text is one line for the terminal."""

    files: int
    learners: int
    problems: int
    report: Path

    def __str__(self) -> str:
        unread = f", {self.problems} of them could not be graded" if self.problems else ""
        return f"{self.files} files of {self.learners} learners{unread}: see {self.report / 'index.html'}"


def grade_folder(
    submissions: Path,
    report_to: Path,
    *,
    progress: bool = True,
    solutions: Path = SOLUTIONS,
    settings: Settings | None = None,
    executor: Executor | None = None,
) -> Summary:
    """Grade every file below `submissions` and write grades.csv, grades.json and pages of HTML to `report_to`.

    Jobs go to `executor`, by default a thread for each core of this machine that waits for the processes it started.
    A bar shows the progress on a terminal's standard error. The same files give the same bytes. Raises GradingError
    where nothing was handed in, or where the course's own solutions do not pass on this machine.
    """
    settings = settings or Settings()
    paths = folder.find(submissions, report_to)
    references = reference.load(solutions, catalogue(settings))
    lessons = [known.lesson for known in references]

    def hand_ins() -> Iterator[HandIn]:
        return (folder.load(submissions, path, lessons) for path in paths)

    present = lessons_of(hand_ins(), references)
    pool = executor or ThreadPoolExecutor(os.cpu_count())
    try:
        for proof in [pool.submit(prove, known, settings) for known in references if known.lesson in present]:
            proof.result()
        rows = list(_watched(_graded(hand_ins(), references, settings, pool), len(paths), progress))
    finally:
        if not executor:
            pool.shutdown(cancel_futures=True)
    report.write(rows, references, report_to)
    return Summary(len(rows), len({row.learner for row in rows}), sum(bool(row.problem) for row in rows), report_to)


def _graded(
    hand_ins: Iterator[HandIn], references: Sequence[Reference], settings: Settings, pool: Executor
) -> Iterator[Row]:
    """The rows in the order of the files; only some files are held in memory at a time."""
    ahead: deque[Future[Row]] = deque()
    for handed_in in hand_ins:
        ahead.append(pool.submit(grade, handed_in, references, settings))
        if len(ahead) >= AHEAD:
            yield ahead.popleft().result()
    while ahead:
        yield ahead.popleft().result()


def _watched(rows: Iterable[Row], total: int, progress: bool) -> Iterator[Row]:
    """The same rows, with a bar on the terminal while they come."""
    console = Console(stderr=True)
    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, disable=not (progress and console.is_terminal)) as bar:
        task = bar.add_task("", total=total)
        for row in rows:
            bar.update(task, advance=1, description=f"{escape(row.file)}: {row.points} of {row.of}")
            yield row
