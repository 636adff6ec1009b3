"""All widgets on one page, in both themes: text that can be read, controls that have a name, nothing cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .cells import BACKEND
from .harness import LabPage

SHOW = """
from course_support.widgets.faults import fault_switches
from course_support.widgets.javascript import javascript
from course_support.widgets.playground import playground
from course_support.widgets.traffic import traffic
CODE = "return await (await fetch(base + '/api/v1/playlists')).json();"
display(traffic(backend), playground(backend), fault_switches(backend), javascript(backend, CODE))
"""
TRAFFIC = """
get(2)
get(1, "/nowhere")
session.get(backend.url + "/api/v1/playlists/", allow_redirects=False)
backend.faults.answer_next(503)
get(1)
backend.faults.drop_next(when="after")
try:
    get(1)
except requests.ConnectionError:
    pass
"""
NAMELESS = """root => [...root.querySelectorAll('input, select, textarea, button, [role=slider], [contenteditable]')]
    .filter(control => control.checkVisibility())
    .filter(control => !control.labels?.length && !control.ariaLabel)
    .filter(control => control.tagName !== 'BUTTON' || !control.innerText)
    .map(control => control.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_widget_is_readable_and_named(lab: LabPage, theme: str) -> None:
    lab.theme(theme)
    lab.open_notebook(lab.write_notebook(f"looks_{theme}", BACKEND, SHOW, TRAFFIC))
    lab.run_all()
    output = lab.cell_output(1)
    expect(output.locator("tbody tr")).to_have_count(6)
    output.locator("tbody tr").nth(2).click()
    output.get_by_role("button", name="Send").click()
    output.get_by_role("button", name="Run").click()
    expect(output.locator(".api-view")).to_have_count(2)
    expect(output.get_by_role("log")).to_be_visible()
    assert lab.faint_text(output) == []
    assert output.evaluate(NAMELESS) == []
    for part in (".course-traffic", ".course-form", ".course-javascript"):
        for found in output.locator(part).all():
            assert found.evaluate("part => part.scrollWidth <= part.clientWidth + 1"), f"{part} is cut off"
    lab.page.set_viewport_size({"width": 1280, "height": 3200})
    lab.screenshot(f"all-widgets-{theme}", output)


def test_every_widget_fits_a_narrow_page(lab: LabPage) -> None:
    lab.page.set_viewport_size({"width": 700, "height": 3600})
    lab.open_notebook(lab.write_notebook("looks_narrow", BACKEND, SHOW, TRAFFIC))
    lab.run_all()
    output = lab.cell_output(1)
    expect(output.locator("tbody tr")).to_have_count(6)
    for part in (".course-traffic", ".course-form", ".course-javascript"):
        for found in output.locator(part).all():
            assert found.evaluate("part => part.scrollWidth <= part.clientWidth + 1"), f"{part} is cut off"
    lab.screenshot("all-widgets-narrow", output)
