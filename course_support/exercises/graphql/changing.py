"""Exercises that change something: a mutation with errors that are part of its answer, and a count that is followed."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.graphql import PATH
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import ASKED, answered, data, not_executed, queries, query_text, service
from course_support.exercises.rules import not_let_in, of_form, of_type, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

# --- register --------------------------------------------------------------------------------------------------------

GIVEN = ("Ada", "Ben", "Cem", "Dora", "Eva", "Finn")


def _register_scenes(draw: random.Random) -> list[Scene]:
    return [_register_scene(draw, case) for case in ("fine", "taken", "two faults")]


def _register_scene(draw: random.Random, case: str) -> Scene:
    backend, arguments = service(draw)
    events = backend.state.events
    event = draw.choice([id for id in events.ids() if events.attendee_count(id) < events.event(id).capacity - 5])
    number = draw.randrange(1000, 10_000)
    guest = {"name": f'{draw.choice(GIVEN)} "{number}" O\'Hara', "email": f"guest{number}@mail.example"}
    expected: dict[str, Any] = {"refused": []}
    if case == "taken":
        events.register(event, "Somebody", guest["email"])
        expected = {"refused": ["EMAIL_TAKEN"]}
    elif case == "two faults":
        guest = {"name": " ", "email": f"guest{number}"}
        expected = {"refused": ["INVALID_EMAIL", "NAME_REQUIRED"]}
    return Scene(backend, arguments | {"event": event} | guest, expected | {"case": case})


def _judge_register(evidence: Evidence) -> Verdict:
    return first_of(evidence, *ASKED, _no_mutation, _several, of_form({"id": "48", "refused": []}), _other_registration)


def _payload(exchange: Exchange) -> dict[str, Any] | None:
    found = next(iter(data(exchange).values()), None)
    return found if isinstance(found, dict) and "mutation" in query_text(exchange) else None


def _no_mutation(evidence: Evidence) -> Verdict | None:
    if any(_payload(e) for e in queries(evidence)):
        return None
    return wrong(
        "You asked the service, and registered nobody.",
        answered(evidence),
        expected="the mutation registerAttendee",
        seen=query_text(queries(evidence)[-1]),
        next_step="A mutation begins with the word `mutation`; `registerAttendee` takes one argument, `input`.",
    )


def _several(evidence: Evidence) -> Verdict | None:
    sent = [e for e in queries(evidence) if _payload(e)]
    if len(sent) == 1:
        return None
    return wrong(
        f"You sent the mutation {len(sent)} times.",
        sent[-1],
        expected="one mutation, which answers with the attendee or with what is wrong",
        seen=f"{len(sent)} mutations",
        next_step="Ask for everything in the one payload: `attendee { id } userErrors { code }`.",
    )


def _other_registration(evidence: Evidence) -> Verdict | None:
    last = next(e for e in queries(evidence) if _payload(e))
    refused, value, payload = evidence.expected["refused"], evidence.value, _payload(last) or {}
    attendee = payload.get("attendee") or {}
    id = attendee.get("id", "") if isinstance(attendee, dict) else ""
    if same(sorted(map(str, value["refused"])), refused) and value["id"] == (id if not refused else ""):
        return None
    expected = {"id": id or ("the new attendee's id" if not refused else ""), "refused": refused}
    if refused and not value["refused"]:
        cause = "The service registered nobody, and your function does not say so: the status 200 is no success."
        step = "Select `userErrors { code }` in the payload of the mutation, and return the codes."
    elif refused:
        cause = "The reasons that you return are not all that the service gave."
        step = "There can be more than one: return the code of each of the `userErrors`."
    elif value["refused"]:
        cause = "The guest was registered, and your function says that the service refused."
        step = "An empty list of `userErrors` means that nothing was wrong."
    else:
        cause = "The guest was registered; what you return is not the attendee's id."
        step = "Select `attendee { id }` in the payload of the mutation."
    return wrong(cause, last, expected=expected, seen=value_text(value), next_step=step)


REGISTER = Exercise(
    "graphql.register",
    "Register, or say why not",
    2,
    (
        "What a guest can correct is no entry in `errors` here: the payload of the mutation has `userErrors`. Names "
        "may hold "
        "quotation marks.",
        "`mutation($input: RegisterAttendeeInput!) { registerAttendee(input: $input) { attendee { id } userErrors { "
        "code } "
        '} }` with `{"input": {"eventId": event, "name": name, "email": email}}`.',
    ),
    _register_scenes,
    _judge_register,
)

# --- follow ----------------------------------------------------------------------------------------------------------


def _follow_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    events = backend.state.events
    event = draw.choice([id for id in events.ids() if events.attendee_count(id) < events.event(id).capacity - 8])
    count, more = events.attendee_count(event), draw.randint(2, 4)
    guests = [
        {"name": f"{name} {draw.randrange(1000)}", "email": f"{name.lower()}@mail.example"} for name in GIVEN[:more]
    ]
    expected = {"counts": [count + step for step in range(more + 1)]}
    return [Scene(backend, arguments | {"event": event, "guests": guests}, expected)]


def _judge_follow(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _no_socket,
        _refused_socket,
        _not_subscribed,
        _nobody_registered,
        of_type(list, "a list of counts, such as [31, 32, 33]"),
        _other_counts,
        _left_open,
    )


def sockets(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.exchanges if e.request.path == PATH and e.status == 101]


def _no_socket(evidence: Evidence) -> Verdict | None:
    if sockets(evidence):
        return None
    return wrong(
        "You opened no WebSocket, so nothing could be pushed to you.",
        evidence.last,
        expected=f"a WebSocket to {PATH}, with the subprotocol graphql-transport-ws",
        seen=", ".join(f"{e.request.method} {e.request.target}" for e in evidence.exchanges[:4]),
        next_step='`websocket.create_connection(url.replace("http", "ws") + "/graphql", '
        'subprotocols=["graphql-transport-ws"])` opens one.',
    )


CLOSED = {
    4400: "The service hung up: what you sent is no message of the protocol.",
    4401: "The service hung up because you subscribed before it had acknowledged the connection.",
    4403: "The service hung up: the token in your connection_init is none that it knows.",
    4406: "The service hung up: you did not offer the subprotocol that it speaks.",
    4408: "The service hung up because no connection_init came in time.",
    4409: "The service hung up: two operations of yours have the same id.",
    4429: "The service hung up: you sent connection_init twice.",
}


def _refused_socket(evidence: Evidence) -> Verdict | None:
    for exchange in sockets(evidence):
        closed = next((m for m in exchange.messages if m.sender == "server" and m.close_code in CLOSED), None)
        if closed and closed.close_code:
            return wrong(
                CLOSED[closed.close_code],
                exchange,
                expected="connection_init with the token, then connection_ack, then subscribe",
                seen=f"close {closed.close_code} {closed.close_reason}",
                next_step='First `{"type": "connection_init", "payload": {"Authorization": "Bearer …"}}`; wait for '
                "connection_ack; then subscribe.",
            )
    return None


def said(exchange: Exchange, sender: str, kind: str) -> list[dict[str, Any]]:
    """The messages of this type that one side sent."""
    contents = [m.json() for m in exchange.messages if m.sender == sender]
    return [it for it in contents if isinstance(it, dict) and it.get("type") == kind]


def _not_subscribed(evidence: Evidence) -> Verdict | None:
    socket = sockets(evidence)[-1]
    failed = said(socket, "server", "error")
    if said(socket, "server", "next"):
        return None
    message = failed[0].get("payload") if failed else None
    return wrong(
        "Your subscription was refused." if failed else "You opened the WebSocket, and subscribed to nothing.",
        socket,
        expected="a subscribe message that the service answers with next",
        seen=value_text(message) if failed else "no next",
        next_step='`{"id": "1", "type": "subscribe", "payload": {"query": "subscription($id: ID!) '
        '{ attendeeCount(eventId: $id) }", "variables": {"id": event}}}` is the form.',
    )


def _nobody_registered(evidence: Evidence) -> Verdict | None:
    guests = evidence.arguments["guests"]
    counts = [count for socket in sockets(evidence) for count in _counts(socket)]
    if len(set(counts)) >= len(guests) + 1 or evidence.value == evidence.expected["counts"]:
        return None
    if verdict := not_executed(evidence) if queries(evidence) else None:
        return verdict
    if len(counts) == 1:
        cause = "You got one count and stopped: nobody was registered while you were listening."
    else:
        cause = f"You were sent {len(counts)} counts, and {len(guests)} guests make {len(guests) + 1}."
    return wrong(
        cause,
        sockets(evidence)[-1],
        expected=evidence.expected["counts"],
        seen=counts,
        next_step="Take the first count; then register a guest, and take the next count, for each of the guests.",
    )


def _counts(socket: Exchange) -> list[Any]:
    payloads = [it.get("payload") for it in said(socket, "server", "next")]
    return [value for it in payloads if isinstance(it, dict) for value in (it.get("data") or {}).values()]


def _other_counts(evidence: Evidence) -> Verdict | None:
    counts, value = evidence.expected["counts"], evidence.value
    if value == counts:
        return None
    return wrong(
        "What you return are not the counts that you were sent, from the first to the last.",
        sockets(evidence)[-1],
        expected=counts,
        seen=value_text(value),
        next_step='A count stands in the message: `["payload"]["data"]["attendeeCount"]`. The first comes at once.',
    )


def _left_open(evidence: Evidence) -> Verdict | None:
    socket = sockets(evidence)[-1]
    closed = next((m for m in socket.messages if m.sender == "client" and m.opcode == "close"), None)
    if said(socket, "client", "complete") and closed and closed.close_code == 1000:
        return None
    if not said(socket, "client", "complete"):
        cause = "You did not tell the service that you are done with the subscription, so it went on counting for you."
        seen, step = "no complete", 'Send `{"id": …, "type": "complete"}` with the id of your subscription.'
    else:
        cause = "You ended the subscription and left the WebSocket without closing it."
        seen = f"close {closed.close_code}" if closed else "no close frame"
        step = "`socket.close()` sends a close frame with the code 1000, and waits for the answer."
    return wrong(cause, socket, expected="complete, and then a close frame with 1000", seen=seen, next_step=step)


FOLLOW = Exercise(
    "graphql.follow",
    "Follow a count, and leave cleanly",
    3,
    (
        "The lesson's subscription shows the messages and their order: connection_init, connection_ack, subscribe, "
        "next. How "
        "does it end?",
        "One `next` comes at once; then for each guest POST the mutation and `json.loads(socket.recv())`. Ignore "
        "nothing, "
        'and at the end send `{"id": "1", "type": "complete"}` and call `socket.close()`.',
    ),
    _follow_scenes,
    _judge_follow,
)
