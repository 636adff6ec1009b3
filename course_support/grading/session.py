"""The process in which pytest and nbval run a folder of notebooks, each in a kernel of its own.

nbval runs unmodified. Three things about its kernels are mended: a dead one is noticed at once and not when the time is
up, output is taken in while a cell runs, and there is an end to how much of it. Started by its path, importing nothing
of the course. Usage: `python session.py FOLDER EVENTS SECONDS BYTES`; what happens is told in EVENTS, a line of JSON
each.
"""

# ruff: noqa: E402
from __future__ import annotations

import contextlib
import json
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any, ClassVar

# nbformat would spend a second on importing this, and no notebook needs it
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

import nbval.kernel
import nbval.plugin
import pytest
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

GLANCE = 0.1  # seconds between two looks at whether the kernel lives
MOST_AT_ONCE = 256 * 2**20  # bytes of one message, above which the connection to the kernel is cut


class KernelDied(Exception):
    """The kernel's process is gone."""


class TooMuchOutput(Exception):
    """A cell put out more than is kept."""


class Client(BlockingKernelClient):
    """A client that takes in output while it waits for a reply, and gives up on a kernel that died or floods."""

    most_bytes: ClassVar[int]

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        self._waiting: deque[dict[str, Any]] = deque()
        self._received = 0
        self.context.setsockopt(zmq.MAXMSGSIZE, MOST_AT_ONCE)
        super().start_channels(*args, **kwargs)

    def execute(self, *args: Any, **kwargs: Any) -> str:
        self._received = 0
        return super().execute(*args, **kwargs)  # type: ignore[no-any-return]

    def get_shell_msg(self, timeout: float | None = None) -> dict[str, Any]:
        def reply() -> dict[str, Any] | None:
            ready = self.shell_channel.socket.poll(0)
            return self.shell_channel.get_msg(timeout=0) if ready else None

        return self._await(reply, timeout)

    def get_iopub_msg(self, timeout: float | None = None) -> dict[str, Any]:
        return self._await(lambda: self._waiting.popleft() if self._waiting else None, timeout)

    def _await(self, take: Callable[[], dict[str, Any] | None], timeout: float | None) -> dict[str, Any]:
        end = monotonic() + (timeout if timeout is not None else 3600)
        poller = zmq.Poller()
        for channel in (self.shell_channel, self.iopub_channel):
            poller.register(channel.socket, zmq.POLLIN)
        while True:
            self._take_in_output()
            if message := take():
                return message
            left = end - monotonic()
            if left <= 0:
                raise Empty
            if not poller.poll(int(1000 * min(left, GLANCE)) + 1) and not self._lives():
                raise KernelDied("The kernel died.")

    def _lives(self) -> bool:
        assert isinstance(self.parent, KernelManager)
        return bool(self.parent.is_alive())

    def _take_in_output(self) -> None:
        while self.iopub_channel.socket.poll(0):
            frames = self.iopub_channel.socket.recv_multipart()
            self._received += sum(map(len, frames))
            if self._received > self.most_bytes:
                raise TooMuchOutput(f"More than {self.most_bytes:,} bytes of output.")
            _, frames = self.session.feed_identities(frames)
            self._waiting.append(self.session.deserialize(frames))


class Manager(KernelManager):
    """Starts kernels as ever, and talks to them through our client."""

    client_factory = Client


class Reporter:
    """A pytest plugin that tells of each cell when it starts and how it ended, and leaves a notebook that broke."""

    def __init__(self, events: Path) -> None:
        self._events = events
        self._broken: set[Any] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: Any) -> None:
        if item.parent in self._broken:
            pytest.skip("an earlier cell of this notebook ended it")
        self._tell(item, "started")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: Any, call: Any) -> Generator[None, Any, Any]:
        report = yield
        error = call.excinfo and call.excinfo.value
        if call.when == "call" or (call.when == "setup" and call.excinfo and not report.skipped):
            trouble, detail = _trouble(item, error)
            self._tell(item, "ended", trouble=trouble, detail=detail[:1000], seen=_seen(item))
            if trouble not in ("", "error"):
                self._broken.add(item.parent)
                with contextlib.suppress(Exception):
                    item.parent.kernel.stop()
        return report

    def _tell(self, item: Any, event: str, **more: Any) -> None:
        told = {"notebook": item.path.stem, "cell": item.cell.get("id", ""), "event": event, **more}
        with self._events.open("a", encoding="utf-8") as events:
            events.write(json.dumps(told) + "\n")


def _trouble(item: Any, error: BaseException | None) -> tuple[str, str]:
    """What went wrong in a cell: a word, and for an error of the cell's code its type and message."""
    if isinstance(error, KernelDied) or "Kernel dead" in str(error):
        return "died", ""
    if isinstance(error, TooMuchOutput) or "waiting for output" in str(error):
        return "flooded", ""
    if item.parent.timed_out:
        return "timed out", ""
    for output in item.test_outputs or ():
        if output["output_type"] == "error":
            return "error", f"{output['ename']}: {output['evalue']}"
    if error and not isinstance(error, nbval.plugin.NbCellError):
        return "not started", f"{type(error).__name__}: {error}"
    return "", ""


def _seen(item: Any) -> bool:
    """Whether every line that the reference stored for this cell was put out; what a learner prints beside is fine."""
    wanted = _lines(item.cell.outputs)
    return bool(wanted) and wanted <= _lines(item.test_outputs or ())


def _lines(outputs: Iterable[Any]) -> set[str]:
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return {line for text in texts for line in text.splitlines() if line.strip()}


def main() -> int:
    folder, events, seconds, most_bytes = sys.argv[1:]
    Client.most_bytes = int(most_bytes)
    nbval.kernel.KernelManager = Manager
    # an empty configuration of our own: pytest would look for one in every folder above
    (configuration := Path(folder, "pytest.ini")).write_text("[pytest]\n")
    options = ["-c", str(configuration), "-p", "nbval.plugin", "-p", "no:cacheprovider", "--noconftest", "-q"]
    options += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout", seconds, folder]
    return pytest.main(options, plugins=[Reporter(Path(events))])


if __name__ == "__main__":
    sys.exit(main())
