"""The exercise that follows a count over a WebSocket, and leaves it cleanly."""

from __future__ import annotations

import json
import random
from typing import Any

from course_support.backends.graphql import PATH
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.graphql.queries import (
    GUESTS,
    data,
    drawn_ids,
    not_executed,
    not_read,
    queries,
    service,
)
from course_support.exercises.rules import not_let_in, of_type, requested, sent_nothing
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _follow_scenes(draw: random.Random) -> list[Scene]:
    backend, arguments = service(draw)
    events = backend.state.events
    event = draw.choice([id for id in drawn_ids(events) if events.attendee_count(id) < events.event(id).capacity - 8])
    count, more = events.attendee_count(event), draw.randint(2, 4)
    guests = [
        {"name": f"{name} {draw.randrange(1000)}", "email": f"{name.lower()}@mail.example"} for name in GUESTS[:more]
    ]
    expected = {"counts": [count + step for step in range(more + 1)]}
    return [Scene(backend, arguments | {"event": event, "guests": guests}, expected)]


def _judge_follow(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _no_socket,
        _hung_up,
        _not_subscribed,
        _not_registered,
        _too_few_counts,
        of_type(list, "a list of counts, such as [31, 32, 33]"),
        _other_counts,
        _left_open,
    )


def _sockets(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.exchanges if e.request.path == PATH and e.status == 101]


def _said(exchange: Exchange, sender: str, *kinds: str) -> list[dict[str, Any]]:
    """The messages of these types that one side sent."""
    contents = [m.json() for m in exchange.messages if m.sender == sender]
    return [it for it in contents if isinstance(it, dict) and it.get("type") in kinds]


def _no_socket(evidence: Evidence) -> Verdict | None:
    if _sockets(evidence):
        return None
    return wrong(
        "You opened no WebSocket, so nothing could be pushed to you.",
        evidence.last,
        expected=f"a WebSocket to {PATH}, with the subprotocol graphql-transport-ws",
        seen=requested(evidence.exchanges[:4]),
        next_step='`websocket.create_connection(url.replace("http", "ws") + "/graphql", '
        'subprotocols=["graphql-transport-ws"])` opens one.',
    )


INIT = '`{"type": "connection_init", "payload": {"Authorization": "Bearer …"}}`'
CLOSED = {
    4400: (
        "what you sent is no message of the protocol",
        "Its reason says more. You may send connection_init, subscribe, complete, ping and pong, each as JSON.",
    ),
    4401: ("you subscribed before connection_init", f"Send {INIT}, wait for connection_ack, and subscribe then."),
    4403: (
        "your connection_init brings no token that it knows",
        f"The token goes into the payload, not into a field of the handshake: {INIT}.",
    ),
    4406: (
        "you did not offer the subprotocol that it speaks",
        'Give `create_connection` the argument `subprotocols=["graphql-transport-ws"]`.',
    ),
    4408: ("no connection_init came in time", f"Send {INIT} as soon as the WebSocket is open."),
    4409: ("two operations of yours have the same id", "Give each operation an id of its own."),
    4429: ("you sent connection_init twice", "Send it once, and wait for connection_ack."),
}


def _hung_up(evidence: Evidence) -> Verdict | None:
    """The service closed the WebSocket, and its code says why."""
    socket = _sockets(evidence)[-1]
    closed = next((m for m in socket.messages if m.sender == "server" and m.close_code in CLOSED), None)
    if not closed or not closed.close_code:
        return None
    because, step = CLOSED[closed.close_code]
    return wrong(
        f"The service hung up, because {because}.",
        socket,
        expected="subprotocol graphql-transport-ws; connection_init, connection_ack, subscribe, next …",
        seen=f"close {closed.close_code} {closed.close_reason}",
        next_step=step,
    )


def _not_subscribed(evidence: Evidence) -> Verdict | None:
    socket = _sockets(evidence)[-1]
    failed = _said(socket, "server", "error")
    if failed:
        cause, seen = "Your subscription was refused.", value_text(failed[0].get("payload"))
    elif _said(socket, "client", "subscribe"):
        return None
    else:
        cause, seen = "You opened the WebSocket, and subscribed to nothing.", "no subscribe"
    return wrong(
        cause,
        socket,
        expected="a subscribe message that the service answers with next",
        seen=seen,
        next_step='`{"id": "1", "type": "subscribe", "payload": {"query": "subscription($id: ID!) '
        '{ attendeeCount(eventId: $id) }", "variables": {"id": event}}}` is the form.',
    )


def _not_registered(evidence: Evidence) -> Verdict | None:
    """The last mutation was refused, over HTTP."""
    if not queries(evidence) or _counts(_sockets(evidence)[-1]) == evidence.expected["counts"]:
        return None
    return not_read(evidence) or not_executed(evidence) or _with_user_errors(queries(evidence)[-1])


def _with_user_errors(sent: Exchange) -> Verdict | None:
    payload = next(iter(data(sent).values()), None)
    refused = payload.get("userErrors") if isinstance(payload, dict) else None
    if not refused:
        return None
    return wrong(
        "The service did not register your last guest.",
        sent,
        expected="each of the guests registered, once",
        seen=value_text(refused),
        next_step="The `userErrors` say why: send the name and the email of one guest after the other.",
    )


def _counts(socket: Exchange) -> list[int]:
    """The counts that were pushed; mutations that went over the same socket have other results."""
    payloads = [it.get("payload") for it in _said(socket, "server", "next")]
    results = [it.get("data") for it in payloads if isinstance(it, dict)]
    return [value for it in results if isinstance(it, dict) for value in it.values() if isinstance(value, int)]


def _too_few_counts(evidence: Evidence) -> Verdict | None:
    counts, expected = _counts(_sockets(evidence)[-1]), evidence.expected["counts"]
    if counts == expected or same(evidence.value, expected):
        return None
    if counts == expected[-1:]:
        cause = "You registered the guests first and subscribed then, so you were sent the last count alone."
    elif len(counts) == 1:
        cause = "You were sent one count, and registered nobody while you listened."
    else:
        cause = f"You were sent {len(counts)} counts, and {len(expected) - 1} guests make {len(expected)}."
    return wrong(
        cause,
        _sockets(evidence)[-1],
        expected=expected,
        seen=counts,
        next_step="Take the first count; then register a guest, and take the next count, for each of the guests.",
    )


def _other_counts(evidence: Evidence) -> Verdict | None:
    counts, value = evidence.expected["counts"], evidence.value
    if same(value, counts):
        return None
    if same(value, counts[1:]):
        cause = "The first count is missing in your list: it came at once, before anybody was registered."
    elif same(value, counts[:-1]):
        cause = "The last count is missing in your list: you left before you had read it."
    else:
        cause = "What you return are not the counts that you were sent, from the first to the last."
    return wrong(
        cause,
        _sockets(evidence)[-1],
        expected=counts,
        seen=value_text(value),
        next_step='A count stands in the message: `["payload"]["data"]["attendeeCount"]`. The first comes at once, '
        "and one more after each guest.",
    )


LEFT = (1000, 1001, 1005)  # done, going away, or no word of why (RFC 6455, section 7.4.1)


def _left_open(evidence: Evidence) -> Verdict | None:
    socket = _sockets(evidence)[-1]
    complete = [it.get("id") for it in _said(socket, "client", "complete")]
    ended = [it.get("id") for it in _said(socket, "server", "complete")]
    left = [it.get("id") for it in _said(socket, "client", "subscribe") if it.get("id") not in complete + ended]
    closed = next((m for m in socket.messages if m.sender == "client" and m.opcode == "close"), None)
    if left:
        cause = "You did not tell the service that you are done with the subscription, so it went on counting for you."
        seen = f"complete for {value_text(complete)}" if complete else "no complete"
        step = f'Send `{{"id": {json.dumps(left[0])}, "type": "complete"}}`: its id is that of your subscription.'
    elif not closed or closed.close_code not in LEFT:
        cause = "You ended the subscription and left the WebSocket without closing it."
        seen = f"close {closed.close_code}" if closed else "no close frame"
        step = "`socket.close()` sends a close frame with the code 1000, and waits for the answer."
    else:
        return None
    return wrong(cause, socket, expected="complete, and then a close frame with 1000", seen=seen, next_step=step)


FOLLOW = Exercise(
    "graphql.follow",
    "Follow a count, and leave cleanly",
    3,
    (
        "The lesson's subscription shows the messages and their order: connection_init, connection_ack, subscribe, "
        "next. How does it end?",
        "One `next` comes at once; then for each guest POST the mutation and `json.loads(socket.recv())`. At the end "
        'send `{"id": "1", "type": "complete"}` and call `socket.close()`.',
    ),
    _follow_scenes,
    _judge_follow,
)
