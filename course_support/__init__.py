"""The support library of a course on API architectures: real servers in the kernel, their traffic, and exercises."""

from importlib import import_module
from typing import Any

from course_support.errors import CourseError
from course_support.server import Server, serve
from course_support.views import install
from course_support.worksheet import progress, worksheet

_LATER = {  # imported when first used: matplotlib and ipywidgets take longer than a backend does to start
    "bars": "course_support.views.plot",
    "chooser": "course_support.widgets.chooser",
    "editors": "course_support.widgets.editors",
    "envelope_explorer": "course_support.widgets.envelope",
    "fault_switches": "course_support.widgets.faults",
    "frames": "course_support.views.frames",
    "importer": "course_support.widgets.importer",
    "javascript": "course_support.widgets.javascript",
    "lines": "course_support.views.plot",
    "playground": "course_support.widgets.playground",
    "query_builder": "course_support.widgets.query",
    "send": "course_support.widgets.playground",
    "six_styles_panel": "course_support.widgets.six_styles",
    "trace": "course_support.views.diagram",
    "traffic": "course_support.widgets.traffic",
    "webhook_panel": "course_support.widgets.webhooks",
}
__all__ = [
    "CourseError",
    "Server",
    "bars",
    "chooser",
    "editors",
    "envelope_explorer",
    "fault_switches",
    "frames",
    "importer",
    "javascript",
    "lines",
    "playground",
    "progress",
    "query_builder",
    "send",
    "serve",
    "six_styles_panel",
    "trace",
    "traffic",
    "webhook_panel",
    "worksheet",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"course_support has no {name!r}: it has {', '.join(__all__)}.")
    return getattr(import_module(_LATER[name]), name)


def __dir__() -> list[str]:
    return __all__


install()
