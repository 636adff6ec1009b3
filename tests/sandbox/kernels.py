"""Kernels to compare: forked ones of a sandbox and cold ones in a box alike, and what each puts out for a cell."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

from course_support.sandbox import box
from course_support.sandbox.child import STARTUP, Child

SECONDS = 60  # for one cell, on a busy machine
INTERRUPT = "interrupt me\n"  # a cell that prints this is interrupted
UNTIL = re.compile(r"^# until (.*)", re.MULTILINE)  # output that comes after a cell's end
DRAWN = r"(?<![0-9a-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-z])"
_numbers = count()


@dataclass(frozen=True)
class Kernel:
    """A client of Jupyter's, and a function that waits for the kernel's end and tells whether it came."""

    client: BlockingKernelClient
    ended: Callable[[], bool]

    def run(self, source: str) -> dict[str, Any]:
        """What came of a cell: its streams, what of them was put out for another cell, all else, and the reply."""
        asked = self.client.execute(source, allow_stdin=False, stop_on_error=False)
        found: dict[str, Any] = {"stdout": "", "stderr": "", "elsewhere": "", "shown": []}
        idle = False
        while not idle or any(text not in found["stdout"] + found["stderr"] for text in UNTIL.findall(source)):
            message = self._output(source)
            kind, content = message["msg_type"], message["content"]
            own = message["parent_header"].get("msg_id") == asked
            if kind == "stream":
                found[content["name"]] += content["text"]
                found["elsewhere"] += "" if own else content["text"]
                if content["text"].endswith(INTERRUPT):
                    self.client.control_channel.send(self.client.session.msg("interrupt_request", {}))
            elif kind == "status":
                idle |= own and content["execution_state"] == "idle"
            elif kind != "execute_input":
                found["shown"].append({"type": kind} | _described(content))
        return found | {"reply": self._reply(asked)}

    def _output(self, source: str) -> dict[str, Any]:
        try:
            return self.client.get_iopub_msg(timeout=SECONDS)
        except Empty:
            raise TimeoutError(f"For {SECONDS} seconds, nothing came of this cell:\n{source}") from None

    def _reply(self, asked: str) -> dict[str, Any]:
        while (message := self.client.get_shell_msg(timeout=SECONDS))["parent_header"].get("msg_id") != asked:
            pass
        return {key: message["content"].get(key) for key in ("status", "payload")}


@contextmanager
def forked(sandbox):
    """A kernel of the sandbox, with an examiner of its own."""
    name = f"golden{next(_numbers)}"
    folder = _folder(sandbox._folder / name)
    inside = f"{box.SHARED}/{name}"
    with Child(sandbox._exams, {"seed": "1", "log": f"{inside}/log.jsonl"}) as examiner:
        answer, namespaces = examiner.says(STARTUP)
        _connection(folder, inside)
        request = {"folder": inside, "visible": sandbox._visible, "hidden": sandbox._hidden, "memory": 4 * 2**30,
                   "environment": box.environment() | {"COURSE_EXAMINER": answer["url"]}}  # fmt: skip
        with Child(sandbox._kernels, request, namespaces) as kernel:
            kernel.says(STARTUP)
            with _client(folder) as client:
                yield Kernel(client, lambda: _has_ended(kernel))


@contextmanager
def cold(shared):
    """A kernel that is started afresh, as Jupyter starts one, in a box whose folder is `shared`."""
    name = f"golden{next(_numbers)}"
    folder = _folder(shared / name)
    inside = f"{box.SHARED}/{name}"
    _connection(folder, inside)
    home = ["--size", str(2**26), "--tmpfs", box.HOME, "--chdir", box.HOME]
    command = [*box.command(shared), *home, "--setenv", "COURSE_EXAMINER", "http://127.0.0.1:1"]
    launched = ["setsid", sys.executable, "-m", "ipykernel_launcher", "-f", f"{inside}/connection.json"]
    nowhere = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    with subprocess.Popen([*command, *launched], **nowhere, start_new_session=True) as process:
        try:
            with _client(folder) as client:
                yield Kernel(client, lambda: process.wait(SECONDS) is not None)
        finally:
            _end(process.pid)


def _end(bwrap: int) -> None:
    """End it and what it runs: as root's, it may not end another user's processes when it dies itself."""
    with suppress(psutil.NoSuchProcess):
        outer = psutil.Process(bwrap)
        for process in [*outer.children(recursive=True), outer]:
            with suppress(psutil.NoSuchProcess):
                process.kill()


def alike(found: Any) -> Any:
    """The same without what no two kernels share: addresses, counts of threads, numbers and names that were drawn."""
    text = json.dumps(found, sort_keys=True)
    for shared, pattern in (
        ("0x…", r"\b0x[0-9a-f]{6,}"),
        ("ipykernel_…/…", r"ipykernel_\d+/\d+"),
        (r"\1…", r"\b(Task-|Thread-|golden)\d+"),
        ("127.0.0.1:…", r"127\.0\.0\.1:\d+"),
        ("", r"Matplotlib is building the font cache; this may take a moment\.\\n"),  # on a slow machine
        ("in … s", r"\bin \d+\.\d+s\b"),
        ("message", r"\b[0-9a-f]{8}-[0-9a-f]{24}_\d+_\d+"),
    ):
        text = re.sub(pattern, shared, text)
    names: dict[str, str] = {}
    return json.loads(re.sub(DRAWN, lambda match: names.setdefault(match[0], f"name {len(names)}"), text))


def _described(content: dict[str, Any]) -> dict[str, Any]:
    """A message's content; of an image its size in pixels, and its digest."""
    content = {key: value for key, value in content.items() if key != "execution_count"}
    if png := content.get("data", {}).get("image/png"):
        image = b64decode(png)
        width, height = struct.unpack(">II", image[16:24])
        content["data"] |= {"image/png": f"{width} by {height}, {hashlib.sha256(image).hexdigest()[:7]}"}
    return content


def _folder(folder: Path) -> Path:
    folder.mkdir(parents=True)
    os.chown(folder, *box.somebody())
    return folder


def _connection(folder: Path, inside: str) -> None:
    """A file for either side: a Unix socket has another path in the box."""
    path, _ = write_connection_file(str(folder / "connection.json"), transport="ipc", ip=f"{inside}/s")
    os.chown(path, *box.somebody())
    known = json.loads(Path(path).read_text())
    (folder / "outside.json").write_text(json.dumps(known | {"ip": f"{folder}/s"}))


@contextmanager
def _client(folder: Path):
    client = BlockingKernelClient(connection_file=str(folder / "outside.json"))
    client.load_connection_file()
    client.start_channels()
    try:
        _wait_for(client)
        yield client
    finally:
        client.stop_channels()


def _wait_for(client: BlockingKernelClient) -> None:
    """Wait for an answer and for output; Jupyter's own client gives up on a kernel whose heart pauses."""
    end = monotonic() + SECONDS
    while monotonic() < end:
        client.kernel_info()
        try:
            client.get_shell_msg(timeout=1)
            client.get_iopub_msg(timeout=1)
        except Empty:
            continue
        return
    raise TimeoutError("The kernel did not answer.")


def _has_ended(kernel: Child) -> bool:
    try:
        kernel.says(SECONDS)
    except OSError as error:
        return "exit" in str(error)
    return False
