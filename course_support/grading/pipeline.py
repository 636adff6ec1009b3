"""One submission's way from what was handed in to its row: text in, row out, so that any executor can map it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence

from course_support.grading.assemble import Sheet, assemble
from course_support.grading.errors import GradingError
from course_support.grading.folder import HandIn
from course_support.grading.read import read
from course_support.grading.reference import Reference
from course_support.grading.run import Settings, run, seed_of
from course_support.grading.score import TROUBLE, Row, score, without_marks

OWN_FAULT = "The grader itself failed, which is not the learner's fault; grade this file again."
ROOM = 16 * 2**20  # bytes below which a disk is as good as full


def grade(handed_in: HandIn, references: Sequence[Reference], settings: Settings) -> Row:
    """Grade one file. Never raises: what goes wrong on the grader's side is a row that says so."""
    try:
        submission = read(handed_in, references)
        if submission.problem:
            return without_marks(submission)
        reference = next(reference for reference in references if reference.lesson == submission.lesson)
        done = run(assemble(submission, reference), seed_of(settings.seed, submission.digest), settings)
        _require_room()
        return score(done, submission)
    except Exception as error:
        cause = str(error) if isinstance(error, GradingError) else repr(error)
        return Row(handed_in.path, handed_in.learner, "", problem=f"{OWN_FAULT} {cause}")


def lost(cause: str) -> Row:
    """The row of a file, whosever it is, whose workers died."""
    return Row("", "", "", problem=f"{OWN_FAULT} What graded it broke off twice: {cause}")


def failed(row: Row) -> bool:
    """Whether a row tells of a failure of the grader's own, so that the file is to be graded again."""
    return row.problem.startswith(OWN_FAULT) or any(mark.reason == TROUBLE["not started"] for mark in row.marks)


def prove(reference: Reference, settings: Settings) -> None:
    """Run the course's own solutions; GradingError unless each gets its points: no grade would be right then."""
    solved = Sheet(reference, {item.name: item.solution for item in reference.items})
    try:
        results = run(solved, "proof", settings).results
    except (OSError, ValueError, LookupError) as error:
        raise GradingError(f"The course's own solutions of {reference.lesson} could not be run: {error!r}.") from error
    failed = {
        name: result.trouble or (result.entry or {}).get("verdict", {}).get("cause", "no verdict")
        for name, result in results.items()
        if not (result.entry and result.entry["outcome"] == "passed" and result.seen)
    }
    if failed:
        causes = "; ".join(f"{name} ({cause})" for name, cause in failed.items())
        raise GradingError(f"The course's own solutions of {reference.lesson} do not pass on this machine: {causes}.")


def _require_room() -> None:
    """What ran on a full disk may have gone wrong anywhere, so that nothing of it can be believed."""
    if shutil.disk_usage(folder := tempfile.gettempdir()).free < ROOM:
        raise GradingError(f"There is no room left in {folder}: make some.")
