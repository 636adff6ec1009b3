"""Exercises that repeat a request: when the line breaks, and when the service says `later`."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.exercise import URL, Client, Evidence, Exercise, Scene, first_of, same
from course_support.exercises.rules import not_let_in, sent_nothing, wrong_type
from course_support.faults import Answer, Drop, Fault
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

# --- delete_safely ----------------------------------------------------------------------------------------------------


def _delete_scenes(draw: random.Random) -> list[Scene]:
    return [
        _delete_scene(draw, "listener"),
        _delete_scene(draw, "listener", Drop("before")),
        _delete_scene(draw, "listener", Drop("after")),
        _delete_scene(draw, "guest"),
    ]


def _delete_scene(draw: random.Random, who: str, *faults: Fault) -> Scene:
    service = app(draw.randrange(2**32))
    target = f"{COLLECTION}/{draw.choice(service.state.library.page(1, 40)).id}"
    arguments = {"url": URL, "token": service.state.credentials[who], "id": int(target.rpartition("/")[2])}

    def read(client: Client) -> None:
        client.send("GET", target, service.state.credentials["listener"])

    return Scene(service, arguments, {"target": target, "who": who}, faults, read)


def _judge_delete(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        _never_deleted(evidence),
        wrong_type(evidence, bool, "True or False"),
        _misreported(evidence),
    )


def _never_deleted(evidence: Evidence) -> Verdict | None:
    target = evidence.expected["target"]
    gone = evidence.afterwards[-1].status == 404
    if evidence.sent("DELETE", target) and (gone or evidence.expected["who"] == "guest"):
        return None
    return wrong(
        "The playlist is still there: your DELETE never reached the service, and you did not repeat it."
        if evidence.sent("DELETE", target)
        else "You did not send a DELETE for the playlist.",
        evidence.last,
        expected=f"DELETE {target}, once more if no answer came",
        seen=", ".join(f"{e.request.method} {e.request.target}" for e in evidence.exchanges),
        next_step="DELETE is idempotent: when no answer came, sending it again can do no harm.",
    )


def _misreported(evidence: Evidence) -> Verdict | None:
    gone = evidence.afterwards[-1].status == 404
    if evidence.value is gone:
        return None
    status = evidence.exchanges[-1].status
    if gone:
        cause = "The playlist is gone, and you returned False."
        step = "A 404 to a repeated DELETE means that the first one arrived. What you wanted is so: that is success."
    else:
        cause = f"The playlist is still there, and you returned True: the service answered {status}."
        step = "Which status codes mean that the playlist is gone? Only for these return True."
    return wrong(cause, evidence.last, expected=gone, seen=evidence.value, next_step=step)


DELETE_SAFELY = Exercise(
    "rest.delete_safely",
    "Delete over a line that breaks",
    2,
    (
        "When the connection breaks, requests raises `requests.ConnectionError`. You cannot know whether the DELETE "
        "arrived. Why may you send it again all the same?",
        "In a loop of a few tries: `try` the DELETE, on `requests.ConnectionError` go round again, else return "
        "whether the status is 204 or 404.",
    ),
    _delete_scenes,
    _judge_delete,
)

# --- patient ----------------------------------------------------------------------------------------------------------

REPEATABLE = ("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
TRIES = 3


def _patient_scenes(draw: random.Random) -> list[Scene]:
    return [
        _patient_scene(draw, "GET", Answer(503, 1)),
        _patient_scene(draw, "PUT", Answer(429, 0), Answer(503, 0)),
        _patient_scene(draw, "POST", Answer(503, 0)),
        _patient_scene(draw, "GET", Answer(404)),
        _patient_scene(draw, "DELETE", *[Answer(503, 0)] * (TRIES + 2)),
    ]


def _patient_scene(draw: random.Random, method: str, *faults: Answer) -> Scene:
    service = app(draw.randrange(2**32))
    playlist = draw.choice(service.state.library.page(1, 40))
    arguments = {
        "url": URL,
        "token": service.state.credentials["listener"],
        "method": method,
        "target": COLLECTION if method == "POST" else f"{COLLECTION}/{playlist.id}",
        "content": {"name": f"Mix {draw.randrange(1000)}"} if method in ("PUT", "POST") else None,
    }
    return Scene(service, arguments, {"method": method, "faults": faults}, faults)


def _judge_patient(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        _repeated_wrongly(evidence),
        _gave_up_early(evidence),
        _impatient(evidence),
        _endless(evidence),
        _other_status(evidence),
    )


def _retry_is_right(evidence: Evidence, exchange: Exchange) -> bool:
    return evidence.expected["method"] in REPEATABLE and exchange.status in (429, 503)


def _repeated_wrongly(evidence: Evidence) -> Verdict | None:
    for earlier, later in zip(evidence.exchanges, evidence.exchanges[1:], strict=False):
        if not _retry_is_right(evidence, earlier):
            method = evidence.expected["method"]
            unsafe = method not in REPEATABLE
            return wrong(
                f"You sent a {method} again that is not idempotent."
                if unsafe
                else f"You sent a request again that had been answered with {earlier.status}.",
                later,
                expected=f"one {method}, and then its status",
                seen=f"{len(evidence.exchanges)} of them",
                next_step="If the first one had been carried out after all, there would now be two playlists."
                if unsafe
                else "Only 429 and 503 mean `later`. The others mean `not like this`: the next answer is the same.",
            )
    return None


def _gave_up_early(evidence: Evidence) -> Verdict | None:
    last, sent = evidence.exchanges[-1], len(evidence.exchanges)
    if not _retry_is_right(evidence, last) or sent >= TRIES:
        return None
    return wrong(
        f"The service said `later`, and you gave up after {sent} {'try' if sent == 1 else 'tries'}.",
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
    if len(evidence.exchanges) <= TRIES:
        return None
    return wrong(
        f"You sent the request {len(evidence.exchanges)} times to a service that stays busy.",
        evidence.last,
        expected=f"at most {TRIES} tries",
        seen=len(evidence.exchanges),
        next_step="Clients that never give up keep a struggling service down. Count your tries.",
    )


def _other_status(evidence: Evidence) -> Verdict | None:
    status = evidence.exchanges[-1].status
    if same(evidence.value, status):
        return None
    return wrong(
        "What you returned is not the status of the last answer.",
        evidence.last,
        expected=status,
        seen=evidence.value,
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
    _patient_scenes,
    _judge_patient,
)
