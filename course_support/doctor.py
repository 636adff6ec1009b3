"""Looks at this machine for what the course needs and says, one line each, what is missing and how to get it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import requests

from course_support import records
from course_support.backends import hello
from course_support.errors import CourseError
from course_support.sandbox import probing
from course_support.server import Server

HERE = Path(__file__).resolve().parent
LOCK = HERE.parent / "requirements.lock"
COURSE = "api-architectures-course"
AGAIN = "run `make clean`, then `make lab`; with conda, `conda env create` again."
BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # those that the browser tests try


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at: `missing` is needed to learn, a `note` is not. `remedy` says what it means and what to do."""

    state: Literal["ok", "missing", "note"]
    subject: str
    remedy: str = ""

    @property
    def text(self) -> str:
        return f"{self.state:<7}  {self.subject}" + (f": {self.remedy}" if self.remedy else "")


def examine() -> int:
    """Print every finding; 1 if something is missing that learning needs, else 0."""
    missing = 0
    for finding in findings():
        print(finding.text, flush=True)
        missing += finding.state == "missing"
    print(f"\n{missing} missing: see above how to get it." if missing else "\nNothing is missing: `course lab`.")
    return int(missing > 0)


def findings() -> Iterator[Finding]:
    """One finding after the other, the most fundamental first."""
    yield python(sys.version_info[:3])
    yield from packages(LOCK)
    yield proxy(os.environ)  # before a server is started, which sets NO_PROXY for this process
    yield loopback()
    yield progress(records.home())
    yield server_proxy()
    prefix = Path(sys.prefix)
    lab = Path(os.environ.get("JUPYTERLAB_DIR") or prefix / "share/jupyter/lab")
    yield installed(
        "JupyterLab's settings", HERE / "jupyterlab.json", lab / "settings/overrides.d" / f"{COURSE}.json", "looks"
    )
    yield installed(
        "the kernel's settings", HERE / "kernel_config.py", prefix / "etc/ipython/ipython_kernel_config.py", "saves"
    )
    yield program("make", ("make",), "`make lab` and `make test` need it; `course lab` does without.")
    yield program("browser for the tests", BROWSERS, "only tests need it. On Debian: apt-get install chromium")
    yield sandbox()


def python(version: tuple[int, ...]) -> Finding:
    """The version, of which the course supports three."""
    subject = f"Python {'.'.join(map(str, version))}"
    if (3, 11) <= version < (3, 14):
        return Finding("ok", subject)
    return Finding("missing", subject, "the course needs 3.11, 3.12 or 3.13: make clean lab PYTHON=python3.12")


def packages(lock: Path) -> list[Finding]:
    """What the course imports itself, beside what `lock` pins; without that file, only whether it is there."""
    pins = pinned(lock.read_text("utf-8")) if lock.is_file() else {}
    findings = [package(name, pins.get(name, set())) for name in required()]
    wanting = [finding for finding in findings if finding.state != "ok"]
    return wanting or [Finding("ok", f"{len(findings)} packages" + (", the versions of the lock" if pins else ""))]


def package(name: str, pins: set[str]) -> Finding:
    """Whether a package is there, in one of the versions in `pins`, if there are any."""
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding("missing", name, f"it is not installed: {AGAIN}")
    if pins and version not in pins:
        return Finding("note", f"{name} {version}", f"the course was tried with {' or '.join(sorted(pins))}: {AGAIN}")
    return Finding("ok", f"{name} {version}")


def required() -> list[str]:
    """The packages that the course depends on by itself, optional ones left out."""
    lines = metadata.requires(COURSE) or []
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines if "extra ==" not in line]


def pinned(lock: str) -> dict[str, set[str]]:
    """Versions by package; some packages are pinned once for each version of Python."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE):
        pins.setdefault(name, set()).add(version)
    return pins


def proxy(environ: Mapping[str, str]) -> Finding:
    """Whether programs beside the course would send even 127.0.0.1 to a proxy."""
    names = [name for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy") if environ.get(name)]
    direct = {host.strip() for name in ("NO_PROXY", "no_proxy") for host in environ.get(name, "").split(",")}
    if not names or direct & {"*", "127.0.0.1"}:
        return Finding("ok", "no proxy between you and 127.0.0.1")
    remedy = "lessons go around it, curl and Postman do not: export NO_PROXY=127.0.0.1,localhost"
    return Finding("note", f"{names[0]} is set", remedy)


def loopback() -> Finding:
    """Whether a backend finds a free port and answers there."""
    subject = "a backend on a free port of 127.0.0.1"
    try:
        with Server(hello.app()) as server:
            answer = requests.get(f"{server.url}/hello", {"name": "doctor"}, timeout=5)
            answer.raise_for_status()
    except (CourseError, OSError) as error:  # requests' own errors are OSErrors
        return Finding("missing", subject, f"{error} Allow programs to listen and connect there.")
    return Finding("ok", subject)


def progress(home: Path) -> Finding:
    """Whether what you have passed can be kept in `home`, which need not be there yet."""
    subject = f"progress is kept in {home}"
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding("ok", subject)
    return Finding("missing", subject, f"{nearest} cannot be written to. Choose another folder: export COURSE_HOME=…")


def server_proxy() -> Finding:
    """Whether JupyterLab loads the extension that takes JavaScript of the page to a backend in the kernel."""
    from jupyter_core.paths import jupyter_config_path
    from jupyter_server.extension.config import ExtensionConfigManager

    subject = "jupyter-server-proxy"
    manager: Any = ExtensionConfigManager(read_config_path=jupyter_config_path())  # untyped
    if manager.get_jpserver_extensions().get("jupyter_server_proxy"):
        return Finding("ok", subject)
    remedy = "JavaScript examples find no backend: jupyter server extension enable jupyter_server_proxy"
    return Finding("missing", subject, remedy)


def installed(subject: str, source: Path, target: Path, matter: Literal["looks", "saves"]) -> Finding:
    """Whether a settings file of the course lies where it is read, and is the one of this version."""
    if target.is_file() and target.read_bytes() == source.read_bytes():
        return Finding("ok", subject)
    harm = {"looks": "JupyterLab looks unlike the lessons say", "saves": "notebooks count as changed when opened"}
    return Finding("note", f"{subject} are {'old' if target.is_file() else 'not there'}", f"{harm[matter]}: {AGAIN}")


def program(subject: str, names: tuple[str, ...], remedy: str) -> Finding:
    """Whether one of the programs is on the path."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    return Finding("ok", f"{subject} ({found})") if found else Finding("note", f"no {subject}", remedy)


def sandbox() -> Finding:
    """Whether answers can be locked up here while they are graded, which learning does without."""
    if missing := probing.missing():
        return Finding("note", "no sandbox", f"only grading strangers' answers needs it. {missing}")
    return Finding("ok", "a sandbox for grading")
