"""The query builder in the page: every box and button, the loader's switch, and both views compared."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = """
import course_support as course
from course_support.backends.graphql import app
backend = course.serve(app(1))
builder = course.query_builder(backend)
builder
"""


def opened(lab: LabPage, name: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START))
    lab.run_all()
    assert lab.errors == []
    form = lab.cell_output(0).locator(".course-form")
    expect(form.get_by_label("city of location")).to_be_checked()
    return form


def test_ticking_a_field_changes_the_query_and_the_answer(lab: LabPage) -> None:
    form = opened(lab, "query_tick")
    query, answer = form.get_by_role("region", name="Query"), form.get_by_role("region", name="Answer")
    form.get_by_label("title of sessions of speakers").check()
    expect(query).to_contain_text("speakers {\n      sessions {\n        title\n      }\n    }")
    expect(answer).to_contain_text('"sessions": [')
    expect(form).to_contain_text("Database statements: 3")
    form.get_by_label("speakers", exact=True).check()  # from some of them to all
    expect(query).to_contain_text("photo")
    form.get_by_label("speakers", exact=True).uncheck()
    expect(query).not_to_contain_text("speakers")
    expect(form).to_contain_text("Database statements: 1")
    for box in form.get_by_role("checkbox", checked=True).all()[::-1]:
        if box.evaluate("it => it.matches('.course-tree input') && it.checked"):
            box.uncheck()
    expect(form.get_by_role("alert")).to_contain_text("Tick a field")


def test_compares_both_views_and_the_loader(lab: LabPage) -> None:
    form = opened(lab, "query_compare")
    form.get_by_role("button", name="Phone view").click()
    form.get_by_role("button", name="Desktop view").click()
    rows = form.locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(form.get_by_label("photo of speakers")).to_be_checked()
    loader = form.get_by_label("Loader")
    loader.uncheck()
    expect(rows).to_have_count(5)
    expect(form).to_contain_text("backend.app.state.loader = False")
    assert lab.execute("print(backend.app.state.loader)") == "False\n"
    loader.check()
    expect(form).to_contain_text("backend.app.state.loader = True")
    form.get_by_role("button", name="Run").click()
    expect(form).to_contain_text("Database statements: 4")
    assert lab.execute("print({e.status for e in backend.traffic})") == "{200}\n"


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    form = opened(lab, "query_tab")
    form.get_by_role("button", name="Phone view").focus()
    for name in ("Desktop view", "Run"):
        lab.page.keyboard.press("Tab")
        expect(form.get_by_role("button", name=name)).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(form.get_by_label("Loader")).to_be_focused()
    for label in ("name", "description", "date", "location", "address of location", "city of location"):
        lab.page.keyboard.press("Tab")
        expect(form.get_by_label(label, exact=True)).to_be_focused()
    lab.page.keyboard.press("Space")
    expect(form.get_by_role("region", name="Query")).not_to_contain_text("city")
    for name in ("Query", "Answer"):
        form.get_by_role("region", name=name).focus()
        expect(form.get_by_role("region", name=name)).to_be_focused()
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    form = opened(lab, f"query_{theme}")
    lab.theme(theme)
    form.get_by_role("button", name="Phone view").click()
    form.get_by_role("button", name="Desktop view").click()
    form.get_by_label("Loader").uncheck()
    expect(form.locator("tbody tr")).to_have_count(5)
    form.get_by_label("capacity").check()
    expect(form.get_by_role("region", name="Answer")).to_contain_text("capacity")
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    lab.screenshot(f"query-{theme}", form)
    lab.page.set_viewport_size({"width": 900, "height": 1800})
    lab.screenshot(f"query-narrow-{theme}", form)
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
