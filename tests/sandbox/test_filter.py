"""The filter is run here by a small interpreter of classic BPF, so that both machines' programs are tried on either."""

import errno
import socket

import pytest

from course_support.sandbox import filter, namespaces

ALLOW, KILL, ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
MACHINES = {  # the audit architecture; numbers of read, clone, socket, memfd_create, ptrace
    "x86_64": (0xC000_003E, {"read": 0, "clone": 56, "socket": 41, "memfd_create": 319, "ptrace": 101}),
    "aarch64": (0xC000_00B7, {"read": 63, "clone": 220, "socket": 198, "memfd_create": 279, "ptrace": 117}),
}


def verdict(machine, call, argument=0, architecture=None):
    known, numbers = MACHINES[machine]
    data = {0: numbers.get(call, call), 4: architecture or known, 16: argument}
    held, at, program = 0, 0, filter.program(machine)
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == 0x06:
            return operand
        if code == 0x20:
            held = data[operand]
        else:
            true = {0x15: held == operand, 0x35: held >= operand, 0x45: bool(held & operand)}[code]
            at += if_true if true else if_false


@pytest.mark.parametrize("machine", MACHINES)
def test_what_evades_limits_is_refused_and_the_rest_is_not(machine):
    assert verdict(machine, "read") == ALLOW
    assert verdict(machine, "memfd_create") == ERROR | errno.EPERM
    assert verdict(machine, "ptrace") == ERROR | errno.EPERM
    assert verdict(machine, 435) == ERROR | errno.ENOSYS  # clone3
    assert verdict(machine, 425) == ERROR | errno.EPERM  # io_uring_setup
    assert verdict(machine, 0x4000_0000) == ERROR | errno.ENOSYS  # x32


@pytest.mark.parametrize("machine", MACHINES)
def test_processes_and_threads_are_made_but_no_user_namespaces(machine):
    assert verdict(machine, "clone", 0x11) == ALLOW
    assert verdict(machine, "clone", namespaces.NEWUSER | 0x11) == ERROR | errno.EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_only_families_of_sockets_that_namespaces_keep_apart_are_opened(machine):
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16):
        assert verdict(machine, "socket", family) == ALLOW
    for family in (17, 38, 40):  # packets, the kernel's ciphers, virtual machines
        assert verdict(machine, "socket", family) == ERROR | errno.EAFNOSUPPORT


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_are_the_end(machine):
    assert verdict(machine, "read", architecture=0x4000_0003) == KILL
