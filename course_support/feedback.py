"""Shows a verdict to the learner: text first, HTML second, both saying the same."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from course_support.verdict import Verdict
from course_support.views.exchange import exchange_html, exchange_text
from course_support.views.style import STYLE

MARKS = {"passed": "✔", "wrong": "✘", "not attempted": "○", "crashed": "✘"}
WORDS = {"passed": "passed", "wrong": "not yet", "not attempted": "not attempted yet", "crashed": "stopped by an error"}
SHOWN = {"wrong": "The exchange that shows it", "crashed": "The last exchange before the error"}


@dataclass(frozen=True, slots=True, repr=False)
class Feedback:
    """A verdict on an exercise with the points that it earned, as a notebook shows it."""

    name: str
    verdict: Verdict
    points: int
    of: int

    @property
    def heading(self) -> str:
        """The one line that stays the same from run to run: `✔ rest.every_page passed (2 of 2 points)`."""
        outcome = self.verdict.outcome
        unit = "point" if self.of == 1 else "points"
        return f"{MARKS[outcome]} {self.name} {WORDS[outcome]} ({self.points} of {self.of} {unit})"

    @property
    def text(self) -> str:
        verdict = self.verdict
        parts = [self.heading]
        if verdict.cause:
            parts.append(verdict.cause)
        if verdict.exchange:
            parts.append(f"{SHOWN[verdict.outcome]}:\n\n{exchange_text(verdict.exchange)}")
        parts.append("\n".join(f"{label:<10}{text}" for label, text in self._rows()))
        return "\n\n".join(part for part in parts if part)

    @property
    def html(self) -> str:
        verdict = self.verdict
        kind = verdict.outcome.replace(" ", "-")
        parts = [f'<p class="api-verdict-heading">{escape(self.heading)}</p>']
        if verdict.cause:
            parts.append(f'<p class="api-cause">{escape(verdict.cause)}</p>')
        rows = "".join(f"<dt>{label}</dt><dd>{escape(text)}</dd>" for label, text in self._rows())
        parts.append(f"<dl>{rows}</dl>" if rows else "")
        if verdict.exchange:
            parts.append(f"<p>{SHOWN[verdict.outcome]}:</p>{exchange_html(verdict.exchange)}")
        return f'{STYLE}<section class="api-verdict api-{kind}" aria-label="verdict">{"".join(parts)}</section>'

    def _rows(self) -> list[tuple[str, str]]:
        verdict = self.verdict
        following = verdict.next_step
        if verdict.outcome in ("wrong", "crashed"):
            following = f"{following} Stuck? {self.name}.hint()".strip()
        rows = [("expected", verdict.expected), ("seen", verdict.seen), ("next", following)]
        return [(label, text) for label, text in rows if text]

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}
