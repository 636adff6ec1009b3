"""Runs a command and leaves nothing of it behind: whatever it started, and whatever that started, is ended by id.

A process of its own, started by its path, so that it is ready in some 50 ms. It adopts orphans (Linux), so that a child
whose parent has gone cannot hide. Usage: `python supervise.py SECONDS BYTES COMMAND…`; standard input stays open as
long as the result is wanted. Exits with the command's code, or with 124 where the time was up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading

import psutil  # type: ignore[import-untyped,unused-ignore]

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
TIME_IS_UP = 124  # as of timeout(1)
NOBODY_WAITS = 1
_gone = threading.Event()  # the grader, who held the other end of the standard input


def main() -> None:
    seconds, memory, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    _limit(int(memory))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_the_grader, daemon=True).start()
    try:
        code = child.wait(float(seconds))
    except subprocess.TimeoutExpired:
        code = TIME_IS_UP
    end_descendants()
    sys.stdout.flush()
    # a child that was ended because the grader has gone can look as if it had ended well
    os._exit(NOBODY_WAITS if _gone.is_set() else code % 256)  # the thread that reads the standard input would wait on


def end_descendants() -> None:
    """End every process below this one; they are stopped first, so that none starts another meanwhile."""
    for _ in range(100):
        if not (family := psutil.Process().children(recursive=True)):
            return
        for action in ("suspend", "kill"):
            for process in family:
                with contextlib.suppress(psutil.Error):
                    getattr(process, action)()
        psutil.wait_procs(family, timeout=1)


def _end_with_the_grader() -> None:
    sys.stdin.read()
    _gone.set()
    end_descendants()
    os._exit(NOBODY_WAITS)


def _limit(memory: int) -> None:
    """Bounds for each process from here on: address space, and the size of a file."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, bound in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 64 * 2**20), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS takes no limit on address space
            resource.setrlimit(kind, (bound, bound))


if __name__ == "__main__":
    main()
