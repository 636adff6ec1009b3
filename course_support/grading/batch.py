"""What is to be graded of a folder: which files hold the same, which were graded before, and what is left to do.

Files are read twice, to know first what there is and then to grade it, so that few of them are held at a time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import overload

from course_support.grading import folder
from course_support.grading.course import Call, Course
from course_support.grading.crew import Lost
from course_support.grading.errors import GradingError
from course_support.grading.folder import HandIn
from course_support.grading.pipeline import failed, grade, lost, prove
from course_support.grading.read import read
from course_support.grading.reference import Reference
from course_support.grading.run import Settings
from course_support.grading.score import Row
from course_support.grading.store import Store, key_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was handed in, without its content. `key` names what its row follows from, whoever handed it in."""

    at: Path
    path: str
    learner: str
    key: str
    readable: bool


@dataclass
class Batch:
    """The files of a folder, the rows of those that the store has, and what is to be done about the others.

    `settings` hold the seed of the grading and the level of isolation.
    """

    submissions: Path
    course: Course
    references: Sequence[Reference]
    settings: Settings
    store: Store
    entries: list[Entry] = field(default_factory=list)
    lessons: set[str] = field(default_factory=set)  # of what is left to do
    _done: set[str] = field(default_factory=set)
    _failed: dict[str, Row] = field(default_factory=dict)

    def scan(self, paths: Iterable[Path]) -> None:
        """Look at every file. GradingError where one vanishes meanwhile."""
        for path in paths:
            handed_in = self._load(path)
            if handed_in.problem and not os.path.lexists(path):
                raise self._vanished(path)
            entry = Entry(path, handed_in.path, handed_in.learner, self._key(handed_in), not handed_in.problem)
            self.entries.append(entry)
            if entry.key in self._done:
                continue
            if self.store.row(entry.key):
                self._done.add(entry.key)
            else:
                self.lessons.add(read(handed_in, self.references).lesson)

    def proofs(self) -> Iterator[tuple[str, Call]]:
        """The proofs that the solutions of what is left to do pass, without those that were given before."""
        for known in self.references:
            key = key_of({"proof": known.lesson, "course": self.course.version, "settings": self._bounds})
            if known.lesson in self.lessons and not self.store.get(key):
                yield key, self.course.call(prove, known, self.settings)

    @property
    def left(self) -> int:
        """How many contents are left to grade."""
        return len({entry.key for entry in self.entries} - self._done)

    @property
    def kept(self) -> int:
        """How many files were graded before."""
        return sum(entry.key in self._done for entry in self.entries)

    def jobs(self) -> Iterator[tuple[str, Call]]:
        """What is left to do, each content once. GradingError where a file has vanished since it was looked at."""
        begun = set(self._done)
        for number, entry in enumerate(self.entries):
            if entry.key in begun:
                continue
            handed_in = self._load(entry.at)
            if handed_in.problem and entry.readable:
                raise self._vanished(entry.at)
            key = self._key(handed_in)  # it may have been saved anew since
            self.entries[number] = replace(entry, key=key)
            if key not in begun:
                begun.add(key)
                yield key, self.course.call(grade, handed_in, self.references, self.settings)

    def keep_proof(self, key: str, outcome: Lost | None) -> None:
        """Store that the solutions pass; what they do not raises on its own. GradingError where nobody could tell."""
        if isinstance(outcome, Lost):
            raise GradingError(f"The course's own solutions could not be run ({outcome.cause}): try again.")
        self.store.put(key, True)

    def keep(self, key: str, outcome: Row | Lost) -> None:
        """Store a row, but for one that tells of a failure of the grader's own: another run may do better."""
        if isinstance(outcome, Lost):
            self._failed[key] = lost(outcome.cause)
        elif failed(outcome):
            self._failed[key] = outcome
        else:
            # whose it is, the entries say: two learners may have handed in the same
            self.store.put_row(key, replace(outcome, file="", learner=""))

    @property
    def rows(self) -> Sequence[Row]:
        """The row of each file, in their order. Each is loaded anew whenever it is asked for: they are many."""
        return _Rows(self.entries, self._row)

    def _row(self, entry: Entry) -> Row:
        row = self._failed.get(entry.key) or self.store.row(entry.key)
        if not row:
            raise GradingError("What was graded has been changed by others meanwhile: run the same command again.")
        return replace(row, file=entry.path, learner=entry.learner)

    def _load(self, path: Path) -> HandIn:
        return folder.load(self.submissions, path, [reference.lesson for reference in self.references])

    def _key(self, handed_in: HandIn) -> str:
        named = {"kind": PurePosixPath(handed_in.path).suffix.lower(), "problem": handed_in.problem}
        named |= {"seed": self.settings.seed, "course": self.course.version, "settings": self._bounds}
        return key_of(named, handed_in.data)

    @property
    def _bounds(self) -> str:
        return repr(replace(self.settings, seed=""))

    def _vanished(self, path: Path) -> GradingError:
        return GradingError(
            f"{path} was there and cannot be read any more: bring it back, and run the same command again;"
            " what is graded already is kept."
        )


@dataclass(frozen=True, slots=True)
class _Rows(Sequence[Row]):
    entries: Sequence[Entry]
    load: Callable[[Entry], Row]

    def __len__(self) -> int:
        return len(self.entries)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        if isinstance(index, slice):
            return _Rows(self.entries[index], self.load)
        return self.load(self.entries[index])
