"""The package is built in floors: a module imports only from floors below its own, so that each can be read alone."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import course_support

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "course_support"

# From the top down; a package is one module. Whoever adds a module decides here where it belongs.
FLOORS = (
    {"cli"},  # the command
    {"__init__", "bridge", "doctor", "lab"},  # public names
    {"worksheet"},  # exercises as a notebook shows them
    {"classroom", "exercises", "grading", "reporting"},
    {"sandbox"},  # where strangers' code runs
    {"examiner"},
    {"trial", "widgets"},
    {"six_styles"},  # a measurement, with servers of its own
    {"authoring", "exercise", "feedback", "overview", "server"},
    {"attempts"},
    {"evidence"},
    {"connection", "hosting", "tap"},
    {"faults", "notebooks", "recorder", "verdict", "views"},
    {"choosing", "conversation", "http1", "line", "sheets", "stocktaking"},
    # nothing of the course
    {"backends", "crowd", "errors", "kernel_config", "lane", "questions", "records", "relay", "wire"},
)
HEIGHT = {module: height for height, floor in enumerate(reversed(FLOORS)) for module in floor}


def module_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(source: str, path: Path) -> Iterator[str]:
    """The course's modules that `source` imports anywhere, lazily too."""
    here = ("course_support", *path.relative_to(PACKAGE).with_suffix("").parts)
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level]] if node.level else []
            base += [node.module] if node.module else []
            names = [".".join([*base, alias.name]) for alias in node.names]
        for package, _, rest in (name.partition(".") for name in names):
            if package == "course_support":
                module = rest.partition(".")[0]
                yield module if module in HEIGHT or (PACKAGE / f"{module}.py").exists() else "__init__"


def too_high(source: str, path: Path) -> list[str]:
    own = module_of(path)
    return [module for module in imported(source, path) if module != own and HEIGHT[module] >= HEIGHT[own]]


def test_every_module_has_a_floor() -> None:
    unknown = {module_of(path) for path in PACKAGE.rglob("*.py")} - set(HEIGHT)
    assert not unknown, f"Give {', '.join(sorted(unknown))} a floor in {Path(__file__).name}."


def test_no_module_has_two_floors() -> None:
    assert sum(map(len, FLOORS)) == len(HEIGHT)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_lead_downwards(path: Path) -> None:
    assert too_high(path.read_text("utf-8"), path) == []


@pytest.mark.parametrize(
    ("place", "source", "found"),
    [
        ("wire.py", "import course_support.server", ["server"]),
        ("wire.py", "from course_support import faults", ["faults"]),
        ("wire.py", "def later():\n    from course_support.cli import main", ["cli"]),
        ("wire.py", "from course_support import serve", ["__init__"]),
        ("wire.py", "from . import server", ["server"]),
        ("views/table.py", "from ..server import serve", ["server"]),
        ("views/table.py", "from .style import code\nfrom course_support.views import style", []),
        ("server.py", "from course_support.wire import Exchange\nimport course_supporter", []),
    ],
)
def test_an_import_upwards_is_seen(place: str, source: str, found: list[str]) -> None:
    assert too_high(source, PACKAGE / place) == found


def test_public_names_are_sorted_and_there() -> None:
    names = course_support.__all__
    assert list(names) == sorted(set(names))
    assert set(course_support._LATER) <= set(names)
    assert dir(course_support) == list(names)
    for name in names:
        assert getattr(course_support, name) is not None


def test_a_name_that_is_not_there_says_which_are() -> None:
    with pytest.raises(AttributeError, match=r"course_support has no 'sevre': it has CourseError, .*serve"):
        _ = course_support.sevre


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("notebook", sorted(PROJECT.glob("*/0*.ipynb")), ids=lambda path: path.name)
def test_notebooks_use_public_names(notebook: Path) -> None:
    code = code_of(notebook)
    used = set(re.findall(r"\bcourse\.(\w+)", code)) if "import course_support as course" in code else set()
    assert used <= set(course_support.__all__)
