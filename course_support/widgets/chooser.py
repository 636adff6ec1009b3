"""The chooser: tick answers to four questions, and see the six styles ranked, each with the reasons for its place."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from course_support.choosing import QUESTIONS, Ranking, rank
from course_support.views.ranking import ranking_html
from course_support.widgets.form import Form, marked, row, status
from course_support.widgets.sender import same_in_python
from course_support.widgets.tree import Tree


class Chooser(Form):
    """Boxes to tick for each question, one, several or none, and the ranking that follows from them.

    `ranking` is what is shown; `choose` ticks answers from Python.
    """

    def __init__(self) -> None:
        self.questions = {
            name: Tree(label=question.text, fields=[option.text for option in question.options])
            for name, question in QUESTIONS.items()
        }
        self.start_over = ipywidgets.Button(description="Start over")
        self.said = marked(ipywidgets.HTML(), "course-verdict")
        self.python = marked(ipywidgets.HTML(), "course-steady")
        self.shown = marked(ipywidgets.HTML(), "course-ranking")
        asked = marked(row(*self.questions.values()), "course-top", "course-questions")
        super().__init__("Which style?", asked, row(self.start_over), self.said, self.shown, self.python)
        self.ranking = rank()
        for question in self.questions.values():
            question.observe(self._rank, "chosen")
        self.start_over.on_click(lambda _: self.choose())
        self._show()

    @property
    def summary(self) -> str:
        return "Chooser of a style: use course_support.choosing.rank(…) to do the same from Python"

    @property
    def answers(self) -> dict[str, Any]:
        """What is ticked, as the arguments of `rank`: a text, or a tuple where there are several."""
        ticked = {name: tuple(question.chosen) for name, question in self.questions.items() if question.chosen}
        return {name: texts if len(texts) > 1 else texts[0] for name, texts in ticked.items()}

    def choose(self, **answers: Any) -> Ranking:
        """Tick these answers, given as `rank` takes them, and no others. ValueError for one that is no option."""
        wanted = rank(**answers).answers
        for name, question in self.questions.items():
            question.chosen = list(wanted.get(name, ()))
        return self.ranking

    def _rank(self, change: Any = None) -> None:
        self.ranking = rank(**self.answers)
        self._show()

    def _show(self) -> None:
        call = ", ".join(f"{name}={answer!r}" for name, answer in self.answers.items())
        self.said.value = status(escape(self.ranking.verdict))
        self.python.value = same_in_python(f"rank({call})")
        region = 'role="region" aria-label="Places and reasons" tabindex="0"'
        self.shown.value = f"<div {region}>{ranking_html(self.ranking)}</div>"


def chooser() -> Chooser:
    """Four questions with answers to tick, and the ranking of the six styles with its reasons.

    In Python without the controls: `course_support.choosing.rank(data=…, communication=…, performance=…, team=…)`.
    """
    return Chooser()
