"""The exercises as assignments of nbgrader, for schools that grade with it.

nbgrader believes the learner's kernel: an answer that tampers with its check gets the points there. `course grade` asks
an examiner that no answer can reach.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

from IPython.display import display

from course_support import authoring, notebooks, records
from course_support.exercises import all_exercises
from course_support.notebooks import Cell, Notebook
from course_support.worksheet import Task

CONFIGURATION = f'''"""Settings of nbgrader for the course's assignments; another build leaves them as they are."""

c = get_config()
c.ClearSolutions.code_stub = {{"python": "{notebooks.STUB}"}}
'''
GRADING = "from course_support import bridge  # whose check shows a verdict, and raises unless the answer passed"


def write(solutions: Path, folder: Path) -> list[str]:
    """Write source assignments for `nbgrader generate_assignment` to `folder`; returns the paths written, below it.

    They are `source/LESSON/LESSON_exercises.ipynb`, with the metadata of nbgrader's schema 3. An `nbgrader_config.py`
    that is there already stays as it is. Raises AuthoringError where the folder cannot be written to.
    """
    points = {name: exercise.points for name, exercise in all_exercises().items()}
    made = {"nbgrader_config.py": CONFIGURATION}
    for path in sorted(solutions.glob("*_solutions.ipynb")):
        lesson = path.stem.removesuffix("_solutions")
        solved = notebooks.normalised(json.loads(path.read_text("utf-8")))
        made[f"source/{lesson}/{lesson}_exercises.ipynb"] = notebooks.dumps(assignment(solved, points))
    if (folder / "nbgrader_config.py").exists():
        del made["nbgrader_config.py"]
    try:
        for name, text in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise authoring.AuthoringError(
            f"{folder} cannot take the assignments ({error.strerror}): name a folder that can be written to."
        ) from error
    return list(made)


def assignment(solved: Notebook, points: Mapping[str, int]) -> Notebook:
    """The source assignment that a solutions notebook gives; `points` are those of each exercise by its name.

    Answers are open to learners; every other cell is locked, so that nbgrader puts its own in place of a changed one.
    """
    cells = [_marked(notebooks.unrun(cell), points) for cell in solved["cells"]]
    setup = [cell["id"] for cell in cells].index("setup")
    grading = notebooks.unrun({"cell_type": "code", "id": "grading", "metadata": {}, "source": GRADING})
    return notebooks.with_cells(solved, [*cells[: setup + 1], _marked(grading, points), *cells[setup + 1 :]])


def check(task: Task, answer: Callable[..., Any]) -> None:
    """Show the verdict as `task.check` does; AssertionError unless the answer passed, WorksheetError for no verdict."""
    # a line on standard error, of a warning say, would be a failure to nbgrader
    with redirect_stderr(sys.stdout):
        feedback = task.examine(answer)
    display(feedback)
    with suppress(OSError):
        real = feedback.verdict.outcome != "not attempted"
        records.record(task.name, feedback.points, feedback.of, attempted=real)
    assert feedback.verdict.passed, feedback.heading


def _marked(cell: Cell, points: Mapping[str, int]) -> Cell:
    """The cell with nbgrader's metadata, and a check that raises."""
    part, _, short = cell["id"].partition("-")
    role: dict[str, Any] = {"grade": False, "locked": part != "answer", "solution": part == "answer", "task": False}
    source = notebooks.source(cell)
    if part == "check":
        name = short.replace("-", ".", 1)
        role |= {"grade": True, "points": points[name]}
        source = source.replace(f"{name}.check(", f"bridge.check({name}, ")
    role |= {"cell_type": cell["cell_type"], "grade_id": cell["id"], "schema_version": 3}
    return cell | {"source": source, "metadata": cell["metadata"] | {"nbgrader": role}}
