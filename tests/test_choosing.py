"""The ranking by its properties: no answer ever counts against a style, ties are told, and each style can win."""

from __future__ import annotations

import re
from itertools import combinations, permutations, product
from typing import Any

import pytest

from course_support.choosing import QUESTIONS, STYLES, Ranking, listed, rank

# none or one answer to each question: 4 * 5 * 4 * 4 rankings
CHOICES = {name: [None, *(option.text for option in question.options)] for name, question in QUESTIONS.items()}
ALL: dict[tuple[str | None, ...], Ranking] = {
    answers: rank(**dict(zip(CHOICES, answers, strict=True))) for answers in product(*CHOICES.values())
}
OPTIONS = [(name, option) for name, question in QUESTIONS.items() for option in question.options]
each_option = pytest.mark.parametrize(("name", "option"), OPTIONS, ids=[option.text for _, option in OPTIONS])


def points(ranking: Ranking) -> dict[str, int]:
    return {place.style: place.points for place in ranking.places}


@pytest.mark.parametrize(
    ("question", "answer", "styles"),
    [
        ("data", "flexible queries", {"GraphQL"}),
        ("data", "predictable structure", {"REST"}),
        ("data", "strict validation", {"SOAP"}),
        ("communication", "request and response", {"REST", "SOAP", "GraphQL"}),
        ("communication", "both directions in real time", {"WebSocket"}),
        ("communication", "event notices", {"webhooks"}),
        ("communication", "bulk", {"batch"}),
        ("performance", "caching", {"REST"}),
        ("performance", "fewest requests", {"GraphQL", "batch"}),
        ("performance", "low latency", {"WebSocket"}),
        ("team", "HTTP", {"REST"}),
        ("team", "XML", {"SOAP"}),
        ("team", "modern JavaScript", {"GraphQL", "WebSocket"}),
    ],
)
def test_an_answer_speaks_for_the_styles_of_the_framework(question: str, answer: str, styles: set[str]) -> None:
    assert set(rank(**{question: answer}).best) == styles


def test_the_framework_has_these_options_and_no_others() -> None:
    assert {name: len(question.options) for name, question in QUESTIONS.items()} == {
        "data": 3,
        "communication": 4,
        "performance": 3,
        "team": 3,
    }


def test_without_answers_all_are_level_and_it_says_so() -> None:
    ranking = rank()
    assert ranking.best == STYLES
    assert {(place.number, place.tied, place.points) for place in ranking.places} == {(1, True, 0)}
    assert "all six styles are level" in ranking.text
    assert rank(data=(), team="") == ranking


def test_an_answer_more_lowers_nobody_and_raises_those_it_speaks_for() -> None:
    for answers, before in ALL.items():
        for index, (name, choices) in enumerate(CHOICES.items()):
            if answers[index] is not None:
                continue
            for choice, option in zip(choices[1:], QUESTIONS[name].options, strict=True):
                after = points(ALL[(*answers[:index], choice, *answers[index + 1 :])])
                gained = {style: after[style] - count for style, count in points(before).items()}
                assert gained == {style: QUESTIONS[name].points * (style in option.speaks_for) for style in STYLES}


@each_option
def test_several_answers_lower_nobody_either(name: str, option: Any) -> None:
    for other in QUESTIONS[name].options:
        alone, both = points(rank(**{name: other.text})), points(rank(**{name: (other.text, option.text)}))
        assert all(both[style] >= alone[style] for style in STYLES)


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_order_of_answers_does_not_matter(name: str) -> None:
    texts = [option.text for option in QUESTIONS[name].options]
    rankings = [rank(**{name: order}) for order in permutations(texts)]
    assert all(ranking == rankings[0] for ranking in rankings)
    assert rank(**{name: [texts[0], texts[0]]}) == rank(**{name: texts[0]})


@each_option
def test_every_option_changes_a_ranking(name: str, option: Any) -> None:
    assert points(rank(**{name: option.text})) != points(rank())


@pytest.mark.parametrize("style", STYLES)
def test_every_style_can_win_alone(style: str) -> None:
    assert any(ranking.best == (style,) for ranking in ALL.values())


def test_communication_outweighs_the_others_together_and_the_team_weighs_least() -> None:
    weights = {name: question.points for name, question in QUESTIONS.items()}
    assert weights["communication"] > sum(weights.values()) - weights["communication"]
    assert min(weights, key=weights.__getitem__) == "team"
    for answers, ranking in ALL.items():
        option = next((it for it in QUESTIONS["communication"].options if it.text == answers[1]), None)
        assert option is None or set(ranking.best) <= set(option.speaks_for)


def test_places_follow_points_and_ties_share_a_number() -> None:
    for ranking in ALL.values():
        counts = [place.points for place in ranking.places]
        assert counts == sorted(counts, reverse=True)
        assert [place.number for place in ranking.places] == [1 + counts.index(count) for count in counts]
        assert [place.tied for place in ranking.places] == [counts.count(count) > 1 for count in counts]
        assert {place.style for place in ranking.places} == set(STYLES)


def test_points_are_those_of_the_reasons() -> None:
    for ranking in ALL.values():
        for place in ranking.places:
            assert place.points == sum(reason.points for reason in place.reasons_for)
            assert {reason.points for reason in place.reasons_against} <= {0}


@each_option
def test_sentences_are_there_and_never_for_and_against_at_once(name: str, option: Any) -> None:
    assert option.speaks_for
    assert not set(option.speaks_for) & set(option.against)
    assert set(option.speaks_for) | set(option.against) <= set(STYLES)
    for sentence in (*option.speaks_for.values(), *option.against.values(), QUESTIONS[name].why):
        assert re.fullmatch(r"[A-Z].*\.", sentence)


def test_a_tie_is_told_with_what_could_break_it() -> None:
    asked = rank(communication="request and response", data="flexible queries", team="HTTP")
    assert asked.verdict == "GraphQL comes first, with 8 points."
    tie = rank(communication="request and response")
    assert tie.verdict.startswith("REST, SOAP and GraphQL are level, with 6 points each. Not answered yet: data,")
    several = rank(communication=("bulk", "event notices"))
    assert "most systems combine styles" in several.verdict
    full = rank("predictable structure", "request and response", ("fewest requests",), "XML")
    assert full.best == ("REST", "GraphQL")
    assert "Measure the job" in full.verdict


def test_the_text_says_all_of_it() -> None:
    ranking = rank(communication="event notices", performance="caching")
    assert repr(ranking) == ranking.text
    for place in ranking.places:
        for reason in (*place.reasons_for, *place.reasons_against):
            assert f"{reason.option}: {reason.sentence}" in ranking.text
    assert ranking.text.splitlines()[1] == "1. webhooks    6 points"
    assert "3= batch       0 points" in ranking.text
    assert ranking["REST"].number == 2


@pytest.mark.parametrize("answer", ["cache", ["caching", "speed"], "Caching"])
def test_what_is_no_option_is_told_in_a_sentence(answer: Any) -> None:
    with pytest.raises(ValueError, match=r"^performance is 'caching', 'fewest requests', 'low latency' or several of"):
        rank(performance=answer)


def test_names_are_listed_as_one_writes_them() -> None:
    assert [listed("abc"[:count]) for count in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_no_two_options_have_the_same_text() -> None:
    assert all(one[1].text != other[1].text for one, other in combinations(OPTIONS, 2))
