"""Attacks on what a machine has only so much of: processes, memory, disk, descriptors, time, and room for output."""

from __future__ import annotations

from tests.attacks.attack import ALL, STOPPED, attack

ANY = r"^(wrong|lost|crashed): "


def exhaust(name, source, meets=ANY, costs=frozenset()):
    return attack("exhausting", name, source, meets, costs)


ATTACKS = (
    exhaust("fork bomb", """
import os
def shout(text):
    while True:
        try:
            os.fork()
        except OSError:
            pass
"""),
    exhaust("processes that take all the time there is", """
import os, subprocess, sys
for _ in range(60):
    try:
        subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass", "<<mark>>"], start_new_session=True)
    except OSError:
        pass
def shout(text):
    return text
""", ANY, ALL),
    exhaust("threads without end", """
import threading, time
def shout(text):
    made = []
    try:
        while len(made) < 100_000:
            made.append(threading.Thread(target=time.sleep, args=(30,), daemon=True))
            made[-1].start()
    except RuntimeError:
        pass
    return f"{min(len(made), 9999)}"
"""),
    exhaust("threads that calculate", """
import hashlib, threading
def busy():
    while True:
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10**6)
for _ in range(16):
    threading.Thread(target=busy, daemon=True).start()
def shout(text):
    return text
"""),
    exhaust("memory", """
def shout(text):
    kept = []
    while True:
        kept.append(bytearray(2**26))
"""),
    exhaust("memory, by and by and in many processes", """
import os
def shout(text):
    for _ in range(30):
        if os.fork() == 0:
            kept = []
            while True:
                try:
                    kept.append(bytearray(b"x") * 2**24)
                except MemoryError:
                    os._exit(0)
    try:
        while True:
            os.wait()
    except OSError:
        return text
"""),
    exhaust("memory shared by many", """
import mmap, os
def shout(text):
    kept = []
    try:
        for _ in range(200):
            kept.append(mmap.mmap(-1, 2**26))
            for start in range(0, 2**26, 4096):
                kept[-1][start] = 1
    except (OSError, MemoryError, ValueError) as error:
        return repr(error)
    return f"{len(kept)} of 64 MiB"
"""),
    exhaust("memory in files that have no name", """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def shout(text):
    kept = []
    while len(kept) < 200:
        it = libc.memfd_create(b"x", 0)
        if it < 0:
            return f"refused after {len(kept)}"
        kept.append(it)
        for _ in range(64):
            os.write(it, b"x" * 2**20)
    return f"{len(kept)} of 64 MiB"
""", r"refused after 0"),
    exhaust("memory of System V and POSIX", """
import ctypes
from multiprocessing import shared_memory
libc = ctypes.CDLL(None, use_errno=True)
def shout(text):
    made = [libc.shmget(0, 2**26, 0o1666) for _ in range(100)]
    made += [libc.msgget(0, 0o1666), libc.semget(0, 100, 0o1666), libc.mq_open(b"/x", 0o102, 0o600, None)]
    kept = []
    try:
        while len(kept) < 100:
            kept.append(shared_memory.SharedMemory(create=True, size=2**24))
            kept[-1].buf[:] = b"x" * 2**24
    except OSError:
        pass
    return f"System V {sum(it >= 0 for it in made)}, POSIX {'few' if len(kept) < 20 else len(kept)}"
""", r"(System V 0, POSIX few|It ended the kernel)"),
    exhaust("memory in sockets and pipes", """
import os, socket, fcntl
def fill(kept):
    while True:
        pair = socket.socketpair()
        kept += pair
        for it in pair:
            it.setblocking(False)
            it.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
            try:
                while True:
                    it.send(b"x" * 2**16)
            except BlockingIOError:
                pass
def shout(text):
    for _ in range(8):
        if os.fork() == 0:
            kept = []
            try:
                fill(kept)
            except OSError:
                import time
                time.sleep(2)
            os._exit(0)
    try:
        while True:
            os.wait()
    except OSError:
        return text
"""),
    exhaust("disk", """
import os, tempfile
def shout(text):
    written = 0
    for folder in (os.path.expanduser("~"), "/tmp", "/dev/shm", "/var/tmp", "/run", "<<outside>>"):
        for number in range(100):
            try:
                with open(f"{folder}/<<mark>>-{number}", "wb") as file:
                    for _ in range(512):
                        written += file.write(b"x" * 2**20)
            except OSError:
                pass
    return f"{'some' if written < 2**29 else written}"
""", r"not right. some$|It ended the kernel"),
    exhaust("descriptors", """
import os
kept = []
def shout(text):
    try:
        while True:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        return text
"""),
    exhaust("memory that is kept", """
kept = []
def shout(text):
    for size in (2**26, 2**20, 2**12):
        try:
            while True:
                kept.append(bytearray(size))
        except MemoryError:
            pass
    return text
"""),
    exhaust("output", "def shout(text):\n    while True:\n        print('x' * 1000)\n", STOPPED),
    exhaust("output of errors", """
import sys
def shout(text):
    while True:
        sys.stderr.write("x" * 10**6)
""", STOPPED),
    exhaust("output below Python", """
import os
def shout(text):
    while True:
        os.write(1, b"x" * 10**6)
""", STOPPED),
    exhaust("output that is shown", """
def shout(text):
    while True:
        display({"text/html": "x" * 10**6}, raw=True)
""", STOPPED),
    exhaust("output in comms", """
from comm import create_comm
def shout(text):
    while True:
        create_comm(target_name="x", data={"x": "x" * 10**5})
""", STOPPED),
    exhaust("output of a hundred programs", """
import subprocess
def shout(text):
    for _ in range(100):
        try:
            subprocess.Popen(["yes", "<<mark>>"])
        except OSError:
            break
    import time
    time.sleep(60)
""", r"^lost: "),
    exhaust("output of a thread, later on", """
import threading
def flood():
    while True:
        print("x" * 10**4)
def shout(text):
    threading.Thread(target=flood, daemon=True).start()
    return text
""", ANY),
    exhaust("one answer of many millions", "def shout(text):\n    return 'x' * 300_000_000\n"),
    exhaust("pattern that never matches", """
import re
def shout(text):
    re.match("(a+)+$", "a" * 60 + "b")
""", STOPPED),
)  # fmt: skip
