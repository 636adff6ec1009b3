"""A `fetch` example to edit, which runs in the page and reaches the backend in the kernel through JupyterLab."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

from course_support.errors import CourseError
from course_support.server import Server

HERE = Path(__file__).parent
EXAMPLES = HERE / "examples"


class JavaScript(anywidget.AnyWidget):
    """JavaScript that the learner edits and runs in the page; `code` is its text.

    The code finds `base`, the backend's address for this page, and the credential chosen in the page: as `token`, and
    as `username` and `password`. Stop ends its calls of `fetch` and closes each `WebSocket`. What it sends is in
    `server.traffic`.
    """

    _esm = HERE / "javascript.js"
    _css = HERE / "javascript.css"
    port = traitlets.Int().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    credentials = traitlets.Dict().tag(sync=True)

    def __init__(self, server: Server, code: str) -> None:
        credentials = {label: str(token) for label, token in server.card.credentials.items()}
        super().__init__(port=server.port, code=code, credentials=credentials)
        self._url = server.url

    def __repr__(self) -> str:
        return f"JavaScript for {self._url}: what it sends shows in the .traffic of its server"


def javascript(server: Server, code: str) -> JavaScript:
    """JavaScript to run in the page against `server`: source text, or the name of an example of the course.

    In Python: `send(server, …)`, or any client. Raises CourseError for a name that is no example.
    """
    return JavaScript(server, example(code) if code.isidentifier() else code)


def example(name: str) -> str:
    """The source of one of the course's examples."""
    path = EXAMPLES / f"{name}.js"
    if not path.is_file():
        known = ", ".join(sorted(path.stem for path in EXAMPLES.glob("*.js")))
        raise CourseError(f"There is no JavaScript example called {name}: there are {known}.")
    return path.read_text(encoding="utf-8").strip()
