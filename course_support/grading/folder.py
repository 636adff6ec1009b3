"""Finds what was handed in below a folder, and reads it within bounds: whatever lies there becomes a value."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course_support.grading.errors import GradingError
from course_support.grading.names import learner_of

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 10
MAX_FILES = 20_000
READABLE = "Make it readable for whoever grades, and grade again."
_LITTER = re.compile(r"[.~].*|__MACOSX|__pycache__|Thumbs\.db|desktop\.ini", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HandIn:
    """One file as it was handed in. `path` is relative to the folder; `problem` says why there is no `data`."""

    path: str
    learner: str
    data: bytes = b""
    problem: str = ""


def find(folder: Path, skip: Path) -> list[Path]:
    """Every file and link below the folder that a learner may have meant to hand in, in the order of their paths.

    Links are not followed. What systems leave behind (names with a leading dot, `__MACOSX`, …) and the folder `skip`
    are left out. A folder stands for itself where it cannot be listed, lies too deep, or is an empty one that is named
    like a notebook. Raises GradingError if there is
    no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise GradingError(f"There is no folder {folder}: name the one that holds the handed-in notebooks.")
    found = sorted(_walk(folder, skip.resolve(), MAX_DEPTH))
    if not found:
        raise GradingError(f"Nothing was handed in: {folder} holds no file.")
    if len(found) > MAX_FILES:
        raise GradingError(f"{folder} holds more than {MAX_FILES:,} files: name the folder of one class.")
    return found


def _walk(folder: Path, skip: Path, depth: int) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        yield folder
        return
    if not entries and folder.suffix.lower() == ".ipynb":
        yield folder
    for entry in entries:
        path = Path(entry.path)
        if _LITTER.fullmatch(entry.name) or path.resolve() == skip:
            continue
        if entry.is_dir(follow_symlinks=False) and depth:
            yield from _walk(path, skip, depth - 1)
        else:
            yield path


def load(folder: Path, path: Path, lessons: Iterable[str]) -> HandIn:
    """Read one file; what cannot be read says why. `lessons` are the notebooks' names, such as `01_rest`."""
    relative = PurePosixPath(_printable(path.relative_to(folder).as_posix()))
    learner = learner_of(relative, lessons)
    try:
        if problem := _refusal(path, path.lstat()):
            return HandIn(str(relative), learner, problem=problem)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return HandIn(str(relative), learner, problem=f"It cannot be read: {error.strerror}. {READABLE}")
    return HandIn(str(relative), learner, data)


def _refusal(path: Path, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "It is a link: hand in the file itself."
    if stat.S_ISDIR(status.st_mode):
        return _refused_folder(path)
    if not stat.S_ISREG(status.st_mode):
        return "It is not a file: hand in the notebook."
    if status.st_size > MAX_BYTES:
        size = f"{status.st_size / 2**20:,.0f} MiB, more than {MAX_BYTES // 2**20}"
        return f"It is too large ({size}): clear the outputs (Edit, Clear Outputs of All Cells), save, hand in again."
    return ""


def _refused_folder(path: Path) -> str:
    try:
        empty = not os.listdir(path)
    except OSError:
        return f"It is a folder that cannot be read. {READABLE}"
    if empty:
        return "It is an empty folder, as a download that broke off leaves it: hand in the notebook itself."
    return f"It is a folder more than {MAX_DEPTH} folders deep: hand in the notebook itself."


def _printable(name: str) -> str:
    """A file name that any report can hold: bytes that are not UTF-8, and control characters, are replaced."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
