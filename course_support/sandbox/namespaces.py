"""Linux's own means of keeping a process apart: namespaces, mounts, capabilities, limits.

Thin, typed calls of the C library; see namespaces(7), mount_namespaces(7), capabilities(7). `os.unshare` and `os.setns`
came with Python 3.12 only. Every function acts on the calling thread, so each is to be called while there is but one.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import socket
import struct
from collections.abc import Iterable

NEWNS = 0x0002_0000  # linux/sched.h
NEWCGROUP = 0x0200_0000
NEWUTS = 0x0400_0000
NEWIPC = 0x0800_0000
NEWUSER = 0x1000_0000
NEWPID = 0x2000_0000
NEWNET = 0x4000_0000

READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18

_SET_PARENT_DEATH_SIGNAL, _SET_DUMPABLE, _DROP_BOUNDING, _NO_NEW_PRIVILEGES = 1, 4, 24, 38  # linux/prctl.h
_CAPABILITIES_3 = 0x2008_0522  # linux/capability.h
_GET_FLAGS, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
_libc = ctypes.CDLL(None, use_errno=True)


def unshare(kinds: int) -> None:
    """Leave the namespaces of these kinds for new ones; into a new `NEWPID` only children go. OSError if forbidden."""
    _call("unshare", kinds)


def join(namespace: int, kind: int) -> None:
    """Enter the namespace of a descriptor as of /proc/self/ns/*. OSError if forbidden."""
    _call("setns", namespace, kind)


def map_user() -> None:
    """Be the same user and group inside a new user namespace as outside; to be called right after `unshare`."""
    user, group = os.geteuid(), os.getegid()
    unshare(NEWUSER)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)


def loopback_up() -> None:
    """Switch on 127.0.0.1 in a new network namespace, which starts without."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        known = fcntl.ioctl(control, _GET_FLAGS, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", known)[1] | _IS_UP
        fcntl.ioctl(control, _SET_FLAGS, struct.pack("16sH14x", b"lo", flags))


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """As mount(2). OSError if forbidden."""
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())


def memory_folder(target: str, size: int, *, keep: Iterable[str] = (), read_only: bool = False) -> None:
    """Put an empty folder in memory over `target`, of at most `size` bytes; in it only the paths `keep` stay."""
    kept = [(path, os.open(path, os.O_PATH)) for path in keep if path.startswith(f"{target}/")]
    flags = NO_SUID | NO_DEVICES
    mount("tmpfs", target, "tmpfs", flags, f"size={size},nr_inodes=20000,mode=0755")
    for path, descriptor in kept:
        os.makedirs(path)
        mount(f"/proc/self/fd/{descriptor}", path, flags=BIND | RECURSIVE)
        os.close(descriptor)
    if read_only:
        mount("tmpfs", target, "tmpfs", flags | REMOUNT | READ_ONLY)


def drop_capabilities() -> None:
    """Give up every capability for good; no program that is started later has any either."""
    for capability in range(64):
        if _libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0):
            break  # the kernel knows no further ones
    _call("capset", (ctypes.c_uint32 * 2)(_CAPABILITIES_3, 0), (ctypes.c_uint32 * 6)())
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def die_with_parent(signal: int) -> None:
    """Be sent this signal when the parent ends."""
    _call("prctl", _SET_PARENT_DEATH_SIGNAL, signal, 0, 0, 0)


def be_dumpable(dumpable: bool) -> None:
    """Whether others of the same user may trace this process and read its memory; see proc(5) on /proc/pid/mem."""
    _call("prctl", _SET_DUMPABLE, int(dumpable), 0, 0, 0)


def limit(limits: Iterable[tuple[int, int]]) -> None:
    """Set resource limits, soft and hard, as far as those of today allow."""
    for kind, bound in limits:
        _, hard = resource.getrlimit(kind)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (bound, bound))


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
