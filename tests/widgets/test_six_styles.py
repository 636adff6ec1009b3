"""The panel without a page: sliders moved from Python, one real run, and errors as a sentence."""

from __future__ import annotations

import threading
from html import unescape
from typing import Any

import pytest

import course_support as course
from course_support import six_styles as module
from course_support.errors import CourseError
from course_support.six_styles import STYLES, measure_all
from course_support.widgets import six_styles
from course_support.widgets.six_styles import SixStylesPanel, plots


@pytest.fixture
def panel() -> SixStylesPanel:
    return course.six_styles_panel()


def test_a_run_fills_the_plots_and_the_table(panel: SixStylesPanel) -> None:
    panel.changes.value, panel.note_bytes.value, panel.latency.value = 3, 100, 0
    assert panel.run() is panel.measurements
    assert [it.style for it in panel.measurements] == list(STYLES)
    assert {(it.changes, it.note_bytes, it.latency) for it in panel.measurements} == {(3, 100, 0.0)}
    assert [plot.value.count("<svg") for plot in panel.plots] == [1, 1, 1, 1]
    assert "fewest requests" in panel.decided.value
    assert "same shelf behind, with 3 changes, notes of 100 bytes" in panel.said.value
    assert not panel.button.disabled


def test_one_change_is_told_as_one(panel: SixStylesPanel) -> None:
    panel.changes.value, panel.latency.value = 1, 0
    panel.run()
    assert "with 1 change, notes" in panel.said.value


def test_plots_have_the_styles_in_one_order() -> None:
    found = plots(measure_all(changes=2))
    assert [[line.split()[0] for line in plot.text.splitlines()[1:]] for plot in found] == [list(STYLES)] * 4


def test_the_python_beside_it_measures_the_same(panel: SixStylesPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    panel.latency.value, panel.spread.value = 50, 5
    call = unescape(panel.python.value.partition("<code>")[2].partition("</code>")[0])
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(module, "measure_all", lambda **settings: asked.append(settings))
    eval(call, {"six_styles": module})  # which the lesson has imported
    assert asked == [panel.settings] == [{"changes": 20, "note_bytes": 50, "latency": 0.05, "spread": 0.005}]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [(CourseError("SOAP left 2 books other."), "SOAP left 2 books other."), (OSError("no port"), "failed: no port.")],
    ids=["known", "unknown"],
)
def test_an_error_is_one_sentence(
    panel: SixStylesPanel, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fail(style: str, **settings: Any) -> None:
        assert panel.button.disabled
        raise error

    monkeypatch.setattr(six_styles, "measure", fail)
    assert panel.run() is None
    assert 'role="alert"' in panel.said.value
    assert sentence in panel.said.value
    assert not panel.button.disabled


def test_a_second_run_meanwhile_does_nothing(panel: SixStylesPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(style: str, **settings: Any) -> None:
        begun.set()
        go_on.wait(30)
        raise CourseError("enough")

    monkeypatch.setattr(six_styles, "measure", wait)
    panel.button.click()
    assert begun.wait(30)
    assert panel.run() is None
    assert "Measuring REST, 1 of 6" in panel.said.value
    go_on.set()


def test_its_text_is_stable(panel: SixStylesPanel) -> None:
    text = "One job in six styles: use course_support.six_styles.measure_all(…) to do the same from Python"
    assert panel._repr_mimebundle_()["text/plain"] == text
