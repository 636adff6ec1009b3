"""`course lab` starts a JupyterLab that shows the whole project, on this machine only, with the course's settings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from course_support.lab import FIRST, ROOT, lab_arguments
from tests.wiretap import SECONDS


@pytest.mark.parametrize("superuser", [True, False])
@pytest.mark.parametrize("browser", [True, False])
def test_options(superuser: bool, browser: bool) -> None:
    options = lab_arguments(Path("/a class"), port=8890, browser=browser, superuser=superuser)
    assert "--ServerApp.root_dir=/a class" in options
    assert "--ServerApp.port=8890" in options
    assert "--ServerApp.ip=127.0.0.1" in options
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in options
    assert ("--allow-root" in options) == superuser
    assert ("--no-browser" in options) != browser


def test_the_first_page_is_there() -> None:
    assert (ROOT / FIRST).is_file()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[re.Match[str]]:
    """What `course lab` says where it is; asks nothing of the home of whoever runs the tests."""
    home = str(tmp_path_factory.mktemp("home"))
    command = [sys.executable, "-m", "course_support.cli", "lab", "--no-browser"]
    environment = os.environ | {"HOME": home, "JUPYTER_CONFIG_DIR": home, "JUPYTER_RUNTIME_DIR": home}
    lab = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert lab.stdout
    with lab:
        said = ""
        for line in lab.stdout:
            said += line
            if found := re.search(r"(http://127\.0\.0\.1:\d+)(/\S+)\?token=(\w+)", line):
                break
        assert found, said
        assert len(said.splitlines()) < 10, said
        _wait(found)
        yield found
        lab.send_signal(signal.SIGTERM)


def _wait(address: re.Match[str]) -> None:
    """Jupyter says its address a moment before it listens there."""
    for _ in range(100):
        try:
            get(address, "/api")
            return
        except requests.ConnectionError:
            time.sleep(0.1)


def get(address: re.Match[str], path: str) -> requests.Response:
    answer = requests.get(address[1] + path, {"token": address[3]}, timeout=SECONDS, proxies={"http": ""})
    answer.raise_for_status()
    return answer


def test_opens_lesson_0_and_reaches_everything(address: re.Match[str]) -> None:
    assert address[2] == f"/lab/tree/{FIRST}"
    names = {entry["name"] for entry in get(address, "/api/contents/").json()["content"]}
    assert {"notebooks", "exercises", "solutions", "README.md"} <= names


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("@jupyterlab/apputils-extension:notification", "fetchNews", "false"),
        ("@jupyterlab/apputils-extension:notification", "checkForUpdates", False),
        ("@jupyterlab/apputils-extension:themes", "adaptive-theme", True),
        ("@jupyterlab/docmanager-extension:plugin", "defaultViewers", {"markdown": "Markdown Preview"}),
        ("@jupyterlab/notebook-extension:tracker", "kernelShutdown", True),
    ],
)
def test_settings_of_the_course_are_in_force(address: re.Match[str], setting: str, name: str, value: object) -> None:
    known = get(address, f"/lab/api/settings/{setting}").json()["schema"]["properties"]
    assert known[name]["default"] == value
