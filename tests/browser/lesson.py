"""A lesson in the page, whose cells are asked for by their id."""

from __future__ import annotations

import json

from playwright.sync_api import Locator

from .harness import LabPage


class Lesson:
    """An open lesson."""

    def __init__(self, lab: LabPage, path: str) -> None:
        self.lab = lab
        lab.open_notebook(path)
        # that it opens clean: nothing is to be saved before the learner has done anything
        assert not lab.page.evaluate("() => window.coursePanel.context.model.dirty")
        cells = json.loads((lab.lab.root / path).read_text("utf-8"))["cells"]
        self.index = {cell["id"]: number for number, cell in enumerate(cells)}

    def output(self, cell: str) -> Locator:
        return self.lab.cell_output(self.index[cell])

    def write(self, cell: str, source: str) -> None:
        """Type over a code cell and run it."""
        editor = self.lab.cell(self.index[cell]).locator(".cm-content")
        editor.click()
        self.lab.page.keyboard.press("Control+A")
        self.lab.page.keyboard.insert_text(source)
        self.run(cell)

    def run(self, cell: str) -> None:
        self.lab.run_cell(self.index[cell])
