"""Exercises on lost updates: changes that must not undo somebody else's."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.rest import COLLECTION, app
from course_support.exercise import URL, Client, Evidence, Exercise, Scene, first_of, same
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

# --- add_note ---------------------------------------------------------------------------------------------------------


def _note_scenes(draw: random.Random) -> list[Scene]:
    return [_note_scene(draw, rival=True), _note_scene(draw, rival=False)]


def _note_scene(draw: random.Random, *, rival: bool) -> Scene:
    service = app(draw.randrange(2**32), strict=False)
    library, token = service.state.library, service.state.credentials["listener"]
    playlist = draw.choice(library.page(1, 40))
    note, theirs = f"({draw.randrange(1000)} likes)", f"[heard by {draw.randrange(1000)}]"
    before = f"{playlist.description} {theirs}" if rival else playlist.description
    target = f"{COLLECTION}/{playlist.id}"

    def read(client: Client) -> None:
        client.send("GET", target, token)

    meanwhile = Meanwhile(service, target, lambda: library.update(playlist.id, description=before))
    expected: dict[str, Any] = {
        "description": f"{before} {note}",
        "name": playlist.name,
        "theirs": theirs,
        "note": note,
    }
    arguments = {"url": URL, "token": token, "id": playlist.id, "note": note}
    return Scene(meanwhile if rival else service, arguments, expected | {"rival": rival}, (), read)


def _judge_note(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        _overwritten,
        _note_missing,
        _spoilt,
        _unguarded,
    )


def _writes(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.exchanges if e.request.method in ("PUT", "PATCH")]


def _last_write(evidence: Evidence) -> Exchange | None:
    return next(reversed(_writes(evidence)), None)


def _lock(write: Exchange) -> str:
    return write.request.fields.get("If-Match") or ""


def _description(evidence: Evidence) -> str:
    return str(json_object(evidence.afterwards[-1]).get("description"))


def _overwritten(evidence: Evidence) -> Verdict | None:
    actual, theirs = _description(evidence), evidence.expected["theirs"]
    done = [e for e in _writes(evidence) if e.status == 200]
    if not evidence.expected["rival"] or theirs in actual or not done:
        return None
    first, lock = done[0], _lock(done[0])
    if not lock and _writes(evidence)[0].status == 412:
        cause = f"The service refused your change, and you sent it again without the lock: that wiped out {theirs!r}."
        step = "The 412 has told you that somebody was faster: read again, and add your note to what is there now."
    elif not lock:
        cause = f"Between your read and your write somebody added {theirs!r}, and your write wiped it out."
        step = "Send the ETag of what you read in If-Match: then the service can refuse a change of something older."
    elif "*" in lock:
        cause = f"`If-Match: *` holds for whatever is there, so your write wiped out {theirs!r}."
        step = "Name the state that your change is based on: the ETag of what you read."
    else:
        cause = f"You sent your old text with the new ETag, and that wiped out {theirs!r}."
        step = (
            "An ETag belongs to the content that it came with: after a 412 read both again, and add your note to that."
        )
    return wrong(cause, first, expected=evidence.expected["description"], seen=actual, next_step=step)


def _note_missing(evidence: Evidence) -> Verdict | None:
    actual, write = _description(evidence), _last_write(evidence)
    if evidence.expected["note"] in actual:
        return None
    if not write or not write.response or write.response.status < 400:
        cause = "Your note is not in the playlist's description."
        step = "Read the playlist, change its description, and send it back with PUT or PATCH."
    elif write.status == 412:
        cause = "The service refused your change with 412, and you left it at that: your note is missing."
        step = "A 412 is no failure: read again, add your note to what is there now, and try with the new ETag."
    else:
        cause = f"The service refused your change with {write.response.status} {write.response.reason}."
        step = "Read the problem in the content of the answer. A PUT replaces all: send the name along."
    return wrong(cause, write or evidence.last, expected=evidence.expected["description"], seen=actual, next_step=step)


def _spoilt(evidence: Evidence) -> Verdict | None:
    actual = json_object(evidence.afterwards[-1])
    wanted = {name: evidence.expected[name] for name in ("name", "description")}
    if all(actual.get(name) == wanted[name] for name in wanted):
        return None
    return wrong(
        "Your note arrived, but the rest of the playlist is not as it was.",
        _last_write(evidence),
        expected=wanted,
        seen={name: actual.get(name) for name in wanted},
        next_step="A PUT replaces all: send the name along. The description is the old one, a blank, and the note.",
    )


def _unguarded(evidence: Evidence) -> Verdict | None:
    bare = next((e for e in _writes(evidence) if not _lock(e) or "*" in _lock(e)), None)
    if not bare:
        return None
    return wrong(
        "Nobody came between this time, but `If-Match: *` would have let your change through if somebody had."
        if _lock(bare)
        else "Nobody came between this time, but your change would have gone through if somebody had.",
        bare,
        expected="If-Match with the ETag that you read",
        seen=f"If-Match: {_lock(bare)}" if _lock(bare) else "no If-Match field",
        next_step="However short the time since your read is, somebody may be faster: send If-Match with every change.",
    )


ADD_NOTE = Exercise(
    "rest.add_note",
    "Change what others change too",
    3,
    (
        "Read, change, write with `If-Match`. What does the service answer if somebody was faster, and what do you "
        "do then?",
        "`while True`: GET; description = the one you just read + blank + note; PATCH or PUT with "
        '`"If-Match": read.headers["ETag"]`; stop unless the status is 412.',
    ),
    _note_scenes,
    _judge_note,
)

# --- mend_the_lock ----------------------------------------------------------------------------------------------------


def _lock_scenes(draw: random.Random) -> list[Scene]:
    return [_lock_scene(draw, rival=True), _lock_scene(draw, rival=False)]


def _lock_scene(draw: random.Random, *, rival: bool) -> Scene:
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


def _judge_lock(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        _lock_failed,
        _other_end,
        _unguarded,
    )


def _lock_failed(evidence: Evidence) -> Verdict | None:
    writes = _writes(evidence)
    through = next((e for e in writes if e.status == 200), None)
    if not evidence.expected["rival"] or not through:
        return None
    lock, fields = _lock(through), through.request.fields
    step = "Send a condition that holds only for what you read: the field If-Match takes an ETag."
    if "*" in lock:
        cause = (
            "`If-Match: *` holds for whatever is there: somebody changed the playlist, and your change went over it."
        )
    elif lock:
        cause = "Your lock held, and then you read again and changed what somebody else had just written."
        step = "This function is to tell that somebody was faster: return the 412."
    elif "If-None-Match" in fields:
        cause = "If-None-Match asks for the opposite: your change went through because the playlist was another."
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
    status, actual = evidence.expected["status"], _description(evidence)
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
        _last_write(evidence) or evidence.last,
        expected=f"{status}" if done else f"{status}, description {evidence.expected['description']!r}",
        seen=value_text(evidence.value) if done else f"{value_text(evidence.value)}, description {actual!r}",
        next_step="Send one change, with the ETag that you read in If-Match, and return its status.",
    )


MEND_THE_LOCK = Exercise(
    "rest.mend_the_lock",
    "Mend a lock that looks at the clock",
    2,
    (
        "Compare the `Last-Modified` of two changes that follow each other at once. What does the lock see?",
        'Replace the field: `"If-Match": read.headers["ETag"]` instead of `"If-Unmodified-Since"`.',
    ),
    _lock_scenes,
    _judge_lock,
)
