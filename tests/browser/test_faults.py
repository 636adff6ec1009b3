"""The fault switches in the page: each button, the slider by keyboard, and the line that says what waits."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .cells import BACKEND
from .harness import LabPage

SHOW = "from course_support.widgets.faults import fault_switches\nfault_switches(backend)"


def opened(lab: LabPage, name: str, *cells: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, BACKEND, SHOW, *cells))
    lab.run_cell(0)
    lab.run_cell(1)
    form = lab.cell_output(1).locator(".course-form")
    expect(form.get_by_role("button", name="Clear")).to_be_visible()
    return form


def test_each_button_lines_up_its_fault(lab: LabPage) -> None:
    form = opened(lab, "faults_buttons", "get(2)")
    expect(form.get_by_role("status")).to_have_text("Waiting: no fault.")
    for name in ("Next answer: 503", "429 with Retry-After", "Drop before the work", "Drop after the work"):
        form.get_by_role("button", name=name).click()
    expect(form.get_by_role("status")).to_have_text(
        "Waiting: 503, then 429 with Retry-After: 2, then the connection drops before the work, "
        "then the connection drops after the work."
    )
    for theme in ("light", "dark"):
        lab.theme(theme)
        lab.screenshot(f"faults-{theme}", form)
    lab.run_cell(2)
    assert lab.execute("print([e.status for e in backend.traffic])") == "[503, 429]\n"
    expect(form.get_by_role("status")).to_contain_text("Waiting: the connection drops before the work, then")
    form.get_by_role("button", name="Clear").click()
    expect(form.get_by_role("status")).to_have_text("Waiting: no fault.")


def test_the_slider_sets_the_latency_by_keyboard(lab: LabPage) -> None:
    form = opened(lab, "faults_slider")
    form.get_by_role("slider", name="Latency added to each request (ms)").focus()
    for key in ("ArrowRight", "ArrowUp", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp"):
        lab.page.keyboard.press(key)
    expect(form).to_contain_text("backend.faults.delay = 0.2")
    assert lab.execute("print(backend.faults.delay)") == "0.2\n"
    assert lab.page.evaluate("() => window.coursePanel.content.activeCellIndex") == 1
    expect(form.get_by_role("slider")).to_be_focused()
