"""The look that all HTML views share: it follows JupyterLab's theme, needs no script, says nothing by colour alone.

Colours of text and lines come from `--jp-*` variables or from the text around, so that the views also read well where
there is no JupyterLab. Headings carry a role and a level but are no `<h3>`, which JupyterLab would list among the
notebook's own.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from html import escape
from pathlib import Path

_CSS = (Path(__file__).parent / "style.css").read_text("utf-8")
# JupyterLab sets tables and code in its outputs by rules with two classes: three weigh more
STYLE = f"<style>{_CSS.replace('.api-view', '.api-view' * 3)}</style>"

Row = Sequence[str]


def view(label: str, *parts: str) -> str:
    """A self-contained output of HTML parts, announced by its label."""
    return f'{STYLE}<section class="api-view" aria-label="{escape(label)}">{"".join(parts)}</section>'


def title(text: str, *more: str) -> str:
    """The first line of a view; `more` is HTML."""
    return f'<div class="api-title" role="heading" aria-level="4"><span>{escape(text)}</span>{" ".join(more)}</div>'


def code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def pill(status: int | None, text: str) -> str:
    """A status on a coloured ground; the text alone says it all."""
    return f'<span class="api-pill api-s{(status or 0) // 100}">{escape(text)}</span>'


def table(caption: str, columns: Row, rows: Sequence[Row], totals: Row = (), figures: Container[int] = ()) -> str:
    """A table of HTML cells; columns whose index is in `figures` are set to the right.

    A row of one cell spans all columns, as does the first of `totals` those that they leave free.
    """
    body = "".join(_row(row, len(columns), figures) for row in rows)
    foot = f"<tfoot>{_row(totals, len(columns), figures, 'th')}</tfoot>" if totals else ""
    head = "".join(_cell("th", name, "col", 1, index in figures) for index, name in enumerate(columns))
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>{foot}</table>"
    )


def _row(row: Row, width: int, figures: Container[int], first: str = "td") -> str:
    span = width - len(row) + 1
    start = _cell(first, row[0], "row", span, span == 1 and 0 in figures)
    rest = (_cell("td", cell, "", 1, index + span in figures) for index, cell in enumerate(row[1:]))
    return f"<tr>{start}{''.join(rest)}</tr>"


def _cell(tag: str, html: str, scope: str, span: int, figure: bool) -> str:
    attributes = (
        f' scope="{scope}"' * (tag == "th") + f' colspan="{span}"' * (span > 1) + ' class="api-number"' * figure
    )
    return f"<{tag}{attributes}>{html}</{tag}>"
