"""A kernel for one notebook of a stranger: it can see and reach nothing but itself and the examiner beside it.

Three processes. The warden stays outside: it watches, and ends the kernel when the time has come. The second is the
first process of a process namespace: when it ends, the system ends all that was ever started in there. The third is
the kernel.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import multiprocessing
import os
import random
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from course_support.sandbox import filter, messages, namespaces
from course_support.sandbox.box import HOME, SHARED
from course_support.sandbox.zygote import alone

MODULES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger", "ipykernel.iostream",
    "ipykernel.displayhook", "IPython.core.completer", "jedi", "stack_data", "executing", "asttokens", "pure_eval",
    "pygments.formatters", "pygments.lexers", "pygments.styles", "tornado.platform.asyncio", "tornado.queues",
    "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.oinspect", "IPython.core.logger",
    "IPython.extensions.storemagic", "pygments.formatters.terminal256", "psutil", "http.server", "faulthandler",
    "ipywidgets", "matplotlib.pyplot", "matplotlib_inline.backend_inline",
)  # fmt: skip
GLANCE = 0.1  # seconds between two looks at the memory
_LARGE, _SMALL = 64 * 2**20, 2**20  # bytes of a folder in memory


def work(request: dict[str, Any], descriptors: list[int], asker: socket.socket) -> int:
    """Start a kernel in the namespaces of `descriptors` and watch over it until it ends; returns its exit code.

    The request has `folder` (with connection.json), `visible` and `hidden` (paths), `environment`, `memory` (bytes).
    """
    users, network = descriptors
    namespaces.join(users, namespaces.NEWUSER)
    namespaces.join(network, namespaces.NEWNET)
    messages.close(descriptors)
    namespaces.unshare(namespaces.NEWNS | namespaces.NEWIPC | namespaces.NEWUTS | namespaces.NEWPID)
    furnish(request["folder"], request["visible"], request["hidden"])
    told, tell = os.pipe()
    first = os.fork()
    if not first:
        os.close(told)
        _first_process(request, tell)
    os.close(tell)
    return _watch(first, told, request, asker)


def furnish(folder: str, visible: list[str], hidden: list[str]) -> None:
    """Lay out what a kernel will see: empty folders to write to, its own folder with the connection, and nobody else's.

    To be called in a new mount namespace, of which it changes the mounts. OSError if forbidden.
    """
    namespaces.mount("none", "/", flags=namespaces.RECURSIVE | namespaces.PRIVATE)
    for path in (HOME, "/tmp", "/dev/shm"):
        namespaces.memory_folder(path, _LARGE, keep=visible)
    for path in (path for path in hidden if os.path.isdir(path)):  # what lay below a folder in memory is gone
        namespaces.memory_folder(path, _SMALL, read_only=True)
    namespaces.memory_folder(SHARED, _SMALL, keep=[folder], read_only=True)
    socket.sethostname("learner")


def _watch(first: int, told: int, request: dict[str, Any], asker: socket.socket) -> int:
    """Tell when the kernel is ready, and end it when it takes too much memory."""
    handle = os.pidfd_open(first)

    def end(*_: object) -> None:
        with contextlib.suppress(OSError):  # nobody listens any more
            messages.send(asker, {"processor": sum(_processor())})
        signal.pidfd_send_signal(handle, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end)
    if os.read(told, 1):
        # its sockets are bound: from here on nothing can be written to a real disk
        flags = namespaces.REMOUNT | namespaces.BIND | namespaces.READ_ONLY
        flags |= namespaces.NO_SUID | namespaces.NO_DEVICES
        namespaces.mount("none", request["folder"], flags=flags)
        messages.send(asker, {"ready": True})
    ended = select.poll()
    ended.register(handle, select.POLLIN)
    while not ended.poll(int(GLANCE * 1000)):
        if sum(_resident()) > request["memory"] and sum(_share()) > request["memory"]:
            messages.send(asker, {"ended": "memory"})
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])


def _processes() -> Iterator[Path]:
    """The kernel's processes: /proc is theirs."""
    return (Path("/proc", name) for name in os.listdir("/proc") if name.isdigit())


def _processor() -> Iterator[float]:
    """Seconds of processor time that each process has taken; see proc(5) on stat."""
    for process in _processes():
        with contextlib.suppress(OSError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            yield (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident() -> Iterator[int]:
    """Bytes in memory of each process, what it shares with others included; see proc(5) on statm."""
    for process in _processes():
        try:
            yield int((process / "statm").read_text().split()[1]) * resource.getpagesize()
        except (OSError, IndexError):  # it has just ended
            continue


def _share() -> Iterator[int]:
    """Bytes in memory of each process, of what is shared only its part; slower. See proc(5) on smaps_rollup."""
    for process in _processes():
        try:
            lines = (process / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        yield sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _first_process(request: dict[str, Any], tell: int) -> NoReturn:
    """Become the namespace's first process, and wait for whatever ends in it until the kernel does."""
    code = 1
    try:
        namespaces.die_with_parent(signal.SIGKILL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        namespaces.mount("proc", "/proc", "proc", namespaces.NO_SUID | namespaces.NO_DEVICES | namespaces.NO_EXEC)
        kernel = os.fork()
        if not kernel:
            _confine(request["memory"])
            _kernel(request, tell)
        os.close(tell)
        namespaces.drop_capabilities()
        namespaces.be_dumpable(False)
        ended = 0
        while ended != kernel:
            ended, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
    finally:
        os._exit(code % 256)


def _confine(memory: int) -> None:
    """Limits, no capabilities, and the filter of system calls, for good."""
    Path("/proc/self/oom_score_adj").write_text("1000")
    bounds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: 300,
        resource.RLIMIT_FSIZE: _LARGE,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_NPROC: 64,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    namespaces.limit(bounds.items())
    namespaces.drop_capabilities()
    filter.install()


def _kernel(request: dict[str, Any], tell: int) -> NoReturn:
    """Run IPython's kernel as if it had been started afresh."""
    code = 1
    try:
        os.setsid()  # an interrupt is for the group that a kernel leads: the programs that a cell runs, too
        alone([tell])
        # what was imported has set some as well, as it does in a cold kernel
        os.environ.update(request["environment"] | {"PWD": HOME})
        os.chdir(HOME)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _forget()
        app = _application(Path(request["folder"], "connection.json"))
        os.write(tell, b"1")
        os.close(tell)
        app.start()
        code = 0
    finally:
        os._exit(code)


def _forget() -> None:
    """Leave behind what the process that was forked knew, or had drawn."""
    sys.path.remove("")  # IPython puts it behind the standard library
    random.seed()
    multiprocessing.current_process().authkey = os.urandom(32)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    threading.excepthook = threading.__excepthook__  # strawberry puts its own there when it is imported
    for name in [name for name in sys.modules if name.startswith("course_support.sandbox")]:
        del sys.modules[name]
    vars(sys.modules["course_support"]).pop("sandbox", None)


def _application(connection: Path) -> Any:
    from ipykernel.kernelapp import IPKernelApp

    launcher = importlib.util.find_spec("ipykernel_launcher")
    assert launcher
    sys.argv = [str(launcher.origin), "-f", str(connection)]
    sys.orig_argv = [sys.executable, "-m", launcher.name, *sys.argv[1:]]
    app = IPKernelApp.instance()
    app.initialize([*sys.argv[1:], "--HistoryManager.enabled=False", "--IPKernelApp.capture_fd_output=True"])  # type: ignore[no-untyped-call]
    # both looked for a running kernel when they were imported, and there was none
    sys.modules["matplotlib_inline.backend_inline"]._enable_matplotlib_integration()
    sys.modules["ipywidgets"].load_ipython_extension(app.shell)
    heartbeat = connection.with_name(f"s-{json.loads(connection.read_text())['hb_port']}")
    while not heartbeat.exists():  # bound by a thread; a client that connects too early tries again late
        time.sleep(0.001)
    return app
