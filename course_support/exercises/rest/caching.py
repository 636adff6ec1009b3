"""The exercise that reads twice: a second read costs no content, unless there is a reason."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import Meanwhile, not_found, not_let_in, of_type, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, changed=False), _scene(draw, changed=True)]


def _scene(draw: random.Random, *, changed: bool) -> Scene:
    service = app(draw.randrange(2**32))
    library = service.state.library
    playlist = draw.choice(library.page(1, 40))
    new = f"{playlist.name} {draw.randrange(1000)}"
    path = f"{COLLECTION}/{playlist.id}"
    if changed:  # a moment ago, in the second in which the next change will follow: a date is not enough to see it
        library.update(playlist.id, description=playlist.description)
    meanwhile = Meanwhile(service, path, lambda: library.update(playlist.id, name=new))
    return Scene(
        meanwhile if changed else service,
        {"url": URL, "token": service.state.credentials["listener"], "id": playlist.id},
        {"playlist": playlist.representation | ({"name": new} if changed else {}), "changed": changed, "path": path},
    )


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        _one_read,
        _paid_twice,
        of_type(dict, "the playlist, as a dict"),
        _stale,
    )


def _reads(evidence: Evidence) -> list[Exchange]:
    path = evidence.expected["path"]
    return [e for e in evidence.exchanges if e.request.method in ("GET", "HEAD") and e.request.path == path]


def _one_read(evidence: Evidence) -> Verdict | None:
    reads = _reads(evidence)
    if len(reads) >= 2 and any(e.status == 200 for e in reads):
        return None
    return wrong(
        "You read the playlist once and then trusted your copy without asking whether it still holds."
        if reads
        else "You did not read the playlist.",
        evidence.last,
        expected=f"two reads of {evidence.expected['path']}",
        seen=f"{len(reads)} of them",
        next_step="The answer says `Cache-Control: no-cache`: keep a copy, but ask before each use of it.",
    )


def _paid_twice(evidence: Evidence) -> Verdict | None:
    paid = [e for e in _reads(evidence) if e.status == 200 and e.request.method == "GET"]
    if evidence.expected["changed"] or len(paid) < 2:
        return None
    first, second = paid[0], paid[1]
    tag = first.response.fields.get("ETag") if first.response else None
    sent = second.request.fields.get("If-None-Match")
    cost = len(second.response.body) if second.response else 0
    if sent:
        cause = "Your second read asks about another entity tag than the first answer had, so it costs content again."
    elif "If-Match" in second.request.fields:
        cause = f"Your second read sent If-Match, which is for changes, and brought the same {cost} bytes again."
    else:
        cause = f"Nothing had changed, and your second read brought the whole playlist again, {cost} bytes of it."
    return wrong(
        cause,
        second,
        expected=f"If-None-Match: {tag}",
        seen=f"If-None-Match: {sent}" if sent else "no If-None-Match field",
        next_step="Keep the ETag of the first answer, quotation marks included, and send it back.",
    )


def _stale(evidence: Evidence) -> Verdict | None:
    if same(evidence.value, evidence.expected["playlist"]):
        return None
    last = _reads(evidence)[-1]
    if not evidence.expected["changed"]:
        cause = "The playlist that you returned is not the one that the service has."
        step = "A 304 has no content: return the playlist that you kept from the first read."
    elif last.status != 304:
        cause = "Between your two reads somebody renamed the playlist, and you returned the old one."
        step = "A 200 to the second read means: your copy is out of date, here is the new one."
    elif "If-None-Match" in last.request.fields:
        cause = "Somebody renamed the playlist, and your condition did not see it."
        step = "If-None-Match takes the ETag that you got with your copy: `*` stands for whatever there is."
    else:
        cause = "Somebody renamed the playlist in the second of its last change, and a date cannot tell the two apart."
        step = "Last-Modified counts whole seconds. Which field of the answer changes with every change of the content?"
    return wrong(cause, last, expected=evidence.expected["playlist"], seen=value_text(evidence.value), next_step=step)


SECOND_READ = Exercise(
    "rest.second_read",
    "Read twice, pay once",
    2,
    (
        "The first answer carries an `ETag`. Which request field asks for the content only if the tag has changed?",
        'Send `"If-None-Match": first.headers["ETag"]` with the second request. On 304 return what you kept, on 200 '
        "what has just come.",
    ),
    _scenes,
    _judge,
)
