"""Exercises that ask for a decision: a scenario, a style that suits it, and the reason that decides.

The feedback argues. Of a style that tempts it says what it would cost there, or why it cannot do it; of a reason that
is true and does not decide, why another one does.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.routing import Mount

from course_support.backends.bookshop import app
from course_support.choosing import QUESTIONS, STYLES, listed
from course_support.evidence import Evidence, Rule, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.choosing.doors import Play, Visit, style_of
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

REASONS = {option.text: option for name, question in QUESTIONS.items() if name != "team" for option in question.options}
TEAM = [option.text for option in QUESTIONS["team"].options]
ANSWERED = "request and response"
LEVEL = dict.fromkeys(("REST", "SOAP", "GraphQL"), (ANSWERED,))
"""What is right where nothing but a question and its answer is wanted: the scenario does not tell the three apart."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A job to choose a style for, and the argument about it.

    `fact` are its words that decide, and `ask` helps to see that they do. `right` has each style that can be defended
    with the reasons that can. `styles` says why each other style costs more or cannot do it; `reasons`, why what is
    true of a right style does not decide. Both are ends of a sentence. `plays` show it, the first right style last.
    """

    fact: str
    ask: str
    right: Mapping[str, Sequence[str]]
    styles: Mapping[str, str]
    reasons: Mapping[str, str]
    plays: tuple[Play, ...]


def argued(name: str, title: str, hints: tuple[str, ...], scenarios: Mapping[str, Scenario]) -> Exercise:
    """The exercise on these scenarios, each of which is asked, in an order that is drawn."""

    def scenes(draw: random.Random) -> list[Scene]:
        return [_scene(draw, name, scenarios[name]) for name in draw.sample(list(scenarios), len(scenarios))]

    def judge(evidence: Evidence) -> Verdict:
        return first_of(evidence, *FORM, _arguing(scenarios))

    return Exercise(name, title, 4, hints, scenes, judge)


def _scene(draw: random.Random, name: str, scenario: Scenario) -> Scene:
    shop = app(draw.randrange(2**32))
    isbns = tuple(draw.sample([book.isbn for book in shop.state.shelf.books], 3))
    stock = draw.randint(1, 99)

    def show(client: Client) -> None:
        for play in scenario.plays:
            play.act(Visit(client, shop, isbns, stock))

    beside = [route for play in scenario.plays for route in play.routes]
    served = Starlette(routes=[*beside, Mount("/", shop)])
    return Scene(served, {"scenario": name}, {"stock": stock}, afterwards=show)


# --- The form: a style and a reason, by their names ------------------------------------------------------------------

EXAMPLE = 'a style and a reason, such as ["SOAP", "bulk"]'  # nowhere right


def _two(evidence: Evidence) -> Verdict | None:
    value = evidence.value
    if len(value) == 2 and all(isinstance(it, str) for it in value):
        return None
    one = len(value) == 1
    return wrong(
        f"Your list holds {len(value)} item{'' if one else 's'}, where two texts are asked for."
        if len(value) != 2
        else "Your list holds something else than two texts.",
        expected=EXAMPLE,
        seen=value_text(value),
        next_step="One style and one reason: where two would do, take the one that you would argue for.",
    )


def _turned(evidence: Evidence) -> Verdict | None:
    reason, style = evidence.value
    if reason not in REASONS or style not in STYLES:
        return None
    return wrong(
        "You gave the reason first, and then the style.",
        expected=EXAMPLE,
        seen=value_text(evidence.value),
        next_step="The style comes first in the list.",
    )


def _named(evidence: Evidence) -> Verdict | None:
    style, reason = evidence.value
    if style not in STYLES:
        cause, known = f"{value_text(style, 60)} is none of the six styles.", STYLES
    elif reason in TEAM:
        cause = f"{reason!r} is what a team knows, which speaks for a style only where nothing else decides."
        known = tuple(REASONS)
    elif reason not in REASONS:
        cause, known = f"{value_text(reason, 60)} is none of the ten reasons.", tuple(REASONS)
    else:
        return None
    return wrong(
        cause,
        expected=f"one of {', '.join(map(repr, known))}",
        seen=value_text(evidence.value),
        next_step="Take the names that stand above the first exercise.",
    )


FORM: tuple[Rule, ...] = (of_type(list, EXAMPLE), _two, _turned, _named)

# --- The argument ----------------------------------------------------------------------------------------------------


def _arguing(scenarios: Mapping[str, Scenario]) -> Rule:
    def rule(evidence: Evidence) -> Verdict | None:
        name, (style, reason) = evidence.arguments["scenario"], evidence.value
        scenario = scenarios[name]
        if reason in scenario.right.get(style, ()):
            return None
        if style in scenario.right:
            argument = _of_reason(scenario, reason)
            step = "The style suits." if reason in scenario.reasons else ""  # else the argument says so
        else:
            argument, step = scenario.styles[style], ""
        exchange, shows = _shown(evidence, scenario, style)
        return wrong(
            f"“{name}”: {argument}.",
            exchange,
            expected=f"a style and a reason for this: {scenario.fact}",
            seen=value_text(evidence.value),
            next_step=f"{step} {scenario.ask} {shows}".strip(),
        )

    return rule


def _of_reason(scenario: Scenario, reason: str) -> str:
    """Why this reason does not decide for a style that suits."""
    if reason in scenario.reasons:
        return scenario.reasons[reason]
    others = [other for other in STYLES if other in REASONS[reason].speaks_for]
    return f"the style suits, but {reason!r} is what speaks for {listed(others)}, in the framework of the lesson"


def _shown(evidence: Evidence, scenario: Scenario, style: str) -> tuple[Exchange | None, str]:
    """The last exchange by the style that was chosen, where one was played, otherwise by the one that suits.

    And the sentence that says what it shows.
    """
    plays = {play.style: play for play in scenario.plays}
    play = plays.get(style) or plays[next(iter(scenario.right))]
    how = "The same" if play.style == style else "Another style does it so"
    shown = next((e for e in reversed(evidence.afterwards) if style_of(e) == play.style), None)
    return shown, f"{how} {play.where}: {play.shows}."
