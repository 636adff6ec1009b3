"""Exercises that read: a list with a token, every page of it, and a second read that costs no content."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.exercise import URL, Evidence, Exercise, Scene, first_of
from course_support.exercises.rules import Meanwhile, next_link, not_found, not_let_in, sent_nothing, wrong_type
from course_support.verdict import Verdict, wrong

# --- list_names ------------------------------------------------------------------------------------------------------


def _list_scenes(draw: random.Random) -> list[Scene]:
    service = app(draw.randrange(2**32))
    names = [playlist.name for playlist in service.state.library.page(0, 20)]
    return [Scene(service, {"url": URL, "token": service.state.credentials["listener"]}, {"names": names})]


def _judge_list(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        not_found(evidence),
        wrong_type(evidence, list, 'a list of names, such as ["Workout Mix", …]'),
        _other_names(evidence),
    )


def _other_names(evidence: Evidence) -> Verdict | None:
    names = evidence.expected["names"]
    if evidence.value == names:
        return None
    whole = bool(evidence.value) and isinstance(evidence.value[0], dict)
    return wrong(
        "Your list holds whole playlists, not their names."
        if whole
        else "Your list is not the list of names that the service answered with.",
        evidence.last,
        expected=names,
        seen=evidence.value,
        next_step='Take the member "name" of each object in the array "playlists", in the order of the answer.',
    )


LIST_NAMES = Exercise(
    "rest.list_names",
    "List the playlists by name",
    1,
    (
        "`GET /api/v1/playlists` is the request; without a token the service answers 401. "
        "Where does a bearer token go in a request?",
        '`requests.get(address, headers={"Authorization": f"Bearer {token}"}).json()` is a dict with one member, '
        '`"playlists"`: a list of objects, each with a `"name"`.',
    ),
    _list_scenes,
    _judge_list,
)

# --- every_page ------------------------------------------------------------------------------------------------------


def _page_scenes(draw: random.Random) -> list[Scene]:
    service = app(draw.randrange(2**32))
    library = service.state.library
    for number in range(draw.randrange(80, 140)):  # more than the largest page holds
        library.create(name=f"Mix {draw.randrange(10_000)}-{number}", description="")
    names = [playlist.name for playlist in library.page(0, 1000)]
    return [Scene(service, {"url": URL, "token": service.state.credentials["listener"]}, {"names": names})]


def _judge_pages(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        not_found(evidence),
        _bad_page(evidence),
        _stopped_early(evidence),
        wrong_type(evidence, list, 'a list of names, such as ["Workout Mix", …]'),
        _incomplete(evidence),
    )


def _bad_page(evidence: Evidence) -> Verdict | None:
    refused = next((e for e in evidence.exchanges if e.status == 400), None)
    if not refused:
        return None
    return wrong(
        "The service refused a page: its query is not one that the service made.",
        refused,
        seen=refused.request.target,
        next_step="A cursor is opaque: do not build or change it, take the whole target from the Link field.",
    )


def _stopped_early(evidence: Evidence) -> Verdict | None:
    last = evidence.exchanges[-1]
    target = next_link(last)
    asked = {e.request.target for e in evidence.exchanges}
    if not target or target in asked:
        return _never_followed(evidence)
    pages = len(evidence.sent("GET"))
    return wrong(
        f"You stopped after {pages} {'page' if pages == 1 else 'pages'}, and the last answer names a next one.",
        last,
        expected=f"a request for {target}",
        seen="no further request",
        next_step='Go on for as long as the Link field of the answer has a target with rel="next".',
    )


def _never_followed(evidence: Evidence) -> Verdict | None:
    targets = [e.request.target for e in evidence.exchanges]
    for exchange in evidence.exchanges:
        target = next_link(exchange)
        if target and target not in targets:
            return wrong(
                'You asked for pages, but never for the one that rel="next" names.',
                exchange,
                expected=f"a request for {target}",
                seen=", ".join(targets[1:4]) or "no further request",
                next_step="This service has no page numbers; an unknown parameter brings the first page again. "
                "Follow the link as it is.",
            )
    return None


def _incomplete(evidence: Evidence) -> Verdict | None:
    names, value = evidence.expected["names"], evidence.value
    if value == names:
        return None
    return wrong(
        "You read every page, but the list that you returned is not all of their names in order.",
        evidence.last,
        expected=f"{len(names)} names, from {names[0]!r} to {names[-1]!r}",
        seen=f"{len(value)} values" + (f", from {value[0]!r} to {value[-1]!r}" if value else ""),
        next_step="Add the names of each page to one list, the first and the last page included.",
    )


EVERY_PAGE = Exercise(
    "rest.every_page",
    "Walk through every page",
    2,
    (
        'Print the `Link` field of the first answer. What does the target with `rel="next"` look like, and which '
        "page has none?",
        "`response.links` is the Link field, read by requests: "
        '`response.links.get("next", {}).get("url")`. It is a path, so put the `url` of the service before it, and '
        "loop until there is none.",
    ),
    _page_scenes,
    _judge_pages,
)

# --- second_read -----------------------------------------------------------------------------------------------------


def _read_scenes(draw: random.Random) -> list[Scene]:
    return [_read_scene(draw, changed=False), _read_scene(draw, changed=True)]


def _read_scene(draw: random.Random, *, changed: bool) -> Scene:
    service = app(draw.randrange(2**32))
    library = service.state.library
    playlist = draw.choice(library.page(1, 40))
    new = f"{playlist.name} {draw.randrange(1000)}"
    path = f"{COLLECTION}/{playlist.id}"
    meanwhile = Meanwhile(service, path, lambda: library.update(playlist.id, name=new))
    return Scene(
        meanwhile if changed else service,
        {"url": URL, "token": service.state.credentials["listener"], "id": playlist.id},
        {"playlist": playlist.representation | ({"name": new} if changed else {}), "changed": changed, "path": path},
    )


def _judge_second_read(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        not_found(evidence),
        _one_read(evidence),
        _unconditional(evidence),
        wrong_type(evidence, dict, "the playlist, as a dict"),
        _stale(evidence),
    )


def _one_read(evidence: Evidence) -> Verdict | None:
    reads = evidence.sent("GET", evidence.expected["path"])
    if len(reads) >= 2:
        return None
    return wrong(
        "You read the playlist once and then trusted your copy without asking whether it still holds.",
        evidence.last,
        expected="two GET requests",
        seen=f"{len(reads)} of them",
        next_step="The answer says `Cache-Control: no-cache`: keep a copy, but ask before each use of it.",
    )


def _unconditional(evidence: Evidence) -> Verdict | None:
    first, second = evidence.sent("GET", evidence.expected["path"])[:2]
    tag = first.response.fields.get("ETag") if first.response else None
    sent = second.request.fields.get("If-None-Match")
    if sent and tag and tag in sent:
        return None
    cost = len(second.response.body) if second.response else 0
    return wrong(
        f"Your second read brought the whole playlist again, {cost} bytes of it, changed or not."
        if not sent
        else "Your second read asks about an entity tag that the first answer did not carry.",
        second,
        expected=f"If-None-Match: {tag}",
        seen=f"If-None-Match: {sent}" if sent else "no If-None-Match field",
        next_step="Keep the ETag of the first answer, quotation marks included, and send it back.",
    )


def _stale(evidence: Evidence) -> Verdict | None:
    if evidence.value == evidence.expected["playlist"]:
        return None
    if evidence.expected["changed"]:
        cause = "Between your two reads somebody renamed the playlist, and you returned the old one."
        step = "A 200 to the second read means: your copy is out of date, here is the new one."
    else:
        cause = "The playlist that you returned is not the one that the service has."
        step = "A 304 has no content: return the playlist that you kept from the first read."
    return wrong(cause, evidence.last, expected=evidence.expected["playlist"], seen=evidence.value, next_step=step)


SECOND_READ = Exercise(
    "rest.second_read",
    "Read twice, pay once",
    2,
    (
        "The first answer carries an `ETag`. Which request field asks for the content only if the tag has changed?",
        'Send `"If-None-Match": first.headers["ETag"]` with the second request. On 304 return what you kept, on 200 '
        "what has just come.",
    ),
    _read_scenes,
    _judge_second_read,
)
