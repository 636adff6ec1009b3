"""Writes the report of a class: tables for people, programs and platforms, and pages for teacher and learners.

The same rows give the same bytes. A file is put in its place whole or not at all. Rows are read one at a time, several
times over, and not kept: a report of many thousands needs little memory.
"""

from __future__ import annotations

import json
import os
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from course_support.grading import class_page, gradebooks, overview, pages, similarity
from course_support.grading.class_page import ClassReport
from course_support.grading.junit import junit
from course_support.grading.reference import Item, Reference
from course_support.grading.roster import Roster
from course_support.grading.score import Row
from course_support.grading.standing import Entry, Standing, standing


def write(
    rows: Sequence[Row],
    references: Sequence[Reference],
    folder: Path,
    *,
    roster: Roster | None = None,
    seed: str = "",
    isolation: str = "",
) -> Standing:
    """Write the report of rows, one for each file, in the order given; returns whose they are and which count.

    `roster` says who is in the class, `seed` is that of the whole grading, and `isolation` a sentence on how answers
    were kept apart from this machine.
    """
    there = {row.lesson for row in rows}
    items = [item for reference in references if reference.lesson in there for item in reference.items]
    worth = {known.lesson: sum(item.points for item in known.items) for known in references if known.lesson in there}
    class_ = standing(rows, worth, roster, known=[known.lesson for known in references])

    def row(index: int) -> Row:
        entry = class_.entries[index]
        return rows[index] if entry.file else Row("", entry.learner, "", problem=entry.problem)

    def graded() -> Iterator[tuple[Row, Entry]]:
        return ((row(index), entry) for index, entry in enumerate(class_.entries))

    _put(folder / "grades.csv", gradebooks.grades(graded(), items))
    _put(folder / "grades.json", as_json(graded()))
    _put(folder / "junit.xml", junit(graded(), seed))
    _put(folder / "canvas.csv", gradebooks.canvas(class_))
    _put(folder / "moodle.csv", gradebooks.moodle(class_, row))
    learners = class_.learners
    for learner, own in learners.items():
        page = pages.of_learner(learner, [(row(index), class_.entries[index]) for index in own])
        _put(folder / pages.address(learner), [page])
    current = {folder / pages.address(learner) for learner in learners}
    for page_of_before in set((folder / "learners").glob("*.html")) - current:
        page_of_before.unlink()  # of a learner who was in an earlier report and is not in this one
    spreads = overview.spreads(class_.entries, worth)
    went = overview.exercises(graded(), items)
    answers = _Answers(class_, rows)
    told = ClassReport(class_, spreads, went, alike(graded(), items), answers.of, seed, isolation)
    _put(folder / "index.html", [class_page.of_class(told)])
    return class_


def as_json(graded: Iterable[tuple[Row, Entry]]) -> Iterator[str]:
    """grades.json in parts: everything that is known of each row, but for the answers."""
    opening = "[\n"
    for row, entry in graded:
        said = {**asdict(row), "learner": entry.learner, "id": entry.person.id if entry.person else ""}
        said |= {"points": row.points, "of": row.of, "counts": entry.counts}
        del said["answers"]
        yield opening + json.dumps(said, ensure_ascii=False, indent=1)
        opening = ",\n"
    yield "\n]\n" if opening == ",\n" else "[]\n"


def alike(graded: Iterable[tuple[Row, Entry]], items: Iterable[Item]) -> list[similarity.Alike]:
    """Answers that are alike, in the files that count; in the order of the exercises, the closest first."""
    stubs = {item.name: item.stub for item in items}
    told: dict[str, dict[str, array[int]]] = defaultdict(dict)
    for row, entry in graded:
        for exercise, source in row.answers.items() if entry.counts else ():
            if exercise in stubs and (runs := similarity.runs(source, stubs[exercise])):
                told[exercise][entry.learner] = runs
    return [group for exercise in stubs for group in similarity.alike(exercise, told[exercise])]


class _Answers:
    """Finds a learner's source again, of the file that counted."""

    def __init__(self, class_: Standing, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._learners = class_.learners
        self._entries = class_.entries

    def of(self, learner: str, exercise: str) -> str:
        counted = (self._rows[index] for index in self._learners[learner] if self._entries[index].counts)
        return next((row.answers[exercise] for row in counted if exercise in row.answers), "")


def _put(path: Path, parts: Iterable[str]) -> None:
    """Write a file from parts; where that fails, what was there before stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    try:
        with draft.open("wb") as file:
            file.writelines(part.encode("utf-8", "replace") for part in parts)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
