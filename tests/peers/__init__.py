"""Clients and audits that others wrote in JavaScript: what they make of a backend, no test of ours can be wrong about.

`run("soap.mjs", url)` runs the script beside this file in node, with the npm packages of package.json in its reach.
"""

from __future__ import annotations

import fcntl
import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TIMEOUT = 120  # seconds that a script has


@functools.cache
def install() -> None:
    """Let npm put the locked packages into node_modules, unless they are there and as new as the lock."""
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another process of the tests may want the same just now
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        command = [program("npm"), "ci", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=HERE, check=True, capture_output=True, timeout=300)
        installed.touch()  # npm may leave it older than a lock that was checked out just now


def program(name: str) -> str:
    """node or npm of this environment, else the one on the path; FileNotFoundError says what to install."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if not found:
        raise FileNotFoundError(f"There is no {name}: install the test extra of this project.")
    return found


def run(script: str, *arguments: str, given: Any = None) -> Any:
    """What the script prints as JSON; `given` reaches it as JSON on its standard input.

    AssertionError with all that it wrote if it fails, TimeoutExpired after two minutes.
    """
    install()
    command = [program("node"), str(HERE / script), *arguments]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert done.returncode == 0, f"{script} failed:\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout)
