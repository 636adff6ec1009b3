"""What is kept of the answers to an exercise: right ones beside the solution, and wrong ones with their diagnosis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course_support.verdict import Outcome
from course_support.wire import Exchange

Function = Callable[..., Any]


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, a fragment of the cause that it must get, and what the exchange shown with it must show.

    `shows` is None where no exchange is shown, because nothing was sent. `step` is a fragment of the next step.
    """

    answer: Function
    cause: str
    shows: Callable[[Exchange], bool] | None
    outcome: Outcome
    step: str = ""


@dataclass
class Answers:
    """The answers to one exercise, collected by decorators; the name of each function says what is odd about it."""

    name: str
    rights: list[Function] = field(default_factory=list)
    wrongs: list[Wrong] = field(default_factory=list)

    def right(self, answer: Function) -> Function:
        self.rights.append(answer)
        return answer

    def wrong(
        self, cause: str, shows: Callable[[Exchange], bool] | None, outcome: Outcome = "wrong", step: str = ""
    ) -> Callable[[Function], Function]:
        def collect(answer: Function) -> Function:
            self.wrongs.append(Wrong(answer, cause, shows, outcome, step))
            return answer

        return collect
