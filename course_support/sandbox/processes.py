"""Where there is no sandbox: the same sessions in processes with the rights of whoever started the grading.

Each session is a pytest of its own with cold kernels, supervised so that nothing survives it; that is slower, and an
answer can read what its user can read.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from course_support.sandbox import box
from course_support.sandbox.child import STARTUP
from course_support.sandbox.host import TIME_IS_UP, SandboxError, Told, objects

HOMES = ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "COURSE_HOME", "IPYTHONDIR", "MPLCONFIGDIR",
         "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")  # fmt: skip


class Processes:
    """What a `Sandbox` does, without one; where root grades, as another user, who cannot reach the examiner's log."""

    def __init__(self, exercises: str, memory: int, *, step_down: bool = False) -> None:
        self._exercises = exercises
        self._memory = memory
        user, group = box.somebody() if step_down else (None, None)
        self._identity: dict[str, Any] = {"user": user, "group": group, "extra_groups": []} if step_down else {}

    def run(self, documents: Mapping[str, bytes], seed: str, *, cell: float, output: int, most: float) -> Told:
        """As `Sandbox.run`. SandboxError if the examiner does not start."""
        with tempfile.TemporaryDirectory(prefix="grading-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            for made in ("run/sheets", "home", "log"):
                (folder / made).mkdir(parents=True)
            for title, document in documents.items():
                (folder / "run" / "sheets" / f"{title}.ipynb").write_bytes(document)
            if self._identity:
                folder.chmod(0o711)
                (folder / "log").chmod(0o700)
                for path in (folder / "run", folder / "home"):
                    os.chown(path, self._identity["user"], self._identity["group"])
            with self._examiner(seed, folder) as url:
                code = self._supervised(folder, url, cell, output, most)
            return Told(objects(folder / "run" / "events.jsonl"), objects(folder / "log" / "log.jsonl"), code)

    def close(self) -> None:
        """Nothing is kept between two runs."""

    def _supervised(self, folder: Path, url: str, cell: float, output: int, most: float) -> int:
        """Run pytest on the folder's sheets until it ends or its time is up; returns its exit code."""
        session = ["-m", "course_support.sandbox.session", folder / "run", cell, output]
        command = [Path(__file__).with_name("supervise.py"), most, self._memory, sys.executable, *session]
        process = subprocess.Popen(
            [sys.executable, "-I", *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder / "run" / "sheets",
            start_new_session=True,  # Ctrl+C is the grader's own affair
            env=_environment(folder / "home") | {"COURSE_EXAMINER": url},
            **self._identity,
        )
        with process:
            try:
                return process.wait(most + STARTUP)
            except subprocess.TimeoutExpired:  # somebody has stopped the supervisor
                process.kill()
                return TIME_IS_UP

    @contextmanager
    def _examiner(self, seed: str, folder: Path) -> Iterator[str]:
        """The address of an examiner in a process of its own, which ends when its standard input is closed."""
        complaints = folder / "log" / "stderr.txt"
        command = [sys.executable, "-m", "course_support.examiner", "--exercises", self._exercises, "--seed", seed]
        with complaints.open("wb") as stderr, subprocess.Popen(
            [*command, "--log", str(folder / "log" / "log.jsonl")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            env=_environment(folder / "log"),
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stdout
            try:
                first = process.stdout.readline()
                if not first.startswith(b"{"):
                    words = complaints.read_text("utf-8", "replace").strip().splitlines() or ["it said nothing"]
                    raise SandboxError(f"The examiner did not start, try `course doctor`: {words[-1]}")
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
