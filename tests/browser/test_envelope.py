"""The envelope explorer in the page: findings while one types, every button, and the answer of the hospital."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = """
import course_support as course
from course_support.backends.soap import app
backend = course.serve(app(1))
explorer = course.envelope_explorer(backend)
explorer
"""


def opened(lab: LabPage, name: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START))
    lab.run_all()
    assert lab.errors == []
    form = lab.cell_output(0).locator(".course-form")
    expect(form.get_by_role("button", name="Send")).to_be_visible()
    return form


def rejected(form: Locator) -> list[str]:
    """The numbers of the lines that carry the sign."""
    return form.locator(".lines div").filter(has_text="✖").locator("i").all_inner_texts()


def test_mends_the_shorthand_step_by_step_and_gets_the_record(lab: LabPage) -> None:
    form = opened(lab, "envelope_mend")
    expect(form.get_by_role("status").first).to_have_text("✖ 7 findings:")
    assert rejected(form) == ["3", "4", "5", "6", "11", "12", "13"]
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("500 Internal Server Error")
    assert "secure_password" not in form.locator(".api-view").inner_text()
    form.get_by_role("button", name="Put Security into its namespace").click()
    expect(form.get_by_role("status").first).to_have_text("✖ 3 findings:")
    form.get_by_role("button", name="Put the request into its namespace").click()
    expect(form.get_by_role("status").first).to_contain_text("✔ Nothing is wrong with it.")
    assert rejected(form) == []
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("200 OK")
    form.get_by_label("Send it as").select_option("SOAP 1.2")
    expect(form).to_contain_text("'application/soap+xml; charset=utf-8; action=\"GetPatientRecord\"'")
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".api-view")).to_contain_text("http://www.w3.org/2003/05/soap-envelope")
    assert lab.execute("print([e.status for e in backend.traffic])") == "[500, 200, 200]\n"
    form.get_by_role("button", name="Start over").click()
    expect(form.get_by_role("status").first).to_have_text("✖ 7 findings:")
    expect(form.get_by_label("Send it as")).to_have_value("SOAP 1.1")


def test_finds_what_is_typed(lab: LabPage) -> None:
    form = opened(lab, "envelope_typed")
    form.get_by_label("Envelope", exact=True).focus()
    lab.page.keyboard.press("Control+Home")
    lab.page.keyboard.insert_text("<!DOCTYPE hospital>")
    expect(form).to_contain_text("Line 1 Leave out the DOCTYPE")
    assert rejected(form) == ["1"]
    lab.page.keyboard.press("Control+A")
    lab.page.keyboard.insert_text("<a>\n<b>\n</a>")
    expect(form).to_contain_text("Send well-formed XML")
    assert lab.execute("print([it.line for it in explorer.findings])") == "[3]\n"


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    form = opened(lab, "envelope_tab")
    form.get_by_label("Send it as").focus()
    names = ("Start over", "Put Security into its namespace", "Put the request into its namespace")
    for name in names:
        lab.page.keyboard.press("Tab")
        expect(form.get_by_role("button", name=name)).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(form.get_by_label("Envelope", exact=True)).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Send")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(form.locator(".api-view")).to_contain_text("500 Internal Server Error")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    form = opened(lab, f"envelope_{theme}")
    lab.theme(theme)
    form.get_by_role("button", name="Put Security into its namespace").click()
    expect(form.get_by_role("status").first).to_have_text("✖ 3 findings:")
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    lab.screenshot(f"envelope-{theme}", form)
    lab.page.set_viewport_size({"width": 900, "height": 1400})
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
    lab.screenshot(f"envelope-narrow-{theme}", form)
