"""What the names of folders and files say of whose work it is, in the layouts that platforms hand out.

Of Moodle's and Canvas's downloads and nbgrader's tree, the platform wrote the outer part and the learner the inner:
what the platform wrote comes first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

# Moodle, mod/assign/classes/downloader.php: the full name, a number of the participant in this assignment, the plugin
_MOODLE = re.compile(r"(?P<name>.*\S)\s*_(?P<number>\d+)_assignsubmission_\w+")
# Canvas, lib/content_zipper.rb: the sortable name without blanks in small letters, LATE, the user's id, the file's id
_CANVAS = re.compile(r"(?P<name>[^\W\d]\w*?)(?:_LATE)?_(?P<number>[1-9]\d*)_[1-9]\d*_.+")
_ANONYMOUS = re.compile(r"(?P<name>anon(?:_LATE)?_(?P<number>\w{5}))_[1-9]\d*_.+")
_COPY = re.compile(r"\s*\(\d+\)$")
_TREE = ("submitted",)  # nbgrader's submitted/LEARNER/ASSIGNMENT/NAME.ipynb


@dataclass(frozen=True, slots=True)
class Claim:
    """One name in a path. `text` names a learner, or nobody; `number` is what the platform gave them, if it did."""

    text: str
    number: str = ""
    source: Literal["folder", "file", "moodle", "canvas"] = "folder"


def claims(path: PurePosixPath, lessons: Iterable[str] = ()) -> list[Claim]:
    """The claims of a path relative to the folder of what was handed in, from the outside in; at least one."""
    known = "|".join(re.escape(lesson) for lesson in lessons)
    lesson = re.compile(rf"(?:{known})(?:_exercises|_solutions)?", re.IGNORECASE) if known else re.compile(r"(?!)")
    folders = path.parts[:-1]
    if folders[:1] and folders[0].lower() in _TREE:
        folders = folders[1:]
    return [*_of_folders(folders, lesson), _of_file(path.stem, lesson, top=len(path.parts) == 1)]


def learner_of(path: PurePosixPath, lessons: Iterable[str] = ()) -> str:
    """Whose file it is by its path alone: as the platform named them, else the first folder, else the file.

    Folders that bear the name of a lesson, and nbgrader's `submitted`, are nobody's.
    """
    found = claims(path, lessons)
    first = next((claim for claim in found if claim.source == "moodle"), found[0])
    return f"{first.text} ({first.number})" if first.source == "canvas" and first.number else first.text


def folded(text: str) -> str:
    """Letters and digits alone, small and without accents: what two spellings of one name have in common."""
    return "".join(words(text))


def words(text: str) -> list[str]:
    """The words of a name, folded."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", plain.casefold())


def spellings(name: str) -> set[str]:
    """Every order in which platforms write a full name, folded: `Ada Lovelace`, `Lovelace, Ada`, `lovelaceada`."""
    parts = words(name)
    return {"".join(parts[turn:] + parts[:turn]) for turn in range(len(parts))}


def _of_folders(folders: Iterable[str], lesson: re.Pattern[str]) -> Iterator[Claim]:
    for name in folders:
        if moodle := _MOODLE.fullmatch(name):
            yield Claim(moodle["name"], moodle["number"], "moodle")
        elif not lesson.fullmatch(name):
            yield Claim(name)


def _of_file(stem: str, lesson: re.Pattern[str], top: bool) -> Claim:
    if moodle := _MOODLE.match(stem):
        return Claim(moodle["name"], moodle["number"], "moodle" if top else "file")
    if anonymous := _ANONYMOUS.fullmatch(stem):
        return Claim(anonymous["name"].replace("_LATE", ""), "", "canvas")
    if canvas := _CANVAS.fullmatch(stem):
        return Claim(canvas["name"], canvas["number"], "canvas")
    left = _COPY.sub("", lesson.sub("", stem)).strip(" _-.")
    return Claim(left or stem, "", "file")
