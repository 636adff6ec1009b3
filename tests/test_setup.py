"""The files that set the course up agree with each other and with what is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec

PROJECT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
METADATA = PYPROJECT["project"]
SHARED = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
PYTHONS = ("3.11.0", "3.11.9", "3.12.3", "3.13.1")
SYSTEMS = (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows"))
LEARNER = METADATA["dependencies"] + METADATA["optional-dependencies"]["setup"]
LOCKS = {
    "requirements.lock": LEARNER,
    "requirements-test.lock": LEARNER + METADATA["optional-dependencies"]["test"],
    "requirements-nbgrader.lock": LEARNER + METADATA["optional-dependencies"]["nbgrader"],
}
HERE = [lock for lock in LOCKS if lock != "requirements-nbgrader.lock"]  # which is installed in another environment


class Pin(NamedTuple):
    name: str
    version: Version
    marker: str
    hashes: list[str]

    def applies(self, environment: dict[str, str]) -> bool:
        return not self.marker or Marker(self.marker).evaluate(environment)


def pins(lock: str) -> list[Pin]:
    """The requirements of a lock file; ValueError for a line that is none."""
    found = []
    joined = (PROJECT / lock).read_text("utf-8").replace("\\\n", " ")
    for line in joined.splitlines():
        match = re.fullmatch(r"([\w.-]+)==([\w.+!]+)\s*(?:;\s*(.*?))?\s*((?:--hash=\S+\s*)*)", line)
        if not match:
            raise ValueError(f"{lock}: what is {line!r}?")
        found.append(Pin(match[1], Version(match[2]), match[3] or "", re.findall(r"--hash=(\S+)", match[4])))
    return found


def environments() -> list[dict[str, str]]:
    """Markers of every machine that the course supports."""
    return [
        {
            "python_full_version": python,
            "python_version": python.rpartition(".")[0],
            "sys_platform": system,
            "os_name": os_name,
            "platform_system": platform,
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }
        for python in PYTHONS
        for system, os_name, platform in SYSTEMS
    ]


def chosen(lock: str, environment: dict[str, str]) -> dict[str, Version]:
    """The one version of each package that a machine gets; AssertionError where it is told two."""
    found: dict[str, Version] = {}
    for pin in pins(lock):
        if pin.applies(environment):
            assert pin.name not in found, f"{pin.name} is pinned twice for {environment}"
            found[pin.name] = pin.version
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_a_hash_for_each_package(lock: str) -> None:
    for pin in pins(lock):  # which refuses a line that is anything but a pin
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in pin.hashes), pin.name


@pytest.mark.parametrize("environment", environments(), ids=lambda e: f"{e['sys_platform']}-{e['python_full_version']}")
@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_gives_each_supported_machine_what_pyproject_asks_for(lock: str, environment: dict[str, str]) -> None:
    versions = chosen(lock, environment)
    for wanted in map(Requirement, LOCKS[lock]):
        assert versions[canonicalize_name(wanted.name)] in wanted.specifier, wanted.name


@pytest.mark.parametrize("lock", LOCKS)
def test_tests_and_nbgrader_use_the_versions_that_learners_get(lock: str) -> None:
    for environment in environments():
        assert chosen("requirements.lock", environment).items() <= chosen(lock, environment).items()


def test_learners_do_not_install_what_only_tests_need() -> None:
    names = {pin.name for pin in pins("requirements.lock")}
    others = METADATA["optional-dependencies"]["test"] + METADATA["optional-dependencies"]["nbgrader"]
    assert not names & {canonicalize_name(Requirement(wanted).name) for wanted in others}


@pytest.mark.parametrize("lock", HERE)
def test_nothing_that_a_pinned_package_needs_is_left_out(lock: str) -> None:
    environment = {name: str(value) for name, value in default_environment().items()}
    versions = chosen(lock, environment)
    for name in versions:
        for needed in map(Requirement, metadata.requires(name) or []):
            if not needed.marker or needed.marker.evaluate({**environment, "extra": ""}):
                assert versions[canonicalize_name(needed.name)] in needed.specifier, f"{name} needs {needed}"


def test_constraints_are_the_lock_without_its_hashes() -> None:
    lines = (PROJECT / "constraints.txt").read_text("utf-8").splitlines()
    assert lines == [
        f"{pin.name}=={pin.version}" + (f" ; {pin.marker}" if pin.marker else "") for pin in pins("requirements.lock")
    ]


def test_the_conda_environment_brings_python_and_pip_and_pip_the_rest() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text("utf-8"))
    *conda, last = environment["dependencies"]
    specs = [MatchSpec(spec, strict=True) for spec in conda]
    assert [spec.name and spec.name.normalized for spec in specs] == ["python", "pip"]
    assert environment["channels"] == ["conda-forge"]
    # Binder reads the version from exactly this form
    version = re.fullmatch(r"python=(3\.\d+)", conda[0])
    assert version
    assert f"{version[1]}.0" in SpecifierSet(METADATA["requires-python"])
    assert last == {"pip": ["--constraint constraints.txt", "--editable ."]}
    assert environment["name"] in (PROJECT / "README.md").read_text("utf-8")


def make(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60, env=environment)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as make sees it, in a folder with a blank in its name, set up long ago."""
    project = tmp_path / "a class"
    (project / ".venv").mkdir(parents=True)
    (project / "course_support").mkdir()
    for name in ("Makefile", "pyproject.toml", *LOCKS, *SHARED):
        shutil.copyfile(PROJECT / name, project / name)
        os.utime(project / name, (1, 1))
    (project / ".venv/.ready").touch()
    os.utime(project / ".venv/.ready", (2, 2))
    (project / ".venv/.ready-test").touch()
    (project / ".venv-nbgrader").mkdir()
    (project / ".venv-nbgrader/.ready").touch()
    return project


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@needs_make
def test_a_second_make_lab_only_opens_the_course(copy: Path) -> None:
    assert make("-n", "lab", cwd=copy).stdout.splitlines() == [".venv/bin/course lab"]


@needs_make
@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml", *SHARED])
def test_what_was_changed_is_installed_by_the_next_make(copy: Path, changed: str) -> None:
    (copy / changed).touch()
    said = make("-n", "lab", cwd=copy).stdout
    assert "--require-hashes -r requirements.lock" in said
    assert "--editable ." in said
    assert "requirements-test.lock" not in said


@needs_make
def test_make_test_adds_what_tests_need(copy: Path) -> None:
    pytest = ".venv/bin/python -m pytest -n 3"
    commands = [".venv/bin/ruff check .", ".venv/bin/mypy", pytest]
    assert make("-n", "test", cwd=copy).stdout.splitlines() == commands
    (copy / ".venv/.ready-test").unlink()
    said = make("-n", "test", cwd=copy).stdout
    assert "--require-hashes -r requirements-test.lock" in said
    assert "--editable" not in said


@needs_make
def test_make_test_sets_up_a_fresh_clone(copy: Path) -> None:
    shutil.rmtree(copy / ".venv")
    said = make("-n", "test", cwd=copy).stdout
    steps = ["-m venv .venv", "-r requirements.lock", "--editable .", "-r requirements-test.lock", "-m pytest"]
    assert [said.find(step) for step in steps] == sorted(said.index(step) for step in steps)


@needs_make
def test_make_test_gives_nbgrader_an_environment_of_its_own(copy: Path) -> None:
    (copy / ".venv-nbgrader/.ready").unlink()
    said = make("-n", "test", cwd=copy).stdout
    assert ".venv-nbgrader/bin/python -m pip" in said
    assert "--require-hashes -r requirements-nbgrader.lock" in said
    assert "nbgrader" not in make("-n", "lab", cwd=copy).stdout


@needs_make
@pytest.mark.parametrize(
    ("version", "fits"), [((3, 10, 13), False), ((3, 11, 0), True), ((3, 13, 5), True), ((3, 14, 0), False)]
)
def test_make_refuses_a_python_that_does_not_fit(copy: Path, version: tuple[int, int, int], fits: bool) -> None:
    assert (".".join(map(str, version)) in SpecifierSet(METADATA["requires-python"])) == fits
    python = copy / "python"
    python.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys; sys.version_info={version}; exec(sys.argv[1])" "$2"\n'
    )
    python.chmod(0o755)
    shutil.rmtree(copy / ".venv")
    done = make("lab", "PYTHON=./python", cwd=copy)
    assert done.returncode != 0
    assert ("Python 3.11, 3.12 or 3.13 is needed: make lab PYTHON=python3.12" in done.stderr) != fits


@pytest.mark.parametrize("source", SHARED)
def test_settings_files_are_installed_as_they_are_here(source: str) -> None:
    installed = Path(sys.prefix) / SHARED[source]
    assert installed.read_bytes() == (PROJECT / source).read_bytes()


SETTINGS: dict[str, dict[str, Any]] = json.loads((PROJECT / "course_support/jupyterlab.json").read_text("utf-8"))


@pytest.mark.parametrize("plugin", SETTINGS)
def test_each_setting_is_one_that_the_installed_jupyterlab_knows(plugin: str) -> None:
    package, _, name = plugin.rpartition(":")
    schema = json.loads((Path(sys.prefix) / f"share/jupyter/lab/schemas/{package}/{name}.json").read_text("utf-8"))
    assert set(SETTINGS[plugin]) <= set(schema["properties"])
    jsonschema.validate(SETTINGS[plugin], schema)
