"""One job in six styles, at settings that the learner chooses: what each style takes, measured here and now."""

from __future__ import annotations

import threading
from html import escape
from typing import Any

import ipywidgets

from course_support.errors import CourseError
from course_support.six_styles import STYLES, Measurements, decision_table, measure
from course_support.views.measured import Measurement
from course_support.views.plot import Plot, bars
from course_support.views.quantity import count_text
from course_support.widgets.form import Form, labelled, marked, row, status
from course_support.widgets.sender import same_in_python

WIDTH = 4.6  # inches of a plot: two fit beside each other
TWO_COLUMNS = "repeat(auto-fit, minmax(min(100%, max(20rem, 40%)), 1fr))"  # and one where two would be too narrow
NOTE = "<p>Times are measured here and now: they differ from machine to machine, and a little from run to run.</p>"


class SixStylesPanel(Form):
    """Sliders for the job, and four plots of what it took. `run` measures; `measurements` is what it found last."""

    def __init__(self) -> None:
        self.measurements = Measurements()
        self.changes = _slider("Changes", 20, 1, 50, 1)
        self.note_bytes = _slider("Bytes of each note", 50, 0, 5000, 50)
        self.latency = _slider("Latency of a round trip (ms)", 20, 0, 200, 10)
        self.spread = _slider("Between two changes (ms)", 0, 0, 100, 5)
        self.button = ipywidgets.Button(description="Run", button_style="primary")
        self.said = ipywidgets.HTML(status("Move the sliders, and press Run."))
        self.python = ipywidgets.HTML()
        self.plots = [ipywidgets.HTML(layout={"width": "auto", "min_width": "0"}) for _ in range(4)]
        self.decided = marked(ipywidgets.HTML(), "course-compared")
        super().__init__(
            "One job in six styles",
            row(self.changes, self.note_bytes),
            row(self.latency, self.spread),
            row(self.button, self.said),
            self.python,
            ipywidgets.HTML(NOTE),
            marked(ipywidgets.GridBox(self.plots, layout={"grid_template_columns": TWO_COLUMNS}), "course-top"),
            self.decided,
        )
        for slider in (self.changes, self.note_bytes, self.latency, self.spread):
            slider.observe(self._show_python, "value")
        self.button.on_click(lambda _: threading.Thread(target=self.run, daemon=True).start())
        self._running = threading.Lock()
        self._show_python()

    @property
    def summary(self) -> str:
        return "One job in six styles: use course_support.six_styles.measure_all(…) to do the same from Python"

    @property
    def settings(self) -> dict[str, Any]:
        """What the sliders say, as the arguments of `measure_all`: times in seconds."""
        return {
            "changes": self.changes.value,
            "note_bytes": self.note_bytes.value,
            "latency": self.latency.value / 1000,
            "spread": self.spread.value / 1000,
        }

    def run(self) -> Measurements | None:
        """Measure all six, one after the other; None, with the reason shown, where that cannot be done.

        The page is told what is under way, and a second call meanwhile does nothing.
        """
        if not self._running.acquire(blocking=False):
            return None
        self.button.disabled = True
        try:
            self.measurements = self._measured(self.settings)
            self._show()
        except Exception as error:  # in a thread of its own, nobody else would tell
            known = isinstance(error, CourseError)
            sentence = str(error) if known else f"The measurement failed: {error}. Run it once more."
            self.said.value = status(escape(sentence), error=True)
            return None
        finally:
            self.button.disabled = False
            self._running.release()
        return self.measurements

    def _measured(self, settings: dict[str, Any]) -> Measurements:
        found = Measurements()
        for number, style in enumerate(STYLES, 1):
            self.said.value = status(f"Measuring {style}, {number} of {len(STYLES)} …")
            found.append(measure(style, **settings))
        return found

    def _show(self) -> None:
        for shown, plot in zip(self.plots, plots(self.measurements), strict=True):
            shown.value = plot.html
        self.decided.value = decision_table(self.measurements).html
        self.said.value = status(f"All six left the same shelf behind, {_settings(self.measurements[0])}.")

    def _show_python(self, change: Any = None) -> None:
        arguments = ", ".join(f"{name}={value:g}" for name, value in self.settings.items())
        self.python.value = same_in_python(f"six_styles.measure_all({arguments})")


def six_styles_panel() -> SixStylesPanel:
    """Sliders for the number of changes, their size, the latency and the time between two; and what each style takes.

    In Python without the controls: `course_support.six_styles.measure_all(changes=…, note_bytes=…, latency=…, …)`.
    """
    return SixStylesPanel()


def plots(measured: Measurements) -> tuple[Plot, ...]:
    """Requests, bytes, time and age, the styles in the same order in each."""
    figures: dict[str, tuple[dict[str, float], str]] = {
        "Requests, set-up included": ({it.style: it.requests for it in measured}, ""),
        "Bytes, both directions": ({it.style: it.bytes for it in measured}, "B"),
        "Time to the last answer": ({it.style: it.milliseconds for it in measured}, "ms"),
        "Age of a change when the shop knows it, median": ({it.style: it.age_ms for it in measured}, "ms"),
    }
    return tuple(bars(title, values, unit, WIDTH) for title, (values, unit) in figures.items())


def _settings(it: Measurement) -> str:
    return (
        f"with {count_text(it.changes, 'change')}, notes of {it.note_bytes:,} bytes, a latency of "
        f"{it.latency * 1000:g} ms and {it.spread * 1000:g} ms between two changes"
    )


def _slider(label: str, value: int, least: int, most: int, step: int) -> ipywidgets.IntSlider:
    return labelled(ipywidgets.IntSlider, label, value=value, min=least, max=most, step=step, layout={"width": "22rem"})
