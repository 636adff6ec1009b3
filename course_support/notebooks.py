"""A notebook as a plain value: find a cell, strip a solution, replace a section, write it as JupyterLab does.

nbformat is left out: its import costs over a second, and grading reads thousands of notebooks. Every function gives a
new notebook and leaves the one that it was given as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from course_support.errors import CourseError

Cell = dict[str, Any]
Notebook = dict[str, Any]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
STUB = "raise NotImplementedError  # replace this line with your code"
KEPT_MEDIA_TYPES = ("text/markdown", "text/plain")
KEPT_CELL_METADATA = ("deletable", "editable", "jupyter", "slideshow", "tags")
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3",
    },
}
_OUR_ADDRESS = re.compile(r"127\.0\.0\.1:\d+")
_DEFINED = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)"  # def name(…), class name
    r"|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)"  # name = …, name: type = …
    r"|^(?:from[ \t]+\S+[ \t]+)?import[ \t]+(.+)$",  # import name, from module import name as other
    re.MULTILINE,
)


class NotebookError(CourseError):
    """A notebook that lacks a cell, or whose solution block does not close."""


def dumps(notebook: Notebook) -> str:
    """The text of the file, byte for byte as JupyterLab writes it (nbformat 4, texts split into lines)."""
    cells = [_map_texts(cell, lambda text: text.splitlines(keepends=True)) for cell in notebook["cells"]]
    return json.dumps({**notebook, "cells": cells}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def source(cell: Cell) -> str:
    """A cell's source as one text; an empty one where it has none."""
    return _join(cell.get("source", ""))


def index_of(notebook: Notebook, cell_id: str) -> int:
    """Where the cell stands; NotebookError if there is none with this id."""
    for index, cell in enumerate(notebook["cells"]):
        if cell.get("id") == cell_id:
            return index
    raise NotebookError(f"The notebook has no cell with the id {cell_id!r}.")


def cell_of(notebook: Notebook, cell_id: str) -> Cell:
    """The cell with this id; NotebookError if there is none."""
    found: Cell = notebook["cells"][index_of(notebook, cell_id)]
    return found


def with_cells(notebook: Notebook, cells: Iterable[Cell]) -> Notebook:
    """The same notebook with other cells."""
    return {**notebook, "cells": list(cells)}


def with_sources(notebook: Notebook, sources: Mapping[str, str]) -> Notebook:
    """The notebook with the source of some cells, named by id, exchanged for another; all else stays."""
    cells = notebook["cells"]
    return with_cells(notebook, ({**c, "source": sources[c["id"]]} if c.get("id") in sources else c for c in cells))


def section(notebook: Notebook, after: str, before: str) -> list[Cell]:
    """The cells between two cells named by id, these two excluded; NotebookError if one is missing."""
    cells: list[Cell] = notebook["cells"]
    return cells[index_of(notebook, after) + 1 : index_of(notebook, before)]


def with_section(notebook: Notebook, after: str, before: str, cells: Iterable[Cell]) -> Notebook:
    """The notebook with the cells between two cells, named by id, exchanged for others."""
    start, end = index_of(notebook, after) + 1, index_of(notebook, before)
    if end < start:
        raise NotebookError(f"The cell {before!r} must come after the cell {after!r}.")
    return with_cells(notebook, [*notebook["cells"][:start], *cells, *notebook["cells"][end:]])


def stripped(text: str) -> str:
    """The source with each solution block exchanged for a line that says what to do; signature and docstring stay.

    NotebookError for a block that does not close or was never opened.
    """
    lines: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.strip() == BEGIN and not inside:
            lines.append(line[: line.index("#")] + STUB)
            inside = True
        elif line.strip() == END and inside:
            inside = False
        elif line.strip() in (BEGIN, END):
            raise NotebookError(f"{line.strip()!r} stands alone: each block opens with {BEGIN!r}, closes with {END!r}.")
        elif not inside:
            lines.append(line)
    if inside:
        raise NotebookError(f"A solution block has no {END!r}.")
    return "\n".join(lines)


def answers(notebook: Notebook) -> list[str]:
    """What the exercises of a notebook are called in its ids, such as `rest-every_page`, in order."""
    ids = [cell["id"] for cell in notebook["cells"]]
    return [cell_id.removeprefix("answer-") for cell_id in ids if cell_id.startswith("answer-")]


def defined(text: str) -> frozenset[str]:
    """The names that a cell defines at its top level; of imports rather too many than too few.

    Read by pattern, because this is also asked of strangers' code, and Python's own parser can be made to exhaust the
    stack of the process that it runs in.
    """
    return frozenset(word for groups in _DEFINED.findall(text) for found in groups for word in mentioned(found))


def mentioned(text: str) -> frozenset[str]:
    """Every word of a cell."""
    return frozenset(re.findall(r"\w+", text))


def unrun(cell: Cell) -> Cell:
    """The cell as if it had never been run."""
    return {**cell, "outputs": [], "execution_count": None} if cell["cell_type"] == "code" else cell


def normalised(notebook: Notebook) -> Notebook:
    """The notebook as it is committed: only what a reader sees and what does not change from run to run.

    A code cell that has been run is numbered by its place, because nbval compares no cell without a number.
    """
    cells = []
    number = 0
    for cell in notebook["cells"]:
        number += cell["cell_type"] == "code"
        cells.append(_normalised_cell(cell, number))
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def _normalised_cell(cell: Cell, number: int) -> Cell:
    metadata = {key: value for key, value in cell.get("metadata", {}).items() if key in KEPT_CELL_METADATA}
    plain = {"cell_type": cell["cell_type"], "id": cell["id"], "metadata": metadata, "source": source(cell)}
    if cell["cell_type"] != "code":
        return plain | ({"attachments": cell["attachments"]} if cell.get("attachments") else {})
    run = bool(cell.get("outputs")) or cell.get("execution_count") is not None
    outputs = _normalised_outputs(cell.get("outputs", []), number)
    return plain | {"execution_count": number if run else None, "outputs": outputs}


def _normalised_outputs(outputs: Iterable[Cell], number: int) -> list[Cell]:
    kept: list[Cell] = []
    for output in (_map_output(output, _steady) for output in outputs):
        match output["output_type"]:
            case "stream" if kept and kept[-1].get("name") == output["name"]:
                kept[-1]["text"] += output["text"]
            case "stream":
                kept.append({key: output[key] for key in ("name", "output_type", "text")})
            case "error":
                kept.append({**output, "traceback": []})
            case "display_data" | "execute_result" as kind:
                data = {key: value for key, value in output["data"].items() if key in KEPT_MEDIA_TYPES}
                count = {"execution_count": number} if kind == "execute_result" else {}
                kept += [{"data": data, "metadata": {}, "output_type": kind} | count] if data else []
    return kept


def _steady(text: str) -> str:
    """Text whose port does not change each time that the notebook is run."""
    return _OUR_ADDRESS.sub("127.0.0.1:54321", text)


def _join(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _map_texts(cell: Cell, change: Callable[[str], Any]) -> Cell:
    changed = {**cell, "source": change(source(cell))}
    if cell["cell_type"] == "code":
        changed["outputs"] = [_map_output(output, change) for output in cell["outputs"]]
    return changed


def _map_output(output: Cell, change: Callable[[str], Any]) -> Cell:
    if output["output_type"] == "stream":
        return {**output, "text": change(_join(output["text"]))}
    data = output.get("data", {})
    changed = {key: change(_join(value)) if key.startswith("text/") else value for key, value in data.items()}
    return {**output, "data": changed} if data else output
