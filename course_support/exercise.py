"""An exercise as the examiner knows it: scenes to play, evidence to gather, a judge to decide.

All of it stays on the examiner's side. The learner's kernel gets arguments and gives back plain JSON; expected values,
seeds and judges never cross.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import requests
from starlette.types import ASGIApp

from course_support.faults import Fault
from course_support.verdict import PASSED, Verdict, wrong
from course_support.wire import Exchange

JSON = Any
MAX_REQUESTS = 300  # in one scene: a good answer to the longest needs about 200, a loop without an end any number
URL = object()
"""Stands among a scene's arguments for the address of its backend, which is known once it runs."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One call of the learner's function, beside one fresh backend.

    `arguments` are handed over in their order, `URL` among them as the backend's address. `expected` is what the judge
    will want to know of this scene. `faults` are scripted for the first requests. `afterwards` runs on the examiner's
    side when the answer is in, with a client of its own: it asks what became of the backend, or shows what a
    prediction was about.
    """

    app: ASGIApp
    arguments: dict[str, JSON] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    afterwards: Callable[[Client], None] | None = None


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
    JSON, and is empty where it is.
    """

    arguments: dict[str, JSON] = field(default_factory=dict)
    value: JSON = None
    failure: Failure | None = None
    unusable: str = ""
    exchanges: tuple[Exchange, ...] = ()
    afterwards: tuple[Exchange, ...] = ()
    expected: dict[str, Any] = field(default_factory=dict)

    def sent(self, method: str, path: str | None = None) -> tuple[Exchange, ...]:
        """The learner's exchanges with this method, and with this path if one is given."""
        return tuple(e for e in self.exchanges if e.request.method == method and path in (None, e.request.path))

    @property
    def last(self) -> Exchange | None:
        return self.exchanges[-1] if self.exchanges else None


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is asked, and how an answer is judged.

    `name` is `lesson.exercise`. `hints` go from a nudge to nearly the answer. `scenes` draws fresh values from the
    random source that it is given. `judge` is pure: the same evidence gives the same verdict. It is asked only once
    the answer has been attempted, has not crashed, and is plain JSON.
    """

    name: str
    title: str
    points: int
    hints: tuple[str, ...]
    scenes: Callable[[random.Random], Sequence[Scene]]
    judge: Callable[[Evidence], Verdict]

    def verdict(self, evidence: Evidence) -> Verdict:
        """The verdict on one scene: attempted, with an end, not crashed, plain JSON, and then what the judge says."""
        return first_of(evidence, _unattempted, _endless, self._refused, _crashed, _unusable, self.judge)

    def _refused(self, evidence: Evidence) -> Verdict | None:
        """What the judge says of the refusal that an error came of: that is what there is to mend."""
        failure, last = evidence.failure, evidence.last
        if not failure or failure.type == "KeyboardInterrupt" or not last or last.status not in REFUSALS:
            return None
        verdict, other = (self.judge(replace(evidence, failure=None, value=value)) for value in (None, ""))
        if verdict.passed or verdict.exchange is not last or verdict != other:
            return None  # it is about something else, or about a value that was never returned
        return replace(verdict, cause=f"{verdict.cause.removesuffix('.')}; the {failure.type} came of that.")


REFUSALS = (400, 401, 404, 405, 406, 415, 422)  # the request is at fault; what 403, 412 or 503 says may be foreseen


class Client:
    """The examiner's own client: `client.send("GET", "/api/v1/playlists/123", token)`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "examiner"

    def send(self, method: str, target: str, token: str, json: JSON = None, **fields: str) -> requests.Response:
        """Send one request; keywords are header fields, where `_` stands for `-`."""
        headers = {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): fields[name] for name in fields}
        return self._session.request(method, self._url + target, json=json, headers=headers, timeout=10)

    def close(self) -> None:
        self._session.close()


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


def _unattempted(evidence: Evidence) -> Verdict | None:
    if evidence.failure:
        return Verdict("not attempted") if evidence.failure.type == "NotImplementedError" else None
    if evidence.unusable or evidence.value is not None or evidence.exchanges:
        return None
    return Verdict("not attempted", "Your function returned nothing and sent nothing.", next_step=_NOTHING)


_NOTHING = "If you did write code: it must `return` its result, and its cell must be run before the check."


def _endless(evidence: Evidence) -> Verdict | None:
    if len(evidence.exchanges) <= MAX_REQUESTS:
        return None
    *_, before, last = (e for e in evidence.exchanges if e.response)
    stuck = before.response and last.response and before.response.body == last.response.body
    return wrong(
        f"Your function sent {MAX_REQUESTS} requests and went on, so the service hung up.",
        last,
        expected="a loop that ends",
        seen=f"the same answer to {before.request.method} {before.request.target} "
        f"as to {last.request.method} {last.request.target}"
        if stuck
        else f"{last.request.method} {last.request.target}, and no end",
        next_step="Why should the next answer be another one? Something in the request has to change."
        if stuck
        else "Which answer tells that the work is done? The loop has to look for it.",
    )


def _crashed(evidence: Evidence) -> Verdict | None:
    if not (failure := evidence.failure):
        return None
    where = f" in line {failure.line}" if failure.line else ""
    where += f", `{failure.source}`," if failure.source else ""
    message = f": {failure.message}" if failure.message else ""
    verb = "was interrupted" if failure.type == "KeyboardInterrupt" else f"raised {failure.type}"
    return Verdict(
        "crashed",
        f"Your function {verb}{where}{_circumstance(evidence.last)}".rstrip(",") + ".",
        evidence.last,
        "a return value",
        f"{failure.type}{message}",
        _after_crash(failure, evidence.last),
    )


def _circumstance(last: Exchange | None) -> str:
    if not last:
        return " before anything reached the service"
    if not last.response:
        return " after a request that got no answer"
    if last.response.status < 400:
        return ""
    return f" after the service had answered {last.response.status} {last.response.reason}".rstrip()


def _after_crash(failure: Failure, last: Exchange | None) -> str:
    if failure.type == "KeyboardInterrupt":
        return "If it did not come to an end: which answer should have ended its loop, and did that answer come?"
    if failure.type == "TypeError" and not failure.line:
        return "The check calls it with the arguments that the exercise names, in their order: keep its first line."
    if not last:
        return "Look at that line: does each name stand for what you think, and does each address start with `url`?"
    if not last.response:
        return "You cannot know how far the request got. Catch the error, and decide what is right to do then."
    if last.response.status >= 400:
        return "Mend that first: the content of that answer says what the service wants."
    return "Compare that line with the last exchange before it: did the answer hold what the line needs?"


def _unusable(evidence: Evidence) -> Verdict | None:
    if not evidence.unusable:
        return None
    return wrong(
        "Your function returned something that is not plain data.",
        expected="text, a number, True or False, None, or lists and dicts of these",
        seen=evidence.unusable,
        next_step="Return the value itself: of a response, for example `response.json()` or `response.status_code`.",
    )
