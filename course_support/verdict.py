"""What the examiner says of an answer: one outcome, one cause, and the exchange that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from course_support.wire import Exchange

Outcome = Literal["passed", "wrong", "not attempted", "crashed"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one answer.

    `cause` is one sentence. `exchange` is the one that shows it, if one does. `expected` and `seen` are short texts
    to be read side by side, `next_step` says what to look at next.
    """

    outcome: Outcome
    cause: str = ""
    exchange: Exchange | None = None
    expected: str = ""
    seen: str = ""
    next_step: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome == "passed"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` is the way back."""
        texts = {name: getattr(self, name) for name in _TEXTS}
        return texts | {"exchange": self.exchange and self.exchange.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Verdict:
        exchange = data["exchange"] and Exchange.from_json(data["exchange"])
        return cls(**{name: data[name] for name in _TEXTS}, exchange=exchange)


_TEXTS = ("outcome", "cause", "expected", "seen", "next_step")
PASSED = Verdict("passed")


def wrong(
    cause: str, exchange: Exchange | None = None, *, expected: object = "", seen: object = "", next_step: str = ""
) -> Verdict:
    """A wrong answer's verdict; `expected` and `seen` may be any value and are shown as text."""
    return Verdict("wrong", cause, exchange, _short(expected), _short(seen), next_step)


def _short(value: object, limit: int = 400) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text):,} characters in all)"
