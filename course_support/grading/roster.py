"""The class as the teacher's list has it: who is in it, and whose file a path names.

A file is somebody's only where exactly one line of the list fits; every other file keeps the name that its path gives
it, and the report says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from course_support.grading.errors import GradingError
from course_support.grading.names import Claim, claims, folded, spellings, words

MAX_BYTES = 16 * 2**20
MAX_WORDS = 8  # of an identifier within a file's name
# How a column may be called, folded. Moodle exports First name, Last name, ID number, Email address, or these in
# German; Canvas's gradebook has Student, ID, SIS User ID, SIS Login ID, Section.
COLUMNS = {
    "id": (
        *("id", "idnumber", "studentid", "studentnumber", "learnerid", "matriculationnumber"),
        *("idnummer", "matrikelnummer", "matrikelnr"),
    ),
    "name": ("name", "fullname", "student", "studentname", "learner", "displayname", "vollstandigername"),
    "first": ("firstname", "givenname", "forename", "vorname"),
    "last": ("lastname", "surname", "familyname", "nachname"),
    "email": ("email", "emailaddress", "mail", "emailadresse"),
    "login": ("login", "loginid", "sisloginid", "username", "user", "account", "anmeldename", "benutzername"),
    "sis_id": ("sisid", "sisuserid"),
    "section": ("section", "group", "gruppe"),
}
CANVAS = {"sisuserid", "sisloginid"}
_NOBODY = re.compile(r"\s*points possible\s*|student, test", re.IGNORECASE)  # lines of Canvas's export


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list; what it does not say is empty."""

    id: str = ""
    name: str = ""
    email: str = ""
    login: str = ""
    sis_id: str = ""
    section: str = ""

    @property
    def identifiers(self) -> set[str]:
        """Every text that names this person, folded; of an email the part before the @ where there is no login."""
        plain = {self.id, self.login, self.email, self.sis_id, "" if self.login else self.email.partition("@")[0]}
        return ({folded(text) for text in plain} | spellings(self.name)) - {""}


@dataclass(frozen=True, slots=True)
class Match:
    """Whose file it is: `learner` is what the report calls them, `person` their line, if exactly one fits.

    `candidates` are those who fit where several do. `by_file` says that the folder named nobody, and the file did.
    """

    learner: str
    person: Person | None = None
    candidates: tuple[Person, ...] = ()
    by_file: bool = False


@dataclass(frozen=True)
class Roster:
    """The class. `canvas` says that the ids are Canvas's own, as in the gradebook that it exports."""

    people: tuple[Person, ...]
    canvas: bool = False

    def learner_of(self, path: PurePosixPath, fallback: str, lessons: Iterable[str] = ()) -> Match:
        """Whose file lies at a path; `fallback` names the learner where nobody, or more than one, fits.

        From the outside in, the first name in the path that fits somebody decides: the outer ones are the platform's.
        """
        found = claims(path, lessons)
        for claim in found:
            people = self._fitting(claim)
            if len(people) == 1:
                inner = claim is found[-1] and len(found) > 1
                return Match(self.label(people[0]), people[0], by_file=inner)
            if people:
                return Match(f"{fallback} (unclear who)", candidates=tuple(people))
        return Match(f"{fallback} (not in the roster)")

    def label(self, person: Person) -> str:
        """What the report calls somebody: the name, with the id behind it where the name alone would fit others."""
        name = person.name or person.login or person.email or person.id
        alone = len(self._named.get(folded(name), ())) <= 1
        number = person.id or person.login or person.email
        return name if alone or not number else f"{name} ({number})"

    @cached_property
    def _named(self) -> Mapping[str, list[int]]:
        named = defaultdict(list)
        for index, person in enumerate(self.people):
            for text in sorted(person.identifiers):
                named[text].append(index)
        return dict(named)

    @cached_property
    def _by_id(self) -> Mapping[str, int]:
        return {person.id: index for index, person in enumerate(self.people)}

    def _fitting(self, claim: Claim) -> list[Person]:
        fitting = set(self._named.get(folded(claim.text), ()))
        if claim.source == "canvas":
            numbered = {self._by_id[claim.number]} if claim.number in self._by_id else set()
            # the number tells namesakes apart; it stands alone only where it surely is Canvas's
            fitting = fitting & numbered or fitting or (numbered if self.canvas else set())
        elif not fitting and claim.source != "moodle":
            fitting = self._within(words(claim.text))
        return [self.people[index] for index in sorted(fitting)]

    def _within(self, parts: Sequence[str]) -> set[int]:
        """Who is named by words in the middle of a name; a shorter identifier inside of a longer one does not count."""
        spans = {
            (start, end): set(self._named[text])
            for start in range(len(parts))
            for end in range(start + 1, min(start + MAX_WORDS, len(parts)) + 1)
            if _telling(text := "".join(parts[start:end])) and text in self._named
        }
        outer = [
            people
            for (start, end), people in spans.items()
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b in spans)
        ]
        common = set.intersection(*outer) if outer else set()
        return common if len(common) == 1 else set().union(*outer)


def read(path: Path) -> Roster:
    """The list in a CSV file: UTF-8 or as spreadsheets save it, separated by comma, semicolon or tab, with a header.

    The columns may stand in any order: id, name (or first name and last name), email, login, sis id, section. Raises
    GradingError for a file that is none, that names nobody, or in which one id or login stands for two.
    """
    header, lines = _table(path, _text(path))
    columns = _columns(header)
    if not {"id", "login", "email", "name", "last"} & set(columns):
        raise GradingError(f"The roster {path} has no header: its first line must name columns, as in id,name,email.")
    found = [(number, person) for number, cells in lines if (person := _person(columns, cells)).identifiers]
    people = [(number, person) for number, person in found if not _NOBODY.fullmatch(person.name)]
    if not people:
        raise GradingError(f"The roster {path} names nobody: below its header, each line is a learner.")
    _refuse_doubles(path, people)
    roster = Roster(tuple(person for _, person in people), canvas=bool(CANVAS & set(map(folded, header))))
    label, count = Counter(map(roster.label, roster.people)).most_common(1)[0]
    if count > 1:
        raise GradingError(
            f"The roster {path} has {label} {count} times: give each of them an id that tells them apart."
        )
    return roster


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise GradingError(f"The roster {path} cannot be read: {error.strerror}.") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data or data[:4] in (b"PK\3\4", b"%PDF") or len(data) > MAX_BYTES:
        raise GradingError(f"The roster {path} is not a CSV file: save the list as CSV (UTF-8) in your spreadsheet.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what spreadsheets save on Windows


def _table(path: Path, text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the lines below it that are not blank, with their numbers."""
    separators = ",;\t"
    if told := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):  # a spreadsheet's own first line
        separators, text = told[1], text[told.end() :]
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(separators, key=lambda one: (len(_columns(first.split(one))), first.count(one)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise GradingError(f"The roster {path} cannot be read from line {reader.line_num} on: {error}.") from None
    return (lines[0][1], lines[1:]) if lines else ([], [])


def _columns(cells: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        for column, names in COLUMNS.items():
            if folded(cell) in names:
                found.setdefault(column, index)
    return found


def _person(header: Mapping[str, int], cells: Sequence[str]) -> Person:
    said = {column: cells[index] if index < len(cells) else "" for column, index in header.items()}
    first, last = said.pop("first", ""), said.pop("last", "")
    return Person(**{**said, "name": said.get("name") or f"{first} {last}".strip()})


def _refuse_doubles(path: Path, people: Iterable[tuple[int, Person]]) -> None:
    for field in ("id", "login", "sis_id"):
        first: dict[str, int] = {}
        for number, person in people:
            text = getattr(person, field)
            if text and first.setdefault(text.casefold(), number) != number:
                raise GradingError(
                    f"The roster {path} has {field.replace('_', ' ')} {text} twice, in line {first[text.casefold()]}"
                    f" and in line {number}: give each learner one line and an own {field.replace('_', ' ')}."
                )


def _telling(text: str) -> bool:
    """Whether a word in the middle of a name can be taken for an identifier: `2` or `2024` may be anything."""
    return len(text) >= (5 if text.isdigit() else 3)
