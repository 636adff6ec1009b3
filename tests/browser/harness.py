"""A page in Chromium on JupyterLab, with the steps that a learner takes in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page

from .jupyter import TOKEN, Lab

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# (what the console says, where it comes from, why it does no harm)
HARMLESS: tuple[tuple[str, str, str], ...] = (
    (r"Failed to load resource", r"/proxy/\d+", "a lesson provokes statuses of 400 and more on purpose"),
    (r"Failed to load resource.* 404", r"/api/(contents|workspaces|me)", "JupyterLab asks for what is not there yet"),
)


def chromium() -> str | None:
    """The path of a Chromium that is installed, or None."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), None)


class LabPage:
    """A browser page on a Lab. Cells are counted from 0, Markdown cells included."""

    def __init__(self, page: Page, lab: Lab, screenshots: Path) -> None:
        self.page = page
        self.lab = lab
        self.screenshots = screenshots
        self.console_errors: list[str] = []
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.console_errors.append(f"uncaught: {error}"))
        page.goto(f"{lab.url}lab?token={TOKEN}&reset")
        page.wait_for_function("() => window.jupyterapp", timeout=60_000)
        page.evaluate("() => window.jupyterapp.restored.then(() => true)")

    def _note_console(self, message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type != "error" or any(re.search(a, message.text) and re.search(b, where) for a, b, _ in HARMLESS):
            return
        self.console_errors.append(f"{message.text} ({where})")

    def write_notebook(self, name: str, *cells: str) -> str:
        """Write a notebook of these code cells and return the path that `open_notebook` takes."""
        return self.lab.write_notebook(name, *cells)

    def open_notebook(self, path: str) -> None:
        """Open the notebook at this path below the root and wait until its kernel is there."""
        self.page.evaluate(
            """async path => {
                const app = window.jupyterapp;
                const panel = await app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
                await panel.context.ready;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                app.shell.activateById(panel.id);
                window.coursePanel = panel;
            }""",
            path,
        )

    def run_all(self) -> None:
        """Run all cells and wait until the last one is done; a cell that fails stops the run and raises nothing."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    def start_cell(self, index: int) -> None:
        """Start one cell and return while it may still run."""
        self.page.evaluate(_RUN_CELL, index)

    def run_cell(self, index: int) -> None:
        """Run one cell and wait until it is done."""
        self.page.evaluate(f"async index => {{ ({_RUN_CELL})(index); await window.courseRun; }}", index)

    @property
    def running(self) -> bool:
        """Whether a cell that `start_cell` started is still at work."""
        return bool(self.page.evaluate("() => window.courseRunning"))

    def cell(self, index: int) -> Locator:
        """The whole cell, scrolled into view."""
        self.page.evaluate("index => window.coursePanel.content.scrollToItem(index, 'smart')", index)
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-cell").nth(index)

    def cell_output(self, index: int) -> Locator:
        """The output area of a cell, widgets included."""
        return self.cell(index).locator(".jp-Cell-outputWrapper")

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of a cell as the notebook file will hold them."""
        script = "index => window.coursePanel.content.model.cells.get(index).sharedModel.toJSON().outputs ?? []"
        outputs: list[dict[str, Any]] = self.page.evaluate(script, index)
        return outputs

    @property
    def errors(self) -> list[str]:
        """The errors that the notebook's cells have raised, each as `name: message`."""
        count = self.page.evaluate("() => window.coursePanel.content.model.cells.length")
        outputs = [output for index in range(count) for output in self.outputs(index)]
        return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]

    def execute(self, code: str) -> str:
        """Run code in the notebook's kernel, beside its cells, and return what it printed."""
        return str(self.page.evaluate(_EXECUTE, code))

    def theme(self, name: str) -> None:
        """Have the system ask for a `light` or a `dark` page, which the course's JupyterLab follows."""
        self._wait_for_splash()
        self.page.emulate_media(color_scheme="dark" if name == "dark" else "light")
        light = str(name == "light").lower()
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
        self._wait_for_splash()

    def _wait_for_splash(self) -> None:
        # asked to show it again while it fades, JupyterLab removes it twice and reports an error
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def faint_text(self, part: Locator) -> list[str]:
        """The texts in this part whose contrast is under 4.5 (WCAG 2.2, 1.4.3), each with its contrast."""
        faint: list[str] = part.evaluate(CONTRAST)
        return faint

    def close(self) -> None:
        """Stop the notebook's kernel and leave the page."""
        self.page.evaluate("() => window.coursePanel?.sessionContext.shutdown()")
        self.page.close()

    def screenshot(self, name: str, part: Locator | None = None) -> Path:
        """A picture of a part, or of the page, as `name`.png in $COURSE_SCREENSHOTS or in a temporary folder."""
        path = self.screenshots / f"{name}.png"
        (part or self.page).screenshot(path=path)
        return path


CONTRAST = (Path(__file__).parent / "contrast.js").read_text()

_RUN_CELL = """index => {
    const { content } = window.coursePanel;
    content.deselectAll();
    content.activeCellIndex = index;
    window.courseRunning = true;
    window.courseRun = window.jupyterapp.commands.execute('notebook:run-cell');
    window.courseRun.finally(() => { window.courseRunning = false; });
}"""

_EXECUTE = """async code => {
    let printed = '';
    const future = window.coursePanel.sessionContext.session.kernel.requestExecute({ code, store_history: false });
    future.onIOPub = message => {
        if (message.header.msg_type === 'stream') printed += message.content.text;
        if (message.header.msg_type === 'error') printed += message.content.traceback.join('\\n');
    };
    await future.done;
    return printed;
}"""
