"""Whose each file is, which of them count, and what a teacher should look at before trusting that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from course_support.grading.names import claims, learner_of
from course_support.grading.pipeline import failed
from course_support.grading.roster import Match, Person, Roster
from course_support.grading.score import Row

NOTHING = "Nothing was handed in."
UNCLEAR = "Which file it is cannot be told yet: it fits more than one name of the class."


@dataclass(frozen=True, slots=True)
class Entry:
    """What lists need to know of a row: all but its texts.

    `file` is empty for somebody who handed in nothing. `failed` says that the grader is at fault, not the learner.
    """

    file: str
    learner: str
    lesson: str = ""
    points: int = 0
    of: int = 0
    problem: str = ""
    isolation: str = ""
    failed: bool = False
    person: Person | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found amiss with who handed in what; files are paths, learners as the report calls them.

    `lacking` gives the lessons that others handed in, and this learner did not; `unclear` the learners who fit;
    `by_file` is who was known by the file's own name in a folder that names nobody; `namesakes` share a name with
    another; `doubles` are the files of one learner for one lesson, first the one that counts.
    """

    failed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    lacking: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unknown: tuple[str, ...] = ()
    unclear: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by_file: tuple[tuple[str, str], ...] = ()
    namesakes: tuple[tuple[str, str], ...] = ()
    doubles: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


@dataclass(frozen=True)
class Standing:
    """An entry for each row, in the same order, and behind them one for everybody who handed in nothing.

    `lessons` gives the points that each lesson is worth, of those that were handed in.
    """

    entries: tuple[Entry, ...]
    lessons: Mapping[str, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    roster: Roster | None = None

    @cached_property
    def learners(self) -> dict[str, list[int]]:
        """Where each learner's entries stand, in the order of the entries."""
        found = defaultdict(list)
        for index, entry in enumerate(self.entries):
            found[entry.learner].append(index)
        return dict(found)

    @cached_property
    def perhaps(self) -> frozenset[str]:
        """The learners of the roster who are among several whom a file fits."""
        return frozenset(learner for _, learners in self.findings.unclear for learner in learners)


class _Counted(Protocol):
    @property
    def learner(self) -> str: ...
    @property
    def lesson(self) -> str: ...
    @property
    def points(self) -> int: ...


def standing(
    rows: Iterable[Row], lessons: Mapping[str, int], roster: Roster | None = None, *, known: Iterable[str] = ()
) -> Standing:
    """The standing of a class; `known` are the names of all lessons, which are nobody's in a path."""
    known = tuple(known)
    entries = [
        Entry(row.file, row.learner, row.lesson, row.points, row.of, row.problem, row.isolation, failed(row))
        for row in rows
    ]
    matches = _matches(entries, roster, known)
    entries = [
        replace(entry, learner=match.learner, person=match.person)
        for entry, match in zip(entries, matches, strict=True)
    ]
    entries, namesakes = _apart(entries, known)
    if roster:
        entries += _without_a_file(entries, matches, roster)
    entries = [replace(entry, counts=count) for entry, count in zip(entries, counting(entries), strict=True)]
    return Standing(tuple(entries), lessons, _findings(entries, matches, namesakes, lessons, roster), roster)


def _matches(entries: Sequence[Entry], roster: Roster | None, known: Sequence[str]) -> list[Match]:
    """Whose each file is. In a folder that Canvas's download was unpacked into, the file's name tells."""
    downloads = _downloads(entries, known)
    found = []
    for entry in entries:
        path = PurePosixPath(entry.file)
        match = roster.learner_of(path, entry.learner, known) if roster else Match(entry.learner)
        if path.parent in downloads and (match.by_file or not match.person):
            path = PurePosixPath(path.name)
            learner = learner_of(path, known)
            match = roster.learner_of(path, learner, known) if roster else Match(learner)
        found.append(match)
    return found


def _downloads(entries: Iterable[Entry], known: Sequence[str]) -> set[PurePosixPath]:
    """The folders of which every file has a name of Canvas's making, and not all of them one learner's."""
    said: dict[PurePosixPath, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        path = PurePosixPath(entry.file)
        *folders, own = claims(path, known)
        plain = own.source == "canvas" and all(claim.source == "folder" for claim in folders)
        said[path.parent].add((own.text, own.number) if plain else ())
    return {folder for folder, learners in said.items() if len(learners) > 1 and () not in learners}


def _without_a_file(entries: Iterable[Entry], matches: Iterable[Match], roster: Roster) -> list[Entry]:
    there = {entry.person for entry in entries}
    perhaps = {person for match in matches for person in match.candidates}
    return [
        Entry("", roster.label(person), problem=UNCLEAR if person in perhaps else NOTHING, person=person)
        for person in roster.people
        if person not in there
    ]


def _findings(
    entries: Sequence[Entry],
    matches: Sequence[Match],
    namesakes: tuple[tuple[str, str], ...],
    lessons: Iterable[str],
    roster: Roster | None,
) -> Findings:
    matched = list(zip(entries, matches, strict=False))  # those who handed in nothing have no match
    return Findings(
        failed=tuple(entry.file for entry in entries if entry.failed),
        absent=tuple(entry.learner for entry in entries if entry.problem == NOTHING),
        lacking=_lacking(entries, lessons) if roster else (),
        unknown=tuple(e.file for e, match in matched if roster and not match.person and not match.candidates),
        unclear=tuple(
            (entry.file, tuple(map(roster.label, match.candidates)))
            for entry, match in matched
            if roster and match.candidates
        ),
        by_file=tuple((entry.file, entry.learner) for entry, match in matched if match.by_file),
        namesakes=namesakes,
        doubles=_doubles(entries),
    )


def _lacking(entries: Iterable[Entry], lessons: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Who of the roster handed in something, but not of each lesson."""
    theirs = defaultdict(set)
    for entry in entries:
        if entry.person and entry.file and not entry.failed:
            theirs[entry.learner].add(entry.lesson)
    told = ((learner, tuple(lesson for lesson in lessons if lesson not in own)) for learner, own in theirs.items())
    return tuple((learner, missing) for learner, missing in told if missing)


def counting(rows: Sequence[_Counted]) -> list[bool]:
    """Which rows count: of each learner's files for one lesson the one with the most points, of equals the first.

    A file in which no lesson was found counts if it is the learner's first and there is nothing else of theirs.
    """
    best: dict[tuple[str, str], int] = {}
    for index, row in enumerate(rows):
        first = best.setdefault((row.learner, row.lesson), index)
        if row.points > rows[first].points:
            best[row.learner, row.lesson] = index
    with_lesson = {row.learner for row in rows if row.lesson}
    return [
        best[row.learner, row.lesson] == index and bool(row.lesson or row.learner not in with_lesson)
        for index, row in enumerate(rows)
    ]


def _apart(entries: list[Entry], known: Sequence[str]) -> tuple[list[Entry], tuple[tuple[str, str], ...]]:
    """What has one name and is two, told apart by a number.

    Two people of one name in one download of Moodle's have the platform's; files whose names differ only in what no
    report can hold have their place.
    """
    numbers = [_participant(PurePosixPath(entry.file), known) for entry in entries]
    shared = defaultdict(set)
    for entry, (parent, number) in zip(entries, numbers, strict=True):
        shared[parent, entry.learner].add(number)
    files, seen = Counter(entry.file for entry in entries), Counter[str]()
    apart, namesakes = [], []
    for entry, (parent, number) in zip(entries, numbers, strict=True):
        seen[entry.file] += 1
        told = number if number and len(shared[parent, entry.learner] - {""}) > 1 else ""
        told = f"file {seen[entry.file]}" if files[entry.file] > 1 else told
        if told:
            entry = replace(entry, learner=f"{entry.learner} ({told})", person=None)
            namesakes.append((entry.file, entry.learner))
        apart.append(entry)
    return apart, tuple(namesakes)


def _participant(path: PurePosixPath, known: Sequence[str]) -> tuple[str, str]:
    """The folder of the download that a path lies in, and the number that Moodle gave whoever handed it in."""
    claim = next((claim for claim in claims(path, known) if claim.source == "moodle"), None)
    if not claim:
        return "", ""
    depth = next(index for index, part in enumerate(path.parts) if f"_{claim.number}_assignsubmission" in part)
    return "/".join(path.parts[:depth]), claim.number


def _doubles(entries: Sequence[Entry]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    files: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.lesson:
            files[entry.learner, entry.lesson].append(entry)
    return tuple(
        (learner, lesson, tuple(entry.file for entry in sorted(found, key=lambda entry: not entry.counts)))
        for (learner, lesson), found in files.items()
        if len(found) > 1
    )
