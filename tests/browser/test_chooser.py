"""The chooser in the page: boxes by mouse and by keyboard, the ranking that follows, and no jump of what is below."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = "import course_support as course\nchooser = course.chooser()\nchooser"
HEIGHT = "part => part.getBoundingClientRect().height"


def opened(lab: LabPage, name: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START))
    lab.run_all()
    assert lab.errors == []
    form = lab.cell_output(0).locator(".course-form")
    expect(form.get_by_role("status")).to_contain_text("all six styles are level")
    return form


def test_answers_rank_the_styles_at_once_and_nothing_jumps(lab: LabPage) -> None:
    form = opened(lab, "chooser_tick")
    height = form.evaluate(HEIGHT)
    first = form.get_by_role("region", name="Places and reasons").locator("tbody tr").first
    for label, best in (("event notices", "webhooks"), ("caching", "webhooks"), ("low latency", "webhooks")):
        form.get_by_label(label).check()
        expect(first).to_contain_text(best)
    assert form.evaluate(HEIGHT) == height
    form.get_by_label("event notices").uncheck()
    form.get_by_label("caching").uncheck()
    expect(form.get_by_role("status")).to_have_text("WebSocket comes first, with 2 points.")
    expect(form).to_contain_text("rank(performance='low latency')")
    assert lab.execute("print(chooser.ranking.best)") == "('WebSocket',)\n"
    form.get_by_role("button", name="Start over").click()
    expect(form.get_by_role("status")).to_contain_text("all six styles are level")
    expect(form.get_by_role("checkbox", checked=True)).to_have_count(0)


def test_every_control_is_reached_by_keyboard(lab: LabPage) -> None:
    form = opened(lab, "chooser_keys")
    form.get_by_label("flexible queries").focus()
    lab.page.keyboard.press("Space")
    expect(form.get_by_role("status")).to_have_text("GraphQL comes first, with 2 points.")
    for label in ("predictable structure", "strict validation", "request and response"):
        lab.page.keyboard.press("Tab")
        expect(form.get_by_label(label)).to_be_focused()
    expect(form.get_by_role("group")).to_have_count(4)
    form.get_by_role("button", name="Start over").focus()
    lab.page.keyboard.press("Tab")
    expect(form.get_by_role("region", name="Places and reasons")).to_be_focused()
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    form = opened(lab, f"chooser_{theme}")
    lab.theme(theme)
    for label in ("strict validation", "request and response", "event notices", "caching", "modern JavaScript"):
        form.get_by_label(label).check()
    expect(form.get_by_role("status")).to_contain_text("SOAP")
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    lab.screenshot(f"chooser-{theme}", form)
    lab.page.set_viewport_size({"width": 900, "height": 1400})
    lab.screenshot(f"chooser-narrow-{theme}", form)
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
