"""Attacks that look for something to copy from: solutions, judges, other submissions, secrets of the grader."""

from __future__ import annotations

from tests.attacks.attack import attack, spy

ATTACKS = (
    attack("reading solutions", "solutions where they lie", """
import pathlib
def shout(text):
    for path in ("<<solutions>>/09_tiny_solutions.ipynb", "<<repository>>/tests/grading/tiny.py"):
        try:
            found = pathlib.Path(path).read_text()
        except OSError:
            continue
        return text.upper() if "text.upper()" in found else "found"
    return "nothing"
""", r"not right. nothing$"),
    spy("reading solutions", "solution asked for", """
import contextlib, io
import sys
from course_support import records
worksheet = sys.modules["course_support.worksheet"]
shown = []
records.load = lambda: {"tiny.shout": records.Record(attempts=1)}
worksheet.display = shown.append
tiny.shout.solution()
found += [it.data for it in shown if "not part of this copy" not in it.data]
"""),
    spy("reading solutions", "whole disk searched", """
import os
wanted = ("_solutions.ipynb", "tiny.py", "judging.py", "events.jsonl", "log.jsonl", "grades.json", "grades.csv")
system = {"bin", "dev", "lib", "lib32", "lib64", "proc", "sbin", "sys", "usr"}
tops = [f"/{name}" for name in os.listdir("/") if name not in system]
for top in (*tops, "<<repository>>", "<<ground>>"):
    for folder, folders, files in os.walk(top):
        folders[:] = [it for it in folders if it not in ("site-packages", "proc", "sys", "node_modules")]
        found += [os.path.join(folder, it) for it in files if it.endswith(wanted)]
"""),
    spy("reading judges", "exercises imported", """
import importlib
for name in ("course_support.exercises", "course_support.exercises.rest", "course_support.grading.run",
             "course_support.sandbox.host", "tests.grading.tiny", "judging"):
    try:
        found.append(importlib.import_module(name))
    except ImportError:
        pass
found = [it for it in found if getattr(it, "__file__", None)]
"""),
    spy("reading judges", "their files, and what Python compiled of them", """
import os, course_support
package = os.path.dirname(course_support.__file__)
for name in ("exercises", "grading", "sandbox"):
    for folder, _, files in os.walk(os.path.join(package, name)):
        found += [os.path.join(folder, it) for it in files]
for path in ("<<judges>>", "<<repository>>/course_support/exercises/__init__.py"):
    if os.path.exists(path):
        found.append(open(path).read()[:40])
"""),
    spy("reading secrets", "environment", """
import os
found += [name for name, value in os.environ.items() if "canary" in value or "<<home>>" in value]
found += [name for name in os.environ if name.endswith(("SECRET", "TOKEN", "_SEED", "PASSWORD"))]
"""),
    spy("reading secrets", "environments and commands of all processes", """
import os
for process in filter(str.isdigit, os.listdir("/proc")):
    for name in ("environ", "cmdline", "task/" + process + "/environ"):
        try:
            content = open(f"/proc/{process}/{name}", "rb").read()
        except OSError:
            continue
        found += [name for word in (b"canary-", b"<<home>>", b"<<submissions>>") if word in content]
"""),
    spy("reading secrets", "files of the grader's home", """
import os, pathlib
for path in ("<<home>>/secret.txt", "<<home>>", "~root/.bashrc", "~root/.ssh", "/etc/shadow", "/etc/passwd",
             "~/.netrc", "~/.aws", "~/.ssh"):
    try:
        path = os.path.expanduser(path)
        held = os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError:
        continue
    found += [path] if held and "learner:" not in held else []
"""),
    spy("reading others", "other submissions and the report", """
import os
for path in ("<<submissions>>", "<<report>>", "<<report>>/grades.json", "<<solutions>>", "/run/course/0"):
    try:
        found.append(os.listdir(path) if os.path.isdir(path) else open(path).read()[:99])
    except OSError:
        pass
found = [it for it in found if it]
"""),
    spy("reading others", "memory, files and folders of other processes", """
import os
me = os.getpid()
for process in filter(str.isdigit, os.listdir("/proc")):
    if int(process) == me:
        continue
    for name in ("mem", "maps", "environ", "stack", "syscall", "auxv"):
        try:
            it = open(f"/proc/{process}/{name}", "rb").read(10)
            found += [f"{process} {name}"] if it else []
        except (OSError, ValueError):
            pass
    for name in ("root", "cwd", "exe", "fd", "ns"):
        try:
            look = os.listdir if name in ("fd", "ns") else os.readlink
            found.append(look(f"/proc/{process}/{name}"))
        except OSError:
            pass
"""),
    spy("reading others", "more processes than its own", """
import os
found += [it for it in filter(str.isdigit, os.listdir("/proc")) if int(it) not in (1, os.getpid())]
"""),
    spy("reading others", "descriptors that were left open", """
import os, stat, socket
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if target.startswith(("/proc/", "/dev/null", "/dev/pts", "pipe:", "anon_inode:", "/dev/urandom")):
        continue
    if target.startswith("socket:"):
        it = socket.socket(fileno=os.dup(int(name)))
        found += [f"{name} packets"] if it.family == socket.AF_UNIX and it.type == socket.SOCK_SEQPACKET else []
        it.close()
    elif not target.startswith(("/home/learner", "/tmp", "/usr", "/dev/shm")):
        found.append(target)
"""),
    spy("reading others", "out of its root by way of /proc", """
import os
for path in ("/proc/1/root/<<submissions>>", "/proc/self/root/../..<<submissions>>", "/proc/1/cwd", "/proc/1/fd",
             "/proc/thread-self/root<<home>>", "/sys/kernel", "/sys/fs/cgroup", "/proc/kcore", "/dev/mem"):
    try:
        found.append(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(9))
    except OSError:
        pass
found = [it for it in found if it]
"""),
)  # fmt: skip
