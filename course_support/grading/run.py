"""Runs an assembled sheet beside an examiner, and tells of each exercise what came of it.

First the whole sheet in one kernel, as it ran in front of the learner. Where that breaks off, the exercises behind the
break go on in another kernel, and the one at which it broke off is tried again alone, in case the cause lay elsewhere:
one that ends its kernel costs itself alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course_support import notebooks
from course_support.grading.assemble import Sheet
from course_support.grading.errors import GradingError
from course_support.notebooks import Notebook

HERE = Path(__file__).parent
TOGETHER = "together"  # no exercise's name: those have a full stop
STARTUP = 60  # seconds for interpreters, kernels and a busy machine
MAX_LOG = 256 * 2**20  # bytes
TIME_IS_UP = 124  # the supervisor's exit code
HOMES = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "COURSE_HOME", "IPYTHONDIR", "MPLCONFIGDIR",
         "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """Bounds of a run. `examiner` is the command that serves the examiner, without its `--seed` and `--log`.

    A cell has `cell_seconds` and may put out `output_bytes`; each process may take `memory_bytes`. `seed` is that of
    the whole grading; `require` is the least level of isolation that will do, of `isolation.LEVELS`, empty for any.
    """

    examiner: tuple[str, ...] = (sys.executable, "-m", "course_support.exercises")
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
    cell's error), `not started`; `detail` is an error's type and message.
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
    while together or alone:
        sound = [name for name, result in results.items() if not result.trouble]
        documents = {name: sheet.alone(name) for name in alone}
        if together:
            documents[TOGETHER] = sheet.notebook([*sound, *together], together)
        found = _session(documents, sheet, seed, settings)
        results |= {name: result for name, result in found.items() if name in alone or _is_final(result)}
        if not found and not together:
            results |= dict.fromkeys(alone, Result(trouble="not started"))
        # where a session told of nothing, there is no telling which exercise is in the way
        told = found or together
        alone = [name for name in sheet.names if name not in results and (name in told or name in alone)]
        together = [name for name in together if name not in told]
    return Run(sheet, results, seed)


def catalogue(settings: Settings) -> dict[str, tuple[str, int]]:
    """Title and points of every exercise that the examiner knows, by name."""
    import requests

    with tempfile.TemporaryDirectory() as folder, _examiner("catalogue", Path(folder), settings) as url:
        session = requests.Session()
        session.trust_env = False
        known = session.get(f"{url}/exercises", timeout=STARTUP).json()
    return {exercise["name"]: (exercise["title"], exercise["points"]) for exercise in known}


def _is_final(result: Result) -> bool:
    """Whether running it alone could not change it: there is a verdict, or the cause lies in the answer itself."""
    if result.trouble or not result.entry:
        return result.trouble in ("timed out", "error")
    return result.seen or result.entry["outcome"] != "passed"


def _session(documents: Mapping[str, Notebook], sheet: Sheet, seed: str, settings: Settings) -> dict[str, Result]:
    """Run some notebooks, one after the other, beside an examiner of their own."""
    with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for made in ("sheets", "events"):
            (folder / made).mkdir()
        for title, document in documents.items():
            (folder / "sheets" / f"{title}.ipynb").write_bytes(notebooks.dumps(document).encode())
        with _examiner(seed, folder, settings) as url:
            cells = sum(len(document["cells"]) for document in documents.values())
            code = _supervised(folder, url, cells, settings)
        events = _json_lines(folder / "events" / "events.jsonl")
        log = _json_lines(folder / "log" / "log.jsonl")
    return _results(events, log, sheet, code)


def _supervised(folder: Path, url: str, cells: int, settings: Settings) -> int:
    """Run pytest on the folder's sheets until it ends or its time is up; returns its exit code."""
    seconds = STARTUP + cells * (settings.cell_seconds + 10)
    session = [HERE / "session.py", folder / "sheets", folder / "events" / "events.jsonl"]
    bounds = [settings.cell_seconds, settings.output_bytes]
    command = [HERE / "supervise.py", seconds, settings.memory_bytes, sys.executable, "-I", *session, *bounds]
    process = subprocess.Popen(
        [sys.executable, "-I", *map(str, command)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder / "sheets",
        env=_environment(folder / "home") | {"COURSE_EXAMINER": url},
    )
    with process:
        try:
            return process.wait(seconds + STARTUP)
        except subprocess.TimeoutExpired:  # somebody has stopped the supervisor
            process.kill()
            return TIME_IS_UP


@contextmanager
def _examiner(seed: str, folder: Path, settings: Settings) -> Iterator[str]:
    """The address of an examiner in a process of its own, which ends when its standard input is closed."""
    for made in ("home", "log"):
        (folder / made).mkdir(exist_ok=True)
    complaints = folder / "log" / "stderr.txt"
    with complaints.open("wb") as stderr, subprocess.Popen(
        [*settings.examiner, "--seed", seed, "--log", str(folder / "log" / "log.jsonl")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=_environment(folder / "home"),
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        try:
            first = process.stdout.readline()
            if not first.startswith(b"{"):
                words = complaints.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
                raise GradingError(f"The examiner did not start, try `course doctor`: {words[-1]}")
            yield json.loads(first)["url"]
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _environment(home: Path) -> dict[str, str]:
    """What a process of a run is told of this machine: how to find programs, and a home that is thrown away."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "VIRTUAL_ENV") if name in os.environ}
    fixed = {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return kept | dict.fromkeys(HOMES, str(home)) | fixed


def _json_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, as far as it can be read."""
    if not path.exists() or path.stat().st_size > MAX_LOG:
        return []
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # cut off where the process died
            break
    return [line for line in found if isinstance(line, dict)]


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
