from __future__ import annotations

import json

import pytest

from course_support.verdict import PASSED, Outcome, Verdict, value_text, wrong
from tests.factories import exchange


class Sulky:
    def __repr__(self) -> str:
        raise ArithmeticError("no picture of me")


def test_crosses_as_json_and_comes_back_whole() -> None:
    shown = exchange("PUT", body=b"\xff\x00", status=412, number=7)
    verdict = Verdict("wrong", "The cause.", shown, "this", "that", "Look there.")
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert Verdict.from_json(json.loads(json.dumps(PASSED.to_json()))) == PASSED


def test_half_a_character_can_be_sent() -> None:
    text = json.dumps(Verdict("wrong", "\ud800", seen="a \udfff b").to_json(), ensure_ascii=False)
    assert "a \\udfff b" in json.loads(text.encode())["seen"]


@pytest.mark.parametrize(
    ("outcome", "passed"), [("passed", True), ("wrong", False), ("crashed", False), ("not attempted", False)]
)
def test_only_passed_has_passed(outcome: Outcome, passed: bool) -> None:
    assert Verdict(outcome).passed is passed


class TestWrong:
    def test_shows_a_text_as_it_is_and_a_value_as_python_writes_it(self) -> None:
        verdict = wrong("No.", expected="two requests", seen=["1", None])
        assert (verdict.outcome, verdict.expected, verdict.seen) == ("wrong", "two requests", "['1', None]")

    def test_cuts_what_is_too_long_to_read(self) -> None:
        verdict = wrong("No.", expected="x" * 1000, seen=["x"] * 1000)
        assert verdict.expected == "x" * 400 + " … (1,000 characters in all)"
        assert verdict.seen.endswith(" … (5,000 characters in all)")


class TestValueText:
    def test_tells_an_empty_text_from_nothing(self) -> None:
        assert value_text("") == "''"
        assert value_text(None) == "None"

    def test_cuts(self) -> None:
        assert value_text("x" * 100, 10) == "'xxxxxxxxx … (102 characters in all)"

    @pytest.mark.parametrize("value", [Sulky(), 10**5000], ids=["raises", "too-many-digits"])
    def test_shows_what_cannot_be_shown_by_its_type(self, value: object) -> None:
        assert value_text(value) == f"a value of type {type(value).__name__} that cannot be shown"

    def test_survives_deep_nesting(self) -> None:
        value: list[object] = []
        for _ in range(100_000):
            value = [value]
        assert value_text(value) == "a value of type list that cannot be shown"
        while value:  # taken apart from outside: freeing it in one go would overflow some interpreters
            value = value.pop()  # type: ignore[assignment]
