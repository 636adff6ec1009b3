"""The exercise that reads a problem: what the service points at is left out, and nothing else."""

from __future__ import annotations

import random

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.rules import (
    created_in,
    json_object,
    not_found,
    not_let_in,
    not_one_created,
    sent_nothing,
    wrong_media_type,
)
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

STRANGE = ("mood", "colour", "artist", "public", "genre", "tempo", "owner", "cover")


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, 0), _scene(draw, draw.randint(2, 4)), _scene(draw, 1, too_long=True)]


def _scene(draw: random.Random, strange: int, *, too_long: bool = False) -> Scene:
    """A draft with so many members that the service does not know, and perhaps a description that it does not take."""
    service = app(draw.randrange(2**32))
    token = service.state.credentials["listener"]
    text = f"Take {draw.randrange(1000)}"
    good = {"name": f"Mix {draw.randrange(1000)}"} | ({} if too_long else {"description": text})
    bad = {name: draw.choice(["blue", 7, True]) for name in draw.sample(STRANGE, strange)}
    bad |= {"description": f"{text}. " * 100} if too_long else {}
    members = [*good.items(), *bad.items()]
    draw.shuffle(members)
    created = service.state.library.page(0, 1000)[-1].id + 1

    def read(client: Client) -> None:
        client.send("GET", f"{COLLECTION}/{created}", token)

    expected = {"good": good, "location": f"{COLLECTION}/{created}"}
    return Scene(service, {"url": URL, "token": token, "draft": dict(members)}, expected, afterwards=read)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        _gave_up,
        not_one_created,
        _did_not_ask,
        _dropped_too_much,
        _other_location,
    )


def _gave_up(evidence: Evidence) -> Verdict | None:
    refused = [e for e in evidence.sent("POST") if e.status == 422]
    if created_in(evidence) or not refused:
        return None
    if len(refused) == 1:
        cause = "The service refused the draft and said why, and you left it at that."
    elif refused[-2].request.body == refused[-1].request.body:
        cause = "You sent the same content again, and the service refused it again."
    else:
        cause = "You changed the draft, and something that the problem points at is still in it."
    return wrong(
        cause,
        refused[-1],
        expected="a POST without the members that the problem points at",
        seen=f"a POST with the members {', '.join(_members(refused[-1]))}",
        next_step='The content of the 422 is a problem (RFC 9457): each of its "errors" has a "pointer" to a member.',
    )


def _members(exchange: Exchange) -> list[str]:
    content = exchange.request.json()
    return list(content) if isinstance(content, dict) else ["(none)"]


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


def _dropped_too_much(evidence: Evidence) -> Verdict | None:
    actual = json_object(evidence.afterwards[-1])
    good = evidence.expected["good"]
    if all(actual.get(name) == good[name] for name in good):
        return None
    return wrong(
        "A playlist was created, but a good part of the draft got lost on the way.",
        created_in(evidence)[0],
        expected=good,
        seen={name: actual.get(name) for name in good},
        next_step="Remove only what the problem points at, and keep the rest of the draft as it is.",
    )


def _other_location(evidence: Evidence) -> Verdict | None:
    location = evidence.expected["location"]
    if isinstance(evidence.value, str) and evidence.value.endswith(location):
        return None
    return wrong(
        "The playlist was created; what you returned is not where it stands.",
        created_in(evidence)[0],
        expected=location,
        seen=value_text(evidence.value),
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
    _scenes,
    _judge,
)
