"""The report's pages: one for the class, and one for each learner that shows nobody else's work.

They need no script and no network, and refuse both; everything that came from a submission is escaped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape

from course_support.grading.reference import Item
from course_support.grading.score import Mark, Row

ISOLATION = (
    "Each sheet ran in a kernel of its own, with the rights of whoever started the grading: there was no sandbox."
)
SIGNS = {"passed": "✔", "wrong": "✘", "crashed": "✘", "not attempted": "○", "lost": "✘"}
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
caption { text-align: left; font-weight: 600; }
td { font-variant-numeric: tabular-nums; }
section { border-top: 1px solid #8886; padding: .5rem 0; }
h1, h2, h3 { line-height: 1.25; }
h3 { margin: .5rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .5rem 0; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
pre { background: #8882; padding: .6rem .8rem; border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; }
.quiet { opacity: .8; }
"""


def address(learner: str) -> str:
    """Where a learner's page stands in the report; two learners never share one."""
    slug = re.sub(r"[^a-z0-9]+", "-", learner.lower()).strip("-")[:40]
    return f"learners/{slug or 'learner'}-{hashlib.sha256(learner.encode()).hexdigest()[:8]}.html"


def of_class(rows: Sequence[Row], counts: Sequence[bool], items: Sequence[Item]) -> str:
    """The page for the teacher: a line for each file, and how often each exercise was passed."""
    lines = "".join(map(_line, rows, counts))
    counted = [mark for row, count in zip(rows, counts, strict=True) if count for mark in row.marks]
    passed = "".join(_rate(item, counted) for item in items)
    return _page(
        "Grades",
        f'<p class="quiet">{escape(ISOLATION)} Of several files of one learner for one lesson, the best counts.</p>',
        _table("Submissions", ("Learner", "File", "Lesson", "Points", "Counts", "Problem"), lines),
        _table("Exercises", ("Exercise", "Passed", "Not passed"), passed) if passed else "",
    )


def of_learner(learner: str, rows: Iterable[tuple[Row, bool]]) -> str:
    """The page for one learner: each file with points, reasons, and the exchanges that show them."""
    return _page(learner, *(_file(row, count) for row, count in rows))


def _line(row: Row, count: bool) -> str:
    link = f'<a href="{address(row.learner)}">{escape(row.learner)}</a>'
    points = f"{row.points}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{row.of}" if row.of else "0"
    cells = (link, escape(row.file), escape(row.lesson), points, "yes" if count else "no", escape(row.problem))
    return _row(cells)


def _rate(item: Item, marks: Iterable[Mark]) -> str:
    outcomes = [mark.outcome == "passed" for mark in marks if mark.exercise == item.name]
    return _row((f"{escape(item.name)}: {escape(item.title)}", str(sum(outcomes)), str(outcomes.count(False))))


def _file(row: Row, count: bool) -> str:
    points = f"{row.points} of {row.of} points" if row.of else "no points"
    other = "" if count else " This file does not count: another of yours has more points, or was first."
    lines = [f"<h2>{escape(row.file)}: {points}</h2>"]
    lines += [f"<p>{escape(sentence)}</p>" for sentence in (row.problem, other.strip()) if sentence]
    return "".join([*lines, *map(_exercise, row.marks)])


def _exercise(mark: Mark) -> str:
    unit = "point" if mark.of == 1 else "points"
    heading = f"{SIGNS[mark.outcome]} {mark.exercise}: {mark.title} ({mark.points} of {mark.of} {unit})"
    told = "".join(f"<p>{escape(sentence)}</p>" for sentence in (mark.reason, mark.note) if sentence)
    rows = [("expected", mark.expected), ("seen", mark.seen), ("next", mark.next_step)]
    sides = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in rows if text)
    shown = f"<p>The exchange that shows it:</p><pre>{escape(mark.shown)}</pre>" if mark.shown else ""
    return f"<section><h3>{escape(heading)}</h3>{told}{f'<dl>{sides}</dl>' if sides else ''}{shown}</section>"


def _table(caption: str, columns: Iterable[str], rows: str) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'


def _page(title: str, *parts: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{"".join(parts)}
</main>
</body>
</html>
"""
