"""Finds out whether the sandbox works on this machine, and says what to do where it does not."""

from __future__ import annotations

import functools
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

SECONDS = 60.0


@functools.cache
def missing() -> str:
    """What keeps the sandbox from working here, in one or two sentences; empty if nothing does."""
    if sys.platform != "linux":
        return f"The sandbox needs Linux; this is {platform.system()}: grade in a virtual machine or on a server."
    from course_support.sandbox import filter

    if not filter.known():
        return f"The sandbox knows no filter of system calls for {platform.machine()}: grade on x86_64 or aarch64."
    if not shutil.which("bwrap"):
        return "The program bwrap is missing. On Debian or Ubuntu: apt-get install bubblewrap"
    from course_support.sandbox import box

    closed = [path for path in box.visible() if os.geteuid() == 0 and os.stat(path).st_mode & 0o005 != 0o005]
    if closed:
        return f"Root grades as another user, who cannot read {closed[0]}: chmod -R a+rX {closed[0]}"
    return _tried()


def unreadable() -> str:
    """What keeps root from grading as another user, and what to do; empty if there is nothing."""
    from course_support.sandbox import box

    needed = "import course_support.sandbox.session, ipykernel"
    user, group = box.somebody()
    identity: dict[str, Any] = {"user": user, "group": group, "extra_groups": [], "cwd": "/"}
    try:
        done = subprocess.run([sys.executable, "-c", needed], capture_output=True, text=True, check=False, **identity)
        words = "" if not done.returncode else (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    except OSError as error:
        words = str(error)
    if not words:
        return ""
    return f"Answers are never run as root, and nobody else can start Python here ({words}): grade as another user."


def _tried() -> str:
    """Do once what the sandbox does for each kernel, in a process of its own."""
    from course_support.sandbox import box

    with tempfile.TemporaryDirectory(prefix="grading-") as name:
        try:
            command = [*box.command(Path(name)), sys.executable, "-m", "course_support.sandbox.rehearsal"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"The sandbox did not start: {error}."
    if not done.returncode:
        return ""
    words = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
    return f"This system forbids what the sandbox needs ({words}). {_remedy()}"


def _remedy() -> str:
    forbidden = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if forbidden.exists() and forbidden.read_text().strip() == "1":
        return (
            "AppArmor restricts user namespaces here: grade as root, who becomes nobody first, "
            "or allow them with sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    return "A container must have the right to make namespaces (docker run --privileged); or grade outside of it."
