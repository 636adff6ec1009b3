"""Members of JSON objects: every fault is pointed at, in one answer."""

from typing import Any

import pytest

from course_support.backends.members import checked
from course_support.backends.problem import Problem

RULES = {
    "name": lambda value: None if isinstance(value, str) else "Send a string.",
    "size": lambda value: None if value == 3 else "Send 3.",
}


def faults(sent: Any) -> dict[str, str]:
    with pytest.raises(Problem) as refused:
        checked(sent, RULES, ["size"])
    assert refused.value.status_code == 422
    return {error["pointer"]: error["detail"] for error in refused.value.errors}


@pytest.mark.parametrize("sent", [{"name": "a"}, {"name": "a", "size": 3}])
def test_what_keeps_the_rules_comes_back(sent: dict[str, Any]) -> None:
    assert checked(sent, RULES, ["size"]) == sent


def test_all_faults_are_listed_at_once() -> None:
    assert faults({"size": 4, "a/b": 1}) == {
        "#/a~1b": "Leave this out: nothing here has this name.",
        "#/name": "Send a string.",
        "#/size": "Send 3.",
    }


def test_null_is_no_way_to_leave_a_member_out() -> None:
    assert faults({"name": "a", "size": None}) == {"#/size": "Send 3."}


@pytest.mark.parametrize("sent", [None, [], "name", 3])
def test_only_an_object_has_members(sent: Any) -> None:
    assert faults(sent) == {"#": "Send a JSON object with the members name, size."}
