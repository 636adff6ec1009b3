"""The class's points as tables: one for people and programs, and the forms that Canvas and Moodle import.

What a form cannot say without harm is left out of it: a line that fits the wrong learner changes a grade.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath

from course_support.grading.names import claims
from course_support.grading.reference import Item
from course_support.grading.roster import Person
from course_support.grading.score import Row
from course_support.grading.standing import Entry, Standing

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # OWASP, CSV injection
MAX_FEEDBACK = 2_000  # characters


def grades(entries: Iterable[tuple[Row, Entry]], items: Sequence[Item]) -> Iterable[str]:
    """grades.csv, line by line: one for each file, the points of an exercise in the column that bears its name."""
    head = ("learner", "id", "file", "lesson", "points", "of", "counts", "problem")
    yield _line([*head, *(item.name for item in items)])
    for row, entry in entries:
        earned = {mark.exercise: mark.points for mark in row.marks}
        said = (entry.learner, entry.person.id if entry.person else "", entry.file, entry.lesson)
        of, counts = entry.of or "", "yes" if entry.counts else "no"
        yield _line([*said, entry.points, of, counts, entry.problem, *(earned.get(item.name, "") for item in items)])


def canvas(standing: Standing) -> Iterable[str]:
    """canvas.csv, line by line: what Canvas's gradebook imports, a column for each lesson as an assignment.

    Canvas asks for Student, ID and Section, and finds somebody by ID (its own number), SIS User ID, SIS Login ID and
    name, in this order (canvas-lms, lib/gradebook_importer.rb). So ID is given only where it is Canvas's: from the
    gradebook that it exported, or from the names of files that it handed out. An empty cell leaves a grade as it was.
    """
    lessons = list(standing.lessons)
    yield _line(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *lessons])
    yield _line(["    Points Possible", "", "", "", "", *standing.lessons.values()])
    own = bool(standing.roster and standing.roster.canvas)
    for learner, book in _books(standing).items():
        entry = standing.entries[next(iter(book.values()))]
        person = entry.person or Person(_number(entry, lessons), learner)
        number = person.id if own or not entry.person else ""
        sis_id = person.sis_id or ("" if own or not entry.person else person.id)
        said = (person.name or learner, number, sis_id, person.login, person.section)
        yield _line([*said, *(_points(standing, learner, lesson) for lesson in lessons)])


def moodle(standing: Standing, rows: Callable[[int], Row]) -> Iterable[str]:
    """moodle.csv, line by line: what Moodle's import of grades takes, for each lesson a column of points and feedback.

    Moodle asks which column to map from: `ID number`, `Username` or `Email address`. One value that it does not know
    stops the whole import, and an empty one gives the grade to the learner of the line before (moodle,
    grade/import/csv/classes/load_data.php). So a column is there only where it tells everybody from everybody else.
    An empty cell takes a grade away: whoever has a file that the grader failed on, or one that may be another's, is
    left out.
    """
    out = {entry.learner for entry in standing.entries if entry.failed} | standing.perhaps
    books = {learner: book for learner, book in _books(standing).items() if learner not in out}
    people = {learner: standing.entries[next(iter(book.values()))].person for learner, book in books.items()}
    columns = _identifiers(people)
    titles = [title for lesson in standing.lessons for title in (lesson, f"{lesson} feedback")]
    yield _line([*columns, "Full name", *titles])
    for index, (learner, book) in enumerate(books.items()):
        person = people[learner]
        line: list[object] = [*(column[index] for column in columns.values()), person.name if person else learner]
        for lesson in standing.lessons:
            line += [_points(standing, learner, lesson), _feedback(rows(book[lesson])) if lesson in book else ""]
        yield _line(line)


def _books(standing: Standing) -> dict[str, dict[str, int]]:
    """Where the entries stand that count, by learner and lesson: in the roster's order, and of the roster alone.

    Who is in none is there under an empty lesson.
    """
    books: dict[str, dict[str, int]] = {}
    if standing.roster:
        books = {standing.roster.label(person): {} for person in standing.roster.people}
    for index, entry in enumerate(standing.entries):
        if entry.counts and (entry.person or not standing.roster):
            books.setdefault(entry.learner, {})[entry.lesson] = index
    return {learner: book for learner, book in books.items() if book}


def _points(standing: Standing, learner: str, lesson: str) -> object:
    """The points for a lesson, or an empty cell where there is nothing to tell.

    Who is in the roster and handed in nothing has 0. Nothing is told of a class that is not known, of a file that the
    grader failed on, whatever lesson it may be of, or where a file may be this learner's or another's.
    """
    found = [standing.entries[index] for index in standing.learners[learner]]
    own = [entry for entry in found if entry.lesson == lesson]
    if any(entry.failed for entry in own or (entry for entry in found if not entry.lesson)):
        return ""
    told = standing.roster and learner not in standing.perhaps
    return max(entry.points for entry in own) if own else 0 if told else ""


def _identifiers(people: Mapping[str, Person | None]) -> dict[str, list[str]]:
    """Moodle's columns that name everybody, and nobody twice. Without a roster, the names that paths gave."""
    known = [person for person in people.values() if person]
    if not known:
        names = list(people)
        return {"Email address" if names and all("@" in name for name in names) else "ID number": names}
    columns = {
        "ID number": [person.id for person in known],
        "Username": [person.login for person in known],
        "Email address": [person.email for person in known],
    }
    # "0" is nothing to PHP
    return {
        title: column
        for title, column in columns.items()
        if not {"", "0"} & set(column) and len(set(column)) == len(column)
    }


def _number(entry: Entry, lessons: Iterable[str]) -> str:
    claim = claims(PurePosixPath(entry.file), lessons)[-1]
    return claim.number if claim.source == "canvas" else ""


def _feedback(row: Row) -> str:
    """What a learner reads in Moodle, which takes it for HTML."""
    lines = [row.problem] if row.problem else []
    lines += [f"{mark.exercise}: {mark.points} of {mark.of}. {mark.reason}".strip() for mark in row.marks]
    text = "\n".join(lines)
    return escape(text if len(text) <= MAX_FEEDBACK else f"{text[: MAX_FEEDBACK - 1]}…", quote=False)


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return text.getvalue()


def _harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS) else text
