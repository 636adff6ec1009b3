"""One submission's way from what was handed in to its row: text in, row out, so that any executor can map it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from course_support.grading.assemble import Sheet, assemble
from course_support.grading.errors import GradingError
from course_support.grading.folder import HandIn
from course_support.grading.read import read
from course_support.grading.reference import Reference
from course_support.grading.run import Settings, run, seed_of
from course_support.grading.score import Row, score, without_marks


def grade(handed_in: HandIn, references: Sequence[Reference], settings: Settings) -> Row:
    """Grade one file. Never raises: what goes wrong on the grader's side is a row that says so."""
    try:
        submission = read(handed_in, references)
        if submission.problem:
            return without_marks(submission)
        reference = next(reference for reference in references if reference.lesson == submission.lesson)
        return score(
            run(assemble(submission, reference), seed_of(settings.seed, submission.digest), settings), submission
        )
    except Exception as error:
        cause = str(error) if isinstance(error, GradingError) else repr(error)
        problem = f"The grader itself failed, which is not the learner's fault; grade this file again. {cause}"
        return Row(handed_in.path, handed_in.learner, "", problem=problem)


def lessons_of(hand_ins: Iterable[HandIn], references: Sequence[Reference]) -> set[str]:
    """Which lessons were handed in."""
    return {read(handed_in, references).lesson for handed_in in hand_ins} - {""}


def prove(reference: Reference, settings: Settings) -> None:
    """Run the course's own solutions; GradingError unless each gets its points: no grade would be right then."""
    results = run(Sheet(reference, {item.name: item.solution for item in reference.items}), "proof", settings).results
    failed = {
        name: result.trouble or (result.entry or {}).get("verdict", {}).get("cause", "no verdict")
        for name, result in results.items()
        if not (result.entry and result.entry["outcome"] == "passed" and result.seen)
    }
    if failed:
        causes = "; ".join(f"{name} ({cause})" for name, cause in failed.items())
        raise GradingError(f"The course's own solutions of {reference.lesson} do not pass on this machine: {causes}.")
