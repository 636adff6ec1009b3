"""Runs an assembled sheet beside an examiner, and tells of each exercise what came of it.

First the whole sheet in one kernel, as it ran in front of the learner. Where that breaks off, the exercises behind the
break go on in another kernel, and the one at which it broke off is tried again alone, in case the cause lay elsewhere:
one that ends its kernel costs itself alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from course_support import notebooks
from course_support.grading import isolation
from course_support.grading.assemble import Sheet
from course_support.notebooks import Notebook
from course_support.sandbox.host import TIME_IS_UP

TOGETHER = "together"  # no exercise's name: those have a full stop
STARTUP = 60  # seconds for interpreters, kernels and a busy machine
# an error for want of what another answer of the sheet may have used up (errno(3): 11, 12, 24 and 28)
EXHAUSTED = re.compile(r"\bErrno (?:11|12|24|28)\]|\bMemoryError\b|can't start new thread|unable to open database file")


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds of a run. `exercises` is the module, or the file, of the examiner's exercises.

    A cell has `cell_seconds` and may put out `output_bytes`; each process may take `memory_bytes`. `seed` is that of
    the whole grading; `require` is the least level of isolation that will do, of `isolation.LEVELS`, empty for any.
    """

    exercises: str = "course_support.exercises"
    cell_seconds: float = 20
    output_bytes: int = 2 * 2**20
    memory_bytes: int = 4 * 2**30
    seed: str = ""
    require: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one exercise.

    `entry` is the examiner's log of it: outcome, points, of, verdict. `seen` says that nbval saw the check's line.
    `trouble` is empty, or one of `died`, `flooded`, `timed out`, `error` (the answer cell's), `check` (the check
    cell's error), `garbled`, `not started`; `detail` is an error's type and message.
    """

    entry: Mapping[str, Any] | None = None
    seen: bool = False
    trouble: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A sheet with the result of each exercise by its name, the seed of its values, and the isolation it ran under."""

    sheet: Sheet
    results: Mapping[str, Result] = field(default_factory=dict)
    seed: str = ""
    isolation: str = "process"


def seed_of(seed: str, digest: str) -> str:
    """The seed of one submission, from that of the whole grading and the digest of its content."""
    return hashlib.sha256(f"{seed} {digest}".encode()).hexdigest()[:16]


def run(sheet: Sheet, seed: str, settings: Settings) -> Run:
    """Run the sheet with values drawn from `seed`. GradingError if the examiner does not start."""
    results: dict[str, Result] = {}
    together, alone = sheet.names, list[str]()
    for again in count():
        if not (together or alone):
            break
        sound = [name for name, result in results.items() if not result.trouble]
        documents = {name: sheet.alone(name) for name in alone}
        if together:
            documents[TOGETHER] = sheet.notebook([*sound, *together], together)
        # other values for whoever comes again: the first may have been seen
        found = _session(documents, sheet, f"{seed} {again}" if again else seed, settings)
        results |= {name: result for name, result in found.items() if name in alone or _is_final(result)}
        if not found and not together:
            results |= dict.fromkeys(alone, Result(trouble="not started"))
        # where a session told of nothing, there is no telling which exercise is in the way
        told = found or together
        alone = [name for name in sheet.names if name not in results and (name in told or name in alone)]
        together = [name for name in together if name not in told]
    level = isolation.probe(settings.require).level
    return Run(sheet, results, seed, level)


def catalogue(settings: Settings) -> dict[str, tuple[str, int]]:
    """Title and points of every exercise that the examiner knows, by name."""
    from course_support.examiner import exercises_of

    return {exercise.name: (exercise.title, exercise.points) for exercise in exercises_of(settings.exercises)}


def _is_final(result: Result) -> bool:
    """Whether running it alone could not change it: there is a verdict, or the cause lies in the answer itself."""
    if result.entry and result.entry["outcome"] != "passed":
        return result.entry["outcome"] != "crashed" or not EXHAUSTED.search(result.entry["verdict"].get("seen", ""))
    if EXHAUSTED.search(result.detail):
        return False
    return result.seen if not result.trouble else result.trouble in ("timed out", "error")


def _session(documents: Mapping[str, Notebook], sheet: Sheet, seed: str, settings: Settings) -> dict[str, Result]:
    """Run some notebooks, one after the other, beside an examiner of their own."""
    cells = sum(len(document["cells"]) for document in documents.values())
    told = isolation.ground(settings.exercises, settings.memory_bytes, settings.require).run(
        {title: notebooks.dumps(document).encode() for title, document in documents.items()},
        seed,
        cell=settings.cell_seconds,
        output=settings.output_bytes,
        most=STARTUP + cells * (settings.cell_seconds + 10),
    )
    return _results(told.events, told.log, sheet, told.code)


def _results(events: list[dict[str, Any]], log: list[dict[str, Any]], sheet: Sheet, code: int) -> dict[str, Result]:
    entries: dict[str, Any] = {}
    for line in log:
        entries.setdefault(line["exercise"], line)  # the first verdict counts
    ended = {(event["notebook"], event["cell"]): event for event in events if event["event"] == "ended"}
    running = _running(events)
    results = {}
    for item in sheet.items:
        for notebook in (TOGETHER, item.name):
            answer, check, setup = (ended.get((notebook, cell)) for cell in (item.answer_id, item.check_id, "setup"))
            if (notebook, item.answer_id) == running or (notebook, item.check_id) == running:
                results[item.name] = Result(trouble="timed out" if code == TIME_IS_UP else "died")
            elif notebook != TOGETHER and setup and setup["trouble"]:
                results[item.name] = Result(trouble="not started", detail=setup["detail"])
            elif answer and (check or answer["trouble"] not in ("", "error")):
                results[item.name] = _result(entries.get(item.name), answer, check or answer)
    return results


def _running(events: list[dict[str, Any]]) -> tuple[str, str] | None:
    """The cell that ran when the session broke off, if it did."""
    last = events[-1] if events else {"event": "none"}
    return (last["notebook"], last["cell"]) if last["event"] == "started" else None


def _result(entry: Mapping[str, Any] | None, answer: Mapping[str, Any], check: Mapping[str, Any]) -> Result:
    decisive = answer if answer["trouble"] else check
    trouble = "check" if decisive is check and check["trouble"] == "error" else decisive["trouble"]
    return Result(entry, check["seen"], trouble, decisive["detail"])
