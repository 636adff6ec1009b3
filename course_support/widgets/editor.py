"""A text to edit whose lines have numbers and can be marked as rejected, which no control of ipywidgets offers."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Editor(anywidget.AnyWidget):
    """Text under a label. `value` follows each key; the lines in `rejected`, counted from 1, carry a sign."""

    _esm = HERE / "editor.js"
    _css = HERE / "editor.css"
    label = traitlets.Unicode().tag(sync=True)
    value = traitlets.Unicode().tag(sync=True)
    rejected = traitlets.List(traitlets.Int()).tag(sync=True)
