"""An importer for the CRM: choose a sheet, look at its first rows, send it in groups, follow it, and cancel it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets

from course_support.errors import CourseError
from course_support.server import Server
from course_support.sheets import MOST, Sheet, read
from course_support.widgets.form import Form, labelled, marked, row, status
from course_support.widgets.importer_client import OWNER, Import
from course_support.widgets.importer_views import (
    faults_html,
    offer_text,
    outcome_html,
    preview_html,
    progress_html,
    python_html,
)
from course_support.widgets.pulse import Pulse

SIZE = 1000  # rows in each request, until the learner says otherwise: a job of more than one group can be cancelled
SHIPPED = ("contacts.csv", "contacts_with_faults.csv")
PLACES = (Path("data"), Path("..") / "notebooks" / "data")  # beside a lesson, and from where exercises are


class Importer(Form):
    """Controls to import a sheet into the CRM behind `server`. Each button is a method too.

    `rows` are those of the sheet, `work` is the import that was started last. An import runs in a thread of its own,
    so that the kernel stays free; `join` waits for it.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.rows = Sheet([], [])
        self.work: Import | None = None
        self._path: Path | None = None  # None: it was uploaded
        self._name = self._offered = ""
        self._thread: threading.Thread | None = None
        self._showing = threading.Lock()
        self._pulse = Pulse(self._show)
        upload = ipywidgets.FileUpload(description="Choose a sheet", accept=".csv,.xlsx", icon="", layout=_AUTO)
        self.upload = upload
        self.shipped = [_button(path.name, partial(self.load_file, path)) for path in _shipped()]
        self.preview = marked(ipywidgets.HTML(), "course-compared")
        self.size = labelled(ipywidgets.Text, "Rows in each request", value=str(SIZE), layout={"width": "10rem"})
        self.skip = labelled(ipywidgets.Checkbox, "Skip known addresses", value=True, indent=False, layout=_AUTO)
        self.import_button = _button("Import", self.start, button_style="primary")
        self.cancel_button = _button("Cancel", self.cancel)
        self.progress, self.faults, self.python = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
        self.said = marked(ipywidgets.HTML(), "course-line")
        super().__init__(
            "Import contacts",
            row(self.upload, *self.shipped),
            marked(row(self.size, self.skip, self.import_button, self.cancel_button), "course-level"),
            self.progress,
            self.said,
            marked(self.faults, "course-compared"),
            self.preview,
            self.python,
        )
        upload.observe(self._chosen, "value")
        for control in (self.size, self.skip):
            control.observe(lambda _: self._show(), "value")
        self._offer("", Sheet([], []), "Choose a CSV or XLSX file with the columns name, email and company.")

    @property
    def summary(self) -> str:
        return f"Importer for {self.server.url}: use requests.post(…, json={{'contacts': …}}) from Python"

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def each(self) -> int | None:
        """Rows in each request; None where the field holds no whole number from 1 to 10,000."""
        text = self.size.value.strip()
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
        return number if 1 <= number <= MOST else None

    # --- What the buttons do -----------------------------------------------------------------------------------------

    def load(self, name: str, content: bytes, path: Path | None = None) -> None:
        """Take the sheet called `name`; where it cannot be read, the reason is shown and no sheet is taken."""
        try:
            sheet = read(name, content)
        except CourseError as error:
            self._offer("", Sheet([], []), str(error), error=True)
        else:
            self._offer(name, sheet, offer_text(name, sheet), path)

    def load_file(self, path: Path) -> None:
        """The same with a file that is there already."""
        self.upload.value = ()  # else choosing the same file again would change nothing
        self.load(path.name, path.read_bytes(), path)

    def start(self) -> None:
        """Import the sheet, and return at once."""
        if self.running or not self.rows or not self.each:
            return
        options = {"skip_duplicates": self.skip.value}
        token = self.server.credentials.get(OWNER, "")
        work = self.work = Import(self.server.url, token, self.rows, self.each, options, self._pulse.beat)
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Stop the import that is at work: what is stored stays."""
        if self.work:
            self.work.cancel()

    def join(self, seconds: float | None = None) -> None:
        """Wait until the import has ended, but at most so long."""
        if self._thread:
            self._thread.join(seconds)

    # --- How they do it ----------------------------------------------------------------------------------------------

    def close(self) -> None:
        self.cancel()
        super().close()

    def _run(self, work: Import) -> None:
        self._show()
        work.run()
        self._show()

    def _chosen(self, change: Any) -> None:
        if change.new and not self.running:
            self.load(change.new[0]["name"], bytes(change.new[0]["content"]))

    def _offer(self, name: str, rows: Sheet, sentence: str, path: Path | None = None, error: bool = False) -> None:
        self.rows, self.work, self._name, self._path = rows, None, name, path
        self._offered = status(escape(sentence), error=error)
        self.preview.value = preview_html(name, rows)
        self._show()

    def _show(self) -> None:
        """Show the import as it stands, from whatever thread this is."""
        with self._showing:
            work = self.work
            at_work = work is not None and work.status in ("ready", "running")
            for control in (self.upload, *self.shipped, self.size, self.skip):
                control.disabled = at_work
            self.import_button.disabled = at_work or not self.rows or not self.each
            self.cancel_button.disabled = not at_work
            self.progress.value = progress_html(work, len(self.rows))
            self.faults.value = faults_html(work.counts.faults) if work else ""
            self.said.value = self._sentence(work)
            known = self.rows and self.each
            self.python.value = python_html(self._name, self._path, known, self.skip.value) if known else ""

    def _sentence(self, work: Import | None) -> str:
        if not self.each:
            return status(f"Rows in each request has to be a whole number from 1 to {MOST:,}.", error=True)
        return outcome_html(work) if work else self._offered


def importer(server: Server) -> Importer:
    """Controls to import a CSV or XLSX sheet into the batch backend `server`, in groups, as jobs that can be cancelled.

    In Python without the controls: `requests.post(f"{server.url}/api/v1/contacts/batch", …)` with `Prefer:
    respond-async`, then the lines of `{Location}/progress`; `requests.delete` cancels.
    """
    return Importer(server)


_AUTO = {"width": "auto"}


def _button(label: str, act: Callable[[], None], **options: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=label, layout=_AUTO, **options)
    button.on_click(lambda _: act())
    return button


def _shipped() -> list[Path]:
    """The course's own sheets, where they can be found from here."""
    place = next((place for place in PLACES if place.is_dir()), None)
    return [place / name for name in SHIPPED if (place / name).is_file()] if place else []
