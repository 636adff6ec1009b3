"""What is graded already, kept in the report's folder, so that a grading that was cut off goes on where it was.

Every value lies in a file of its own that is put in place whole, under a name made of all that decided the value: what
was found there can be believed, or it is not found.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from course_support.grading.errors import GradingError
from course_support.grading.score import Mark, Row

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        # of the process alone: a child that outlives it inherits no lock, as it would one of flock(2)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_held: set[Path] = set()  # by this process, which the system would give the same lock twice


class Store:
    """The values of one report folder, and the seed of its grading. Made by `open_store`."""

    def __init__(self, report: Path, folder: Path, seed: str) -> None:
        self._report, self._folder = report, folder
        self.seed = self._agreed(seed)

    def get(self, key: str) -> Any:
        """The JSON value under a key; None where there is none, or one that is damaged."""
        try:
            digest, _, text = self._path(key).read_bytes().partition(b"\n")
            return json.loads(text) if digest == _digest(key, text) else None
        except (OSError, ValueError):
            return None

    def put(self, key: str, value: Any) -> None:
        """Keep a JSON value; it is there for good when this returns. GradingError where there is no room for it."""
        text = json.dumps(value).encode()
        draft = self._folder / "draft"
        with writing(self._report):
            try:
                with draft.open("wb") as file:
                    file.write(_digest(key, text) + b"\n" + text)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(draft, self._path(key))
            except OSError:
                with contextlib.suppress(OSError):
                    draft.unlink()
                raise

    def row(self, key: str) -> Row | None:
        """The row that was graded under this key."""
        kept = self.get(key)
        return kept and Row(**{**kept, "marks": tuple(Mark(**mark) for mark in kept["marks"])})

    def put_row(self, key: str, row: Row) -> None:
        self.put(key, asdict(row))

    def _agreed(self, seed: str) -> str:
        kept = self.get("seed")
        if kept and seed and kept != seed:
            raise GradingError(
                f"{self._report} was graded with the seed {kept}: leave --seed out to go on, or name another report."
            )
        if not kept:
            self.put("seed", seed or secrets.token_hex(8))
        return str(kept or self.get("seed"))

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


@contextmanager
def open_store(report: Path, seed: str = "") -> Iterator[Store]:
    """The store of a report's folder, for one grader at a time; `seed` is empty for the one kept there, or a new one.

    Raises GradingError where another process is grading into the same folder, or with another seed, and where the
    folder cannot be written.
    """
    folder = (report / ".grading").resolve()
    with writing(report):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder, report):
        yield Store(report, folder, seed)


@contextmanager
def writing(report: Path) -> Iterator[None]:
    """Turns what the system says of writing to the report's folder into a GradingError that says what to do."""
    try:
        yield
    except OSError as error:
        raise GradingError(
            f"{report} cannot be written ({error.strerror}): see to that, or make room, and run the same command"
            " again; what is graded already is kept."
        ) from error


@contextmanager
def _alone(folder: Path, report: Path) -> Iterator[None]:
    taken = f"{report} is being written by another grading: wait for its end, or name another folder."
    if folder in _held:
        raise GradingError(taken)
    with writing(report):
        file = (folder / "lock").open("ab")
    with file:
        try:
            _lock(file)
        except OSError as error:
            raise GradingError(taken) from error
        _held.add(folder)
        try:
            yield
        finally:
            _held.discard(folder)


def key_of(named: Mapping[str, str], data: bytes = b"") -> str:
    """The name of a value that these words and this content decide."""
    return hashlib.sha256(json.dumps(named, sort_keys=True).encode() + b"\n" + data).hexdigest()


def _digest(key: str, text: bytes) -> bytes:
    return hashlib.sha256(key.encode() + text).hexdigest().encode()
