"""Lays out rows as a table of plain text."""

from __future__ import annotations

from collections.abc import Sequence


def text_table(rows: Sequence[Sequence[str]], align: str, widths: Sequence[int] = ()) -> list[str]:
    """Lines of a table whose columns are two blanks apart.

    `align` has one of `<` and `>` for each column, `widths` the least width of each. A column is as wide as its widest
    cell, so a column of measured times needs a least width if lines are to be alike from run to run.
    """
    least = [*widths, *[0] * (len(align) - len(widths))]
    wide = [max([least[column], *(len(row[column]) for row in rows)]) for column in range(len(align))]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, align, wide, strict=True)).rstrip()
        for row in rows
    ]
