"""Subscriptions over WebSocket: the protocol graphql-transport-ws as a client sees it, message by message."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websocket
import websockets.exceptions
import websockets.sync.client
from websocket import ABNF

from tests.backends.graphql_client import GET_EVENT, Client, serving

PROTOCOL = "graphql-transport-ws"
COUNT = 'subscription { attendeeCount(eventId: "abc123") }'


class Socket:
    """A WebSocket client that speaks JSON and reads the close frame."""

    def __init__(self, client: Client, **more: Any) -> None:
        url = client.url.replace("http", "ws")
        self.token = client.token()
        self.raw = websocket.create_connection(url, timeout=10, **{"subprotocols": [PROTOCOL], **more})

    def send(self, type: str, **more: Any) -> None:
        self.raw.send(json.dumps({"type": type, **more}))

    def subscribe(self, query: str = COUNT, id: str = "1", **more: Any) -> None:
        self.send("subscribe", id=id, payload={"query": query, **more})

    def read(self) -> Any:
        opcode, data = self.raw.recv_data()
        assert opcode == ABNF.OPCODE_TEXT, data
        return json.loads(data)

    def closed(self) -> tuple[int, str]:
        opcode, data = self.raw.recv_data()
        assert opcode == ABNF.OPCODE_CLOSE, data
        return int.from_bytes(data[:2], "big"), data[2:].decode()

    def initialise(self, token: dict[str, str] | None = None) -> None:
        self.send("connection_init", payload=token or self.token)
        assert self.read() == {"type": "connection_ack"}


Connect = Callable[..., Socket]


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as client:
        yield client


@pytest.fixture
def connect(client: Client) -> Iterator[Connect]:
    sockets: list[Socket] = []

    def connect(**more: Any) -> Socket:
        sockets.append(Socket(client, **more))
        return sockets[-1]

    yield connect
    for socket in sockets:
        socket.raw.shutdown()


def following(client: Client) -> int:
    return len(client.app.state.events._followers)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_subscription_gives_the_count_now_and_after_each_change(client: Client, connect: Connect) -> None:
    store = client.app.state.events
    before = store.attendee_count("abc123")
    socket = connect()
    assert socket.raw.getsubprotocol() == PROTOCOL
    socket.initialise(client.token("guest"))
    socket.subscribe("subscription($id: ID!) { attendeeCount(eventId: $id) }", variables={"id": "abc123"})
    assert socket.read() == {"id": "1", "type": "next", "payload": {"data": {"attendeeCount": before}}}
    client.data('mutation { registerAttendee(input: {eventId: "abc123", name: "A", email: "a@b"}) { event { id } } }')
    assert socket.read()["payload"] == {"data": {"attendeeCount": before + 1}}
    store.cancel(store.attendees("abc123")[0].id)  # from another thread than the server's
    assert socket.read()["payload"] == {"data": {"attendeeCount": before}}


def test_complete_ends_a_subscription_and_frees_its_id(client: Client, connect: Connect) -> None:
    socket = connect()
    socket.initialise()
    for _ in range(2):
        socket.subscribe()
        assert socket.read()["type"] == "next"
        assert following(client) == 1
        socket.send("complete", id="1")
        until(lambda: not following(client))
    client.app.state.events.register("abc123", "Ada", "ada@mail.example")
    socket.send("complete", id="never was")
    socket.send("ping")
    assert socket.read() == {"type": "pong"}


def test_a_query_and_a_mutation_come_this_way_too_and_complete(client: Client, connect: Connect) -> None:
    socket = connect()
    socket.initialise()
    socket.subscribe(GET_EVENT, variables={"eventId": "abc123"}, operationName="GetEvent")
    expected = client.query(GET_EVENT, {"eventId": "abc123"}).json()
    assert socket.read() == {"id": "1", "type": "next", "payload": expected}
    assert socket.read() == {"id": "1", "type": "complete"}


def test_operations_run_side_by_side(client: Client, connect: Connect) -> None:
    ids = client.app.state.events.ids()
    socket = connect()
    socket.initialise()
    for id in ids:
        socket.subscribe("subscription($id: ID!) { attendeeCount(eventId: $id) }", id, variables={"id": id})
    seen = {message["id"]: message["payload"]["data"]["attendeeCount"] for message in (socket.read() for _ in ids)}
    assert seen == {id: client.app.state.events.attendee_count(id) for id in ids}


ERRORS = {
    "syntax": ("{", {}, None, "Syntax Error"),
    "validation": ("subscription { nothing }", {}, None, "Cannot query field 'nothing' on type 'Subscription'."),
    "variable": ("subscription($id: ID!) { attendeeCount(eventId: $id) }", {}, None, "Variable '$id'"),
    "tokens": ("{" + " a" * 600 + "}", {}, "TOKEN_LIMIT_EXCEEDED", "Send a shorter query"),
    "depth": (
        "{ event(id: 1) " + "{ sessions { event " * 9 + "{ id }" + "} }" * 9 + "}",
        {},
        "DEPTH_LIMIT_EXCEEDED",
        "",
    ),
    "empty": ("", {}, "OPERATION_NOT_FOUND", "Send an operation"),
    "name": (COUNT, {"operationName": "A"}, "OPERATION_NOT_FOUND", "Send an operation"),
    "names": ("query A { __typename } query B { __typename }", {}, "OPERATION_NOT_FOUND", "Send an operation"),
    "no event": ('subscription { attendeeCount(eventId: "x") }', {}, "NO_SUCH_EVENT", "Take the id of an event"),
}


@pytest.mark.parametrize(("query", "more", "code", "message"), ERRORS.values(), ids=ERRORS)
def test_what_cannot_run_is_an_error_of_its_operation_alone(
    connect: Connect, query: str, more: dict[str, Any], code: str | None, message: str
) -> None:
    socket = connect()
    socket.initialise()
    socket.subscribe(query, **more)
    answer = socket.read()
    assert (answer["id"], answer["type"]) == ("1", "error")
    assert answer["payload"][0]["message"].startswith(message)
    assert answer["payload"][0].get("extensions", {}).get("code") == code
    socket.subscribe("{ __typename }")
    assert [socket.read()["type"] for _ in range(2)] == ["next", "complete"]


def test_a_mutation_by_a_guest_is_forbidden_here_too(client: Client, connect: Connect) -> None:
    socket = connect()
    socket.initialise(client.token("guest"))
    socket.subscribe('mutation { cancelRegistration(attendeeId: "1") { event { id } } }')
    payload = socket.read()["payload"]
    assert payload["data"] is None
    assert payload["errors"][0]["extensions"] == {"code": "FORBIDDEN"}


def test_an_internal_error_is_masked_here_too(client: Client, connect: Connect) -> None:
    client.app.state.broken.add("Event.name")
    socket = connect()
    socket.initialise()
    socket.subscribe('{ event(id: "abc123") { name } }')
    error = socket.read()["payload"]["errors"][0]
    assert error["extensions"] == {"code": "INTERNAL_ERROR"}
    assert error["message"].startswith("Internal error, reference ")


@pytest.mark.parametrize(
    "payload",
    [{}, None, [], {"Authorization": "Bearer nonsense"}, {"Authorization": 7}, {"Authorization": "Bearer \ud800"}],
)
def test_bad_credentials_are_4403_and_not_4401(connect: Connect, payload: Any) -> None:
    socket = connect()
    socket.send("connection_init", payload=payload)
    assert socket.closed() == (4403, "Forbidden")


def test_4401_is_for_whoever_subscribes_before_the_acknowledgement(connect: Connect) -> None:
    socket = connect()
    socket.subscribe()
    assert socket.closed() == (4401, "Unauthorized")


def test_a_second_initialisation_is_4429(connect: Connect) -> None:
    socket = connect()
    socket.initialise()
    socket.send("connection_init", payload=socket.token)
    assert socket.closed() == (4429, "Too many initialisation requests")


def test_the_same_id_twice_is_4409(client: Client, connect: Connect) -> None:
    for id in ("1", "ü" * 500):
        socket = connect()
        socket.initialise()
        socket.subscribe(id=id)
        assert socket.read()["type"] == "next"
        socket.subscribe(id=id)
        code, reason = socket.closed()
        assert code == 4409
        assert reason == f"Subscriber for {id} already exists".encode()[:123].decode(errors="ignore")
        until(lambda: not following(client))


def test_no_initialisation_is_4408(client: Client, connect: Connect) -> None:
    client.app.state.patience = 0.05
    socket = connect()
    assert socket.closed() == (4408, "Connection initialisation timeout")
    client.app.state.patience = 5
    socket = connect()
    socket.send("ping", payload={"a": 1})
    assert socket.read() == {"type": "pong"}
    socket.initialise()


INVALID = {
    "no JSON": "{",
    "no object": "[]",
    "null": "null",
    "no type": "{}",
    "an odd type": '{"type": {}}',
    "an unknown type": '{"type": "start", "id": "1"}',
    "no id": '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
    "an empty id": '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
    "an odd id": '{"type": "subscribe", "id": {}, "payload": {"query": "{ __typename }"}}',
    "half a character as id": '{"type": "subscribe", "id": "\\ud800", "payload": {"query": "{ __typename }"}}',
    "no payload": '{"type": "subscribe", "id": "1"}',
    "no query": '{"type": "subscribe", "id": "1", "payload": {}}',
    "variables in a list": '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
    "an odd name": '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 1}}',
    "complete nothing": '{"type": "complete"}',
    "deep": "[" * 50_000,
    "too long": '{"type": "ping", "payload": {"a": "' + "a" * 70_000 + '"}}',
    "a server's message": '{"type": "connection_ack"}',
    "a long type": json.dumps({"type": "ü" * 3000}),
}


@pytest.mark.parametrize("message", INVALID.values(), ids=INVALID)
@pytest.mark.parametrize("early", [True, False])
def test_what_the_protocol_has_not_is_4400(client: Client, connect: Connect, message: str, early: bool) -> None:
    logged = client.server.log.count("Traceback")
    socket = connect()
    if not early:
        socket.initialise()
    socket.raw.send(message)
    code, reason = socket.closed()
    assert code == (4401 if early and '"subscribe"' in message else 4400)
    assert len(reason.encode()) <= 123
    assert client.server.log.count("Traceback") <= logged


def test_binary_is_4400(connect: Connect) -> None:
    socket = connect()
    socket.raw.send_binary(b"{}")
    assert socket.closed()[0] == 4400


@pytest.mark.parametrize("subprotocols", [None, ["graphql-ws"], ["soap", "mqtt"]])
def test_another_subprotocol_is_4406(client: Client, subprotocols: list[Any] | None) -> None:
    # websocket-client would not even open a connection for which the server chose none of its subprotocols
    with websockets.sync.client.connect(client.url.replace("http", "ws"), subprotocols=subprotocols) as socket:
        with pytest.raises(websockets.exceptions.ConnectionClosed) as closed:
            socket.recv(timeout=10)
        assert closed.value.rcvd
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4406, "Subprotocol not acceptable")


def test_of_several_subprotocols_it_takes_its_own(connect: Connect) -> None:
    assert connect(subprotocols=["graphql-ws", PROTOCOL]).raw.getsubprotocol() == PROTOCOL


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://127.0.0.1:8888", True),
        ("https://localhost", True),
        ("http://[::1]:1", True),
        ("https://evil.example", False),
        ("http://localhost.evil.example", False),
        ("file://localhost", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_a_page_from_elsewhere_gets_no_connection(connect: Connect, origin: str, welcome: bool) -> None:
    if welcome:
        connect(origin=origin).initialise()
    else:
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            connect(origin=origin)
        assert refused.value.status_code == 403


def test_without_an_origin_it_is_no_page(connect: Connect) -> None:
    connect(suppress_origin=True).initialise()


def test_one_connection_has_so_many_operations_and_no_more(client: Client, connect: Connect) -> None:
    logged = client.server.log.count("Traceback")
    socket = connect()
    socket.initialise()
    for id in range(100):
        socket.subscribe(id=str(id))
    assert {socket.read()["type"] for _ in range(100)} == {"next"}
    socket.subscribe(id="one more")
    answer = socket.read()
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"] == {"code": "OPERATION_LIMIT_EXCEEDED", "limit": 100}
    assert following(client) == 100
    socket.raw.shutdown()  # without a word
    until(lambda: not following(client))
    assert client.server.log.count("Traceback") <= logged


def test_a_server_that_closes_ends_its_subscriptions(client: Client, connect: Connect) -> None:
    socket = connect()
    socket.initialise()
    socket.subscribe()
    assert socket.read()["type"] == "next"
    client.server.close()
    assert socket.closed()[0] == 1012
    assert not client.server.running
    assert not following(client)


def test_the_exchange_shows_the_messages(client: Client, connect: Connect) -> None:
    socket = connect()
    socket.initialise()
    socket.subscribe("{ __typename }")
    assert [socket.read()["type"] for _ in range(2)] == ["next", "complete"]
    exchange = client.server.last
    assert exchange.response.status == 101
    assert [(it.sender, it.json()["type"]) for it in exchange.messages] == [
        ("client", "connection_init"),
        ("server", "connection_ack"),
        ("client", "subscribe"),
        ("server", "next"),
        ("server", "complete"),
    ]
