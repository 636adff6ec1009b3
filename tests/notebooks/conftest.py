"""Teaches nbval what is not compared: the committed notebooks keep text, and a run also yields what only a page shows.

Loaded as a plugin where notebooks are run: `pytest --nbval -p tests.notebooks.conftest notebooks`.
"""

from __future__ import annotations

from nbval.plugin import IPyNbFile

NOT_STORED = (
    "text/html",
    "image/png",
    "image/svg+xml",
    "application/javascript",
    "application/vnd.jupyter.widget-view+json",
)
_initialise = IPyNbFile.__init__


def _initialise_for_text(self: IPyNbFile, *args: object, **kwargs: object) -> None:
    _initialise(self, *args, **kwargs)
    self.skip_compare = (*self.skip_compare, *NOT_STORED)


# in place, because nbval names this class in its own calls to super()
IPyNbFile.__init__ = _initialise_for_text
