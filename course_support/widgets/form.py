"""The look that the controls made of ipywidgets share: labels above, one frame, text that is read out."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets

HERE = Path(__file__).parent


class _Mending(anywidget.AnyWidget):
    """Brings the style, and mends what ipywidgets leaves open in the page; shows nothing."""

    _esm = HERE / "form.js"
    _css = HERE / "form.css"


class Form(ipywidgets.VBox):  # type: ignore[misc]
    """Controls in a frame, under a heading. `summary` is what a page without widgets shows, stable from run to run."""

    def __init__(self, heading: str, *children: ipywidgets.Widget) -> None:
        title = ipywidgets.HTML(f'<div class="course-heading" role="heading" aria-level="5">{escape(heading)}</div>')
        super().__init__([marked(_Mending(), "course-mending"), title, *children])
        self.add_class("course-form")

    @property
    def summary(self) -> str:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.summary


def marked(control: Any, *classes: str) -> Any:
    """The control, with these CSS classes."""
    for name in classes:
        control.add_class(name)
    return control


def labelled(kind: Any, label: str, *classes: str, **options: Any) -> Any:
    """A control of this kind with its label above it, both tied together."""
    style = {"description_width": "initial"}
    return marked(kind(description=label, style=style, **options), "course-labelled", *classes)


def row(*children: ipywidgets.Widget) -> ipywidgets.HBox:
    """Controls beside each other, or below each other where the page is narrow."""
    return marked(ipywidgets.HBox(children), "course-row")


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def status(html: str, error: bool = False) -> str:
    """A line that a screen reader reads out when it changes."""
    return f'<p role="{"alert" if error else "status"}"{" class=course-error" if error else ""}>{html}</p>'
