"""Grades a folder of handed-in notebooks: `score(run(assemble(read(submission), reference)))` for each file.

Every file becomes a row in the report, whatever it is; nothing of it is believed but its answers.
"""

from __future__ import annotations

from concurrent.futures import Executor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from course_support.grading import course, folder, reference, report
from course_support.grading import crew as crews
from course_support.grading import roster as rosters
from course_support.grading.batch import Batch
from course_support.grading.course import SOLUTIONS
from course_support.grading.crew import Crew
from course_support.grading.errors import GradingError
from course_support.grading.isolation import Isolation, probe
from course_support.grading.pipeline import failed, grade
from course_support.grading.progress import say, watched
from course_support.grading.run import Settings, catalogue
from course_support.grading.standing import Standing
from course_support.grading.store import open_store, writing

__all__ = ["GradingError", "Settings", "Summary", "grade", "grade_folder"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a grading came to; its text is one line for the terminal.

    `problems` counts the files without marks, `failures` those that the grader itself failed on.
    """

    files: int
    learners: int
    problems: int
    failures: int
    report: Path
    isolation: str

    def __str__(self) -> str:
        unread = f", {self.problems} of them could not be graded" if self.problems else ""
        again = f" Run the same command again for {self.failures} that the grader failed on." if self.failures else ""
        told = f"{_number(self.files, 'file')} of {_number(self.learners, 'learner')}{unread}"
        return f"{told}: see {self.report / 'index.html'}. {self.isolation}{again}"


def grade_folder(
    submissions: Path,
    report_to: Path,
    *,
    progress: bool = True,
    solutions: Path = SOLUTIONS,
    settings: Settings | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    cluster: str = "",
    roster: Path | None = None,
) -> Summary:
    """Grade every file below `submissions` and write the report to the folder `report_to`.

    Jobs go to `executor`, or to the workers of the `cluster` at that address, or to `workers` threads of this machine,
    by default the cores and one, that wait for the processes they started. `roster` is the class list in CSV. What is
    graded is kept in the report's folder: broken off at any moment, the same call goes on with what is left. The same
    files and seed (`settings.seed`, else one that is drawn and kept) give the same bytes. Progress goes to the standard
    error.

    Raises GradingError where nothing was handed in, where the course's own solutions do not pass, or there is less
    isolation than `settings.require`; where the report cannot be written, by a full disk or because another process
    writes it, or was graded with another seed; where a file vanishes meanwhile; and where a worker has another course.
    """
    settings = settings or Settings()
    people = rosters.read(roster) if roster else None
    paths = folder.find(submissions, report_to)
    references = reference.load(solutions, catalogue(settings))
    this = course.course(solutions)
    with ExitStack() as stack:
        crew = stack.enter_context(_crew(executor, workers, cluster, settings, progress))
        found: Isolation = crew.ask(this.call(probe, settings.require))
        say(found.text, progress)
        store = stack.enter_context(open_store(report_to, settings.seed))
        batch = Batch(submissions, this, references, replace(settings, seed=store.seed, require=found.level), store)
        batch.scan(paths)
        _tell(batch, progress)
        for key, proof in crew.carry_out(batch.proofs()):
            batch.keep_proof(key, proof)
        for key, row in watched(crew.carry_out(batch.jobs(), failed), batch.left, progress):
            batch.keep(key, row)
        with writing(report_to):
            class_ = report.write(
                batch.rows, references, report_to, roster=people, seed=store.seed, isolation=found.text
            )
        return _summary(class_, report_to, found.text)


def _crew(
    executor: Executor | None, workers: int | None, cluster: str, settings: Settings, progress: bool
) -> AbstractContextManager[Crew]:
    def take_over() -> None:
        probe(settings.require)
        say("The workers are lost: this machine grades the rest.", progress)

    if cluster:
        return crews.cluster(cluster, take_over)
    return crews.others(executor, take_over) if executor else crews.local(workers)


def _number(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _tell(batch: Batch, progress: bool) -> None:
    if batch.kept:
        say(f"Graded before, and kept: {batch.kept:,} of {len(batch.entries):,} files.", progress)
    if any(True for _ in batch.proofs()):
        say("First the course's own solutions are run: they have to pass.", progress)


def _summary(class_: Standing, report_to: Path, isolation: str) -> Summary:
    handed_in = [entry for entry in class_.entries if entry.file]
    learners = len({entry.learner for entry in handed_in})
    problems, failures = sum(bool(entry.problem) for entry in handed_in), sum(entry.failed for entry in handed_in)
    return Summary(len(handed_in), learners, problems, failures, report_to, isolation)
