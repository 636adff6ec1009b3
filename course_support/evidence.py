"""What is known of an answer, and how rules are asked about it: what did not go over the wire did not happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course_support.verdict import PASSED, Verdict
from course_support.wire import Exchange

JSON = Any
URL = object()
"""Stands among a scene's arguments for the address of its backend, which is known once it runs."""
MAX_REQUESTS = 300  # in one scene: a good answer to the longest needs about 200, a loop without an end any number


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that the learner's code raised: its type, its message, and the line of theirs that it came from."""

    type: str
    message: str = ""
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one scene: what the learner's code returned or raised, and what went over the wire.

    `exchanges` are the learner's, `afterwards` the examiner's own. `unusable` says why a returned value is not plain
    JSON, and is empty where it is. `serves` says that the scene asks for an application, `served` that it got one;
    `attempted`, that the function has given a right answer in another scene.
    """

    arguments: dict[str, JSON] = field(default_factory=dict)
    value: JSON = None
    failure: Failure | None = None
    unusable: str = ""
    exchanges: tuple[Exchange, ...] = ()
    afterwards: tuple[Exchange, ...] = ()
    expected: dict[str, Any] = field(default_factory=dict)
    serves: bool = False
    served: bool = False
    attempted: bool = False

    def sent(self, method: str, path: str | None = None) -> tuple[Exchange, ...]:
        """The learner's exchanges with this method, and with this path if one is given."""
        return tuple(e for e in self.exchanges if e.request.method == method and path in (None, e.request.path))

    @property
    def last(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None


Rule = Callable[[Evidence], Verdict | None]


def first_of(evidence: Evidence, *rules: Rule) -> Verdict:
    """The first rule that failed, else passed: a judge is a list of rules, and a learner mends one thing at a time.

    A rule is asked only if those before it hold, so it may build on them.
    """
    return next((verdict for rule in rules if (verdict := rule(evidence))), PASSED)


def same(left: JSON, right: JSON) -> bool:
    """Equality of JSON values: unlike in Python, `true` is not 1, while 1 and 1.0 are one number (RFC 8259)."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)
