"""Remembers what a learner has passed and tried, in one small file in their home directory."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one exercise: the best points so far, out of how many, after how many real attempts."""

    points: int = 0
    of: int = 0
    attempts: int = 0

    @property
    def passed(self) -> bool:
        return self.of > 0 and self.points == self.of


def home() -> Path:
    """Where the file lives: `$COURSE_HOME`, by default `.api-architectures-course` in the home directory."""
    return Path(os.environ.get("COURSE_HOME") or Path.home() / ".api-architectures-course")


def load() -> dict[str, Record]:
    """All records by exercise; a file that cannot be read is put aside as `progress.unreadable.json`."""
    path = home() / "progress.json"
    try:
        return {name: _read(values) for name, values in json.loads(path.read_text("utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError, RecursionError):
        os.replace(path, path.with_name("progress.unreadable.json"))
        return {}


def _read(values: dict[str, int]) -> Record:
    if not all(type(value) is int for value in values.values()):
        raise ValueError("a record holds numbers")
    return Record(**values)


def record(name: str, points: int, of: int, *, attempted: bool) -> None:
    """Keep a result: points never fall, and an attempt counts if it was a real one.

    The file is written beside the old one and then put in its place, so that a crash leaves one or the other whole.
    """
    records = load()
    old = records.get(name, Record())
    records[name] = replace(old, points=max(points, old.points), of=of, attempts=old.attempts + attempted)
    path = home() / "progress.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"progress.{os.getpid()}.tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({name: asdict(records[name]) for name in sorted(records)}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)
