"""Which course this is, told by its content: a worker that has another one would give other grades."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from course_support.grading.errors import GradingError

T = TypeVar("T")
Call = tuple[Any, ...]  # a function and its arguments
PACKAGE = Path(__file__).resolve().parent.parent
SOLUTIONS = PACKAGE.parent / "solutions"


@cache  # what is loaded counts: files that were changed since then are not what this process works with
def fingerprint(solutions: Path | None = None) -> str:
    """A digest of the package, of the solutions (None for those beside it), and of the version of Python."""
    whole = hashlib.sha256("{}.{}".format(*sys.version_info).encode())
    for name, path in sorted(_files(solutions or SOLUTIONS)):
        content = path.read_bytes().replace(b"\r\n", b"\n")  # as git writes them on Windows
        whole.update(f"\n{name}\n{len(content)}\n".encode() + content)
    return whole.hexdigest()[:16]


def _files(solutions: Path) -> Iterator[tuple[str, Path]]:
    for path in PACKAGE.rglob("*"):
        name = path.relative_to(PACKAGE)
        if path.is_file() and "__pycache__" not in name.parts:
            yield f"package/{name.as_posix()}", path
    for path in solutions.glob("*_solutions.ipynb"):
        yield f"solutions/{path.name}", path


@dataclass(frozen=True, slots=True)
class Course:
    """The course that grades: `version` is its fingerprint, `solutions` the folder of others than its own, if any."""

    version: str
    solutions: Path | None = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> Call:
        """The call as a job for workers, which refuse it where their course is another."""
        return same, self, function, *arguments


def course(solutions: Path) -> Course:
    """The course of this process, with the solutions of a folder."""
    others = None if solutions == SOLUTIONS else solutions.resolve()
    return Course(fingerprint(others), others)


def same(course: Course, function: Callable[..., T], *arguments: Any) -> T:
    """What the function returns, called where the course is the same; GradingError elsewhere."""
    if (here := fingerprint(course.solutions)) != course.version:
        raise GradingError(
            f"A worker has another version of the course or of Python ({here}, not {course.version}): install the same"
            " there, start it anew, and run the same command again."
        )
    return function(*arguments)
