"""A seccomp filter against system calls that no answer needs: such as evade limits, or widen the surface.

It is a classic BPF program, as seccomp(2) describes. The numbers are of the Linux headers asm/unistd_64.h (x86-64) and
asm-generic/unistd.h (arm64).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct

from course_support.sandbox import namespaces

_COMMON = {  # system calls that came after the numbers of all architectures were made the same
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428, "move_mount": 429,
    "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442,
    "memfd_secret": 447,
}  # fmt: skip
_X86_64 = _COMMON | {
    "shmget": 29, "shmat": 30, "semget": 64, "msgget": 68, "ptrace": 101, "personality": 135, "pivot_root": 155,
    "chroot": 161, "mount": 165, "umount2": 166, "swapon": 167, "add_key": 248, "request_key": 249, "keyctl": 250,
    "unshare": 272, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "memfd_create": 319, "bpf": 321, "userfaultfd": 323,
}  # fmt: skip
_ARM64 = _COMMON | {
    "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "personality": 92, "unshare": 97, "ptrace": 117,
    "msgget": 186, "semget": 190, "shmget": 194, "shmat": 196, "add_key": 217, "request_key": 218, "keyctl": 219,
    "swapon": 224, "move_pages": 239, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
    "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272,
    "memfd_create": 279, "bpf": 280, "userfaultfd": 282,
}  # fmt: skip
# by machine: the audit architecture (linux/audit.h), what is refused, and the numbers of clone and socket
_MACHINES = {"x86_64": (0xC000_003E, _X86_64, 56, 41), "aarch64": (0xC000_00B7, _ARM64, 220, 198)}
_CLONE3 = 435
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16)  # 16: netlink, for lists of network interfaces
_X32 = 0x4000_0000  # the bit of x86-64's second set of numbers

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # linux/bpf_common.h
_ALLOW, _ERROR, _KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000  # linux/seccomp.h
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets into struct seccomp_data
_SET_SECCOMP, _FILTER = 22, 2  # linux/prctl.h, linux/seccomp.h

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, operand


def known() -> bool:
    """Whether there is a filter for this machine's architecture."""
    return platform.machine() in _MACHINES


def program(machine: str) -> list[Instruction]:
    """The filter for a machine such as `x86_64`; each refusal is a return of its own, right behind its test."""
    architecture, refused, clone, open_socket = _MACHINES[machine]
    steps: list[Instruction] = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER), (_AT_LEAST, 0, 1, _X32), _refusal(errno.ENOSYS)]
    # its flags lie in memory, out of the filter's sight: the C library falls back to clone
    steps += [(_EQUAL, 0, 1, _CLONE3), _refusal(errno.ENOSYS)]
    for number in refused.values():
        steps += [(_EQUAL, 0, 1, number), _refusal(errno.EPERM)]
    steps += [(_EQUAL, 0, 4, clone), (_LOAD, 0, 0, _FIRST_ARGUMENT), (_ANY_BIT, 0, 1, namespaces.NEWUSER)]
    steps += [_refusal(errno.EPERM), (_RETURN, 0, 0, _ALLOW)]
    steps += [(_EQUAL, 0, len(_FAMILIES) + 2, open_socket), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_EQUAL, len(_FAMILIES) - i, 0, family) for i, family in enumerate(_FAMILIES)]
    return [*steps, _refusal(errno.EAFNOSUPPORT), (_RETURN, 0, 0, _ALLOW)]


def install() -> None:
    """Put the filter over this thread and all that it starts, for good, after `namespaces.drop_capabilities`."""
    steps = program(platform.machine())
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    whole = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_SECCOMP, _FILTER, whole, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl: the filter of system calls was not taken")


def _refusal(error: int) -> Instruction:
    return (_RETURN, 0, 0, _ERROR | error)
