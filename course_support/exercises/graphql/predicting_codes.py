"""Exercises that predict a number that tells how it went: HTTP's status, and the code with which a socket closes."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from course_support.backends.graphql import GRAPHQL_JSON, PATH
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.graphql.queries import service
from course_support.exercises.rules import json_object, of_form, of_type
from course_support.verdict import Verdict, value_text, wrong

# --- predict_status --------------------------------------------------------------------------------------------------

READ = "query($id: ID!) { event(id: $id) { name speakers { photo } } }"
JOIN = 'mutation($id: ID!) { registerAttendee(input: {eventId: $id, name: "Ada", email: "ada@mail.example"}) '
JOIN += "{ attendee { id } userErrors { code } } }"
CASES: dict[str, dict[str, Any]] = {
    "a resolver fails": {},
    "an unknown field": {"query": READ.replace("photo", "picture")},
    "an unknown field, and Accept: application/json": {
        "query": READ.replace("photo", "picture"),
        "accept": "application/json",
    },
    "a syntax error": {"query": READ + "}"},
    "a mutation by GET": {"method": "GET", "query": JOIN},
    "no token": {"token": ""},
    "somebody who has registered before": {"query": JOIN},
}


def _status_scenes(draw: random.Random) -> list[Scene]:
    return [_status_scene(draw, case) for case in draw.sample(list(CASES), len(CASES))]


def _status_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    event = draw.choice(events.ids()[:-1])  # the last one is full
    events.register(event, "Ada", "ada@mail.example")
    backend.state.broken |= {"Speaker.photo"} if case == "a resolver fails" else set()
    sent = {"method": "POST", "query": READ, "token": arguments["token"], "accept": GRAPHQL_JSON} | CASES[case]

    def show(client: Client) -> None:
        if sent["method"] == "GET":
            client.send("GET", f"{PATH}?query={quote(sent['query'])}", sent["token"], Accept=sent["accept"])
        else:
            content = {"query": sent["query"], "variables": {"id": event}}
            client.send("POST", PATH, sent["token"], content, Accept=sent["accept"])

    return Scene(backend, {"case": case}, afterwards=show)


def _judge_status(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_form({"status": 200, "data": True, "errors": False}), _other_status)


WHY = {
    "a resolver fails": "The query was executed, and most of it succeeded: data is there, with null where the field "
    "failed, and errors says why.",
    "an unknown field": "The query does not fit the schema, so nothing was executed, and its own media type lets "
    "the status say so.",
    "an unknown field, and Accept: application/json": "With application/json a client cannot tell who sent a "
    "status, the service or a proxy on the way; so the service answers 200, and the errors are in the content.",
    "a syntax error": "What is no GraphQL cannot be executed.",
    "a mutation by GET": "GET is safe, and a mutation is not: the refusal is HTTP's own, and nothing is executed.",
    "no token": "Who asks is a matter of HTTP here, and the answer is HTTP's: a problem, no GraphQL.",
    "somebody who has registered before": "For GraphQL all went well: what is to correct is in the payload.",
}


def _other_status(evidence: Evidence) -> Verdict | None:
    exchange, value, case = evidence.afterwards[-1], evidence.value, evidence.arguments["case"]
    content = json_object(exchange)
    actual = {
        "status": exchange.status,
        "data": content.get("data") is not None,
        "errors": "errors" in content,
    }
    odd = next((name for name in actual if not same(actual[name], value[name])), None)
    if not odd:
        return None
    if odd == "status":
        cause = f"With “{case}” the status is {actual['status']}, not {value_text(value['status'], 20)}."
    else:
        cause = f"With “{case}” there {'is' if odd == 'data' else 'are'} {'' if actual[odd] else 'no '}{odd}."
    return wrong(cause, exchange, expected=actual, seen=value, next_step=WHY[case])


PREDICT_STATUS = Exercise(
    "graphql.predict_status",
    "Predict status, data and errors",
    3,
    (
        "Ask of each case how far it came: to HTTP, to the text of the query, to the schema, to a resolver, or all "
        "the way?",
        "401 and 405 come without data and errors; 400 twice and 200 once with errors alone; 200 with both for the "
        "resolver; 200 with data alone for whoever registers again.",
    ),
    _status_scenes,
    _judge_status,
)

# --- predict_close ---------------------------------------------------------------------------------------------------

SUBSCRIPTION = "subscription($id: ID!) { attendeeCount(eventId: $id) }"
Talk = Callable[[dict[str, Any], dict[str, Any]], list[Any]]
TALKS: dict[str, Talk] = {
    "a token that nobody knows": lambda init, sub: [init | {"payload": {"Authorization": "Bearer x"}}],
    "subscribe before connection_init": lambda init, sub: [sub],
    "connection_init twice": lambda init, sub: [init, init],
    "two subscriptions with one id": lambda init, sub: [init, sub, sub],
    "a text that is no JSON": lambda init, sub: [init, "hello"],
    "no subprotocol": lambda init, sub: [],
}


def _close_scenes(draw: random.Random) -> list[Scene]:
    return [_close_scene(draw, case) for case in draw.sample(list(TALKS), len(TALKS))]


def _close_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    event = draw.choice(backend.state.events.ids())
    init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {arguments['token']}"}}
    subscribe = {"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION, "variables": {"id": event}}}
    offered = None if case == "no subprotocol" else [Subprotocol("graphql-transport-ws")]

    def show(client: Client) -> None:
        address = client.url.replace("http", "ws") + PATH
        with (
            contextlib.suppress(ConnectionClosed, TimeoutError),
            connect(address, subprotocols=offered, compression=None, proxy=None) as socket,
        ):
            for message in TALKS[case](init, subscribe):
                socket.send(message if isinstance(message, str) else json.dumps(message))
            while True:
                socket.recv(timeout=10)

    return Scene(backend, {"case": case}, afterwards=show)


def _judge_close(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a close code, such as 1000"), _other_close)


BECAUSE = {
    4400: "Bad Request: what came is no message of the protocol.",
    4401: "Unauthorized means here: not acknowledged yet. It says nothing about a token, for none was looked at.",
    4403: "Forbidden: the service has looked at the token, and does not let the client in.",
    4406: "The service speaks only graphql-transport-ws, and the client did not offer it.",
    4409: "An id belongs to one operation until that one is complete.",
    4429: "Once is enough: Too many initialisation requests.",
}


def _other_close(evidence: Evidence) -> Verdict | None:
    exchange, value = evidence.afterwards[-1], evidence.value
    actual = next((m.close_code for m in exchange.messages if m.sender == "server" and m.close_code), None)
    if value == actual:
        return None
    return wrong(
        f"With “{evidence.arguments['case']}” the service closes with {actual}, not with {value_text(value, 20)}.",
        exchange,
        expected=str(actual),
        seen=value_text(value),
        next_step=BECAUSE.get(actual or 0, "Read the close frame's reason."),
    )


PREDICT_CLOSE = Exercise(
    "graphql.predict_close",
    "Predict how the socket closes",
    2,
    (
        "The codes from 4400 on follow HTTP's statuses, with one surprise: 4401 is not about credentials.",
        "4403 for the token, 4401 for subscribing too early, 4429 for the second connection_init, 4409 for the id, "
        "4400 for the text, 4406 for the subprotocol.",
    ),
    _close_scenes,
    _judge_close,
)
