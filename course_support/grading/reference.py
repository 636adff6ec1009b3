"""The pristine exercises that answers are put into, made from the solutions that the author wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from course_support import notebooks
from course_support.grading.errors import GradingError
from course_support.notebooks import Cell, Notebook


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise of a lesson: its cells by id, the names that its answer defines, the stub, and one right answer."""

    name: str
    title: str
    points: int
    answer_id: str
    check_id: str
    stub: str
    solution: str

    @property
    def defines(self) -> frozenset[str]:
        return notebooks.defined(self.stub)


@dataclass(frozen=True, slots=True)
class Reference:
    """A lesson's exercises, with stubs for answers and the stored line of a passed check after each."""

    lesson: str
    notebook: Notebook
    items: tuple[Item, ...]


def load(solutions: Path, catalogue: Mapping[str, tuple[str, int]]) -> tuple[Reference, ...]:
    """Every lesson's reference from the folder of the solutions; `catalogue` gives each exercise's title and points.

    Raises GradingError for solutions that are not there, that the examiner does not know, or that were never run.
    """
    paths = sorted(solutions.glob("*_solutions.ipynb"))
    if not paths:
        raise GradingError(f"There are no solutions in {solutions}: grading needs the whole course, not only a part.")
    loaded = (reference(path.stem.removesuffix("_solutions"), json.loads(path.read_text("utf-8")), catalogue)
              for path in paths)  # fmt: skip
    return tuple(found for found in loaded if found.items)


def reference(lesson: str, solved: Notebook, catalogue: Mapping[str, tuple[str, int]]) -> Reference:
    """The reference of one solutions notebook; GradingError as for `load`."""
    solved = notebooks.normalised(solved)
    items = tuple(_item(solved, short, catalogue) for short in notebooks.answers(solved))
    kept = {"setup", *(item.answer_id for item in items), *(item.check_id for item in items)}
    stubs = notebooks.with_sources(solved, {item.answer_id: item.stub for item in items})
    return Reference(lesson, notebooks.with_cells(stubs, (c for c in stubs["cells"] if c["id"] in kept)), items)


def _item(solved: Notebook, short: str, catalogue: Mapping[str, tuple[str, int]]) -> Item:
    name = short.replace("-", ".", 1)
    if name not in catalogue:
        raise GradingError(
            f"The examiner knows no exercise {name}: the solutions and the course do not belong together."
        )
    answer, check = (notebooks.cell_of(solved, f"{part}-{short}") for part in ("answer", "check"))
    if not any(line.startswith(f"✔ {name} passed") for line in lines(check.get("outputs", []))):
        raise GradingError(f"The solution of {name} has not been run with success: run `course build --run`.")
    source = notebooks.source(answer)
    return Item(name, *catalogue[name], answer["id"], check["id"], notebooks.stripped(source), source)


def lines(outputs: Iterable[Cell]) -> list[str]:
    """The lines of text that a cell put out."""
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return [line for text in texts for line in "".join(text).splitlines()]
