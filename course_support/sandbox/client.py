"""A client of Jupyter's that fits a stranger's kernel: it notices at once when that dies, takes in output while a cell
runs, and gives up on one that floods."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from queue import Empty
from time import monotonic, sleep
from typing import Any, ClassVar

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

GLANCE = 0.1  # seconds between two looks at whether the kernel lives
MOST_WAITING = 100  # messages that wait to be read


class KernelDied(Exception):
    """The kernel's process is gone."""


class TooMuchOutput(Exception):
    """A cell put out more than is kept."""


class Message(dict[str, Any]):
    """A message that is quickly shown: nbval pretty-prints each for a log that nobody keeps."""

    def __repr__(self) -> str:
        return "<a message>"


class Client(BlockingKernelClient):
    """A client that takes in output while it waits for a reply, and gives up on a kernel that died or floods."""

    most_bytes: ClassVar[int] = 2 * 2**20

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        self._waiting: deque[dict[str, Any]] = deque()
        self._received = 0
        # what is longer cuts the connection, before it is in memory
        self.context.setsockopt(zmq.MAXMSGSIZE, 4 * self.most_bytes)
        self.context.setsockopt(zmq.RCVHWM, MOST_WAITING)
        super().start_channels(*args, **kwargs)
        channels = (self.shell_channel, self.iopub_channel)
        self._cuts = [channel.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED) for channel in channels]
        self._poller = zmq.Poller()
        for socket in (*(channel.socket for channel in channels), *self._cuts):
            self._poller.register(socket, zmq.POLLIN)

    def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for an answer and the first output, without the stock client's pauses. RuntimeError if none comes."""
        end = monotonic() + (timeout or 60)
        while monotonic() < end:
            asked = self.kernel_info()
            try:
                while self.get_shell_msg(timeout=1)["parent_header"].get("msg_id") != asked:
                    pass
                while not _is_idle(self.get_iopub_msg(timeout=0.2), asked):
                    pass
                return
            except Empty:
                continue
        raise RuntimeError("The kernel did not answer.")

    def execute(self, *args: Any, **kwargs: Any) -> str:
        self._received = 0
        return super().execute(*args, **kwargs)  # type: ignore[no-any-return]

    def get_shell_msg(self, timeout: float | None = None) -> dict[str, Any]:
        def reply() -> dict[str, Any] | None:
            ready = self.shell_channel.socket.poll(0)
            return Message(self.shell_channel.get_msg(timeout=0)) if ready else None

        return self._await(reply, timeout)

    def get_iopub_msg(self, timeout: float | None = None) -> dict[str, Any]:
        return self._await(lambda: self._waiting.popleft() if self._waiting else None, timeout)

    def _await(self, take: Callable[[], dict[str, Any] | None], timeout: float | None) -> dict[str, Any]:
        end = monotonic() + (timeout if timeout is not None else 3600)
        while True:
            self._take_in_output()
            if message := take():
                return message
            left = end - monotonic()
            if left <= 0:
                raise Empty
            ready = dict(self._poller.poll(int(1000 * min(left, GLANCE)) + 1))
            if any(cut in ready for cut in self._cuts):
                raise self._cut_off()
            if not ready and not self._lives():
                raise KernelDied("The kernel died.")

    def _cut_off(self) -> Exception:
        """The connection is gone: because the kernel is, or because it sent more than a message may hold."""
        end = monotonic() + 1
        while monotonic() < end:
            if not self._lives():
                return KernelDied("The kernel died.")
            sleep(GLANCE / 10)
        return TooMuchOutput("A message was too long.")

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
            self._waiting.append(Message(self.session.deserialize(frames)))


def _is_idle(message: dict[str, Any], asked: str) -> bool:
    """Whether the kernel says that it has done what was asked: output is on its way from here on."""
    if message["parent_header"].get("msg_id") != asked or message["msg_type"] != "status":
        return False
    return bool(message["content"]["execution_state"] == "idle")
