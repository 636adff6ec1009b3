"""Writes the report of a class: grades.csv and grades.json, index.html, and a page for each learner.

The same rows give the same bytes. A file is put in its place whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from course_support.grading import pages
from course_support.grading.reference import Item, Reference
from course_support.grading.score import Row


def write(rows: Sequence[Row], references: Sequence[Reference], folder: Path) -> None:
    """Write the report; one row for each file, in the order given."""
    lessons = {row.lesson for row in rows}
    items = [item for reference in references if reference.lesson in lessons for item in reference.items]
    counts = counting(rows)
    _put(folder / "grades.csv", as_csv(rows, counts, items))
    _put(folder / "grades.json", as_json(rows, counts))
    _put(folder / "index.html", pages.of_class(rows, counts, items))
    learners = dict.fromkeys(row.learner for row in rows)
    for learner in learners:
        own = [(row, count) for row, count in zip(rows, counts, strict=True) if row.learner == learner]
        _put(folder / pages.address(learner), pages.of_learner(learner, own))
    current = {folder / pages.address(learner) for learner in learners}
    for page in set((folder / "learners").glob("*.html")) - current:
        page.unlink()  # of a learner who was in an earlier report and is not in this one


def counting(rows: Sequence[Row]) -> list[bool]:
    """Which rows count: of each learner's files for one lesson the one with the most points, of equals the first.

    A file in which no lesson was found counts if it is the learner's first and there is nothing else of theirs.
    """
    best: dict[tuple[str, str], Row] = {}
    for row in rows:
        best.setdefault((row.learner, row.lesson), row)
        if row.points > best[row.learner, row.lesson].points:
            best[row.learner, row.lesson] = row
    with_lesson = {row.learner for row in rows if row.lesson}
    return [best[row.learner, row.lesson] is row and bool(row.lesson or row.learner not in with_lesson) for row in rows]


def as_csv(rows: Sequence[Row], counts: Sequence[bool], items: Sequence[Item]) -> str:
    """One line for each file; the points of an exercise in the column that bears its name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["learner", "file", "lesson", "points", "of", "counts", "problem", *(item.name for item in items)])
    for row, count in zip(rows, counts, strict=True):
        points = {mark.exercise: mark.points for mark in row.marks}
        of = row.of or ""
        said = [_harmless(text) for text in (row.learner, row.file, row.lesson)]
        earned = [points.get(item.name, "") for item in items]
        writer.writerow([*said, row.points, of, "yes" if count else "no", _harmless(row.problem), *earned])
    return text.getvalue()


def as_json(rows: Sequence[Row], counts: Sequence[bool]) -> str:
    """Everything that is known of each row."""
    graded = [
        {**asdict(row), "points": row.points, "of": row.of, "counts": count}
        for row, count in zip(rows, counts, strict=True)
    ]
    return json.dumps(graded, ensure_ascii=False, indent=1) + "\n"


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_bytes(text.encode())
    os.replace(draft, path)
