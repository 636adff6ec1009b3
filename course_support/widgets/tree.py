"""Fields to tick, in the tree that they form, which no control of ipywidgets offers."""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Tree(anywidget.AnyWidget):
    """A box for each of `fields`, which are paths such as `location.city`; `chosen` are those that are ticked."""

    _esm = HERE / "tree.js"
    _css = HERE / "tree.css"
    label = traitlets.Unicode().tag(sync=True)
    fields = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.List(traitlets.Unicode()).tag(sync=True)
