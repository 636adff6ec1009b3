"""The process in which pytest and an unmodified nbval run a folder of notebooks, each in a kernel of its own.

In the box a fork server starts it; without one `python -m course_support.sandbox.session FOLDER SECONDS BYTES`. The
notebooks are FOLDER/sheets/*.ipynb; what happens is told in FOLDER/events.jsonl, a line of JSON each.
"""

# ruff: noqa: E402
from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

# nbformat would spend a second on importing this, and no notebook needs it
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

import nbformat
import nbval.plugin
import pytest
from jupyter_client.provisioning.factory import KernelProvisionerFactory

from course_support.sandbox import provisioner
from course_support.sandbox.client import Client, KernelDied, TooMuchOutput

if TYPE_CHECKING:
    from course_support.sandbox.zygote import Work

MOST_MEMORY = 2 * 2**30  # bytes, for what a kernel may make this process hold


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
            trouble, detail = _trouble(item, error, call.when)
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


def _trouble(item: Any, error: BaseException | None, when: str) -> tuple[str, str]:
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
        return "not started" if when == "setup" else "garbled", f"{type(error).__name__}: {error}"
    return "", ""


def _seen(item: Any) -> bool:
    """Whether every line that the reference stored for this cell was put out; what a learner prints beside is fine."""
    wanted = _lines(item.cell.outputs)
    return bool(wanted) and wanted <= _lines(item.test_outputs or ())


def _lines(outputs: Iterable[Any]) -> set[str]:
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return {line for text in texts for line in text.splitlines() if line.strip()}


def run(folder: Path, kernel: str, seconds: float, most_bytes: int) -> int:
    """Run the folder's sheets with the kernel of this name; returns pytest's exit code."""
    Client.most_bytes = most_bytes
    _describe(kernel, folder / "jupyter")
    options = [
        *_options(folder),
        "--nbval",
        "--nbval-kernel-name",
        kernel,
        "--nbval-cell-timeout",
        str(seconds),
        str(folder / "sheets"),
    ]
    return pytest.main(options, plugins=[Reporter(folder / "events.jsonl")])


def _describe(kernel: str, folder: Path) -> None:
    """Let Jupyter find the kernel: the one of this environment, started by the provisioner of the same name."""
    described = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": kernel,
        "language": "python",
        "interrupt_mode": "message" if kernel == provisioner.BOXED else "signal",
        "metadata": {"kernel_provisioner": {"provisioner_name": kernel}},
    }
    (described_in := folder / "kernels" / kernel).mkdir(parents=True)
    (described_in / "kernel.json").write_text(json.dumps(described))
    os.environ["JUPYTER_PATH"] = str(folder)


def _rehearse() -> None:
    """Do what is slow the first time: pytest's and nbval's own start, and the search for provisioners."""
    KernelProvisionerFactory.instance()
    cell = nbformat.v4.new_code_cell("pass", execution_count=1)
    with tempfile.TemporaryDirectory() as name:
        (notebook := Path(name, "empty.ipynb")).write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
        pytest.main([*_options(Path(name)), "--nbval", "--collect-only", str(notebook)])


def _options(folder: Path) -> list[str]:
    """Options for pytest: an empty configuration of our own, as it would look for one in every folder above."""
    (configuration := folder / "pytest.ini").write_text("[pytest]\n")
    return ["-c", str(configuration), "-p", "nbval.plugin", "-p", "no:cacheprovider", "--noconftest", "-q"]


def work(kernels: socket.socket) -> Work:
    """What a fork server does for a request: a session whose kernels come from the fork server behind `kernels`."""
    import resource  # not on Windows, where there is no box

    from course_support.sandbox import messages, namespaces

    _rehearse()

    def serve(request: dict[str, Any], descriptors: list[int], asker: socket.socket) -> int:
        folder = Path(request["folder"])
        users, network = descriptors
        provisioner.station = provisioner.Station(
            kernels,
            (users, network),
            folder / "kernels",
            request["visible"],
            request["hidden"],
            request["environment"],
            request["memory"],
        )
        os.chdir(folder)
        namespaces.limit([(resource.RLIMIT_AS, MOST_MEMORY)])
        code = run(folder, provisioner.BOXED, request["seconds"], request["bytes"])
        messages.send(asker, {"code": code, "kernels": sum(provisioner.used)})
        return code

    return serve


def _harden() -> None:
    """What can be done without a sandbox: no rights to gain, and no system call that evades limits."""
    if sys.platform == "linux":
        from course_support.sandbox import filter, namespaces

        if filter.known():
            namespaces.drop_capabilities()
            filter.install()


if __name__ == "__main__":
    _harden()
    sys.exit(run(Path(sys.argv[1]), provisioner.PLAIN, float(sys.argv[2]), int(sys.argv[3])))
