"""Starts JupyterLab with the whole project as its root, so that lessons, exercises and README reach each other."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = "notebooks/00_start_here.ipynb"


def lab_arguments(root: Path, *, port: int, browser: bool, superuser: bool) -> list[str]:
    """The options for JupyterLab: the project as root, lesson 0 as the first page, this machine only."""
    options = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        "--Application.log_level=WARN",  # leaves the address, without twenty lines about extensions before it
    ]
    if not browser:
        options.append("--no-browser")
    if superuser:  # as in a container; JupyterLab asks to be told
        options.append("--allow-root")
    return options


def open_lab(*, port: int, browser: bool) -> int:
    """Run JupyterLab until it is stopped; returns its exit status."""
    superuser = hasattr(os, "geteuid") and os.geteuid() == 0
    options = lab_arguments(ROOT, port=port, browser=browser, superuser=superuser)
    print("Opening the course in JupyterLab. Stop it with Ctrl+C.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", *options]
    if os.name == "posix":
        os.execv(command[0], command)  # Ctrl+C and the exit status are then JupyterLab's own
    return subprocess.call(command)
