"""Switches for what a network does to deliveries on their way, each beside the Python that does the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import ipywidgets

from course_support.widgets.form import labelled

HELD = timedelta(minutes=10)
# the name on `app.state.network`, the label, and what is said when it is turned off and on
SWITCHES = (
    (
        "tamper",
        "Tamper with a digit",
        "Deliveries arrive as they were signed.",
        "From here on a digit of the amount is changed on the way.",
    ),
    ("duplicate", "Duplicate", "Each request arrives once.", "From here on each request arrives twice."),
    (
        "reorder",
        "Reorder",
        "Requests arrive in the order in which they were sent.",
        "From here on each request waits until the next one has overtaken it.",
    ),
    (
        "hold",
        "Hold 10 minutes",
        "Requests arrive at once.",
        "From here on each request takes 10 minutes of the processor’s clock.",
    ),
)

Tell = Callable[[str, str], None]  # with a sentence and the same in Python


def mischief(state: Callable[[], Any], tell: Tell) -> dict[str, ipywidgets.Checkbox]:
    """A checkbox for each switch of the network of the processor whose `app.state` is `state()`, by its name."""
    return {name: _switch(name, label, said, state, tell) for name, label, *said in SWITCHES}


def _switch(name: str, label: str, said: list[str], state: Callable[[], Any], tell: Tell) -> ipywidgets.Checkbox:
    def turn(change: Any) -> None:
        if bool(getattr(state().network, name)) == change.new:
            return  # a cell has turned it
        value, text = _value(name, change.new)
        setattr(state().network, name, value)
        if name == "reorder" and not value:
            state().deliveries.idle()  # what is held is let go
        tell(said[change.new], f"processor.app.state.network.{name} = {text}")

    switch = labelled(ipywidgets.Checkbox, label, indent=False, layout={"width": "auto"})
    switch.observe(turn, "value")
    return switch


def _value(name: str, on: bool) -> tuple[Any, str]:
    if name == "hold":
        return (HELD, "timedelta(minutes=10)") if on else (timedelta(), "timedelta()")
    return on, str(on)
