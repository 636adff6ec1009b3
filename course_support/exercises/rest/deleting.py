"""The exercise that deletes over a line that breaks: what may be sent again, and what a 404 means then."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.rules import not_let_in, of_type, requested, sent_nothing
from course_support.faults import Drop, Fault
from course_support.verdict import Verdict, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    return [
        _scene(draw, "listener"),
        _scene(draw, "listener", Drop("before")),
        _scene(draw, "listener", Drop("after")),
        _scene(draw, "guest"),
    ]


def _scene(draw: random.Random, who: str, *faults: Fault) -> Scene:
    service = app(draw.randrange(2**32))
    target = f"{COLLECTION}/{draw.choice(service.state.library.page(1, 40)).id}"
    arguments = {"url": URL, "token": service.state.credentials[who], "id": int(target.rpartition("/")[2])}

    def read(client: Client) -> None:
        client.send("GET", target, service.state.credentials["listener"])

    return Scene(service, arguments, {"target": target, "who": who}, faults, read)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _never_deleted,
        of_type(bool, "True or False"),
        _misreported,
    )


def _never_deleted(evidence: Evidence) -> Verdict | None:
    target = evidence.expected["target"]
    tried = evidence.sent("DELETE", target)
    if tried and (_gone(evidence) or evidence.expected["who"] == "guest"):
        return None
    return wrong(
        "The playlist is still there: the line broke before your DELETE arrived, and you did not send it again."
        if tried
        else "You did not send a DELETE for the playlist.",
        tried[-1] if tried else evidence.last,
        expected=f"DELETE {target}, once more if no answer came",
        seen=requested(evidence.exchanges),
        next_step="DELETE is idempotent: when no answer came, sending it again can do no harm."
        if tried
        else "Read the first line of the request: its method, and its target.",
    )


def _gone(evidence: Evidence) -> bool:
    return evidence.afterwards[-1].status == 404


def _misreported(evidence: Evidence) -> Verdict | None:
    gone, last = _gone(evidence), evidence.exchanges[-1]
    if evidence.value is gone:
        return None
    if not gone:
        cause = f"The playlist is still there, and you returned True: the service answered {last.status}."
        step = "Which status codes mean that the playlist is gone? Only for these return True."
    elif last.response:
        cause = f"The playlist is gone, and you returned False: the last answer was {last.status}."
        step = "What you wanted is so, whichever of your requests has done it: that is success."
    else:
        cause = "The line broke after the service had done its work, and you returned False: the playlist is gone."
        step = "You cannot know which it was, so send the DELETE again: what answer would tell you that it is done?"
    return wrong(cause, last, expected=gone, seen=evidence.value, next_step=step)


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
    _scenes,
    _judge,
)
