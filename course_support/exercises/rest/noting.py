"""The exercise that adds to what others add to: no note may get lost."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.rest.locking import description_left, last_write, lock_of, unguarded, writes
from course_support.exercises.rules import (
    Meanwhile,
    json_object,
    not_found,
    not_let_in,
    sent_nothing,
    wrong_media_type,
)
from course_support.verdict import Verdict, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, rival=True), _scene(draw, rival=False)]


def _scene(draw: random.Random, *, rival: bool) -> Scene:
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


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        _overwritten,
        _note_missing,
        _spoilt,
        unguarded,
    )


def _overwritten(evidence: Evidence) -> Verdict | None:
    actual, theirs = description_left(evidence), evidence.expected["theirs"]
    done = [e for e in writes(evidence) if e.status == 200]
    if not evidence.expected["rival"] or theirs in actual or not done:
        return None
    first, lock = done[0], lock_of(done[0])
    if not lock and writes(evidence)[0].status == 412:
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
    actual, write = description_left(evidence), last_write(evidence)
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
        last_write(evidence),
        expected=wanted,
        seen={name: actual.get(name) for name in wanted},
        next_step="A PUT replaces all: send the name along. The description is the old one, a blank, and the note.",
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
    _scenes,
    _judge,
)
