"""What a JSON object that was sent must hold: one rule for each member, and one 422 that lists all faults at once."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from course_support.backends.problem import invalid, pointer

Rule = Callable[[Any], str | None]  # the value, None if it is missing -> one sentence that says what to do, or None


def checked(sent: Any, rules: Mapping[str, Rule], optional: Collection[str] = ()) -> dict[str, Any]:
    """What was sent, once it keeps the rules. Raises a Problem 422 that points at each member which does not."""
    if not isinstance(sent, dict):
        raise invalid({pointer(): f"Send a JSON object with the members {', '.join(rules)}."})
    faults = {member: "Leave this out: nothing here has this name." for member in sent if member not in rules}
    for member, rule in rules.items():
        if (member in sent or member not in optional) and (advice := rule(sent.get(member))):
            faults[member] = advice
    if faults:
        raise invalid({pointer(member): advice for member, advice in faults.items()})
    return sent
