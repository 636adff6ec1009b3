"""The answers in the solutions notebooks, found by cell id, as functions and as the stubs that learners start from."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.exercises.answers.answer import Function

NOTEBOOKS = Path(__file__).parents[2] / "solutions"
BLOCK = re.compile(r"( *)### BEGIN SOLUTION\n.*### END SOLUTION", re.DOTALL)


@cache
def cells() -> dict[str, dict[str, Any]]:
    """Every cell of every solutions notebook by its id; the setup of a notebook as `setup-LESSON`."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        read = {cell["id"]: cell for cell in json.loads(path.read_text("utf-8"))["cells"]}
        lesson = next(name for name in read if name.startswith("answer-")).split("-")[1]
        found |= read | {f"setup-{lesson}": read["setup"]}
    return found


def source(cell_id: str) -> str:
    return "".join(cells()[cell_id]["source"])


@cache
def solution(name: str) -> Function:
    """The solution's function."""
    return _function(name, source(f"answer-{name.replace('.', '-')}"))


def stub(name: str) -> Function:
    """The function as learners get it."""
    text, count = BLOCK.subn(r"\1raise NotImplementedError", source(f"answer-{name.replace('.', '-')}"))
    assert count == 1
    return _function(name, text)


def _function(name: str, text: str) -> Function:
    lesson, _, short = name.partition(".")
    imports = [line for line in source(f"setup-{lesson}").splitlines() if line.startswith(("import ", "from "))]
    # As in a notebook: in its own module, where strawberry looks for types, and without this file's own __future__.
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile("\n".join([*imports, text]), name, "exec", dont_inherit=True), namespace)
    function: Function = namespace[short]
    return function
