"""How Jupyter starts our kernels, by means of which nbval runs unmodified (jupyter_client's entry points)."""

from __future__ import annotations

import asyncio
import json
import select
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from course_support.sandbox import messages

CLIENT = "course_support.sandbox.client.Client"
PLAIN, BOXED = "course-plain", "course-boxed"  # kernels' names, and the entry points'
STARTUP = 60.0  # seconds


@dataclass(frozen=True)
class Station:
    """Where a session gets its boxed kernels: the fork server, the examiner's namespaces, what a kernel may know."""

    kernels: socket.socket
    namespaces: tuple[int, int]
    folder: Path
    visible: list[str]
    hidden: list[str]
    environment: Mapping[str, str]
    memory: int
    numbers: Any = field(default_factory=count)


station: Station | None = None
used: list[float] = []  # seconds of processor time of each kernel that has ended, its children's included


class Plain(LocalProvisioner):
    """A kernel as Jupyter starts it, with our client."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        assert self.parent
        self.parent.client_class = CLIENT
        return await super().pre_launch(**kwargs)


class Boxed(Plain):
    """A kernel of the box, reached by sockets in a folder of its own. Its process is a conversation with its warden."""

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        assert station
        assert self.parent
        folder = station.folder / str(next(station.numbers))
        folder.mkdir(parents=True)
        self.parent.transport = "ipc"
        self.parent.ip = str(folder / "s")
        self.parent.connection_file = str(folder / "connection.json")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Ask the fork server. RuntimeError, with its words, if the kernel does not start."""
        assert station
        assert self.parent
        self._ended: int | None = None
        self._conversation, far = messages.pair()
        request = {
            "folder": str(Path(self.parent.connection_file).parent),
            "visible": station.visible,
            "hidden": station.hidden,
            "environment": dict(station.environment),
            "memory": station.memory,
        }
        messages.send(station.kernels, request, [far.fileno(), *station.namespaces])
        far.close()
        self._conversation.settimeout(STARTUP)
        answer, _ = messages.receive(self._conversation)
        if answer != {"ready": True}:
            raise RuntimeError(f"The kernel did not start: {json.dumps(answer)}")
        self.process = self._conversation  # type: ignore[assignment]  # what counts is that there is one
        return self.connection_info

    async def poll(self) -> int | None:
        return self._look(0) if self.process else 0

    async def wait(self) -> int | None:
        code = await asyncio.to_thread(self._look, STARTUP)
        self._conversation.close()
        self.process = None
        return code

    async def send_signal(self, signum: int) -> None:
        """Only SIGKILL can be sent: the conversation's end is the kernel's. To interrupt, a message is sent instead."""
        if self.process and signum == signal.SIGKILL:
            self._conversation.shutdown(socket.SHUT_WR)

    async def kill(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGKILL)

    def _look(self, seconds: float) -> int | None:
        """The exit code, if the kernel has ended by then."""
        watched = select.poll()
        watched.register(self._conversation, select.POLLIN)
        while self._ended is None and watched.poll(int(seconds * 1000)):
            answer, _ = messages.receive(self._conversation)
            used.append((answer or {}).get("processor", 0.0))
            if answer is None or "exit" in answer:
                self._ended = answer["exit"] if answer else -1
        return self._ended
