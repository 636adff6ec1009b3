"""Exercises that create: a playlist, and one whose draft the service refuses first."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.exercise import URL, Client, Evidence, Exercise, Scene, first_of, same
from course_support.exercises.rules import json_object, not_let_in, sent_nothing, wrong_type
from course_support.verdict import Verdict, wrong

# --- create_and_follow ------------------------------------------------------------------------------------------------


def _create_scenes(draw: random.Random) -> list[Scene]:
    service = app(draw.randrange(2**32))
    arguments = {
        "url": URL,
        "token": service.state.credentials["listener"],
        "name": f"Road Trip {draw.randrange(1000)}",
        "description": f"Songs for {draw.randrange(20, 900)} kilometres",
    }
    return [Scene(service, arguments)]


def _judge_create(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        _not_json(evidence),
        _not_created(evidence),
        _other_content(evidence),
        _not_followed(evidence),
        wrong_type(evidence, dict, "the playlist, as a dict"),
        _not_the_read_one(evidence),
    )


def _not_json(evidence: Evidence) -> Verdict | None:
    refused = next((e for e in evidence.exchanges if e.status == 415), None)
    if not refused:
        return None
    return wrong(
        "The service does not take content of this media type: it answered 415.",
        refused,
        expected="Content-Type: application/json",
        seen=f"Content-Type: {refused.request.fields.get('Content-Type', '(none)')}",
        next_step="With requests, `json=` encodes and labels the content as JSON; `data=` sends a form.",
    )


def _not_created(evidence: Evidence) -> Verdict | None:
    created = [e for e in evidence.exchanges if e.status == 201]
    if len(created) == 1:
        return None
    return wrong(
        "No playlist was created." if not created else f"You created {len(created)} playlists instead of one.",
        created[-1] if created else evidence.last,
        expected="one POST to /api/v1/playlists, answered with 201 Created",
        seen=f"{len(created)} of them",
        next_step="Read the first line of the request: does its method create, and does its target hold playlists?",
    )


def _other_content(evidence: Evidence) -> Verdict | None:
    created = next(e for e in evidence.exchanges if e.status == 201)
    wanted = {name: evidence.arguments[name] for name in ("name", "description")}
    if same(created.request.json(), wanted):
        return None
    return wrong(
        "The playlist that you created is not the one that was asked for.",
        created,
        expected=wanted,
        seen=created.request.json(),
        next_step="Send the two arguments as the members `name` and `description`.",
    )


def _not_followed(evidence: Evidence) -> Verdict | None:
    created = next(e for e in evidence.exchanges if e.status == 201)
    location = (created.response.fields.get("Location") if created.response else "") or ""
    if any(e.number > created.number for e in evidence.sent("GET", location)):
        return None
    return wrong(
        "The answer to your POST says where the new playlist is, and you did not go there.",
        created,
        expected=f"GET {location}",
        seen="no such request",
        next_step="The Location field is a path: put the `url` of the service before it, and read what is there.",
    )


def _not_the_read_one(evidence: Evidence) -> Verdict | None:
    read = evidence.sent("GET")[-1]
    actual = read.response.json() if read.response else None
    if same(evidence.value, actual):
        return None
    return wrong(
        "What you returned is not the playlist that stands at Location.",
        read,
        expected=actual,
        seen=evidence.value,
        next_step="Return the JSON content of the answer to the GET.",
    )


CREATE_AND_FOLLOW = Exercise(
    "rest.create_and_follow",
    "Create a playlist and go where it is",
    1,
    (
        "POST to the collection, with JSON. Which field of the 201 answer says where the new playlist stands?",
        '`created.headers["Location"]` is a path. `requests.get(url + created.headers["Location"], headers=…).json()` '
        "is what to return; the GET needs the token too.",
    ),
    _create_scenes,
    _judge_create,
)

# --- repair_request ---------------------------------------------------------------------------------------------------

STRANGE = ("mood", "colour", "artist", "public", "genre", "tempo", "owner", "cover")


def _repair_scenes(draw: random.Random) -> list[Scene]:
    return [_repair_scene(draw, 0), _repair_scene(draw, draw.randint(2, 4))]


def _repair_scene(draw: random.Random, faults: int) -> Scene:
    service = app(draw.randrange(2**32))
    token = service.state.credentials["listener"]
    good = {"name": f"Mix {draw.randrange(1000)}", "description": f"Take {draw.randrange(1000)}"}
    strange = {name: draw.choice(["blue", 7, True]) for name in draw.sample(STRANGE, faults)}
    members = [*good.items(), *strange.items()]
    draw.shuffle(members)
    created = service.state.library.page(0, 1000)[-1].id + 1

    def read(client: Client) -> None:
        client.send("GET", f"{COLLECTION}/{created}", token)

    expected = {"good": good, "location": f"{COLLECTION}/{created}", "strange": sorted(strange)}
    return Scene(service, {"url": URL, "token": token, "draft": dict(members)}, expected, afterwards=read)


def _judge_repair(evidence: Evidence) -> Verdict:
    return first_of(
        sent_nothing(evidence),
        not_let_in(evidence),
        _not_json(evidence),
        _gave_up(evidence),
        _dropped_too_much(evidence),
        _did_not_ask(evidence),
        _other_location(evidence),
    )


def _gave_up(evidence: Evidence) -> Verdict | None:
    if any(e.status == 201 for e in evidence.exchanges):
        return None
    refused = [e for e in evidence.sent("POST") if e.status == 422]
    if len(refused) > 1 and refused[0].request.body == refused[-1].request.body:
        cause = "You sent the same content again, and the service refused it again."
    else:
        cause = "The service refused your content, and no playlist was created."
    return wrong(
        cause,
        refused[-1] if refused else evidence.last,
        expected="a second POST without the members that the problem names",
        seen=f"{len(evidence.sent('POST'))} POST, none answered with 201",
        next_step='The content of the 422 is a problem (RFC 9457): each of its "errors" has a "pointer" to a member.',
    )


def _dropped_too_much(evidence: Evidence) -> Verdict | None:
    actual = json_object(evidence.afterwards[-1])
    good = evidence.expected["good"]
    if all(actual.get(name) == good[name] for name in good):
        return None
    created = next(e for e in evidence.exchanges if e.status == 201)
    return wrong(
        "A playlist was created, but a good part of the draft got lost on the way.",
        created,
        expected=good,
        seen={name: actual.get(name) for name in good},
        next_step="Remove only what the problem points at, and keep the rest of the draft as it is.",
    )


def _did_not_ask(evidence: Evidence) -> Verdict | None:
    first = evidence.sent("POST")[0]
    if same(first.request.json(), evidence.arguments["draft"]):
        return None
    return wrong(
        "You changed the draft before the service had said anything about it.",
        first,
        expected=evidence.arguments["draft"],
        seen=first.request.json(),
        next_step="Send the draft as it is first: what a service takes is for the service to say, today and next year.",
    )


def _other_location(evidence: Evidence) -> Verdict | None:
    location = evidence.expected["location"]
    if isinstance(evidence.value, str) and evidence.value.endswith(location):
        return None
    created = next(e for e in evidence.exchanges if e.status == 201)
    return wrong(
        "The playlist was created; what you returned is not where it stands.",
        created,
        expected=location,
        seen=evidence.value,
        next_step="Return the Location field of the 201 answer.",
    )


REPAIR_REQUEST = Exercise(
    "rest.repair_request",
    "Read a problem and repair the request",
    2,
    (
        'Send the draft of the second check by hand and read the 422: what do the pointers in `"errors"` look like?',
        '`"#/mood"` points at the member `mood`: '
        '`{error["pointer"].removeprefix("#/") for error in problem["errors"]}` are the members to leave out.',
    ),
    _repair_scenes,
    _judge_repair,
)
