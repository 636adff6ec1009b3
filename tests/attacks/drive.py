"""Grades a class of attackers as whatever user this runs as: `python -m tests.attacks.drive FOLDER [NAME…]`.

Writes FOLDER/told.json: the rows, what is left of the attacks, and how much memory was ever taken.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from course_support import grading
from course_support.grading import isolation
from tests.attacks.grounds import Grounds
from tests.attacks.suite import ATTACKS, sheets
from tests.grading import tiny
from tests.grading.conftest import RIGHT, answered, as_bytes

GIB = 2**30


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    grounds = Grounds(folder)
    learners = _hand_in(grounds, names)
    settings = replace(tiny.SETTINGS, exercises=grounds.places["judges"], require="sandbox", cell_seconds=4)
    settings = replace(settings, memory_bytes=2 * GIB, seed="attacked")
    with _watched() as peak:
        started = time.monotonic()
        where = {"solutions": folder / "solutions", "settings": settings, "progress": False, "workers": 3}
        grading.grade_folder(folder / "submissions", folder / "report", **where)
        seconds = time.monotonic() - started
    isolation.close()
    rows = json.loads((folder / "report" / "grades.json").read_text("utf-8"))
    told = {
        "user": os.geteuid(),
        "seconds": seconds,
        "peak": peak[0] / GIB,
        "mark": grounds.mark,
        "left": grounds.left(),
    }
    told["rows"] = {learners[row["file"].split("/")[0]]: row for row in rows}
    (folder / "told.json").write_text(json.dumps(told), "utf-8")


def _hand_in(grounds: Grounds, names: list[str]) -> dict[str, str]:
    """Write the sheets; returns what each folder's attack is called."""
    learners = {}
    for number, (name, source) in enumerate(sheets(names)):
        filled = ATTACKS[name].filled(grounds.places) if name in ATTACKS else source
        learners[f"{number:03d}"] = name
        handed_in = grounds.folder / "submissions" / f"{number:03d}" / "lesson.ipynb"
        handed_in.parent.mkdir()
        handed_in.write_bytes(as_bytes(answered(**RIGHT | {"shout": filled})))
    return learners


@contextlib.contextmanager
def _watched() -> Iterator[list[float]]:
    """The most memory of the machine that was taken meanwhile, in bytes, beyond what was taken before."""
    before, peak, over = psutil.virtual_memory().available, [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            peak[0] = max(peak[0], before - psutil.virtual_memory().available)

    threading.Thread(target=watch, daemon=True).start()
    yield peak
    over.set()


if __name__ == "__main__":
    main()
