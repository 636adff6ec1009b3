"""The exercise that retries: only what says `later`, only what may be repeated, and only so often."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import not_let_in, sent_nothing, wrong_media_type
from course_support.faults import Answer
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
TRIES = 3


def _scenes(draw: random.Random) -> list[Scene]:
    return [
        _scene(draw, "PUT", Answer(429, 0), Answer(503, 0)),
        _scene(draw, "POST", Answer(503, 0)),
        _scene(draw, "PATCH", Answer(429, 0)),
        _scene(draw, "GET", Answer(404)),
        _scene(draw, "GET", Answer(500)),
        _scene(draw, "DELETE", *[Answer(503, 0)] * (TRIES + 2)),
        _scene(draw, "GET", Answer(503, 1)),  # last: it takes a second of real time
    ]


def _scene(draw: random.Random, method: str, *faults: Answer) -> Scene:
    service = app(draw.randrange(2**32))
    playlist = draw.choice(service.state.library.page(1, 40))
    arguments = {
        "url": URL,
        "token": service.state.credentials["listener"],
        "method": method,
        "target": COLLECTION if method == "POST" else f"{COLLECTION}/{playlist.id}",
        "content": {"name": f"Mix {draw.randrange(1000)}"} if method in ("PUT", "POST", "PATCH") else None,
    }
    return Scene(service, arguments, faults=faults)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _other_request,
        _repeated_wrongly,
        wrong_media_type,
        _gave_up_early,
        _impatient,
        _endless,
        _other_status,
    )


def _other_request(evidence: Evidence) -> Verdict | None:
    method, target, content = (evidence.arguments[name] for name in ("method", "target", "content"))
    for exchange in evidence.exchanges:
        request = exchange.request
        if (request.method, request.target) != (method, target):
            cause, seen = "You did not send the request that was asked for.", f"{request.method} {request.target}"
        elif content is not None and not same(request.json(), content):
            cause, seen = f"You sent this {method} without its content as JSON.", request.text or "no content"
        else:
            continue
        expected = f"{method} {target}" + (f" with the content {content}" if content else "")
        step = "Hand on the arguments as they are: the method, the target behind `url`, and the content as JSON."
        return wrong(cause, exchange, expected=expected, seen=seen, next_step=step)
    return None


def _retry_is_right(exchange: Exchange) -> bool:
    return exchange.request.method in REPEATABLE and exchange.status in (429, 503)


def _repeated_wrongly(evidence: Evidence) -> Verdict | None:
    method = evidence.arguments["method"]
    for earlier, later in zip(evidence.exchanges, evidence.exchanges[1:], strict=False):
        if _retry_is_right(earlier):
            continue
        unsafe = method not in REPEATABLE
        return wrong(
            f"You sent a {method} again, which is not idempotent."
            if unsafe
            else f"You sent a request again that had been answered with {earlier.status}.",
            later,
            expected=f"one {method}, and then its status",
            seen=f"{len(evidence.exchanges)} of them",
            next_step=f"If the first {method} has been carried out after all, its effect is now there twice."
            if unsafe
            else "Only 429 and 503 say `later`: of the others nothing promises that the next answer will differ.",
        )
    return None


def _gave_up_early(evidence: Evidence) -> Verdict | None:
    last, sent = evidence.exchanges[-1], len(evidence.exchanges)
    if not _retry_is_right(last) or sent >= TRIES:
        return None
    tries = f"{sent} {'try' if sent == 1 else 'tries'}"
    return wrong(
        f"The service said `later` with a {last.status}, and you gave up after {tries}.",
        last,
        expected=f"up to {TRIES} tries of an idempotent request",
        seen=sent,
        next_step=f"{last.request.method} is idempotent: wait as long as Retry-After says, and send it again.",
    )


def _impatient(evidence: Evidence) -> Verdict | None:
    for earlier, later in zip(evidence.exchanges, evidence.exchanges[1:], strict=False):
        field = earlier.response.fields.get("Retry-After") if earlier.response else None
        waited = later.started - earlier.ended
        if field and waited < int(field) - 0.05:  # the two clocks may differ by a tick
            return wrong(
                f"The service asked for {field} s of patience, and you were back sooner.",
                earlier,
                expected=f"at least {field} s between the two requests",
                seen=f"{waited:.2f} s",
                next_step="Retry-After is in seconds here: `time.sleep` for as long before the next try.",
            )
    return None


def _endless(evidence: Evidence) -> Verdict | None:
    sent = len(evidence.exchanges)
    if sent <= TRIES:
        return None
    return wrong(
        f"You sent the request {sent} times to a service that stays busy.",
        evidence.exchanges[TRIES],
        expected=f"at most {TRIES} tries",
        seen=sent,
        next_step="Clients that never give up keep a struggling service down. Count your tries, the first included.",
    )


def _other_status(evidence: Evidence) -> Verdict | None:
    status = evidence.exchanges[-1].status
    if same(evidence.value, status):
        return None
    return wrong(
        "What you returned is not the status of the last answer.",
        evidence.last,
        expected=status,
        seen=value_text(evidence.value),
        next_step="Return the status code of the answer with which you stopped, whatever it is.",
    )


PATIENT = Exercise(
    "rest.patient",
    "Retry the right requests",
    3,
    (
        "Two questions decide whether to try again: does the answer say `later`, and is the method idempotent?",
        "Loop up to three times: send; if the status is not 429 or 503, or the method is POST or PATCH, stop; else "
        '`time.sleep(int(response.headers["Retry-After"]))`. After the loop return the last status.',
    ),
    _scenes,
    _judge,
)
