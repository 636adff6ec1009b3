"""What the forms that send one request share: a button, a line that says what came of it, and the exchange."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from course_support.errors import CourseError
from course_support.server import Server
from course_support.views.exchange import exchange_html
from course_support.widgets.form import Form, code, row, status
from course_support.widgets.sending import TIMEOUT, send
from course_support.wire import Exchange


class Sender(Form):
    """A form with a button Send. `send` sends what its controls say; `exchange` is what came of it last."""

    def __init__(self, server: Server, heading: str, *controls: ipywidgets.Widget) -> None:
        self.server = server
        self.exchange: Exchange | None = None
        self.button = ipywidgets.Button(description="Send", button_style="primary")
        self.said = ipywidgets.HTML(status(""))
        self.python = ipywidgets.HTML()
        self.shown = ipywidgets.HTML()
        super().__init__(heading, *controls, row(self.button, self.said), self.python, self.shown)
        self.button.on_click(lambda _: self.send())

    def request(self) -> dict[str, Any]:
        """The arguments for `sending.send`. Raises CourseError where the controls make no request."""
        raise NotImplementedError

    def send(self) -> Exchange | None:
        """Send what the controls say and show the exchange; None, with the reason shown, where that cannot be sent."""
        self.button.disabled = True
        self.said.value = status("Sending …")
        try:
            self.exchange = send(self.server, **self.request())
        except CourseError as error:
            self._show(None, status(escape(str(error)), error=True))
        else:
            self._show(self.exchange, _outcome(self.exchange))
        finally:
            self.button.disabled = False
        return self.exchange

    def _show(self, exchange: Exchange | None, said: str) -> None:
        self.exchange = exchange
        self.said.value = said
        self.shown.value = exchange_html(exchange) if exchange else ""


def same_in_python(*lines: str) -> str:
    """The Python that does what the controls do, as HTML."""
    if len(lines) == 1:
        return f'<p class="course-python">The same in Python: {code(lines[0])}</p>'
    text = escape("\n".join(lines))
    return f'<div class="course-python">The same in Python: <pre>{text}</pre></div>'


def _outcome(exchange: Exchange) -> str:
    if exchange.response:
        return status(f"Exchange {exchange.number}: the answer is below.")
    if "dropped" in exchange.note:
        return status(
            "The connection broke before an answer came: nobody can tell from here whether the work was done."
        )
    return status(f"No answer within {TIMEOUT:.0f} seconds: the request may still be at work.")
