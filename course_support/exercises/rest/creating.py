"""The exercise that creates a playlist and goes where it stands."""

from __future__ import annotations

import random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import (
    created_in,
    not_found,
    not_let_in,
    not_one_created,
    of_type,
    refused,
    requested,
    sent_nothing,
    wrong_media_type,
)
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


class Elsewhere:
    """ASGI middleware: a new playlist stands at an address that its id does not give away, so one has to follow."""

    def __init__(self, service: ASGIApp, address: str) -> None:
        self._service = service
        self._address = address
        self._real = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_renamed(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 201:
                message = {**message, "headers": [self._renamed(*field) for field in message["headers"]]}
            await send(message)

        if scope["type"] == "http" and scope["path"] == self._address and self._real:
            scope = {**scope, "path": self._real.decode(), "raw_path": self._real}
        await self._service(scope, receive, send_renamed)

    def _renamed(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        if name not in (b"location", b"content-location"):
            return name, value
        self._real = value
        return name, self._address.encode()


def _scenes(draw: random.Random) -> list[Scene]:
    service = app(draw.randrange(2**32))
    arguments = {
        "url": URL,
        "token": service.state.credentials["listener"],
        "name": f"Road Trip {draw.randrange(1000)}",
        "description": f"Songs for {draw.randrange(20, 900)} kilometres",
    }
    address = f"{COLLECTION}/{draw.randrange(10**6, 10**7)}"
    return [Scene(Elsewhere(service, address), arguments)]


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        not_found,
        wrong_media_type,
        refused,
        not_one_created,
        _other_content,
        _not_followed,
        of_type(dict, "the playlist, as a dict"),
        _not_the_read_one,
    )


def _other_content(evidence: Evidence) -> Verdict | None:
    created = created_in(evidence)[0]
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


def _location(evidence: Evidence) -> str:
    response = created_in(evidence)[0].response
    return (response and response.fields.get("Location")) or ""


def _followed(evidence: Evidence) -> tuple[Exchange, ...]:
    """The reads of the new playlist at its own address."""
    created = created_in(evidence)[0]
    return tuple(e for e in evidence.sent("GET", _location(evidence)) if e.number > created.number)


def _not_followed(evidence: Evidence) -> Verdict | None:
    if _followed(evidence):
        return None
    created = created_in(evidence)[0]
    guessed = any(e.number > created.number and e.request.method == "GET" for e in evidence.exchanges)
    return wrong(
        "The answer to your POST says where the new playlist stands, and you went to an address of your own making."
        if guessed
        else "The answer to your POST says where the new playlist is, and you did not go there.",
        created,
        expected=f"GET {_location(evidence)}",
        seen=requested(evidence.exchanges),
        next_step="The Location field is a path: put the `url` of the service before it, and read what is there.",
    )


def _not_the_read_one(evidence: Evidence) -> Verdict | None:
    read = _followed(evidence)[-1]
    actual = read.response.json() if read.response else None
    if same(evidence.value, actual):
        return None
    return wrong(
        "What you returned is not the playlist that stands at Location.",
        read,
        expected=actual,
        seen=value_text(evidence.value),
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
    _scenes,
    _judge,
)
