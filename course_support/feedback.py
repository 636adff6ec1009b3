"""Shows a verdict to the learner: text first, HTML second, both saying the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from course_support.verdict import Verdict
from course_support.views.exchange import exchange_html, exchange_text
from course_support.views.quantity import count_text
from course_support.views.style import pill, title, view

MARKS = {"passed": "✔", "wrong": "✘", "not attempted": "○", "crashed": "✘"}
COLOURS = {"passed": 200, "wrong": 400, "not attempted": 100, "crashed": 500}  # as statuses have them
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
        mark, word = self._outcome
        return f"{mark} {self.name} {word} ({self._points})"

    @property
    def text(self) -> str:
        rows = "\n".join(f"{label:<10}{text}" for label, text in (*self._sides, *self._next))
        parts = [self.heading, self.verdict.cause, rows]
        if exchange := self.verdict.exchange:
            parts.append(f"{SHOWN[self.verdict.outcome]}:\n\n{exchange_text(exchange)}")
        return "\n\n".join(part for part in parts if part)

    @property
    def html(self) -> str:
        verdict = self.verdict
        mark, word = self._outcome
        heading = title(f"{mark} {self.name}", pill(COLOURS[verdict.outcome], word), f"<span>({self._points})</span>")
        sides = "".join(map(_side, self._sides))
        exchange = verdict.exchange
        return view(
            "Verdict",
            heading,
            f"<p>{_prose(verdict.cause)}</p>" if verdict.cause else "",
            f'<div class="api-sides">{sides}</div>' if sides else "",
            *(f'<p style="margin: .6rem 0"><strong>{label}</strong> {_prose(text)}</p>' for label, text in self._next),
            f"<p>{SHOWN[verdict.outcome]}:</p>{exchange_html(exchange)}" if exchange else "",
        )

    @property
    def _outcome(self) -> tuple[str, str]:
        return MARKS[self.verdict.outcome], WORDS[self.verdict.outcome]

    @property
    def _points(self) -> str:
        return f"{self.points} of {count_text(self.of, 'point')}"

    @property
    def _sides(self) -> list[tuple[str, str]]:
        sides = [("expected", self.verdict.expected), ("seen", self.verdict.seen)]
        return [(label, text) for label, text in sides if text]

    @property
    def _next(self) -> list[tuple[str, str]]:
        step = self.verdict.next_step
        if self.verdict.outcome in ("wrong", "crashed"):
            step = f"{step} Stuck? `{self.name}.hint()`".strip()
        return [("next", step)] if step else []

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}


def _side(side: tuple[str, str]) -> str:
    label, text = side
    return f'<div class="api-side"><div class="api-label">{label}</div><pre>{escape(text)}</pre></div>'


def _prose(text: str) -> str:
    """HTML of a sentence in which backticks stand around code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))
