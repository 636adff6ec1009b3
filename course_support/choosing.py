"""Which style suits a job: a ranking of the six by the answers to four questions, and the reasons for each place.

A pure function, so that a choice can be tested and graded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from course_support.questions import QUESTIONS, STYLES, Option, Question

__all__ = ["QUESTIONS", "STYLES", "Option", "Place", "Question", "Ranking", "Reason", "listed", "rank"]

INDENT = "   "  # before a reason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer speaks for a style, with the points that it brings, or against it, without any."""

    option: str
    sentence: str
    points: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A style in a ranking. Styles with as many points share a `number`, from 1, and each of them is `tied`."""

    number: int
    style: str
    points: int
    tied: bool
    reasons_for: tuple[Reason, ...] = ()
    reasons_against: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The six styles, best first, those with as many points in the order of `STYLES`; and the answers it came from."""

    answers: Mapping[str, tuple[str, ...]]
    places: tuple[Place, ...]

    def __getitem__(self, style: str) -> Place:
        return next(place for place in self.places if place.style == style)

    @property
    def best(self) -> tuple[str, ...]:
        """The style with the most points, or all that are level with it."""
        return tuple(place.style for place in self.places if place.number == 1)

    @property
    def verdict(self) -> str:
        """One or two sentences: who is first, who ties, and what could still tell them apart."""
        if not self.answers:
            return "Nothing is answered yet: all six styles are level. Begin with communication, which weighs most."
        if len(self.best) == 1:
            return f"{self.best[0]} comes first, with {_points(self.places[0])}."
        return f"{listed(self.best)} are level, with {_points(self.places[0])} each. {self._advice}"

    @property
    def text(self) -> str:
        return "\n".join([self.verdict, *(line for place in self.places for line in _lines(place))])

    def __repr__(self) -> str:
        return self.text

    @property
    def _advice(self) -> str:
        open_questions = [name for name in QUESTIONS if name not in self.answers]
        if len(self.answers.get("communication", ())) > 1:
            return "You want several kinds of communication: most systems combine styles."
        if open_questions:
            return f"Not answered yet: {listed(open_questions)}."
        return "Measure the job in each of them, or combine them."


def rank(
    data: str | Sequence[str] | None = None,
    communication: str | Sequence[str] | None = None,
    performance: str | Sequence[str] | None = None,
    team: str | Sequence[str] | None = None,
) -> Ranking:
    """Rank the six styles by the answers: each the text of an option in `QUESTIONS`, several of them, or None.

    A style has the points of a question for one of its answers; no answer takes points away. ValueError for an answer
    that is no option.
    """
    given = {"data": data, "communication": communication, "performance": performance, "team": team}
    chosen = {name: _options(QUESTIONS[name], answer) for name, answer in given.items() if answer}
    reasons = {style: tuple(_for(style, chosen)) for style in STYLES}
    points = {style: sum(reason.points for reason in reasons[style]) for style in STYLES}
    places = (
        Place(
            1 + sum(other > points[style] for other in points.values()),
            style,
            points[style],
            list(points.values()).count(points[style]) > 1,
            reasons[style],
            tuple(_against(style, chosen)),
        )
        for style in sorted(STYLES, key=lambda style: -points[style])
    )
    return Ranking({name: tuple(it.text for it in options) for name, options in chosen.items()}, tuple(places))


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _options(question: Question, answer: str | Sequence[str]) -> list[Option]:
    wanted = [answer] if isinstance(answer, str) else list(answer)
    known = [option.text for option in question.options]
    for text in wanted:
        if text not in known:
            raise ValueError(f"{question.name} is {', '.join(map(repr, known))} or several of them, not {text!r}.")
    return [option for option in question.options if option.text in wanted]


def _for(style: str, chosen: Mapping[str, Sequence[Option]]) -> Iterator[Reason]:
    for name, options in chosen.items():
        for option in options:
            if style in option.speaks_for:
                yield Reason(option.text, option.speaks_for[style], QUESTIONS[name].points)


def _against(style: str, chosen: Mapping[str, Sequence[Option]]) -> Iterator[Reason]:
    for options in chosen.values():
        yield from (Reason(it.text, it.against[style]) for it in options if style in it.against)


def _lines(place: Place) -> Iterator[str]:
    yield f"{place.number}{'=' if place.tied else '.'} {place.style:<10} {_points(place):>9}"
    for sign, reasons in (("+", place.reasons_for), ("–", place.reasons_against)):
        yield from (f"{INDENT}{sign} {reason.option}: {reason.sentence}" for reason in reasons)


def _points(place: Place) -> str:
    return f"{place.points} point{'s' * (place.points != 1)}"
