"""Exercises that read: a list with a token, and every page of a list that is longer than a page."""

from __future__ import annotations

import random
from urllib.parse import parse_qsl, urlsplit

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import JSON, Evidence, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import (
    json_object,
    next_link,
    not_found,
    not_let_in,
    of_type,
    refused,
    requested,
    sent_nothing,
    unmended,
)
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

# --- list_names ------------------------------------------------------------------------------------------------------


def _list_scenes(draw: random.Random) -> list[Scene]:
    service = app(draw.randrange(2**32))
    return [Scene(service, {"url": URL, "token": service.state.credentials["listener"]})]


def _judge_list(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        refused,
        _no_list,
        of_type(list, 'a list of names, such as ["Workout Mix", …]'),
        _other_names,
    )


def _pages(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.sent("GET", COLLECTION) if e.status == 200]


def _names(page: Exchange) -> list[str]:
    return [playlist["name"] for playlist in json_object(page).get("playlists", ())]


def _no_list(evidence: Evidence) -> Verdict | None:
    if _pages(evidence):
        return None
    return wrong(
        "You talked to the service, but you did not ask for the list.",
        evidence.last,
        expected=f"GET {COLLECTION}",
        seen=requested(evidence.exchanges),
        next_step="Compare the request's first line with the routes that the backend shows.",
    )


def _other_names(evidence: Evidence) -> Verdict | None:
    first, value = _pages(evidence)[0], evidence.value
    names = _names(first)  # of the page that was asked for: it may have any limit
    if value == names:
        return None
    if value and isinstance(value[0], dict):
        cause = "Your list holds whole playlists, not their names."
    elif len(value) > len(names):
        cause = "Your list holds more than the names of the first page."
    elif all(name in value for name in names):
        cause = "Your list has the right names, and not in the order of the answer."
    else:
        cause = "Your list is not the list of names that the service answered with."
    return wrong(
        cause,
        first,
        expected=names,
        seen=value_text(value),
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
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        _bad_page,
        _no_list,
        _not_followed,
        of_type(list, 'a list of names, such as ["Workout Mix", …]'),
        _incomplete,
    )


def _bad_page(evidence: Evidence) -> Verdict | None:
    refused = unmended(evidence, 400)
    if not refused:
        return None
    built = "cursor" in refused.request.query
    return wrong(
        "The service refused a page: its cursor is not one that the service made."
        if built
        else "The service refused a page of this size: there is a largest one.",
        refused,
        expected="the target of the link, as it is" if built else "a limit that the service takes, or none",
        seen=refused.request.target,
        next_step="A cursor is opaque: do not build or change it, take the whole target from the Link field."
        if built
        else "No page holds all of them. Ask for the first page, and then for the one that its Link field names.",
    )


def _cursor(target: str | None) -> str | None:
    """Where a page begins; clients may write the rest of the target in more than one way."""
    return dict(parse_qsl(urlsplit(target or "").query)).get("cursor")


def _not_followed(evidence: Evidence) -> Verdict | None:
    """Some page names a next one that was never asked for."""
    pages = _pages(evidence)
    asked = [_cursor(page.request.target) for page in pages]
    given = [_cursor(next_link(page)) for page in pages]
    loose = [page for page, cursor in zip(pages, given, strict=True) if cursor and cursor not in asked]
    foreign = [page for page, cursor in zip(pages, asked, strict=True) if cursor and cursor not in given]
    if not loose:
        return None
    if foreign:
        cause = "You asked for a page with a cursor that no answer had given you."
        step = "A cursor is opaque: what it holds may change any day. Take the whole target from the Link field."
    elif loose[0] is pages[-1]:
        cause = f"You stopped after {len(pages)} page{'s' * (len(pages) > 1)}, and the last answer names a next one."
        step = 'Go on for as long as the Link field of the answer has a target with rel="next".'
    else:
        cause = 'You asked for pages, but never for the one that rel="next" names.'
        step = "This service has no page numbers; an unknown parameter brings the first page again. Follow the link."
    return wrong(
        cause,
        (foreign or loose)[0],
        expected=f"a request for {next_link(loose[0])}",
        seen=", ".join(page.request.target for page in pages[1:4]) or "no further request",
        next_step=step,
    )


def _incomplete(evidence: Evidence) -> Verdict | None:
    names, value = evidence.expected["names"], evidence.value
    if value == names:
        return None
    if len(value) < len(names):
        cause = f"You read every page, and your list has only {len(value)} of the {len(names)} names."
    elif len(value) > len(names):
        cause = f"You read every page, and your list has {len(value) - len(names)} more than the {len(names)} names."
    else:
        cause = "You read every page, but your list is not their names in the order of the answers."
    return wrong(
        cause,
        evidence.last,
        expected=f"{len(names)} names, from {names[0]!r} to {names[-1]!r}",
        seen=_ends(value),
        next_step="Add the names of each page to one list, the first and the last page included, each page once.",
    )


def _ends(value: list[JSON]) -> str:
    ends = f", from {value_text(value[0], 60)} to {value_text(value[-1], 60)}" if value else ""
    return f"{len(value)} values{ends}"


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
