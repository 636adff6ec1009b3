"""The rules that come before every judge: the answer was attempted, has an end, did not crash, and can be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from course_support.evidence import MAX_REQUESTS, URL, Evidence, Failure
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange


def unattempted(evidence: Evidence) -> Verdict | None:
    """A stub as it was handed out, or nothing at all; nothing after a right answer is an answer, too."""
    if failure := evidence.failure or failure_serving(evidence.afterwards):
        return Verdict("not attempted") if failure.type == "NotImplementedError" else None
    if evidence.unusable or evidence.value is not None or evidence.exchanges or evidence.serves or evidence.attempted:
        return None
    return Verdict("not attempted", "Your function returned nothing and sent nothing.", next_step=_NOTHING)


_NOTHING = "If you did write code: it must `return` its result, and its cell must be run before the check."


def endless(evidence: Evidence) -> Verdict | None:
    """More requests than any answer needs."""
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


def crashed(evidence: Evidence) -> Verdict | None:
    """The learner's function raised an error."""
    if not (failure := evidence.failure):
        return None
    return Verdict(
        "crashed",
        f"Your function {_raised(failure)}{_circumstance(evidence)}".rstrip(",") + ".",
        evidence.last,
        "a return value",
        _seen(failure),
        _after_crash(failure, evidence),
    )


def failed_serving(failure: dict[str, Any]) -> dict[str, Any]:
    """The problem that answers for a learner's application which raised; `failure_serving` reads it."""
    return {"type": FAILED, "title": "The application failed", "status": 500, "failure": failure}


FAILED = "tag:course.example,2026:failed-application"


def failure_serving(exchanges: Sequence[Exchange]) -> Failure | None:
    """The first error that the learner's application raised while it was served, or None."""
    return next((failure for exchange in exchanges if (failure := _failure_of(exchange))), None)


def _failure_of(exchange: Exchange) -> Failure | None:
    """The error that ended an exchange: the response tells, or the last that the server said on a WebSocket."""
    said = [message for message in exchange.messages if message.sender == "server" and message.opcode == "text"]
    problem = said[-1].json() if said else exchange.response and exchange.response.json()
    match problem:
        case {
            "type": str(of),
            "failure": {"type": str(kind), "message": str(message), "line": line, "source": str(source)},
        } if of == FAILED:
            return Failure(kind, message, line if isinstance(line, int) else None, source)
    return None


def crashed_serving(evidence: Evidence) -> Verdict | None:
    """The learner's application raised an error while it answered."""
    for exchange in evidence.afterwards:
        if failure := _failure_of(exchange):
            return Verdict(
                "crashed",
                f"Your application {_raised(failure)} while it was {_busy(exchange)}.",
                exchange,
                "an answer",
                _seen(failure),
                _after_crash_serving(failure, exchange),
            )
    return None


def _busy(exchange: Exchange) -> str:
    request = f"{exchange.request.method} {exchange.request.target}"
    return f"talking on the WebSocket of {request}" if exchange.messages else f"answering {request}"


def _after_crash_serving(failure: Failure, exchange: Exchange) -> str:
    if "coroutine" in failure.message:
        call = "websocket.receive_text()" if exchange.messages else "request.body()"
        return f"`{call}` gives a coroutine: `await {call}`, in an `async def`."
    if failure.line:
        asked = "message" if exchange.messages else "request"
        return f"Look at that line: what does the {asked} hold, and what does your code expect of it?"
    if exchange.messages:
        return "What did your endpoint do with the WebSocket before that, and does Starlette allow it there?"
    return "Does every way through your endpoint `return` a response?"


def _raised(failure: Failure) -> str:
    where = f" in line {failure.line}" if failure.line else ""
    where += f", `{failure.source}`," if failure.source else ""
    verb = "was interrupted" if failure.type == "KeyboardInterrupt" else f"raised {failure.type}"
    return f"{verb}{where}"


def _seen(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}" if failure.message else failure.type


def _has_service(evidence: Evidence) -> bool:
    return any(value is URL for value in evidence.arguments.values())


def _circumstance(evidence: Evidence) -> str:
    last = evidence.last
    if not last:
        return " before anything reached the service" if _has_service(evidence) else ""
    if not last.response:
        return " after a request that got no answer"
    if last.response.status < 400:
        return ""
    return f" after the service had answered {last.response.status} {last.response.reason}".rstrip()


def connection_ended(failure: Failure) -> bool:
    """Whether the error says that the other side is gone: by a library's exception, or the system's (errno(3))."""
    return "Closed" in failure.type or failure.type in ("BrokenPipeError", "ConnectionResetError")


def _after_crash(failure: Failure, evidence: Evidence) -> str:
    last = evidence.last
    if failure.type == "KeyboardInterrupt":
        return "If it did not come to an end: which answer should have ended its loop, and did that answer come?"
    if failure.type == "TypeError" and not failure.line:
        return "The check calls it with the arguments that the exercise names, in their order: keep its first line."
    if not last and not _has_service(evidence):
        return (
            "Look at that line, with the values of the arguments: what do they hold, and what does it expect of them?"
        )
    if not last:
        return "Look at that line: does each name stand for what you think, and does each address start with `url`?"
    if not last.response:
        return "You cannot know how far the request got. Catch the error, and decide what is right to do then."
    if last.messages and "Timeout" in failure.type:
        return "Nothing came in the time that you allow. Where that may happen, catch the error: what does it tell you?"
    if last.messages and connection_ended(failure):
        return "The connection had ended by then; the exchange shows how. Catch the error, and decide what is right."
    if last.response.status >= 400:
        return "Was that answer to be expected? Then your code must be ready for it. If not, it says what to mend."
    return "Compare that line with the last exchange before it: did the answer hold what the line needs?"


def unusable(evidence: Evidence) -> Verdict | None:
    """The learner's function returned what is not plain JSON, or no application where one is asked for."""
    if evidence.serves and not evidence.served:
        return wrong(
            "Your function returned something that cannot be served.",
            expected="an ASGI application, such as a Starlette one",
            seen=evidence.unusable or "plain data",
            next_step="Return the application itself; the check serves it.",
        )
    if not evidence.unusable:
        return None
    return wrong(
        "Your function returned something that is not plain data.",
        expected="text, a number, True or False, None, or lists and dicts of these",
        seen=evidence.unusable,
        next_step="Return text: `.decode()` makes it of bytes."
        if evidence.unusable.startswith("bytes: ")
        else "Return the value itself: of a response, for example `response.json()` or `response.status_code`; "
        "of an object, its texts and numbers; of a date, `.isoformat()`.",
    )
