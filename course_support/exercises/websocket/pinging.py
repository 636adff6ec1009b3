"""The exercise that asks by a ping whether a line is alive."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import JOINED, Company, left_open, service, sockets, write
from course_support.faults import Lag
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange, Message

TICK = 0.05  # seconds that the clocks of two processes may differ by


def _scenes(draw: random.Random) -> list[Scene]:
    return [
        _scene(draw, draw.randint(5, 9), alive=True),
        _scene(draw, draw.randint(5, 9), Lag(0.15), alive=True, talks=True),
        _scene(draw, draw.randint(25, 35) / 100, Lag(0.75), alive=False),
        _scene(draw, draw.randint(58, 62) / 100, Lag(0.5), alive=False, talks=True),
    ]


def _scene(draw: random.Random, seconds: float, *faults: Lag, alive: bool, talks: bool = False) -> Scene:
    """A line on which each way takes a while from the first message on; where it `talks`, other frames come first."""
    backend, arguments = service(draw)
    if talks:
        backend.state.ping_interval, backend.state.ping_timeout = 0.05, 20.0
    name, cursor = arguments["document"], draw.randrange(20)

    def act(opened_before: int) -> None:
        if talks:
            _talk(backend, name, cursor)

    return Scene(Company(backend, act), arguments | {"seconds": seconds}, {"alive": alive}, faults)


def _talk(backend: Any, name: str, cursor: int) -> None:
    """A message now, and one every tenth of a second for a while."""
    write(backend, name, 0, "Well, ")
    loop, room = asyncio.get_running_loop(), backend.state.rooms[name]
    for number in range(20):
        loop.call_later(
            number / 10, room.tell, [{"type": "cursor_move", "userId": "grace", "position": cursor + number}]
        )


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence, *JOINED, _no_ping, of_type(bool, "True or False"), _said_true, _said_false, _no_pong, left_open
    )


def _pinged(socket: Exchange) -> Message | None:
    return next((m for m in socket.messages if m.sender == "client" and m.opcode == "ping"), None)


def _pong(socket: Exchange) -> Message | None:
    """What answers the learner's ping (RFC 6455, section 5.5.3), if they were still there."""
    for message in _before_goodbye(socket):
        if message.sender == "server" and message.opcode == "pong":
            return message
    return None


def _before_goodbye(socket: Exchange) -> list[Message]:
    """What passed until the learner closed."""
    ends = [number for number, m in enumerate(socket.messages) if m.sender == "client" and m.opcode == "close"]
    return list(socket.messages[: ends[0]] if ends else socket.messages)


def _waited(socket: Exchange, ping: Message) -> float:
    """How long after the ping the learner left, in seconds."""
    goodbye = next((m.at for m in socket.messages if m.sender == "client" and m.opcode == "close"), socket.ended)
    return goodbye - ping.at


def _no_ping(evidence: Evidence) -> Verdict | None:
    socket = sockets(evidence)[-1]
    if _pinged(socket):
        return None
    texts = [m.text for m in socket.messages if m.sender == "client" and m.opcode in ("text", "binary")]
    return wrong(
        "You sent a message, and a ping is none." if texts else "You sent no ping.",
        socket,
        expected="a ping frame",
        seen=value_text(texts[0]) if texts else "none",
        next_step="A ping is a frame with an opcode of its own, which any other side answers: `socket.ping()`.",
    )


def _said_true(evidence: Evidence) -> Verdict | None:
    """The learner heard a pong: it must have come, and in time."""
    socket = sockets(evidence)[-1]
    ping, pong = _pinged(socket), _pong(socket)
    if evidence.value is not True or not ping:
        return None
    if not pong:
        return _without_pong(socket)
    return None if evidence.expected["alive"] else _too_late(socket, ping, pong, evidence.arguments["seconds"])


def _without_pong(socket: Exchange) -> Verdict:
    heard = [m.opcode for m in _before_goodbye(socket) if m.sender == "server"][1:]
    return wrong(
        "You said True before any pong had come.",
        socket,
        expected="a frame with the opcode of a pong",
        seen=f"before you left: the document, {', '.join(heard[:6]) or 'and nothing else'}",
        next_step="Other frames may come first. `opcode, frame = socket.recv_data_frame(control_frame=True)` tells "
        "which one it is: `ABNF.OPCODE_PONG` is the one to wait for.",
    )


def _too_late(socket: Exchange, ping: Message, pong: Message, seconds: float) -> Verdict:
    between = [m for m in _before_goodbye(socket) if m.sender == "server" and ping.at < m.at < pong.at]
    if between:
        cause = "You gave each frame the time that the pong has, and so the pong had more."
        step = "The time runs from the ping on, whatever else comes: note when it ends, and before each `recv` set the "
        step += "socket's timeout to what is left."
    else:
        cause = "You waited for the pong as long as it took, and said True."
        step = (
            "`socket.settimeout(…)` says how long a `recv` may take; the error that it raises means that nothing came."
        )
    seen = f"True, and the pong came after {pong.at - ping.at:.2f} s"
    return wrong(cause, socket, expected=f"False, {seconds} s after the ping", seen=seen, next_step=step)


def _said_false(evidence: Evidence) -> Verdict | None:
    """The learner heard no pong: they must have waited, and not longer than they were asked to."""
    socket, seconds = sockets(evidence)[-1], evidence.arguments["seconds"]
    ping, pong = _pinged(socket), _pong(socket)
    if evidence.value is not False or not ping or (not pong and _waited(socket, ping) >= seconds - TICK):
        return None
    if not pong:
        return _impatient(socket, ping, seconds)
    if evidence.expected["alive"]:
        cause = "You said False, and the pong had come in time."
        step = "Its opcode is 10, and it brings back what your ping had in it, as bytes."
    else:
        cause = "You waited for the pong however long it took, and said False only then."
        step = "Looking at the clock after a frame is too late where no frame comes: set the socket's timeout."
    seen = f"it came {pong.at - ping.at:.2f} s after the ping"
    return wrong(cause, socket, expected=f"up to {seconds} s for the pong", seen=seen, next_step=step)


def _impatient(socket: Exchange, ping: Message, seconds: float) -> Verdict:
    others = [m for m in _before_goodbye(socket) if m.sender == "server" and m.at > ping.at]
    return wrong(
        "You gave up at a frame that was no pong." if others else "You gave up before the time was over.",
        socket,
        expected=f"up to {seconds} s for the pong",
        seen=f"you left {_waited(socket, ping):.2f} s after the ping",
        next_step="Read on until the pong is there or the time is over, whatever comes between.",
    )


def _no_pong(evidence: Evidence) -> Verdict | None:
    """The server's pings were left without an answer."""
    socket = sockets(evidence)[-1]
    ends = _pong(socket)
    earlier = [m for m in socket.messages if ends and m.at < ends.at]
    pings = [m.data for m in earlier if m.sender == "server" and m.opcode == "ping"]
    pongs = [m.data for m in socket.messages if m.sender == "client" and m.opcode == "pong"]
    if not pings or set(pings) & set(pongs):
        return None
    return wrong(
        "The server pinged you too, and you sent no pong.",
        socket,
        expected=f"a pong with {value_text(pings[0])} in it",
        seen="no pong" if not pongs else f"a pong with {value_text(pongs[0])} in it",
        next_step="websocket-client answers pings in `recv` and in `recv_data_frame`, and does not in `recv_frame`: "
        "there it is for you to do, with `socket.pong(frame.data)`.",
    )


IS_ALIVE = Exercise(
    "websocket.is_alive",
    "Ask whether the line is alive",
    3,
    (
        "A pong is a frame like any other, and comes in its turn. Which function of your library shows control frames, "
        "and how do you limit the time that it takes?",
        "Ping, and note when the time will be over. Until then: `settimeout` to what is left, "
        "`opcode, frame = socket.recv_data_frame(control_frame=True)`, and True if `opcode` is `ABNF.OPCODE_PONG`.",
        "`WebSocketTimeoutException` means that nothing came in time: catch it and return False. `finally: "
        "socket.close(timeout=0.2)` closes in each case.",
    ),
    _scenes,
    _judge,
)
