"""The server's half of a WebSocket: the examiner is its client, and what the application raises has its line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from course_support.evidence import Evidence
from course_support.examiner import Examiner
from course_support.exercise import Client, Exercise, Scene
from course_support.server import Server
from course_support.trial import Outcome, Trial
from course_support.verdict import PASSED, Verdict, wrong
from course_support.worksheet import Worksheet

FOUND: list[Evidence] = []
Handle = Callable[[WebSocket], Awaitable[None]]
Check = Callable[[Handle], Verdict]


def visit(client: Client) -> None:
    """Two in a room: what one says, both hear."""
    client.send("GET", "/before")
    ada, grace = (client.connect("/room", token, ("shout.v1",), Client_Name=token) for token in ("ada", "grace"))
    ada.send("hey")
    for each in (ada, grace):
        each.recv()
    client.send("GET", "/after")


def judge(evidence: Evidence) -> Verdict:
    FOUND.append(evidence)
    heard = [m.text for e in evidence.afterwards for m in e.messages if (m.sender, m.opcode) == ("server", "text")]
    return PASSED if heard == ["HEY", "HEY"] else wrong("That is no room.", seen=repr(heard))


ROOM = Exercise("lesson.room", "Shout", 3, ("Louder.",), lambda draw: [scene()], judge)


def scene() -> Scene:
    return Scene(Starlette(), afterwards=visit, serves=True)


def served(handle: Handle) -> Starlette:
    async def tell(request: Request) -> Response:
        return JSONResponse({})

    return Starlette(
        routes=[WebSocketRoute("/room", handle), Route("/before", tell), Route("/after", tell), Route("/word", tell)]
    )


def room() -> Handle:
    sockets: set[WebSocket] = set()

    async def talk(socket: WebSocket) -> None:
        await socket.accept("shout.v1")
        sockets.add(socket)
        async for text in socket.iter_text():
            while len(sockets) < 2:
                await asyncio.sleep(0.01)
            for each in sockets:
                await each.send_text(text.upper())

    return talk


@pytest.fixture
def check() -> Iterator[Check]:
    FOUND.clear()
    with Server(Examiner([ROOM], seed="seed").app) as examiner:
        task = Worksheet("lesson", examiner.url).room
        yield lambda handle: task.examine(lambda: served(handle)).verdict


def test_the_examiner_is_a_client_in_a_room(check: Check) -> None:
    assert check(room()).passed
    before, ada, grace, after = FOUND[0].afterwards
    assert [e.request.target for e in (before, ada, grace, after)] == ["/before", "/room", "/room", "/after"]
    assert (ada.request.fields.get("Authorization"), ada.request.fields.get("Client-Name")) == ("Bearer ada", "ada")
    assert [(m.sender, m.opcode) for m in ada.messages] == [
        ("client", "text"),
        ("server", "text"),
        ("client", "close"),
        ("server", "close"),
    ]
    assert [m.sender for m in grace.messages] == ["server", "client", "server"]


def test_every_connection_is_closed_when_the_play_ends(check: Check) -> None:
    codes: list[int] = []

    async def talk(socket: WebSocket) -> None:
        await socket.accept("shout.v1")
        await socket.send_text("welcome")
        while (message := await socket.receive())["type"] == "websocket.receive":
            pass
        codes.append(message["code"])

    check(talk)
    assert codes == [1000, 1000]


def test_a_play_ends_where_a_connection_is_refused(check: Check) -> None:
    async def refuse(socket: WebSocket) -> None:
        await socket.send_denial_response(Response(status_code=401))

    assert check(refuse).cause == "That is no room."
    assert [e.status for e in FOUND[0].afterwards] == [200, 401, 401]


async def fails_at_the_handshake(socket: WebSocket) -> None:
    raise KeyError("token")


async def fails_at_the_first_word(socket: WebSocket) -> None:
    await socket.accept("shout.v1")
    await socket.send_text("welcome")
    await socket.receive_json()


async def fails_at_once(socket: WebSocket) -> None:
    await socket.accept("shout.v1")
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("handle", "error", "line", "doing", "advice"),
    [
        (fails_at_the_handshake, "KeyError", 'raise KeyError("token")', "answering GET /room", "the request hold"),
        (
            fails_at_the_first_word,
            "JSONDecodeError",
            "await socket.receive_json()",
            "talking on the WebSocket of GET /room",
            "the message hold",
        ),
        (
            fails_at_once,
            "ZeroDivisionError",
            "raise ZeroDivisionError",
            "talking on the WebSocket of GET /room",
            "the message hold",
        ),
    ],
)
def test_an_error_in_the_application_has_its_line(
    check: Check, handle: Handle, error: str, line: str, doing: str, advice: str
) -> None:
    verdict = check(handle)
    assert verdict.outcome == "crashed"
    assert f"Your application raised {error} in line " in verdict.cause
    assert f"`{line}`, while it was {doing}." in verdict.cause
    assert advice in verdict.next_step
    assert verdict.exchange
    assert verdict.exchange.request.target == "/room"
    if handle is not fails_at_the_handshake:
        assert 1011 in [message.close_code for message in verdict.exchange.messages if message.sender == "server"]


def test_a_stub_in_the_endpoint_is_not_an_attempt(check: Check) -> None:
    async def stub(socket: WebSocket) -> None:
        raise NotImplementedError

    assert check(stub).outcome == "not attempted"


def test_an_error_after_the_goodbye_is_for_the_log_alone(check: Check) -> None:
    async def talk(socket: WebSocket) -> None:
        await socket.accept("shout.v1")
        await socket.close(4000, "that was all")
        raise ArithmeticError("after the goodbye")

    assert check(talk).cause == "That is no room."
    assert [m.close_code for m in FOUND[0].afterwards[1].messages if m.sender == "server"] == [4000]


def test_a_client_that_leaves_is_no_crash(check: Check) -> None:
    async def talk(socket: WebSocket) -> None:
        await socket.accept("shout.v1")
        await socket.send_text("HEY")
        while True:
            await socket.receive_text()

    assert check(talk).passed


def test_beside_a_backend_of_the_course_the_backend_records(check: Check) -> None:
    def play(client: Client) -> None:
        talk = client.connect("/room", "ada", ("shout.v1",))
        talk.send("hey")
        talk.recv()
        assert not client.connect("/nowhere").connected

    async def echo(socket: WebSocket) -> None:
        await socket.accept("shout.v1")
        async for text in socket.iter_text():
            await socket.send_text(text)

    trial = Trial(ROOM, [Scene(served(echo), afterwards=play)])
    trial.open()
    trial.answer(Outcome("done"))
    talk, refused = FOUND[-1].afterwards
    assert [(m.sender, m.text) for m in talk.messages if m.opcode == "text"] == [("client", "hey"), ("server", "hey")]
    assert (talk.note, refused.status) == ("", 403)
