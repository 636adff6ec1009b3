"""The views as a learner sees them: Mermaid understands the diagrams, and everything can be read in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .harness import LabPage

PROJECT = Path(__file__).parents[2]

VALUES = rf"""
import sys
sys.path.insert(0, {str(PROJECT)!r})  # for the factories
import course_support
from course_support.views.sequence import Arrow, Diagram, Turn
from course_support.views.plot import bars, lines
from course_support.views.traffic import Traffic
from tests.factories import exchange
evil = 'end; %% # "x" <script>alert(1)</script>: {{a}} --> `b`'
fields = (("If-Match", '"v1"'), ("Authorization", "Bearer hunter2"))
traffic = Traffic(
    [exchange("PUT", "/playlists/123", fields, '{{"name": "Mix"}}', status=status, number=status or 1)
     for status in (200, 304, 412, 503, None)]
)
"""
SHOWN = (
    "traffic[2]",
    "traffic",
    "bars('Bytes', {'REST': 1932, 'GraphQL': 345}, unit='B')",
    "lines('Import', {'single': [(1, 2), (10, 30)], 'batch': [(1, 3), (10, 4)]}, x='contacts', y='time (ms)')",
)

# the contrast of each letter that is shown, after WCAG 2.2; colours of the page as the canvas paints them
CONTRASTS = """view => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = colour => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].map((part, i) => (i < 3 ? part : part / 255));
    };
    const over = (top, alpha, ground) => ground.map((part, i) => top[i] * alpha + part * (1 - alpha));
    const luminance = parts => parts
        .map(part => part / 255)
        .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const found = [];
    const letters = document.createTreeWalker(view, NodeFilter.SHOW_TEXT);
    while (letters.nextNode()) {
        const element = letters.currentNode.parentElement;
        if (!letters.currentNode.data.trim() || !element.checkVisibility() || element.closest('style')) continue;
        const chain = [];
        for (let at = element; at; at = at.parentElement) chain.unshift(getComputedStyle(at));
        let ground = [255, 255, 255], alpha = 1;
        for (const style of chain) {
            const painted = rgba(style.backgroundColor);
            ground = over(painted, painted[3], ground);
            alpha *= style.opacity;
        }
        const style = chain.at(-1);
        const ink = rgba(element.closest('svg') ? style.fill : style.color);
        const [low, high] = [luminance(over(ink, ink[3] * alpha, ground)), luminance(ground)].sort((a, b) => a - b);
        found.push([(high + 0.05) / (low + 0.05), letters.currentNode.data.trim()]);
    }
    return found;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_letter_can_be_read(lab: LabPage, theme: str) -> None:
    lab.open_notebook(lab.write_notebook(f"views_{theme}", VALUES, *SHOWN))
    lab.run_all()
    assert lab.errors == []
    lab.theme(theme)
    for index in range(1, len(SHOWN) + 1):
        view = lab.cell_output(index).locator("section.api-view")
        found: list[tuple[float, str]] = view.evaluate(CONTRASTS)
        assert found
        assert [letters for contrast, letters in found if contrast < 4.5] == []
        assert view.evaluate("view => view.scrollWidth <= view.clientWidth")


def test_request_and_response_stack_where_it_is_narrow(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("views_narrow", VALUES, SHOWN[0]))
    lab.run_all()
    sides = lab.cell_output(1).locator(".api-side")
    expect(sides).to_have_count(2)

    def places() -> list[dict[str, Any]]:
        return [dict(sides.nth(index).bounding_box() or {}) for index in range(2)]

    left, right = places()
    assert left["y"] == right["y"]
    assert left["x"] < right["x"]
    lab.page.set_viewport_size({"width": 620, "height": 1000})
    upper, lower = places()
    assert upper["x"] == lower["x"]
    assert upper["y"] < lower["y"]


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ("traffic.diagram(title='A lost update')", "A lost update"),
        ("Traffic([]).diagram(title='Nothing')", "Nothing"),
        ("Diagram('x', (Turn((Arrow(evil, 'end', evil), Arrow('end', evil, 'end', 'lost')), 3),), evil)", "x"),
    ],
)
def test_mermaid_draws_the_diagram(lab: LabPage, value: str, title: str) -> None:
    lab.open_notebook(lab.write_notebook("views_mermaid", VALUES, value))
    lab.run_all()
    assert lab.errors == []
    picture = lab.cell_output(1).locator(".jp-RenderedMermaid")
    expect(picture.get_by_role("img", name=title)).to_be_visible()
    expect(picture.locator("details")).to_have_count(0)  # which is how JupyterLab shows an error of Mermaid
    expect(picture.locator("figcaption")).not_to_be_empty()


def test_the_curl_command_is_copied(lab: LabPage) -> None:
    lab.open_notebook(lab.write_notebook("views_copy", VALUES, SHOWN[0]))
    lab.run_all()
    view = lab.cell_output(1)
    view.get_by_text("Copy as curl").click()
    view.get_by_role("button", name="Copy").click()
    expect(view.get_by_role("button", name="Copied")).to_be_visible()
    assert lab.page.evaluate("() => navigator.clipboard.readText()").startswith("curl -i -X PUT ")
