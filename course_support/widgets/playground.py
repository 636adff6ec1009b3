"""A request playground: method, path, headers and body in, one exchange out, seen as the backend recorded it."""

from __future__ import annotations

from typing import Any

import ipywidgets

from course_support.errors import CourseError
from course_support.server import Server
from course_support.widgets.form import labelled, row
from course_support.widgets.sender import Sender, same_in_python
from course_support.widgets.sending import parse_headers, send

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
NOBODY = "nobody"

__all__ = ["Playground", "playground", "send"]


class Playground(Sender):
    """Controls for one request to a backend. `send` sends what they say; `exchange` is what came of it last."""

    def __init__(self, server: Server, method: str, path: str, headers: str, body: str) -> None:
        wide = ipywidgets.Layout(flex="1 1 18rem", width="auto")
        area = {"rows": 4, "layout": wide, "continuous_update": True}
        self.method = labelled(ipywidgets.Dropdown, "Method", options=METHODS, value=method, layout={"width": "8rem"})
        self.path = labelled(ipywidgets.Text, "Path", "course-code", value=path, layout=wide)
        self.credentials = labelled(
            ipywidgets.Dropdown,
            "Credentials (Authorization)",
            options=[NOBODY, *server.card.credentials],
            layout={"width": "14rem"},
        )
        self.headers = labelled(
            ipywidgets.Textarea, "Headers, one “Name: value” a line", "course-code", value=headers, **area
        )
        self.body = labelled(ipywidgets.Textarea, "Body", "course-code", value=body, **area)
        above = row(self.method, self.path, self.credentials), row(self.headers, self.body)
        super().__init__(server, "Request playground", *above)
        for control in (self.method, self.path, self.credentials, self.headers, self.body):
            control.observe(self._show_python, "value")
        self._show_python()

    @property
    def summary(self) -> str:
        return f"Request playground for {self.server.url}: use course.send(backend, …) to send the same from Python"

    def request(self) -> dict[str, Any]:
        return {
            "method": self.method.value,
            "path": self.path.value.strip(),
            "headers": parse_headers(self.headers.value),
            "body": self.body.value,
            "credentials": None if self.credentials.value == NOBODY else self.credentials.value,
        }

    def _show_python(self, change: Any = None) -> None:
        try:
            call = _call(**self.request())
        except CourseError:
            return  # half a line of a header; said when it is sent
        self.python.value = same_in_python(call)


def playground(
    server: Server, method: str = "GET", path: str | None = None, headers: str = "", body: str = ""
) -> Playground:
    """Controls to send any request to `server`; `headers` are lines of `Name: value`.

    Without a `path` it starts on the first route that has nothing to fill in.

    In Python without the controls: `send(server, "GET", "/api/v1/playlists")`.
    """
    return Playground(server, method, _first_path(server) if path is None else path, headers, body)


def _first_path(server: Server) -> str:
    return next((path for _, path, _ in server.card.routes if path.startswith("/") and "{" not in path), "/")


def _call(method: str, path: str, headers: dict[str, str], body: str, credentials: str | None) -> str:
    arguments = [repr(method), repr(path)]
    arguments += [f"{headers!r}"] if headers else []
    arguments += [f"body={body!r}"] if body else []
    arguments += [f"credentials={credentials!r}"] if credentials else []
    return f"course.send(backend, {', '.join(arguments)})"
