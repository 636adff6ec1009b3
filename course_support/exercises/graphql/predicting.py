"""Exercises that predict: where null stands, how many statements run, which status comes, and how a socket closes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from websocket import WebSocket, create_connection

from course_support.backends.graphql import GRAPHQL_JSON, PATH
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.graphql.queries import data, errors, service
from course_support.exercises.rules import json_object, of_form, of_type
from course_support.verdict import Verdict, value_text, wrong

# --- predict_null ----------------------------------------------------------------------------------------------------

NULL_QUERY = """query($id: ID!) {
  event(id: $id) { name location { city } speakers { name bio photo sessions { title } } }
}"""
FIELDS = ("Event.name", "Location.city", "Speaker.bio", "Speaker.photo", "Session.title")


def _null_scenes(draw: random.Random) -> list[Scene]:
    return [_null_scene(draw, field) for field in draw.sample(FIELDS, len(FIELDS))]


def _null_scene(draw: random.Random, field: str) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    event, index, session = draw.choice(_candidates(events))
    speaker = events.speakers_of(event)[index]
    one = {"Speaker.bio": f":{speaker.id}", "Speaker.photo": f":{speaker.id}", "Session.title": f":{session}"}
    backend.state.broken.add(field + one.get(field, ""))

    def show(client: Client) -> None:
        client.send("POST", PATH, arguments["token"], {"query": NULL_QUERY, "variables": {"id": event}})

    return Scene(backend, {"field": field, "index": index}, afterwards=show)


def _candidates(events: Any) -> list[tuple[str, int, str]]:
    """Speakers with a photo and a session that nobody holds with them: event, place in its list, session."""
    found = []
    for event in events.ids():
        speakers = events.speakers_of(event)
        held = [[session.id for session in events.sessions_of(speaker.id)] for speaker in speakers]
        for index, sessions in enumerate(held):
            alone = [session for session in sessions if sum(session in other for other in held) == 1]
            if speakers[index].photo and alone:
                found.append((event, index, alone[0]))
    return found


def _judge_null(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(list, 'a path, such as ["event", "speakers", 2, "photo"]'), _other_path)


def _other_path(evidence: Evidence) -> Verdict | None:
    exchange = evidence.afterwards[-1]
    path = errors(exchange)[0]["path"]
    actual = _null_on(data(exchange), path)
    if same(evidence.value, actual):
        return None
    field = evidence.arguments["field"]
    if same(evidence.value, path):
        cause = f"The error is at {field}, and null stands further up."
    elif len(evidence.value) < len(actual):
        cause = f"You let null rise further than it does for {field}."
    else:
        cause = f"That is not where null stands when {field} fails."
    return wrong(
        cause,
        exchange,
        expected=value_text(actual),
        seen=value_text(evidence.value),
        next_step="Start at the field that failed. If its type ends in !, null is not allowed there: go to the "
        "object or the "
        "list that holds it, and ask again (GraphQL, section 6.4.4).",
    )


def _null_on(value: Any, path: list[Any]) -> list[Any]:
    """The part of the path that leads to null."""
    for length, step in enumerate(path):
        value = value[step] if not isinstance(value, dict) or step in value else None
        if value is None:
            return path[: length + 1]
    return path


PREDICT_NULL = Exercise(
    "graphql.predict_null",
    "Predict where null stands",
    2,
    (
        "A field whose type ends in ! can never be null. So what becomes of the object that it belongs to, if it "
        "fails?",
        "`photo: String` may be null itself. `title: String!` may not, nor its Session in `[Session!]`, but "
        "`sessions` may. "
        "In the other three cases everything up to `event` has a !.",
    ),
    _null_scenes,
    _judge_null,
)

# --- predict_statements ----------------------------------------------------------------------------------------------

COUNTED = "query($id: ID!) { event(id: $id) { name attendeeCount speakers { name sessions { title } } } }"


def _statement_scenes(draw: random.Random) -> list[Scene]:
    cases = [True, False, False]
    draw.shuffle(cases)
    return [_statement_scene(draw, loader) for loader in cases]


def _statement_scene(draw: random.Random, loader: bool) -> Scene:
    backend, arguments = service(draw)
    event = draw.choice(backend.state.events.ids())
    speakers = len(backend.state.events.speakers_of(event))
    backend.state.loader = loader

    def show(client: Client) -> None:
        client.send("POST", PATH, arguments["token"], {"query": COUNTED, "variables": {"id": event}})

    return Scene(backend, {"speakers": speakers, "loader": loader}, afterwards=show)


def _judge_statements(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a number, such as 4"), _other_count)


def _other_count(evidence: Evidence) -> Verdict | None:
    exchange, value, loader = evidence.afterwards[-1], evidence.value, evidence.arguments["loader"]
    fields = exchange.response.fields if exchange.response else None
    actual = int((fields and fields.get("Database-Statements")) or 0)
    if value == actual:
        return None
    many = evidence.arguments["speakers"]
    without = "with a loader" if loader else "without one"
    return wrong(
        f"For {many} speakers the service ran {actual} statements {without}, not {value_text(value, 20)}.",
        exchange,
        expected=str(actual),
        seen=value_text(value),
        next_step="One statement for the event, one for the count, one for the speakers. And for their sessions: "
        "one for all "
        "of them, because the loader waits until every speaker has asked."
        if loader
        else "One statement for the event, one for the count, one for the speakers. And for their sessions: each "
        "speaker asks alone. That is N+1.",
    )


PREDICT_STATEMENTS = Exercise(
    "graphql.predict_statements",
    "Predict the statements",
    2,
    (
        "Which fields of the query need the database: the event, the count, the speakers? And how often are sessions "
        "asked for?",
        "With the loader 4, however many speakers there are; without it 3, and one more for each speaker.",
    ),
    _statement_scenes,
    _judge_statements,
)

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
    "a guest who has registered before": {"query": JOIN},
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
    "failed, "
    "and errors says why.",
    "an unknown field": "The query does not fit the schema, so nothing was executed, and its own media type lets "
    "the status "
    "say so.",
    "an unknown field, and Accept: application/json": "With application/json a client cannot tell who sent a "
    "status, the "
    "service or a proxy on the way; so the service answers 200, and the errors are in the content.",
    "a syntax error": "What is no GraphQL cannot be executed.",
    "a mutation by GET": "GET is safe, and a mutation is not: HTTP itself refuses it, before GraphQL sees it.",
    "no token": "Who asks is a matter of HTTP here, and the answer is HTTP's: a problem, no GraphQL.",
    "a guest who has registered before": "For GraphQL all went well: what the guest did wrong is part of the payload.",
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
        "resolver; "
        "200 with data alone for the guest.",
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
    offered = [] if case == "no subprotocol" else ["graphql-transport-ws"]

    def show(client: Client) -> None:
        socket = create_connection(client.url.replace("http", "ws") + PATH, subprotocols=offered, timeout=10)
        for message in TALKS[case](init, subscribe):
            socket.send(message if isinstance(message, str) else json.dumps(message))
        _read_to_the_end(socket)

    return Scene(backend, {"case": case}, afterwards=show)


def _read_to_the_end(socket: WebSocket) -> None:
    while socket.recv():
        pass
    socket.close()


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
        "4400 for "
        "the text, 4406 for the subprotocol.",
    ),
    _close_scenes,
    _judge_close,
)
