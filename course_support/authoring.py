"""Derives what learners get from what authors write: exercises from solutions, in a notebook and in the lesson.

One hand-edited source for each exercise; whatever else shows it is made here, and a test makes it again and compares.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from course_support import notebooks
from course_support.errors import CourseError
from course_support.notebooks import Cell, Notebook

OPENS, CLOSES = "exercises", "summary"  # the Markdown cells around a lesson's closing section
CELL_TIMEOUT = 120  # seconds


class AuthoringError(CourseError):
    """A notebook that cannot be built from; one line for each thing to mend."""


def build(root: Path, check: bool = False, run: Collection[str] | None = None) -> list[str]:
    """Bring every notebook of the course up to date; returns the paths that changed, relative to `root`.

    With `check` nothing is written: the paths are those that would change. `run` names lessons such as `01_rest` that
    are executed first, with their solutions, and their outputs stored; all of them if it is empty. Raises
    AuthoringError for what an author has to mend.
    """
    pairs = dict(_pairs(root))
    if unknown := sorted({*(run or ())} - pairs.keys()):
        raise AuthoringError(f"There is no lesson {unknown[0]!r} to run: take one of {', '.join(pairs)}.")
    made: dict[Path, Notebook] = {}
    problems: list[str] = []
    for name, (solution, lesson) in pairs.items():
        solved, taught = _load(solution), _load(lesson)
        found = [(solution, problem) for problem in (solution_problems(solved) if solved else ())]
        found += [(lesson, problem) for problem in (lesson_problems(taught, bool(solved)) if taught else ())]
        problems += [f"{path.relative_to(root).as_posix()}: {problem}." for path, problem in found if path]
        if found:
            continue
        if run is not None and (not run or name in run):
            solved, taught = _executed(solved, solution), _executed(taught, lesson)
        if solution and solved:
            made |= {solution: solved, _exercises_of(solution): exercises(solved)}
        if lesson and taught:
            # the counts of the cells behind the exercises depend on how many there are
            made[lesson] = notebooks.normalised(with_exercises(taught, solved)) if solved else taught
    if problems:
        raise AuthoringError("\n".join(problems))
    return [
        path.relative_to(root).as_posix() for path, new in made.items() if _update(path, notebooks.dumps(new), check)
    ]


def exercises(solved: Notebook) -> Notebook:
    """The notebook that learners hand in: the solutions without their answers, never run."""
    return notebooks.with_cells(solved, map(_to_solve, solved["cells"]))


def with_exercises(lesson: Notebook, solved: Notebook) -> Notebook:
    """The lesson with the exercises, but for their title, as its closing section."""
    cells = [cell for cell in exercises(solved)["cells"] if cell["id"] != "title"]
    return notebooks.with_section(lesson, OPENS, CLOSES, cells)


def solution_problems(solved: Notebook) -> Iterator[str]:
    """What an author has to mend in a solutions notebook."""
    yield from _repeated_ids(solved)
    cells = {cell["id"]: cell for cell in solved["cells"]}
    order = list(cells)
    if order[:2] != ["title", "setup"]:
        yield "its first two cells must be `title` (Markdown) and `setup` (code)"
    for name in notebooks.answers(solved):
        parts = [f"task-{name}", f"answer-{name}", f"check-{name}"]
        if order[order.index(parts[1]) - 1 :][:3] != parts:
            yield f"{name} must be three cells in a row: {', '.join(parts)}"
            continue
        yield from _exercise_problems(name, *(cells[part] for part in parts))
    if strays := [
        i for i in order if i.startswith(("task-", "check-")) and i.partition("-")[2] not in notebooks.answers(solved)
    ]:
        yield f"cells without an answer cell: {', '.join(strays)}"


def _exercise_problems(name: str, task: Cell, answer: Cell, check: Cell) -> Iterator[str]:
    if [cell["cell_type"] for cell in (task, answer, check)] != ["markdown", "code", "code"]:
        yield f"{name} must be a Markdown cell and two code cells"
    if f"{name.replace('-', '.', 1)}.check(" not in notebooks.source(check):
        yield f"the cell check-{name} must call {name.replace('-', '.', 1)}.check(…)"
    try:
        stub = notebooks.stripped(notebooks.source(answer))
        compile(stub, f"answer-{name}", "exec")
    except (notebooks.NotebookError, SyntaxError) as error:
        yield f"the cell answer-{name} without its solution: {error}"
    else:
        if notebooks.STUB not in stub:
            yield f"the cell answer-{name} has no solution block"


def lesson_problems(lesson: Notebook, has_exercises: bool) -> Iterator[str]:
    """What an author has to mend in a lesson."""
    yield from _repeated_ids(lesson)
    headings = [
        line for c in lesson["cells"] if c["cell_type"] == "markdown" for line in notebooks.source(c).split("\n")
    ]
    if (count := sum(line.startswith("# ") for line in headings)) != 1:
        yield f"it must have one heading of the first level, and has {count}"
    ids = [cell["id"] for cell in lesson["cells"]]
    if has_exercises and not (OPENS in ids and CLOSES in ids and ids.index(OPENS) < ids.index(CLOSES)):
        yield f"its closing section needs a Markdown cell `{OPENS}` before it and one `{CLOSES}` after it"


def _repeated_ids(notebook: Notebook) -> Iterator[str]:
    for cell_id, count in Counter(cell["id"] for cell in notebook["cells"]).items():
        if count > 1:
            yield f"the id {cell_id!r} names {count} cells"


def _pairs(root: Path) -> Iterator[tuple[str, tuple[Path | None, Path | None]]]:
    """By the lesson's name its solutions and the lesson; a lesson may stand alone, and so may solutions."""
    solutions = {path.stem.removesuffix("_solutions"): path for path in (root / "solutions").glob("*_solutions.ipynb")}
    lessons = {path.stem: path for path in (root / "notebooks").glob("*.ipynb")}
    for name in sorted(solutions.keys() | lessons.keys()):
        yield name, (solutions.get(name), lessons.get(name))


def _exercises_of(solution: Path) -> Path:
    name = solution.stem.removesuffix("_solutions") + "_exercises.ipynb"
    return solution.parent.parent / "exercises" / name


def _load(path: Path | None) -> Notebook | None:
    if not path:
        return None
    try:
        return notebooks.normalised(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError) as error:
        raise AuthoringError(f"{path.name} is not a notebook of format 4.5: {error!r}.") from error


def _to_solve(cell: Cell) -> Cell:
    fresh = notebooks.unrun(cell)
    if not cell["id"].startswith("answer-"):
        return fresh
    # a cell that cannot be deleted by mistake keeps the id by which grading finds it
    metadata = cell["metadata"] | {"deletable": False}
    return fresh | {"source": notebooks.stripped(notebooks.source(cell)), "metadata": metadata}


def _executed(notebook: Notebook | None, path: Path | None) -> Notebook | None:
    """The notebook with the outputs of a run from top to bottom, the exercises of a lesson left out."""
    if not notebook or not path:
        return notebook
    import nbformat  # these two take a second and a half to import
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    ids = [cell.get("id") for cell in notebook["cells"]]
    walkthrough = notebook
    if OPENS in ids and CLOSES in ids:
        walkthrough = notebooks.with_section(notebook, OPENS, CLOSES, [])
    with tempfile.TemporaryDirectory() as home:
        document = nbformat.from_dict(walkthrough)
        client = NotebookClient(document, timeout=CELL_TIMEOUT, resources={"metadata": {"path": str(path.parent)}})
        try:
            run: Notebook = client.execute(env={**os.environ, "COURSE_HOME": home}, stderr=subprocess.DEVNULL)
        except CellExecutionError as error:
            raise AuthoringError(f"{path.name}: a cell fails with {error.ename}: {error.evalue}.\n{error}") from error
    if walkthrough is not notebook:
        run = notebooks.with_section(run, OPENS, CLOSES, notebooks.section(notebook, OPENS, CLOSES))
    return notebooks.normalised(run)


def _update(path: Path, text: str, check: bool) -> bool:
    """Whether the file differs from the text; writes it unless it is only a check."""
    if path.exists() and path.read_bytes() == text.encode():
        return False
    if not check:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    return True
