"""Two editors of one document, each on a line of its own that can be dropped and delayed: how edits that cross meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_support.errors import CourseError
from course_support.server import Server
from course_support.widgets.kernel_line import KernelLine

HERE = Path(__file__).parent
PARTS = ("replica", "line", "dial", "pane", "editors")
LEFT, RIGHT = "ada", "grace"


class Editors(anywidget.AnyWidget):
    """Two editors in the page. The line of the left one is held by the kernel, that of the right one by the page.

    While a cell runs, what the left one sends waits until the cell has ended.
    """

    _esm = "\n".join((HERE / f"{name}.js").read_text("utf-8") for name in PARTS)
    _css = HERE / "editors.css"
    document = traitlets.Unicode().tag(sync=True)
    users = traitlets.List(traitlets.Dict()).tag(sync=True)
    url = traitlets.Unicode().tag(sync=True)
    port = traitlets.Int().tag(sync=True)
    token = traitlets.Unicode().tag(sync=True)
    naive = traitlets.Bool().tag(sync=True)

    def __init__(self, server: Server, document: str) -> None:
        super().__init__(document=document, users=[{"id": name, "name": name.title()} for name in (LEFT, RIGHT)])
        self._lines: dict[str, KernelLine] = {}
        self.on_msg(lambda _, message, buffers: self._answer(message))
        self.watch(server)
        self.observe(self._turn, "naive")

    def __repr__(self) -> str:
        return f"Two editors of {self.document} at {self.url}: use websocket.create_connection(…)"

    def watch(self, server: Server) -> None:
        """Edit at this backend from here on. CourseError if it knows neither of the two who edit."""
        if missing := {LEFT, RIGHT} - set(server.credentials):
            raise CourseError(f"Serve the WebSocket backend: {server.url} knows no {' and no '.join(sorted(missing))}.")
        self._server = server
        self.hang_up()
        self.port, self.token, self.url = server.port, server.credentials[RIGHT], server.url
        self.refresh()

    def refresh(self) -> None:
        """Show the switch of the transform as it stands; a cell may have turned it since."""
        self.naive = not self._server.app.state.transform  # type: ignore[attr-defined]

    def hang_up(self) -> None:
        """End the lines that the kernel holds; a page that still shows the editors dials again."""
        for line in list(self._lines.values()):
            line.close()

    def close(self) -> None:
        self.hang_up()
        _live.pop((self.url, self.document), None)
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.refresh()
        return super()._repr_mimebundle_(**options)

    def _turn(self, change: Any) -> None:
        self._server.app.state.transform = not change.new  # type: ignore[attr-defined]

    def _answer(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "open", "line": str(line), "value": str(target)}:
                self._open(line, target)
            case {"type": "send", "line": str(line), "value": str(text)} if line in self._lines:
                self._lines[line].send(text)
            case {"type": "close", "line": str(line)} if line in self._lines:
                self._lines.pop(line).close()
            case {"type": "drop", "line": str(line)} if line in self._lines:
                self._lines.pop(line).drop()

    def _open(self, line: str, target: str) -> None:
        def tell(kind: str, value: str) -> None:
            if kind == "closed":
                self._lines.pop(line, None)
            self.send({"line": line, "type": kind, "value": value})

        address = f"ws://127.0.0.1:{self._server.port}{target}"
        self._lines[line] = KernelLine(address, self._server.credentials[LEFT], tell)


_live: dict[tuple[str, str], Editors] = {}


def editors(server: Server, document: str = "document-123") -> Editors:
    """Two editors of a document of the WebSocket backend `server`, side by side: Ada's and Grace's.

    Called again for the same address and document, they are the same two editors. In Python without the page:
    `websocket.create_connection(f"{server.url.replace('http', 'ws')}/edit/{document}", subprotocols=["edit.v1"], …)`
    with a `course_support.backends.replica.Replica`, and `server.app.state.transform = False`.
    """
    widget = _live.get((server.url, document))
    if widget is None:
        widget = _live[server.url, document] = Editors(server, document)
    else:
        widget.watch(server)
    return widget
