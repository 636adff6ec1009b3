"""Operational transform: whichever of two edits goes first, both ways end with the same text, and no typing is lost."""

from __future__ import annotations

import random
from itertools import product

import pytest

from course_support.backends.edits import Edit, apply, rebase, transform

TEXT = "abcd"


def every_edit(length: int, content: str) -> list[Edit]:
    insertions = [Edit(position, content) for position in range(length + 1)]
    return insertions + [
        Edit(position, remove=remove)
        for position in range(length + 1)
        for remove in range(length + 1 - position)  # removing nothing is an edit as well
    ]


def drawn(draw: random.Random, text: str, content: str) -> Edit:
    position = draw.randint(0, len(text))
    if draw.random() < 0.5:
        return Edit(position, content)
    return Edit(position, remove=draw.randint(0, min(8, len(text) - position)))


def series(draw: random.Random, text: str, letters: str) -> list[Edit]:
    edits: list[Edit] = []
    for letter in letters:
        edits.append(drawn(draw, text, letter))
        text = apply(text, edits[-1])
    return edits


def test_an_edit_inserts_or_removes() -> None:
    assert apply(TEXT, Edit(2, "XY")) == "abXYcd"
    assert apply(TEXT, Edit(1, remove=2)) == "ad"
    assert apply(TEXT, Edit(0, "X"), Edit(1, remove=1), Edit(4, "Y")) == "XbcdY"
    assert apply(TEXT) == TEXT


def test_positions_count_code_points() -> None:
    assert apply("🎧é", Edit(1, "x")) == "🎧xé"
    assert transform(Edit(3, "x"), Edit(0, "🎧")) == [Edit(4, "x")]


def test_a_position_behind_the_end_means_the_end() -> None:
    assert apply(TEXT, Edit(9, "X")) == "abcdX"
    assert apply(TEXT, Edit(9, remove=3)) == TEXT
    assert apply(TEXT, Edit(3, remove=9)) == "abc"


@pytest.mark.parametrize(
    ("edit", "over", "expected"),
    [
        (Edit(1, "X"), Edit(3, "YY"), [Edit(1, "X")]),
        (Edit(3, "X"), Edit(1, "YY"), [Edit(5, "X")]),
        (Edit(2, "X"), Edit(2, "YY"), [Edit(4, "X")]),
        (Edit(1, "X"), Edit(2, remove=2), [Edit(1, "X")]),
        (Edit(3, "X"), Edit(2, remove=2), [Edit(2, "X")]),
        (Edit(4, "X"), Edit(2, remove=2), [Edit(2, "X")]),
        (Edit(4, "X"), Edit(1, remove=2), [Edit(2, "X")]),
        (Edit(1, remove=2), Edit(1, "Y"), [Edit(2, remove=2)]),
        (Edit(1, remove=2), Edit(3, "Y"), [Edit(1, remove=2)]),
        (Edit(1, remove=3), Edit(2, "YY"), [Edit(1, remove=1), Edit(3, remove=2)]),
        (Edit(1, remove=2), Edit(0, remove=2), [Edit(0, remove=1)]),
        (Edit(0, remove=3), Edit(1, remove=1), [Edit(0, remove=2)]),
        (Edit(1, remove=1), Edit(0, remove=4), [Edit(0)]),
        (Edit(0, remove=1), Edit(2, remove=2), [Edit(0, remove=1)]),
    ],
)
def test_transform(edit: Edit, over: Edit, expected: list[Edit]) -> None:
    assert transform(edit, over) == expected


def test_of_two_insertions_at_one_place_the_earlier_stays_left() -> None:
    assert transform(Edit(2, "X"), Edit(2, "Y"), earlier=True) == [Edit(2, "X")]
    assert transform(Edit(2, remove=1), Edit(2, "Y"), earlier=True) == [Edit(3, remove=1)]
    assert apply(TEXT, Edit(2, "Y"), *transform(Edit(2, "X"), Edit(2, "Y"))) == "abYXcd"


def test_both_ways_end_with_the_same_text() -> None:
    for later, earlier in product(every_edit(4, "X"), every_edit(4, "YZ")):
        one = apply(TEXT, earlier, *transform(later, earlier))
        other = apply(TEXT, later, *transform(earlier, later, earlier=True))
        assert one == other, (later, earlier)
        removed = {*range(later.position, later.position + later.remove)}
        removed |= {*range(earlier.position, earlier.position + earlier.remove)}
        left = [letter for place, letter in enumerate(TEXT) if place not in removed]
        # nothing that was typed is lost, nothing is removed twice
        assert sorted(one) == sorted([*later.content, *earlier.content, *left]), (later, earlier)


@pytest.mark.parametrize("seed", range(200))
def test_two_series_end_with_the_same_text(seed: int) -> None:
    draw = random.Random(seed)
    text = "once upon a time"
    later, earlier = (series(draw, text, letters[: draw.randint(0, 12)]) for letters in ("ABCDEFGHIJKL", "123456789"))
    later_after, earlier_after = rebase(later, earlier)
    assert apply(text, *earlier, *later_after) == apply(text, *later, *earlier_after)


def test_nothing_to_rebase_over_changes_nothing() -> None:
    edits = [Edit(0, "a"), Edit(1, "b")]
    assert rebase(edits, []) == (edits, [])
    assert rebase([], edits) == ([], edits)


def test_a_removal_with_a_thousand_insertions_in_it_splits_and_all_of_them_survive() -> None:
    text = "ab" * 1000
    earlier = [Edit(1 + 3 * number, "X") for number in range(1000)]
    later, _ = rebase([Edit(0, remove=len(text))], earlier)
    assert apply(text, *earlier, *later) == "X" * 1000
