"""Attacks that reach out of the sandbox: to networks, to other programs' sockets, to other processes."""

from __future__ import annotations

from tests.attacks.attack import STOPPED, WRONG, attack, spy

CALLS = """
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    return getattr(libc, name)(*arguments) != -1
"""
ATTACKS = (
    spy("reaching the network", "connections to outside", """
import socket
for host, port in (("<<address>>", <<port>>), ("127.0.0.1", <<port>>), ("::1", <<port>>), ("0.0.0.0", <<port>>),
                   ("1.1.1.1", 53), ("2606:4700:4700::1111", 443), ("169.254.169.254", 80), ("172.17.0.1", 80)):
    try:
        with socket.create_connection((host, port), 0.5) as it:
            it.sendall(b"<<mark>>")
        found.append(host)
    except OSError:
        pass
"""),
    spy("reaching the network", "datagrams, and names looked up", """
import socket
for host in ("127.0.0.1", "<<address>>", "255.255.255.255"):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as it:
        it.settimeout(0.5)
        it.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        try:
            it.sendto(b"<<mark>>", (host, <<port>>))
            found.append(it.recv(10))
        except OSError:
            pass
for name in ("example.org", "localhost.localdomain", "metadata.google.internal"):
    try:
        found.append(socket.getaddrinfo(name, 80))
    except OSError:
        pass
"""),
    spy("reaching the network", "interfaces, and packets read raw", """
import socket
found += [name for _, name in socket.if_nameindex() if name != "lo"]
for family, kind, protocol in ((socket.AF_PACKET, socket.SOCK_RAW, 3), (socket.AF_INET, socket.SOCK_RAW, 1), (40, 1, 0),
                               (38, 5, 0), (socket.AF_INET6, socket.SOCK_RAW, 58), (44, 3, 0), (31, 3, 1), (29, 3, 1)):
    try:
        socket.socket(family, kind, protocol).close()
        found.append(f"{family} {kind}")
    except OSError:
        pass
"""),
    spy("reaching other programs", "their sockets in files and without", """
import glob, os, socket
names = ["<<socket>>", "\\0<<mark>>", "/var/run/docker.sock", "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0",
         "/run/systemd/private", "/run/containerd/containerd.sock", "/var/run/nscd/socket"]
for name in names:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
        with socket.socket(socket.AF_UNIX, kind) as it:
            try:
                it.connect(name)
                it.send(b"<<mark>>")
                found.append(name)
            except OSError:
                pass
"""),
    spy("reaching other programs", "descriptors of the zygote talked to", """
import os, socket
for name in os.listdir("/proc/self/fd"):
    try:
        it = socket.socket(fileno=os.dup(int(name)))
    except OSError:
        continue
    if it.family == socket.AF_UNIX and it.type == socket.SOCK_SEQPACKET:
        it.send(b'{"seed": "x", "log": "/tmp/x", "exit": 0}')
        found.append(name)
"""),
    spy("reaching other processes", "traced, and their memory read", CALLS + """
others = [int(it) for it in os.listdir("/proc") if it.isdigit() and int(it) != os.getpid()]
for process in [*others, os.getppid()]:
    found += [f"ptrace {process}" for request in (16, 0x4206) if libc.ptrace(request, process, 0, 0) != -1]
    buffer = ctypes.create_string_buffer(64)
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
    here, there = Vector(ctypes.addressof(buffer), 64), Vector(0x400000, 64)
    read = libc.process_vm_readv(process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    found += [f"memory {process}"] if read != -1 else []
"""),
    spy("reaching other processes", "rights raised", CALLS + """
import resource, subprocess
for kind in (getattr(resource, f"RLIMIT_{name}") for name in ("AS", "NPROC", "CPU", "FSIZE", "NOFILE")):
    try:
        resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        found.append(kind)
    except (OSError, ValueError):
        pass
for change in (lambda: os.setpriority(os.PRIO_PROCESS, 0, -10),
               lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(9)),
               lambda: os.setuid(0), lambda: os.setgid(0),
               lambda: open("/proc/self/oom_score_adj", "wb", 0).write(b"-900"),
               lambda: os.mknod("/tmp/sda", 0o60666, os.makedev(8, 0)), lambda: os.chroot("/tmp"),
               lambda: open("/proc/sys/kernel/hostname", "wb", 0).write(b"x"),
               lambda: open("/proc/self/uid_map", "wb", 0).write(b"0 0 1")):
    try:
        change()
        found.append(change.__code__.co_names)
    except OSError:
        pass
for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["pkexec", "id"], ["unshare", "-Ur", "id"]):
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=5)
        found += [command[0]] if b"uid=0" in done.stdout else []
    except (OSError, subprocess.TimeoutExpired):
        pass
"""),
    attack("reaching other processes", "signals to everyone above", """
import os, signal
def shout(text):
    for process in {os.getppid(), 1}:
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            try:
                os.kill(process, number)
            except OSError:
                pass
    return text
""", WRONG),
    attack("reaching other processes", "signals to all and to its group", """
import os, signal
def shout(text):
    for group in (os.getpgrp(), os.getsid(0), 1):
        try:
            os.killpg(group, signal.SIGCONT)
        except OSError:
            pass
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass
    os.killpg(0, signal.SIGKILL)
    return text
""", STOPPED),
    attack("reaching other processes", "stopped for good", """
import os, signal
def shout(text):
    os.kill(os.getpid(), signal.SIGSTOP)
    return text
""", STOPPED),
    attack("reaching other processes", "interrupts swallowed", """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
def shout(text):
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
""", STOPPED),
    attack("reaching other processes", "killed by the processor", """
import ctypes
def shout(text):
    ctypes.string_at(0)
""", STOPPED),
)  # fmt: skip
