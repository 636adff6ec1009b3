"""`import course_support` stays quick: what only plots and widgets need is loaded when one is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import course_support

HEAVY = ("anywidget", "ipywidgets", "matplotlib")


def loaded(statement: str) -> list[str]:
    """The heavy packages that a fresh interpreter has loaded after `statement`."""
    code = f"{statement}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def test_the_import_loads_nothing_heavy() -> None:
    assert loaded("import course_support; course_support.serve; course_support.worksheet; dir(course_support)") == []


@pytest.mark.parametrize(("name", "heavy"), [("bars", []), ("frames", []), ("traffic", ["anywidget", "ipywidgets"])])
def test_a_later_name_loads_what_it_needs(name: str, heavy: list[str]) -> None:
    assert loaded(f"from course_support import {name}") == heavy


def test_names_resolve_to_what_the_package_defines() -> None:
    for name in course_support.__all__:
        assert getattr(course_support, name).__module__.startswith("course_support"), name


def test_no_later_name_is_also_a_module_s() -> None:
    """Once anything has imported that module, it would be what the name means."""
    modules = {path.stem for path in Path(course_support.__file__).parent.iterdir()}
    assert modules & set(course_support._LATER) == set()
