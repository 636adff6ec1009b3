"""Switches for a backend's faults, each beside the Python call that does the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets

from course_support.faults import Answer, Cut, Drop, Fault, Lag, Slow
from course_support.server import Server
from course_support.views.quantity import count_text
from course_support.widgets.form import Form, code, labelled, row, status
from course_support.widgets.pulse import Pulse

SLOWEST = 2000  # milliseconds
RETRY_AFTER = 2  # seconds


class FaultSwitches(Form):
    """A slider for the latency, a button for each fault, and a line that says what waits for the next requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.latency = labelled(
            ipywidgets.IntSlider, "Latency added to each request (ms)", max=SLOWEST, step=50, layout={"width": "22rem"}
        )
        self.said = ipywidgets.HTML()
        self.python = ipywidgets.HTML()
        faults = server.faults
        self.buttons = [
            self._button("Next answer: 503", "answer_next(503)", lambda: faults.answer_next(503)),
            self._button(
                "Next answer: 429 with Retry-After",
                f"answer_next(429, retry_after={RETRY_AFTER})",
                lambda: faults.answer_next(429, retry_after=RETRY_AFTER),
            ),
            self._button("Drop before the work", 'drop_next(when="before")', lambda: faults.drop_next(when="before")),
            self._button("Drop after the work", 'drop_next(when="after")', lambda: faults.drop_next(when="after")),
            self._button("Clear", "clear()", faults.clear),
        ]
        super().__init__("Faults", row(self.latency, self.python), *self.buttons, self.said)
        self.latency.observe(self._set_latency, "value")
        self._pulse = Pulse(self.refresh)
        self._unsubscribe = server.recorder.subscribe(lambda _: self._pulse.beat())
        self.refresh()

    @property
    def summary(self) -> str:
        return f"Fault switches for {self.server.url}: use backend.faults to do the same from Python"

    def refresh(self) -> None:
        """Show the latency and the faults that wait; called by itself after each request."""
        self.latency.value = self._shown_latency()
        self._show_latency()
        said = status(f"Waiting: {waiting(self.server.faults.waiting)}.")
        if said != self.said.value:
            self.said.value = said

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.refresh()  # a cell may have set faults since
        return super()._repr_mimebundle_(**options)

    def _button(self, label: str, call: str, act: Callable[[], None]) -> ipywidgets.HBox:
        def press(_: Any) -> None:
            act()
            self.refresh()

        button = ipywidgets.Button(description=label, layout={"width": "18rem"})
        button.on_click(press)
        return row(button, ipywidgets.HTML(code(f"backend.faults.{call}")))

    def close(self) -> None:
        self._unsubscribe()
        super().close()

    def _shown_latency(self) -> int:
        return min(SLOWEST, round(self.server.faults.delay * 1000))

    def _set_latency(self, change: Any) -> None:
        if self.latency.value != self._shown_latency():  # else a cell has set it, more exactly than a slider can
            self.server.faults.delay = self.latency.value / 1000
        self._show_latency()

    def _show_latency(self) -> None:
        self.python.value = code(f"backend.faults.delay = {self.server.faults.delay:g}  # seconds")


def fault_switches(server: Server) -> FaultSwitches:
    """Switches for the faults of `server`. In Python without the switches: `server.faults`."""
    return FaultSwitches(server)


def waiting(faults: tuple[Fault, ...]) -> str:
    """What the next requests meet, in words and in order: `503, then the connection drops after the work`."""
    return ", then ".join(map(_words, faults)) or "no fault"


def _words(fault: Fault) -> str:
    match fault:
        case Answer(code, None):
            return str(code)
        case Answer(code, seconds):
            return f"{code} with Retry-After: {seconds}"
        case Drop(when):
            return f"the connection drops {when} the work"
        case Slow(seconds):
            return f"content spread over {seconds:g} s"
        case Cut(messages):
            return f"a WebSocket that breaks after {count_text(messages, 'message')}"
        case Lag(seconds, messages):
            return f"a WebSocket that lags by {seconds:g} s after {count_text(messages, 'message')}"
        case _:
            return "one request without a fault"
