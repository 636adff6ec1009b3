"""The six styles in the page: a run by keyboard, sliders that steer it, and figures to be read in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = "import course_support as course\npanel = course.six_styles_panel()\npanel"


def opened(lab: LabPage, name: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START))
    lab.run_all()
    assert lab.errors == []
    form = lab.cell_output(0).locator(".course-form")
    expect(form.get_by_role("status")).to_contain_text("press Run")
    expect(form).to_contain_text("Times are measured here and now")
    return form


def test_sliders_steer_what_is_measured(lab: LabPage) -> None:
    form = opened(lab, "six_styles_run")
    form.get_by_role("slider", name="Changes", exact=True).focus()
    for _ in range(15):
        lab.page.keyboard.press("ArrowLeft")
    form.get_by_role("slider", name="Latency of a round trip (ms)").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(form).to_contain_text("six_styles.measure_all(changes=5, note_bytes=50, latency=0.03, spread=0)")
    run = form.get_by_role("button", name="Run")
    run.focus()
    lab.page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_contain_text("same shelf behind, with 5 changes", timeout=60_000)
    expect(run).to_be_enabled()
    expect(form.locator("svg[role=img]")).to_have_count(4)
    expect(form.locator("svg[role=img]").first).to_have_attribute(
        "aria-label", "Requests, set-up included; REST 5; SOAP 6; GraphQL 1; WebSocket 1; webhooks 5; batch 1"
    )
    expect(form.locator("tbody tr").first).to_contain_text("fewest requests")
    assert lab.execute("print(len(panel.measurements), panel.measurements[0].latency)") == "6 0.03\n"


def places(form: Locator) -> tuple[set[float], set[float], set[tuple[float, float]]]:
    """Left edges, top edges and sizes of the plots, in pixels."""
    boxes = [plot.bounding_box() for plot in form.locator("svg[role=img]").all()]
    found = [{name: round(number) for name, number in box.items()} for box in boxes if box]
    return {it["x"] for it in found}, {it["y"] for it in found}, {(it["width"], it["height"]) for it in found}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    form = opened(lab, f"six_styles_{theme}")
    lab.theme(theme)
    form.get_by_role("button", name="Run").click()
    expect(form.get_by_role("status")).to_contain_text("same shelf behind", timeout=60_000)
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    for width, columns in ((1280, 2), (900, 1)):
        lab.page.set_viewport_size({"width": width, "height": 2400})
        lab.screenshot(f"six-styles-{width}-{theme}", form)
        left, top, sizes = places(form)
        assert (len(left), len(top), len(sizes)) == (columns, 4 // columns, 1)
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
