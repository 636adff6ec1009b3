"""A request playground: method, path, headers and body in, one exchange out, seen as the backend recorded it."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from course_support.errors import CourseError
from course_support.server import Server
from course_support.views.exchange import exchange_html
from course_support.widgets.form import Form, code, labelled, row, status
from course_support.widgets.sending import TIMEOUT, parse_headers, send
from course_support.wire import Exchange

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
NOBODY = "nobody"

__all__ = ["Playground", "playground", "send"]


class Playground(Form):
    """Controls for one request to a backend. `send` sends what they say; `exchange` is what came of it last."""

    def __init__(self, server: Server, method: str, path: str, headers: str, body: str) -> None:
        self.server = server
        self.exchange: Exchange | None = None
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
        self.button = ipywidgets.Button(description="Send", button_style="primary")
        self.said = ipywidgets.HTML(status(""))
        self.python = ipywidgets.HTML()
        self.shown = ipywidgets.HTML()
        super().__init__(
            "Request playground",
            row(self.method, self.path, self.credentials),
            row(self.headers, self.body),
            row(self.button, self.said),
            self.python,
            self.shown,
        )
        self.button.on_click(lambda _: self.send())
        for control in self._controls:
            control.observe(self._show_python, "value")
        self._show_python()

    @property
    def _controls(self) -> tuple[Any, ...]:
        return self.method, self.path, self.credentials, self.headers, self.body

    @property
    def summary(self) -> str:
        return f"Request playground for {self.server.url}: use course.send(backend, …) to send the same from Python"

    def send(self) -> Exchange | None:
        """Send what the controls say and show the exchange; None, with the reason shown, where that cannot be sent."""
        self.button.disabled = True
        self.said.value = status("Sending …")
        try:
            self.exchange = send(self.server, **self._arguments())
        except CourseError as error:
            self._show(None, status(escape(str(error)), error=True))
        else:
            self._show(self.exchange, _outcome(self.exchange))
        finally:
            self.button.disabled = False
        return self.exchange

    def _arguments(self) -> dict[str, Any]:
        return {
            "method": self.method.value,
            "path": self.path.value.strip(),
            "headers": parse_headers(self.headers.value),
            "body": self.body.value,
            "credentials": None if self.credentials.value == NOBODY else self.credentials.value,
        }

    def _show(self, exchange: Exchange | None, said: str) -> None:
        self.exchange = exchange
        self.said.value = said
        self.shown.value = exchange_html(exchange) if exchange else ""

    def _show_python(self, change: Any = None) -> None:
        try:
            call = _call(**self._arguments())
        except CourseError:
            return  # half a line of a header; said when it is sent
        self.python.value = f'<p class="course-python">The same in Python: {code(call)}</p>'


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


def _outcome(exchange: Exchange) -> str:
    if exchange.response:
        return status(f"Exchange {exchange.number}: the answer is below.")
    if "dropped" in exchange.note:
        return status(
            "The connection broke before an answer came: nobody can tell from here whether the work was done."
        )
    return status(f"No answer within {TIMEOUT:.0f} seconds: the request may still be at work.")


def _call(method: str, path: str, headers: dict[str, str], body: str, credentials: str | None) -> str:
    arguments = [repr(method), repr(path)]
    arguments += [f"{headers!r}"] if headers else []
    arguments += [f"body={body!r}"] if body else []
    arguments += [f"credentials={credentials!r}"] if credentials else []
    return f"course.send(backend, {', '.join(arguments)})"
