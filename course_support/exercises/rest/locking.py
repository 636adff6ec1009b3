"""The exercise that mends a lock, and the rules on locks that it shares with the one that adds a note."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.rules import (
    Meanwhile,
    json_object,
    not_found,
    not_let_in,
    sent_nothing,
    wrong_media_type,
)
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def writes(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.exchanges if e.request.method in ("PUT", "PATCH")]


def last_write(evidence: Evidence) -> Exchange | None:
    return next(reversed(writes(evidence)), None)


def lock_of(write: Exchange) -> str:
    return write.request.fields.get("If-Match") or ""


def description_left(evidence: Evidence) -> str:
    return str(json_object(evidence.afterwards[-1]).get("description"))


def unguarded(evidence: Evidence) -> Verdict | None:
    bare = next((e for e in writes(evidence) if not lock_of(e) or "*" in lock_of(e)), None)
    if not bare:
        return None
    return wrong(
        "Nobody came between read and write, but `If-Match: *` would have let your change through if somebody had."
        if lock_of(bare)
        else "Nobody came between read and write, but your change would have gone through if somebody had.",
        bare,
        expected="If-Match with the ETag that you read",
        seen=f"If-Match: {lock_of(bare)}" if lock_of(bare) else "no If-Match field",
        next_step="However short the time since your read is, somebody may be faster: send If-Match with every change.",
    )


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, rival=True), _scene(draw, rival=False)]


def _scene(draw: random.Random, *, rival: bool) -> Scene:
    service = app(draw.randrange(2**32))
    library, token = service.state.library, service.state.credentials["listener"]
    playlist = draw.choice(library.page(1, 40))
    ours, theirs = f"Ours {draw.randrange(1000)}", f"Theirs {draw.randrange(1000)}"
    library.update(playlist.id, description="Changed a moment ago")  # in the second in which theirs will follow
    target = f"{COLLECTION}/{playlist.id}"

    def read(client: Client) -> None:
        client.send("GET", target, token)

    meanwhile = Meanwhile(service, target, lambda: library.update(playlist.id, description=theirs))
    arguments = {"url": URL, "token": token, "id": playlist.id, "description": ours}
    expected = {"description": theirs if rival else ours, "status": 412 if rival else 200, "rival": rival}
    return Scene(meanwhile if rival else service, arguments, expected, (), read)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        _lock_failed,
        _other_end,
        unguarded,
    )


def _lock_failed(evidence: Evidence) -> Verdict | None:
    through = next((e for e in writes(evidence) if e.status == 200), None)
    if not evidence.expected["rival"] or not through:
        return None
    lock, fields = lock_of(through), through.request.fields
    step = "Send a condition that holds only for what you read: the field If-Match takes an ETag."
    if "*" in lock:
        cause = (
            "`If-Match: *` holds for whatever is there: somebody changed the playlist, and your change went over it."
        )
    elif lock:
        cause = "Your lock held, and then you read again and changed what somebody else had just written."
        step = "This function is to tell that somebody was faster: return the 412."
    elif "If-None-Match" in fields:
        cause = "If-None-Match asks for the opposite: your change went through because the playlist had changed."
    elif "If-Unmodified-Since" in fields:
        cause = "Somebody changed the playlist in the second of its last change, and your lock did not see it."
        step = (
            "Last-Modified counts whole seconds; two changes in one second share it. Which field changes with every "
            "change of the content?"
        )
    else:
        cause = "Somebody changed the playlist after you read it, and your change went over it."
    return wrong(cause, through, expected="412 Precondition Failed", seen="200 OK", next_step=step)


def _other_end(evidence: Evidence) -> Verdict | None:
    status, actual = evidence.expected["status"], description_left(evidence)
    done = actual == evidence.expected["description"]
    if done and same(evidence.value, status):
        return None
    if done:
        cause = "The playlist is as it should be; the value that you returned is not the status of your change."
    elif evidence.expected["rival"]:
        cause = "Somebody was faster, and their change should have stayed."
    else:
        cause = "Nobody was in the way, and your change is not there."
    return wrong(
        cause,
        last_write(evidence) or evidence.last,
        expected=f"{status}" if done else f"{status}, description {evidence.expected['description']!r}",
        seen=value_text(evidence.value) if done else f"{value_text(evidence.value)}, description {actual!r}",
        next_step="Send one change, with the ETag that you read, quotation marks and all, in If-Match.",
    )


MEND_THE_LOCK = Exercise(
    "rest.mend_the_lock",
    "Mend a lock that looks at the clock",
    2,
    (
        "Compare the `Last-Modified` of two changes that follow each other at once. What does the lock see?",
        'Replace the field: `"If-Match": read.headers["ETag"]` instead of `"If-Unmodified-Since"`.',
    ),
    _scenes,
    _judge,
)
