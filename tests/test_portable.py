"""What is committed holds on any machine: no path of one computer, no host that packages come from."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
# with classes of one letter, so that this file names none of them itself
HOSTS = re.compile(
    r"py[p]i\.org|python[h]osted|ana[c]onda\.(?:org|com)|npm[j]s|\b(?:index-url|find-links|trusted-host)\b"
)
# a user's home or a kernel's temporary file, as a traceback in a stored output would show it
PATHS = re.compile(r"/(?:home|Users)/(?!somebody/)\w+/|(?<!\w)/(?:root|work)/|/ipykernel_\d|\b[A-Z]:\\\\?Users")


BINARY = (".png", ".xlsx")


def committed() -> list[Path]:
    """The text files under version control, this one left out; none outside a clone."""
    if not (PROJECT / ".git").exists() or not shutil.which("git"):
        return []
    # git refuses in a clone of somebody else's
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False)
    paths = [PROJECT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file() and path != Path(__file__) and path.suffix not in BINARY]


FILES = committed()
needs_clone = pytest.mark.skipif(not FILES, reason="this is no clone of yours")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(PROJECT)}: {line.strip()[:120]}"
        for path in FILES
        for line in path.read_text("utf-8").splitlines()
        if pattern.search(line.replace("--no-emit-index-url", ""))  # which keeps one out
    ]


@needs_clone
def test_no_host_that_packages_come_from() -> None:
    assert lines_with(HOSTS) == []


@needs_clone
def test_no_path_of_one_computer() -> None:
    assert lines_with(PATHS) == []


@pytest.mark.parametrize(
    "text", ["--index-url https://py" + "pi.org/simple", "https://files.python" + "hosted.org/x.whl"]
)
def test_a_host_is_seen(text: str) -> None:
    assert HOSTS.search(text)


@pytest.mark.parametrize("text", ["/home/ada/course/x.py", "/tmp/ipykernel_4711/1.py", r"C:\\Users\\ada", "/root/x"])
def test_a_path_is_seen(text: str) -> None:
    assert PATHS.search(text)
