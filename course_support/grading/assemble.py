"""Puts a learner's answers into the pristine exercises; nothing else of a submission is ever run or believed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from course_support import notebooks
from course_support.grading.read import Submission
from course_support.grading.reference import Item, Reference
from course_support.notebooks import Notebook


@dataclass(frozen=True, slots=True)
class Sheet:
    """What to run: the course's setup and checks, the learner's answers."""

    reference: Reference
    answers: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        return [item.name for item in self.items]

    @property
    def items(self) -> tuple[Item, ...]:
        return self.reference.items

    def notebook(self, answers: Collection[str], checks: Collection[str]) -> Notebook:
        """The setup with the answers and checks of these exercises, in the order of the reference."""
        ids = {"setup"}
        ids |= {item.answer_id for item in self.items if item.name in answers}
        ids |= {item.check_id for item in self.items if item.name in checks}
        sources = {item.answer_id: self.answers.get(item.name, item.stub) for item in self.items}
        filled = notebooks.with_sources(self.reference.notebook, sources)
        return notebooks.with_cells(filled, (cell for cell in filled["cells"] if cell["id"] in ids))

    def alone(self, name: str) -> Notebook:
        """One exercise for itself: its check, its answer, and the answers whose names that one uses."""
        return self.notebook(self._needed(name), [name])

    def _needed(self, name: str) -> set[str]:
        needed, used = {name}, notebooks.mentioned(self.answers.get(name, ""))
        while more := {n for n, s in self.answers.items() if n not in needed and notebooks.defined(s) & used}:
            needed |= more
            used |= frozenset(word for n in more for word in notebooks.mentioned(self.answers[n]))
        return needed


def assemble(submission: Submission, reference: Reference) -> Sheet:
    """The reference with the submission's answers in it."""
    return Sheet(reference, submission.answers)
