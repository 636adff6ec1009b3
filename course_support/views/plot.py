"""Plots that follow the theme and come with a text that says the same.

matplotlib is imported when a plot is drawn, not before: it costs half a second. Only its objects are used, no pyplot:
a lesson's own figures are left alone. The picture is an SVG whose lines and letters take the colour of the page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from course_support.views.quantity import TIME_UNITS, TIME_WIDTH, number_text
from course_support.views.style import title as title_html
from course_support.views.style import view
from course_support.views.table import text_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE = ("#2878d0", "#c8602a", "#23925a", "#a95cc4", "#c94a6a", "#7d7d7d")  # 3:1 or more on white and on near-black
DASHES = ("-", "--", "-.", ":")
MARKERS = "osD^vX"
BLOCKS = " ▏▎▍▌▋▊▉█"
WIDTH = 6.6  # inches of a picture, as are all heights
BAR_WIDTH = 30  # characters
MAX_TICKS = 8
INK = "#010203"  # drawn in this colour, then replaced by the theme's

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot that shows itself as a picture, and as text."""

    title: str
    text: str
    height: float
    draw: Callable[[Axes], None]
    width: float = WIDTH

    @property
    def html(self) -> str:
        return view(self.title, title_html(self.title), self.svg)

    @property
    def svg(self) -> str:
        """The picture for use inside a page, with the text as its label."""
        label = "; ".join(re.sub(r"\s+", " ", re.sub(f"[{BLOCKS[1:]}]", "", line)).strip() for line in self._lines())
        return _svg(self.draw, self.width, self.height).replace(
            "<svg", f'<svg role="img" aria-label="{escape(label)}"', 1
        )

    def _lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def bars(title: str, values: Mapping[str, float], unit: str = "", width: float = WIDTH) -> Plot:
    """One bar for each label, in a picture so many inches wide.

    With the unit `ms` or `s` the text has no bars, as measured times never repeat.
    """
    rows = [(label, number_text(value, unit), _blocks(value, values, unit)) for label, value in values.items()]
    text = [f"  {line}" for line in text_table(rows, "<><", (0, TIME_WIDTH if unit in TIME_UNITS else 0, 0))]

    def draw(axes: Axes) -> None:
        drawn = axes.barh(list(values), list(values.values()), color=PALETTE[0], height=0.6)
        axes.bar_label(drawn, [number_text(value, unit) for value in values.values()], color=INK, padding=5)
        axes.invert_yaxis()
        axes.margins(x=0.16)
        axes.tick_params(left=False, bottom=False, labelbottom=False)
        axes.spines[:].set_visible(False)

    return Plot(title, "\n".join([title, *text]), 0.3 + 0.36 * max(1, len(values)), draw, width)


def lines(title: str, series: Mapping[str, Sequence[Point]], x: str = "", y: str = "", log: bool = False) -> Plot:
    """One line for each label through its points (x, y), in order.

    `x` and `y` name the axes; a unit in parentheses at the end of `y`, as in `time (ms)`, is the unit of the numbers.
    `log` makes both axes logarithmic: good for ratios, wrong for zeros.
    """
    table = text_table(_rows(series, x, _unit(y)), ">" * (len(series) + 1), _widths(series, _unit(y)))
    heading = f"{title}: {y} by {x}" if x and y else title

    def draw(axes: Axes) -> None:
        for index, (label, points) in enumerate(series.items()):
            colour, dash, marker = PALETTE[index % 6], DASHES[index % 4], MARKERS[index % 6]
            axes.plot(*zip(*points, strict=True), label=label, color=colour, ls=dash, marker=marker, markersize=5)
        _scales(axes, log, sorted({point[0] for points in series.values() for point in points}))
        axes.set_xlabel(x, color=INK)
        axes.set_ylabel(y, color=INK)
        axes.grid(color=INK, alpha=0.15)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, labelcolor=INK)

    return Plot(title, "\n".join([heading, *(f"  {line}" for line in table)]), 3.2, draw)


def _blocks(value: float, values: Mapping[str, float], unit: str) -> str:
    if unit in TIME_UNITS or value <= 0:
        return ""
    eighths = max(1, round(value / max(values.values()) * BAR_WIDTH * 8))
    return BLOCKS[8] * (eighths // 8) + BLOCKS[eighths % 8].strip()


def _unit(label: str) -> str:
    found = re.search(r"\(([^()]+)\)$", label)
    return found[1] if found else ""


def _rows(series: Mapping[str, Sequence[Point]], x: str, unit: str) -> list[list[str]]:
    by_x = {label: dict(points) for label, points in series.items()}
    places = sorted({place for points in by_x.values() for place in points})
    body = [[number_text(at), *(_number(points.get(at), unit) for points in by_x.values())] for at in places]
    return [[x, *series], *body]


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else number_text(value, unit)


def _widths(series: Mapping[str, Sequence[Point]], unit: str) -> list[int]:
    return [0, *[TIME_WIDTH if unit in TIME_UNITS else 0] * len(series)]


def _scales(axes: Axes, log: bool, places: list[float]) -> None:
    from matplotlib.ticker import AutoLocator, FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

    if log:
        axes.set_xscale("log")
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
        whole = all(float(place).is_integer() for place in places)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True) if whole else AutoLocator())
    if 0 < len(places) <= MAX_TICKS:  # few enough to be told one by one
        axes.xaxis.set_major_locator(FixedLocator(places))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda number, _: f"{number:,.10g}"))
        axis.set_minor_formatter(NullFormatter())


def _svg(draw: Callable[[Axes], None], width: float, height: float) -> str:
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawn = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "course", "text.parse_math": False}):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = FigureCanvasSVG(figure).figure.subplots()
        draw(axes)
        axes.tick_params(which="both", colors=INK)
        axes.spines[:].set_color(INK)
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    return _themed(drawn.getvalue())


def _themed(svg: str) -> str:
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.S)  # its style is for `*`
    svg = svg.replace("<svg", '<svg stroke-linejoin="round"', 1)
    svg = re.sub(r' id="[\w.]+_\d+"', "", svg)  # nothing refers to them, and two plots on a page would share them
    svg = re.sub(r"(font-family: )[^;\"]*", r"\1var(--jp-ui-font-family, sans-serif)", svg)
    return svg.replace(INK, "var(--jp-ui-font-color1, #444)")
