"""The floor below every grader: the same cells in processes that are warm already, without anybody who watches them."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from graders import CORES, Class, Lesson, Points, examiner

from course_support import notebooks
from course_support.notebooks import Notebook


def bare(known: Lesson, learners: Class, folder: Path) -> Callable[[], Points]:
    """The cells alone, in a warm IPython for each core, beside an examiner of its own: less work than any grader's."""
    sheets = {name: known.handed_in(answers) for name, answers in learners.items()}
    pool = ProcessPoolExecutor(CORES, get_context("spawn"), _warm, (known.settings.exercises, str(folder)))
    first = next(iter(sheets.values()))
    list(pool.map(_executed, [first] * 4 * CORES))

    def run() -> Points:
        with pool:
            passed = dict(zip(sheets, pool.map(_executed, sheets.values()), strict=True))
        return {name: sum(item.points for item in known.reference.items if item.name in found)
                for name, found in passed.items()}  # fmt: skip

    return run


def _warm(exercises: str, home: str) -> None:
    import atexit

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    serving = examiner(exercises)
    os.environ |= {"COURSE_EXAMINER": serving.__enter__(), "COURSE_HOME": home}
    atexit.register(serving.__exit__, None, None, None)
    InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))


def _executed(sheet: Notebook) -> set[str]:
    """Run a sheet's cells; the exercises whose check showed that they passed."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    shell.reset(new_session=False)
    with capture_output() as captured:
        for cell in sheet["cells"]:
            shell.run_cell(notebooks.source(cell))
    texts = (output.data["text/plain"] for output in captured.outputs)
    return {text.split()[1] for text in texts if text.startswith("✔")}
