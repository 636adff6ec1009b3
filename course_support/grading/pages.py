"""The page for one learner, which shows nobody else's work, and what all pages of a report have in common.

They need no script and no network, and refuse both; everything that came from a submission is escaped.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from course_support.grading.score import Mark, Row
from course_support.grading.standing import Entry

SIGNS = {"passed": "✔ passed", "wrong": "✘ wrong", "crashed": "✘ crashed", "not attempted": "○ not attempted",
         "lost": "✘ lost"}  # fmt: skip
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = (Path(__file__).parent / "page.css").read_text("utf-8")


def address(learner: str) -> str:
    """Where a learner's page stands in the report; two learners never share one."""
    slug = re.sub(r"[^a-z0-9]+", "-", learner.lower()).strip("-")[:40]
    digest = hashlib.sha256(learner.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"learners/{slug or 'learner'}-{digest}.html"


def of_learner(learner: str, own: Iterable[tuple[Row, Entry]]) -> str:
    """The page for one learner: each file with points, reasons, and the exchanges that show them."""
    return page(learner, f"<h1>{escape(learner)}</h1>", *(_file(row, entry) for row, entry in own))


def page(title: str, *parts: str) -> str:
    """A page of HTML parts."""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
{"".join(parts)}
</main>
</body>
</html>
"""


def points(earned: int, of: int) -> str:
    return f"{earned}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{of}"


def sentences(texts: Iterable[str]) -> str:
    return "".join(f"<p>{prose(text)}</p>" for text in texts if text)


def prose(text: str) -> str:
    """A sentence in HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", escape(text))


def _file(row: Row, entry: Entry) -> str:
    if not entry.file:
        return sentences([entry.problem])
    total = f"{points(row.points, row.of)} points" if row.of else "No points"
    other = "" if entry.counts else "This file does not count: another of yours has more points, or was first."
    title = f"{row.lesson}: {total}" if row.lesson else total
    told = f'<p class="quiet">{escape(entry.file)}</p>{sentences([row.problem, other])}'
    marks = "".join(map(_exercise, row.marks))
    if marks and not entry.counts:
        marks = f"<details><summary>What was graded in it</summary>{marks}</details>"
    return f"<h2>{escape(title)}</h2>{told}{marks}"


def _exercise(mark: Mark) -> str:
    unit = "point" if mark.of == 1 else "points"
    kind = {"passed": " passed", "not attempted": " attempted"}.get(mark.outcome, "")
    head = (
        f'<div class="head"><h3>{escape(mark.title)}</h3> <code class="quiet">{escape(mark.exercise)}</code> '
        f'<span class="points">{points(mark.points, mark.of)} {unit}</span> '
        f'<span class="mark{kind}">{SIGNS[mark.outcome]}</span></div>'
    )
    sides = _sides([("expected", escape(mark.expected)), ("seen", escape(mark.seen)), ("next", prose(mark.next_step))])
    shown = f'<p class="quiet">The exchange that shows it:</p><pre>{escape(mark.shown)}</pre>' if mark.shown else ""
    return f'<section class="panel">{head}{sentences([mark.reason, mark.note])}{sides}{shown}</section>'


def _sides(sides: Sequence[tuple[str, str]]) -> str:
    """Labels, and what stands beside each in HTML."""
    told = "".join(f"<dt>{label}</dt><dd>{text}</dd>" for label, text in sides if text)
    return f'<dl class="sides">{told}</dl>' if told else ""
