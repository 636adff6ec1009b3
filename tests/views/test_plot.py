import re
import subprocess
import sys
from xml.etree import ElementTree

import matplotlib
import pytest

from course_support.views.plot import INK, PALETTE, Plot, bars, lines
from tests.views.pages import Page

BYTES = bars("Bytes for one screen", {"REST, three requests": 1932, "GraphQL": 345, "nothing": 0}, unit="B")
TIMES = lines(
    "Import",
    {"one by one": [(1, 11.2), (10, 111.0), (100, 20_000.0)], "batch": [(10, 14.6), (100, 31.0)]},
    x="contacts",
    y="time (ms)",
    log=True,
)


def test_a_picture_is_as_wide_as_asked_for() -> None:
    wide, narrow = bars("t", {"a": 1}), bars("t", {"a": 1}, width=4.0)
    assert 'width="288pt"' in narrow.svg
    assert 'width="288pt"' not in wide.svg
    assert narrow.text == wide.text


def test_text_of_bars() -> None:
    assert BYTES.text.splitlines() == [
        "Bytes for one screen",
        "  REST, three requests  1,932 B  ██████████████████████████████",
        "  GraphQL                 345 B  █████▍",
        "  nothing                   0 B",
    ]


def test_text_of_lines() -> None:
    assert TIMES.text.splitlines() == [
        "Import: time (ms) by contacts",
        "  contacts  one by one      batch",
        "         1     11.2 ms          –",
        "        10    111.0 ms    14.6 ms",
        "       100     20.00 s    31.0 ms",
    ]


@pytest.mark.parametrize("unit", ["ms", "s"])
def test_text_of_two_runs_differs_in_the_digits_of_times_alone(unit: str) -> None:
    def run(value: float) -> str:
        plots = bars("t", {"a": value, "b": 3}, unit), lines("t", {"a": [(1, value)]}, y=f"time ({unit})")
        return re.sub(r" *[\d.]+ m?s\b", " TIME", "\n".join(plot.text for plot in plots))

    assert run(1) == run(12.34) == run(7000) == run(0.5)


@pytest.mark.parametrize("plot", [BYTES, TIMES])
def test_the_picture_carries_the_text(plot: Plot) -> None:
    (svg,) = Page(plot.html).attributes("svg")
    label = svg["aria-label"] or ""
    assert svg["role"] == "img"
    for word in re.findall(r"[^\s█▍:]+", plot.text):
        assert word in label


@pytest.mark.parametrize("plot", [BYTES, TIMES])
def test_the_picture_follows_the_theme_and_leaves_the_page_alone(plot: Plot) -> None:
    svg = ElementTree.fromstring(plot.svg)
    assert INK not in plot.svg
    for element in svg.iter():
        assert not element.tag.endswith(("style", "metadata"))
        if element.tag.endswith("text"):
            assert "fill: var(--jp-ui-font-color1" in element.attrib["style"]
            assert "font-family: var(--jp-ui-font-family" in element.attrib["style"]
    colours = set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r'href="[^"]*"|url\([^)]*\)', "", plot.svg)))
    assert colours <= set(PALETTE)


def test_ids_are_only_those_that_something_refers_to() -> None:
    ids = set(re.findall(r' id="([^"]+)"', TIMES.svg))
    assert ids == set(re.findall(r'href="#([^"]+)"', TIMES.svg)) | set(re.findall(r"url\(#([^)]+)\)", TIMES.svg))


def test_the_same_plot_is_the_same_picture() -> None:
    assert TIMES.svg == TIMES.svg


def test_labels_are_letters_and_stay_text() -> None:
    hostile = '<script>alert("$x^2$")</script>'
    page = Page(bars(hostile, {hostile: 1}).html)
    assert "script" not in page.tags
    assert hostile in page.within("text")


def test_bars_that_are_all_zero_or_none() -> None:
    assert bars("t", {"a": 0}).svg.startswith("<svg")
    assert bars("t", {}).text == "t"
    assert bars("t", {}).svg.startswith("<svg")


def contrast(colour: str, ground: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""

    def luminance(text: str) -> float:
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(colour), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
@pytest.mark.parametrize("colour", PALETTE)
def test_lines_can_be_told_from_both_grounds(colour: str, ground: str) -> None:
    assert contrast(colour, ground) >= 3


def test_nothing_global_changes() -> None:
    before = dict(matplotlib.rcParams)
    assert TIMES.svg
    assert dict(matplotlib.rcParams) == before


def test_matplotlib_waits_until_something_is_drawn() -> None:
    code = (
        "import sys, course_support.views.plot as plot; plot.bars('t', {'a': 1}).text\n"
        "assert 'matplotlib' not in sys.modules\n"
        "assert plot.bars('t', {'a': 1}).svg\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_few_places_are_ticks_themselves() -> None:
    few = lines("Few", {"a": [(0, 1), (20, 2), (50, 3)]}).svg
    assert all(f">{place}<" in few for place in (0, 20, 50))
    assert ">10<" not in few
    many = lines("Many", {"a": [(place, place) for place in range(1, 60, 2)]}).svg
    assert ">37<" not in many
