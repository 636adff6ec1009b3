"""What the examiner says of an answer: one outcome, one cause, and the exchange that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from course_support.wire import Exchange

MAX_ANSWER = 2**20  # bytes of JSON that the examiner takes
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
        texts = {name: _sendable(getattr(self, name)) for name in _TEXTS}
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
    """A wrong answer's verdict. A text is shown as it is, any other value as Python writes it.

    What a learner returned may be a text itself, even an empty one: give `seen=value_text(value)`.
    """
    return Verdict("wrong", cause, exchange, _side(expected), _side(seen), next_step)


def _side(side: object) -> str:
    return _short(side) if isinstance(side, str) else value_text(side)


def value_text(value: object, limit: int = 400) -> str:
    """A value as Python writes it, whatever a learner returned: cut to `limit` characters, never an error."""
    try:
        text = repr(value)
    except Exception:  # nested too deeply, an integer of too many digits, or a learner's own __repr__
        return f"a value of type {type(value).__name__} that cannot be shown"
    return _short(text, limit)


def _short(text: str, limit: int = 400) -> str:
    return text if len(text) <= limit else f"{text[:limit]} … ({len(text):,} characters in all)"


def _sendable(text: str) -> str:
    """A lone surrogate is half a character: no UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode()
