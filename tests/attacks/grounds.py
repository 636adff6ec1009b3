"""The machine under attack: what is worth stealing, listeners that nobody should reach, and what is left afterwards."""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path

import psutil

from tests.grading import tiny

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("home", "submissions", "solutions", "outside", "judges", "tmp", "report")
JUDGES = """

CANARY = "canary-of-the-judges-{canary}"


def _serve_scenes(drawn):
    number = drawn.randrange(10**9)
    ask = lambda client: client.send("GET", "/number")
    return [Scene(app(number), {{"url": URL}}, {{"value": number + 1}}, afterwards=ask, serves=True)]


def _serve_judge(evidence):
    answered = [exchange.response.json() for exchange in evidence.afterwards if exchange.response]
    return PASSED if answered and answered[-1].get("number") == evidence.expected["value"] else wrong("Another number.")


EXERCISES += (Exercise("tiny.serve", "Serve a number", 1, ("a", "b"), _serve_scenes, _serve_judge),)
"""


class Grounds:
    """A folder with all that a grader has, in this process's environment. `places` are what attacks know of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in FOLDERS:
            (folder / name).mkdir()
        self.mark = f"mark{secrets.token_hex(6)}"
        self._heard: list[str] = []
        self._files()
        self._listeners = self._listening()
        self.places = {name: str(folder / name) for name in FOLDERS} | {
            "ground": str(folder),
            "judges": str(folder / "judges" / "judging.py"),
            "mark": self.mark,
            "repository": str(REPOSITORY),
            "socket": str(folder / "outside" / "socket"),
            "address": _address(),
            "port": str(self._port),
        }
        self._own_environment()

    def _own_environment(self) -> None:
        """Be a grader with a home, secrets and orphans of its own."""
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whoever loses its parent becomes our child
        os.environ |= {"HOME": self.places["home"], "TMPDIR": self.places["tmp"], "COURSE_SECRET": "canary-environment"}
        self._before = self._kept()

    def _files(self) -> None:
        (self.folder / "home" / "secret.txt").write_text("canary-home")
        (self.folder / "outside" / "kept.txt").write_text("kept")
        (self.folder / "solutions" / "09_tiny_solutions.ipynb").write_text(json.dumps(tiny.solutions()), "utf-8")
        judges = Path(tiny.__file__).read_text("utf-8") + JUDGES.format(canary=secrets.token_hex(4))
        (self.folder / "judges" / "judging.py").write_text(judges, "utf-8")

    def _listening(self) -> list[socket.socket]:
        """Sockets of other programs, by which nothing may come."""
        with_path, without = (socket.socket(socket.AF_UNIX) for _ in range(2))
        here = os.open(self.folder / "outside", os.O_RDONLY)
        with_path.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
        without.bind(f"\0{self.mark}")
        stream = socket.create_server(("0.0.0.0", 0))
        self._port = stream.getsockname()[1]
        packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        packets.bind(("0.0.0.0", self._port))
        for listener in (with_path, without):
            listener.listen()
        made = [with_path, without, stream, packets]
        for listener in made:
            threading.Thread(target=self._listen, args=(listener,), daemon=True).start()
        return made

    def _listen(self, listener: socket.socket) -> None:
        while True:
            said = listener.recv(99) if listener.type == socket.SOCK_DGRAM else str(listener.accept())
            self._heard.append(str(said))

    def _kept(self) -> dict[str, str]:
        """The files that no answer may change."""
        watched = [self.folder / name for name in ("home", "outside", "solutions", "judges")]
        files = [path for folder in watched for path in folder.rglob("*") if path.is_file()]
        return {str(path): path.read_text("utf-8", "replace") for path in files if "__pycache__" not in path.parts}

    def left(self) -> dict[str, list[str]]:
        """What is there and should not be, by kind; empty lists where the machine is as it was."""
        until = time.monotonic() + 10
        while (processes := _descendants()) and time.monotonic() < until:
            time.sleep(0.05)
        after = self._kept()
        return {
            "processes": processes,
            "changed": sorted(set(after.items()) ^ set(self._before.items()), key=str),
            "named": self._named(),
            "written": [path for path in map(str, _startup()) if self.mark in _content(path)],
            "temporary": os.listdir(self.folder / "tmp"),
            "heard": self._heard,
            "sockets": [line for line in Path("/proc/net/unix").read_text().splitlines()[1:] if self.mark in line][1:],
        }

    def _named(self) -> list[str]:
        """Files that bear the mark, wherever something could be written."""
        tops = [self.folder, Path("/dev/shm"), Path("/var/tmp"), Path("/tmp"), Path("/"), Path("/run"), REPOSITORY]
        return [str(path) for top in tops for path in _entries(top) if self.mark in path.name]


def _entries(top: Path) -> list[Path]:
    try:
        return list(top.iterdir())
    except OSError:
        return []


def _startup() -> list[Path]:
    """Files that are run, or read, at the start of something."""
    home, packages = Path(os.path.expanduser("~root")), [Path(path) for path in sys.path if "packages" in path]
    found = [path for folder in packages for path in [*folder.glob("*.pth"), *folder.glob("*customize.py")]]
    found += [path for name in (".bashrc", ".profile", ".pythonrc") for path in [home / name]]
    found += [home / ".ipython/profile_default/startup/00.py", home / ".config/matplotlib/matplotlibrc"]
    return [*found, *(REPOSITORY / "course_support").rglob("*.py"), *Path(sys.prefix, "etc").rglob("*.json")]


def _content(path: str) -> str:
    try:
        return Path(path).read_text("utf-8", "replace")
    except OSError:
        return ""


def _descendants() -> list[str]:
    found = psutil.Process().children(recursive=True)
    for process in found:
        if process.status() == psutil.STATUS_ZOMBIE and process.ppid() == os.getpid():
            os.waitpid(process.pid, os.WNOHANG)
    return [str(process) for process in found if process.is_running()]


def _address() -> str:
    """An address of this machine other than 127.0.0.1, if it has one."""
    every = [it.address for known in psutil.net_if_addrs().values() for it in known if it.family == socket.AF_INET]
    return next((it for it in every if not it.startswith("127.")), "127.0.0.1")
