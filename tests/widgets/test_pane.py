"""What was typed is found by comparing two texts, in code points, and cursors stay with the words around them."""

from __future__ import annotations

import random
from typing import Any

from tests import peers


def differences(*cases: tuple[str, str, int]) -> list[dict[str, Any]]:
    given = [{"old": old, "now": now, "caret": caret} for old, now, caret in cases]
    results: list[dict[str, Any]] = peers.run("difference.mjs", given=given)
    return results


def test_any_edit_is_found() -> None:
    draw = random.Random(1)
    cases, edits = [], []
    for _ in range(500):
        old = "".join(draw.choices("ab🎂", k=draw.randint(0, 8)))
        position = draw.randint(0, len(old))
        remove, content = draw.randint(0, len(old) - position), "".join(draw.choices("ab🎂", k=draw.randint(0, 3)))
        cases.append((old, old[:position] + content + old[position + remove :], position + len(content)))
        edits.append((position, remove, len(content)))
    for (old, now, caret), (_, remove, inserted), result in zip(cases, edits, differences(*cases), strict=True):
        change = result["change"]
        at, end = change["position"], change["position"] + change["remove"]
        assert old[:at] + "".join(change["content"]) + old[end:] == now
        assert change["remove"] <= remove
        assert len(change["content"]) <= inserted
        assert at + len(change["content"]) <= caret


def test_of_equal_characters_the_one_at_the_caret_was_typed() -> None:
    first, last, gone = differences(("aaa", "aaaa", 1), ("aaa", "aaaa", 4), ("aaa", "aa", 1))
    assert (first["change"]["position"], last["change"]["position"]) == (0, 3)
    assert gone["change"] == {"position": 1, "remove": 1, "content": []}


def test_a_cursor_stays_with_the_words_around_it() -> None:
    inserted, removed, replaced = differences(("ab", "aXYb", 3), ("abcd", "ad", 1), ("abcd", "aXYZd", 4))
    assert inserted["moved"] == [0, 1, 4]
    assert removed["moved"] == [0, 1, 1, 1, 2]
    assert replaced["moved"] == [0, 1, 4, 4, 5]
