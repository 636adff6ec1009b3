"""A JupyterLab of its own for the tests: a copy of the project's notebooks, and nothing of the person who runs it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PROJECT = Path(__file__).parents[2]
FOLDERS = ("notebooks", "solutions", "exercises")
TOKEN = "browser-tests"


class Lab:
    """A running JupyterLab under `base_url`, with a copy of the project's notebooks as its root."""

    def __init__(self, home: Path, base_url: str = "/") -> None:
        self.root = home / "root"
        for folder in FOLDERS:
            if (PROJECT / folder).is_dir():
                shutil.copytree(PROJECT / folder, self.root / folder)
        (self.root / "generated").mkdir(parents=True)
        self.url = f"http://127.0.0.1:{_free_port()}{base_url}"
        self.log = home / "jupyterlab.log"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *self._options(base_url)],
            env=_environment(home),
            stdout=self.log.open("w"),
            stderr=subprocess.STDOUT,
        )
        self._wait()

    def _options(self, base_url: str) -> list[str]:
        return [
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.url.split(':')[2].partition('/')[0]}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.base_url={base_url}",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={TOKEN}",
            "--LabApp.expose_app_in_browser=True",
        ]

    def _wait(self, seconds: float = 60) -> None:
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                opener.open(f"{self.url}api?token={TOKEN}", timeout=5).close()
                return
            except (URLError, OSError):
                time.sleep(0.1)
        self.close()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()[-3000:]}")

    def write_notebook(self, name: str, *cells: str) -> str:
        """Write a notebook of these code cells and return the path that `open_notebook` takes."""
        path = f"generated/{name}.ipynb"
        (self.root / path).write_text(json.dumps(_notebook(cells)))
        return path

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _environment(home: Path) -> dict[str, str]:
    # nothing of the person who runs the tests: no settings, no progress file, no startup scripts
    jupyter = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    jupyterlab = ("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR")
    own = {name: str(home / name.lower()) for name in (*jupyter, *jupyterlab)}
    return {**os.environ, **own, "HOME": str(home), "JUPYTER_PLATFORM_DIRS": "1"}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _notebook(cells: Sequence[str]) -> dict[str, Any]:
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "cells": [
            {
                "id": f"cell-{number}",
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
