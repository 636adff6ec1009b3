"""The fork servers inside the box: one each for examiners, sessions of pytest, and kernels.

Each has imported what its children need, once. A child starts in some milliseconds and shares that memory. Only the
first knows the exercises' judges: it was forked before they were imported. Started by `host`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from typing import Any, NoReturn

from course_support.sandbox import messages

Work = Callable[[dict[str, Any], list[int], socket.socket], int]
_Running = tuple[int, int, socket.socket]  # a process, the descriptor that tells of its end, its conversation
# what lessons import, and so examiners and answers
COMMON = (
    "requests", "zeep", "zeep.wsse.username", "lxml.etree", "websocket", "starlette.applications", "starlette.routing",
    "starlette.responses", "starlette.websockets", "starlette.concurrency", "starlette.background", "uvicorn",
    "uvicorn.protocols.http.h11_impl", "strawberry", "strawberry.asgi", "strawberry.dataloader", "standardwebhooks",
    "course_support", "course_support.server", "course_support.worksheet", "sqlite3", "uuid", "decimal", "statistics",
    "encodings.idna", "encodings.latin_1",
)  # fmt: skip


def main() -> NoReturn:
    """Start the three. Arguments: their control sockets' descriptors, that of the kernels' other end, the exercises."""
    exams, sessions, kernels, kernels_end = (socket.socket(fileno=int(number)) for number in sys.argv[1:5])
    sys.path[0] = ""  # as in any kernel
    preload(COMMON)
    examiners = _companion(exams, lambda: _examiners(exams, sys.argv[5]), (sessions, kernels, kernels_end))
    testers = _companion(sessions, lambda: _sessions(sessions, kernels_end), (exams, kernels))
    for other in (exams, sessions, kernels_end):
        other.close()
    with contextlib.suppress(BrokenPipeError):
        _kernels(kernels, [examiners, testers])
    os._exit(0)


def preload(modules: Iterable[str]) -> None:
    """Import what children will need."""
    for module in modules:
        import_module(module)


def serve(control: socket.socket, work: Work, *, companions: Collection[int] = (), keep: Collection[int] = ()) -> None:
    """Fork a child for each request until the other end is closed, or one of the processes `companions` has ended.

    A request comes with a socket that belongs to it, and other descriptors behind that. Whoever holds the socket's
    other end is told when the child has ended; the child is ended when that end is closed. Children have the
    descriptors `keep`, too.
    """
    assert len(os.listdir("/proc/self/task")) == 1, "a process with threads can't be forked safely"
    gc.collect()
    gc.freeze()
    messages.send(control, {"ready": True})
    watched = select.poll()
    watched.register(control, select.POLLIN)
    for companion in companions:
        watched.register(companion, select.POLLIN)
    running: dict[int, _Running] = {}  # by either descriptor
    while True:
        for descriptor, _ in watched.poll():
            if descriptor in companions:
                return
            if descriptor in running:
                _attend(descriptor, running, watched)
            elif descriptor == control.fileno() and not _accept(control, work, keep, running, watched):
                return


def _accept(
    control: socket.socket, work: Work, keep: Collection[int], running: dict[int, _Running], watched: select.poll
) -> bool:
    request, descriptors = messages.receive(control)
    if request is None:
        return False
    conversation = socket.socket(fileno=descriptors[0])
    process = os.fork()
    if not process:
        _child(work, request, descriptors[1:], conversation, keep)
    messages.close(descriptors[1:])
    handle = os.pidfd_open(process)
    running[handle] = running[conversation.fileno()] = (process, handle, conversation)
    watched.register(handle, select.POLLIN)
    watched.register(conversation, select.POLLRDHUP)
    return True


def _attend(descriptor: int, running: dict[int, _Running], watched: select.poll) -> None:
    """A child has ended, or nobody waits for it any more."""
    process, handle, conversation = running[descriptor]
    if descriptor != handle:
        watched.unregister(descriptor)
        os.kill(process, signal.SIGTERM)
        return
    _, status, usage = os.wait4(process, 0)
    watched.unregister(handle)
    os.close(handle)
    del running[handle], running[conversation.fileno()]
    with contextlib.suppress(KeyError):  # it was left alone by whoever asked
        watched.unregister(conversation)
    with contextlib.suppress(OSError):
        processor = usage.ru_utime + usage.ru_stime
        messages.send(conversation, {"exit": os.waitstatus_to_exitcode(status), "processor": processor})
    conversation.close()


def _child(
    work: Work, request: dict[str, Any], descriptors: list[int], conversation: socket.socket, keep: Collection[int]
) -> NoReturn:
    code = 1
    try:
        os.setsid()
        alone([conversation.fileno(), *descriptors, *keep])
        code = work(request, descriptors, conversation)
    except BaseException as error:
        complaint = f"{type(error).__name__}: {error}"[:2000]
        messages.send(conversation, {"error": complaint})
    finally:
        os._exit(code % 256)


def alone(keep: Iterable[int]) -> None:
    """Close every descriptor but these; standard input and outputs lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    first = 3
    for kept in sorted({*keep}):
        os.closerange(first, kept)
        first = kept + 1
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _companion(control: socket.socket, run: Callable[[], None], foreign: Iterable[socket.socket]) -> int:
    """A process that runs beside this one, as a descriptor that tells when it has ended."""
    process = os.fork()
    if process:
        return os.pidfd_open(process)
    try:
        for other in foreign:
            other.close()
        run()
    except BrokenPipeError:  # the grader has gone meanwhile
        pass
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(0)


def _examiners(control: socket.socket, exercises: str) -> None:
    from course_support.sandbox import examining

    serve(control, examining.work(exercises))


def _sessions(control: socket.socket, kernels: socket.socket) -> None:
    from course_support.sandbox import session

    serve(control, session.work(kernels), keep=[kernels.fileno()])


def _kernels(control: socket.socket, companions: Collection[int]) -> None:
    from course_support.sandbox import kernel

    preload(kernel.MODULES)
    serve(control, kernel.work, companions=companions)


if __name__ == "__main__":
    main()
