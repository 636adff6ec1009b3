"""Exercises on lost updates: changes that must not undo somebody else's."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.rest import COLLECTION, app
from course_support.exercise import URL, Client, Evidence, Exercise, Scene, first_of, same
from course_support.exercises.rules import Meanwhile, json_object, not_found, not_let_in, sent_nothing
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

# --- add_note ---------------------------------------------------------------------------------------------------------


def _note_scenes(draw: random.Random) -> list[Scene]:
    return [_note_scene(draw, rival=False), _note_scene(draw, rival=True)]


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
        sent_nothing(evidence),
        not_let_in(evidence),
        not_found(evidence),
        _overwritten(evidence),
        _note_missing(evidence),
        _spoilt(evidence),
        _unguarded(evidence),
    )


def _writes(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.exchanges if e.request.method in ("PUT", "PATCH")]


def _last_write(evidence: Evidence) -> Exchange | None:
    return next(reversed(_writes(evidence)), None)


def _overwritten(evidence: Evidence) -> Verdict | None:
    actual = json_object(evidence.afterwards[-1]).get("description", "")
    theirs = evidence.expected["theirs"]
    if not evidence.expected["rival"] or theirs in actual:
        return None
    done = [e for e in _writes(evidence) if e.status == 200]
    locked = bool(done) and "If-Match" in done[-1].request.fields
    return wrong(
        f"Between your read and your write somebody added {theirs!r}, and your write wiped it out.",
        done[-1] if done else evidence.last,
        expected=evidence.expected["description"],
        seen=actual,
        next_step="You sent a new ETag with the old text: after a 412 read again, and add to what you then find."
        if locked
        else "Send the ETag of what you read in If-Match: then the service can refuse a change that is based on old "
        "data.",
    )


def _note_missing(evidence: Evidence) -> Verdict | None:
    actual = json_object(evidence.afterwards[-1]).get("description", "")
    if evidence.expected["note"] in actual:
        return None
    writes = _writes(evidence)
    refused = bool(writes) and writes[-1].status == 412
    return wrong(
        "The service refused your change with 412, and you left it at that: your note is missing."
        if refused
        else "Your note is not in the playlist's description.",
        writes[-1] if writes else evidence.last,
        expected=evidence.expected["description"],
        seen=actual,
        next_step="A 412 is no failure: read again, add your note to what is there now, and try with the new ETag."
        if refused
        else "Read the playlist, change its description, and send it back with PUT or PATCH.",
    )


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
    bare = next((e for e in _writes(evidence) if "If-Match" not in e.request.fields), None)
    if not bare:
        return None
    return wrong(
        "Nobody came between this time, but your change would have gone through if somebody had.",
        bare,
        expected="If-Match with the ETag that you read",
        seen="no If-Match field",
        next_step="A lock that is only used when there is a conflict comes too late: send If-Match with every change.",
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
        sent_nothing(evidence), not_let_in(evidence), not_found(evidence), _lock_failed(evidence), _other_end(evidence)
    )


def _lock_failed(evidence: Evidence) -> Verdict | None:
    through = next((e for e in _writes(evidence) if e.status == 200), None)
    if not evidence.expected["rival"] or not through:
        return None
    by_date = "If-Unmodified-Since" in through.request.fields and "If-Match" not in through.request.fields
    return wrong(
        "Somebody changed the playlist in the same second in which you read it, and your lock did not see it."
        if by_date
        else "Somebody changed the playlist after you read it, and your change went over it.",
        through,
        expected="412 Precondition Failed",
        seen="200 OK",
        next_step="Last-Modified counts whole seconds; two changes in one second share it. Which field changes with "
        "every change of the content?"
        if by_date
        else "Send a condition that holds only for what you read: the field If-Match takes an ETag.",
    )


def _other_end(evidence: Evidence) -> Verdict | None:
    status, actual = evidence.expected["status"], json_object(evidence.afterwards[-1]).get("description")
    if same(evidence.value, status) and actual == evidence.expected["description"]:
        return None
    done = actual == evidence.expected["description"]
    return wrong(
        "The playlist is as it should be; the value that you returned is not the status of your change."
        if done
        else "Nobody was in the way, and your change is not there."
        if not evidence.expected["rival"]
        else "Somebody was faster, and their change should have stayed.",
        _last_write(evidence) or evidence.last,
        expected=status if done else f"{status}, description {evidence.expected['description']!r}",
        seen=evidence.value if done else f"{evidence.value!r}, description {actual!r}",
        next_step="Send one change, with the ETag that you read in If-Match, and return its status.",
    )


MEND_THE_LOCK = Exercise(
    "rest.mend_the_lock",
    "Mend a lock that looks at the clock",
    2,
    (
        "Compare the `Last-Modified` of two changes that follow each other at once. What does the lock see?",
        'Replace the field: `"If-Match": seen.headers["ETag"]` instead of `"If-Unmodified-Since"`.',
    ),
    _lock_scenes,
    _judge_lock,
)
