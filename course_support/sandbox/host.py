"""The grader's side of the box: starts it, hands notebooks in, and takes out what was told of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil  # type: ignore[import-untyped,unused-ignore]

from course_support.errors import CourseError
from course_support.sandbox import box, messages
from course_support.sandbox.child import STARTUP, Child

MOST_TOLD = 256 * 2**20  # bytes of a log
TIME_IS_UP = 124  # as of timeout(1)


class SandboxError(CourseError):
    """A box that can't be had on this machine, or that has broken."""


# a box ends with the thread that started it: this one lives as long as the grader
_starter = ThreadPoolExecutor(1, thread_name_prefix="sandbox")


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a session: the events of its cells, the examiner's log, and an exit code (124: its time was up).

    `processor` are the seconds of processor time of the sandbox's `examiner`, `session` and `kernels`.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    code: int = 0
    processor: Mapping[str, float] = field(default_factory=dict)


class Sandbox:
    """A box with its fork servers, for any number of sessions, several at a time. A context manager."""

    def __init__(self, exercises: str, memory: int) -> None:
        """Start it, with the examiner's `exercises` and `memory` bytes for a kernel and for each of its processes.

        SandboxError, with the reason, if it does not start.
        """
        self._memory = memory
        self._numbers = count()
        self._folder = Path(tempfile.mkdtemp(prefix="grading-"))
        also = [Path(exercises).parent] if exercises.endswith(".py") else []
        self._visible = box.visible()
        self._hidden = [*box.HIDDEN, *map(str, also)]
        pairs = [messages.pair() for _ in range(3)]
        self._exams, self._sessions, self._kernels = (near for near, _ in pairs)
        inside = [*(far for _, far in pairs), self._kernels]
        self._process = self._start(box.command(self._folder, also), [end.fileno() for end in inside], exercises)
        for _, far in pairs:
            far.close()
        try:
            for control in (self._exams, self._sessions, self._kernels):
                control.settimeout(STARTUP)
                if messages.receive(control)[0] != {"ready": True}:
                    raise OSError("it did not start")
                control.settimeout(None)
        except OSError as error:
            words = self._last_words()
            self.close()
            raise SandboxError(f"The sandbox did not start: {words or error}") from error

    def _start(self, command: list[str], ends: list[int], exercises: str) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-m", "course_support.sandbox.zygote", *map(str, ends), exercises]
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # it is read later
        try:
            return _starter.submit(
                subprocess.Popen,
                [*command, *program],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._complaints,
                pass_fds=ends,
                env={"PATH": os.environ.get("PATH", os.defpath)},
                start_new_session=True,  # Ctrl+C is the grader's own affair
            ).result()
        except OSError as error:
            raise SandboxError(f"The sandbox did not start: {error}") from error

    def run(self, documents: Mapping[str, bytes], seed: str, *, cell: float, output: int, most: float) -> Told:
        """Run notebooks one after the other, each in a kernel of its own, beside one examiner that draws from `seed`.

        A cell has `cell` seconds and `output` bytes, all of it `most` seconds. SandboxError if the box has broken.
        """
        name = str(next(self._numbers))
        folder = self._folder / name
        try:
            (folder / "sheets").mkdir(parents=True)
            for title, document in documents.items():
                (folder / "sheets" / f"{title}.ipynb").write_bytes(document)
            os.chown(folder, *box.somebody())
            code, used = self._session(f"{box.SHARED}/{name}", seed, cell, output, most)
            return Told(objects(folder / "events.jsonl"), objects(folder / "log.jsonl"), code, used)
        except (OSError, TypeError) as error:
            raise SandboxError(f"The sandbox has broken: {self._last_words() or error}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _session(self, folder: str, seed: str, cell: float, output: int, most: float) -> tuple[int, dict[str, float]]:
        with Child(self._exams, {"seed": seed, "log": f"{folder}/log.jsonl"}) as examiner:
            answer, namespaces = examiner.says(STARTUP)
            request = {
                "folder": folder,
                "seconds": cell,
                "bytes": output,
                "visible": self._visible,
                "hidden": self._hidden,
                "environment": box.environment() | {"COURSE_EXAMINER": answer["url"]},
                "memory": self._memory,
            }
            with Child(self._sessions, request, namespaces) as session:
                try:
                    told, _ = session.says(most)
                except TimeoutError:
                    session.end()
                    return TIME_IS_UP, {}
                used = {"kernels": told["kernels"], "session": session.end(), "examiner": examiner.end()}
                return told["code"], used

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        """End every process of the box, and leave no file."""
        for control in (self._exams, self._sessions, self._kernels):
            control.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            # from below: a box that root has started does not notice when what is above it is killed
            for process in reversed(psutil.Process(self._process.pid).children(recursive=True)):
                process.kill()
            self._process.kill()
            self._process.wait()
        self._complaints.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _last_words(self) -> str:
        if self._complaints.closed:
            return ""
        self._complaints.seek(0)
        return (self._complaints.read()[-4000:].decode("utf-8", "replace").strip().splitlines() or [""])[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def objects(path: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, as far as it can be read."""
    if not path.exists() or path.stat().st_size > MOST_TOLD:
        return []
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:  # cut off where the process died
            break
    return [line for line in found if isinstance(line, dict)]
