"""The arguments of bubblewrap (bwrap(1)): what of this machine can be seen inside the box at all.

That is the system's programs and libraries, Python's, and the course's package, all read-only, and one folder that
grader and box share. No home, no other process, no network but 127.0.0.1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

NOBODY = 65534  # the user without rights that every Linux has; see user_namespaces(7) on overflowuid
SHARED = "/run/course"  # where the folder is inside the box
HOME = "/home/learner"
PACKAGE = Path(__file__).resolve().parents[1]
HIDDEN = [str(PACKAGE / part) for part in ("exercises", "grading", "sandbox")]  # from kernels
_STEP_DOWN = """
import os, sys
user, group = map(int, sys.argv[1:3])
os.setgroups([])
os.setresgid(group, group, group)
os.setresuid(user, user, user)
os.execvp(sys.argv[3], sys.argv[3:])
"""
_SYSTEM = ("/etc/ld.so.cache", "/etc/ssl", "/etc/fonts", "/etc/mime.types", "/etc/alternatives")


def command(shared: Path, also: Iterable[Path] = ()) -> list[str]:
    """The command, up to the program that is to run in the box. `also` are further paths that can be read there.

    Root becomes nobody first: limits do not hold for root, and what gets out of a box is what went in.
    """
    also = list(also)
    user, group = somebody()
    os.chown(shared, user, group)
    if os.geteuid():
        return _box(shared, user, group, also)
    step_down = [sys.executable, "-I", "-c", _STEP_DOWN, str(user), str(group)]
    return [*_beneath(shared, also), *step_down, *_box(shared, user, group, also)]


def somebody() -> tuple[int, int]:
    """The user and group as which code runs in the box."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    return NOBODY, NOBODY


def visible(also: Iterable[Path] = ()) -> list[str]:
    """The paths outside of the system's that can be read in the box."""
    known = {Path(sys.base_prefix).resolve(), Path(sys.prefix), PACKAGE, *also}
    return sorted(str(path) for path in known if not path.is_relative_to("/usr"))


def _box(shared: Path, user: int, group: int, also: Iterable[Path]) -> list[str]:
    found = ["bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"]
    found += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "course", "--clearenv"]
    found += ["--proc", "/proc", "--dev", "/dev"]
    for path, size in (("/dev/shm", 2**26), ("/tmp", 2**28), (HOME, 2**20)):
        found += ["--size", str(size), "--tmpfs", path]
    found += _files(also)
    found += ["--bind", str(shared), SHARED]
    found += _written(shared, {"passwd": f"learner:x:{user}:{group}::{HOME}:/bin/sh\n",
                               "group": f"learner:x:{group}:\n", "hosts": "127.0.0.1 localhost\n"})  # fmt: skip
    found += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
    for name, value in environment().items():
        found += ["--setenv", name, value]
    return found


def _beneath(shared: Path, also: Iterable[Path]) -> list[str]:
    """Root's own box, in which another user can read what may lie where only root can, such as in root's home."""
    found = ["bwrap", "--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    return [*found, *_files(also), *_way_to(str(shared)), "--bind", str(shared), str(shared), "--chdir", "/"]


def environment() -> dict[str, str]:
    """What a process in the box is told; nothing of it is this machine's but where Python lies."""
    homes = dict.fromkeys(("HOME", "COURSE_HOME", "IPYTHONDIR", "MPLCONFIGDIR", "JUPYTER_CONFIG_DIR",
                           "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"), HOME)  # fmt: skip
    return homes | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _files(also: Iterable[Path]) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in ("/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if os.path.islink(name):
            yield from ("--symlink", os.readlink(name), name)
        elif os.path.isdir(name):
            yield from ("--ro-bind", name, name)
    yield from ("--perms", "0755", "--dir", "/etc")
    for path in _SYSTEM:
        yield from ("--ro-bind-try", path, path)
    for found in visible(also):
        yield from _way_to(found)
        yield from ("--ro-bind", found, found)


def _way_to(path: str) -> Iterator[str]:
    """The folders above, which bubblewrap would make for their owner alone."""
    for parent in reversed(Path(path).parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(parent))


def _written(shared: Path, texts: dict[str, str]) -> Iterator[str]:
    (shared / "etc").mkdir(exist_ok=True)
    for name, text in texts.items():
        (shared / "etc" / name).write_text(text)
        yield from ("--ro-bind", str(shared / "etc" / name), f"/etc/{name}")
