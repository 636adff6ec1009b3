"""The queue of a connection: what waits, what takes the place of what, and what ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from course_support.backends import rooms
from course_support.backends.rooms import TOO_SLOW, Closed, Connection, Room, Rooms


async def turns() -> None:
    """Let every task go as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)


class Line:
    """What a connection needs of a WebSocket: here each message waits until the client takes one."""

    def __init__(self) -> None:
        self.taken = asyncio.Semaphore(0)
        self.sent: list[Any] = []

    async def send_text(self, text: str) -> None:
        await self.taken.acquire()
        self.sent.append(text)

    async def close(self, code: int, reason: str) -> None:
        await self.taken.acquire()
        self.sent.append((code, reason))

    async def take(self, number: int) -> None:
        for _ in range(number):
            self.taken.release()
        await turns()


Play = Callable[[Connection, Line, Room], Coroutine[Any, Any, None]]


def run(play: Play, backlog: int = 3) -> Line:
    """Let the connection deliver while the play is on, and to its end after it."""

    async def both() -> Line:
        line, room = Line(), Room()
        connection = Connection(line, "ada", room, backlog)  # type: ignore[arg-type]
        room.join(connection)
        delivering = asyncio.create_task(connection.deliver())
        await play(connection, line, room)
        await asyncio.wait_for(delivering, 10)
        return line

    return asyncio.run(both())


def test_what_waits_is_sent_in_order_before_the_close() -> None:
    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put(["1", "2"])
        connection.put(["3"])
        connection.end(Closed(1001, "Bye."))
        connection.put(["too late"])
        await line.take(10)

    assert run(play).sent == ["1", "2", "3", (1001, "Bye.")]


def test_the_first_end_counts() -> None:
    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.end(Closed(1008, "First."))
        connection.end(Closed(1001, "Second."))
        await line.take(10)

    assert run(play).sent == [(1008, "First.")]


def test_the_newest_cursor_of_a_user_takes_the_place_of_the_one_before_at_the_end() -> None:
    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put(["under way"])
        await turns()
        for number in range(100):
            connection.put([f"ada {number}"], "ada")
            connection.put([f"grace {number}"], "grace")
        connection.put(["update"])
        connection.put(["ada 100"], "ada")
        assert not connection.ended
        await line.take(4)
        assert line.sent == ["under way", "grace 99", "update", "ada 100"]
        connection.end(None)

    run(play)


def test_a_full_queue_ends_the_connection_and_what_waited_is_left_to_resuming() -> None:
    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put(["under way"])
        await turns()
        for number in range(3):
            connection.put([str(number)])
        assert not connection.ended
        connection.put(["one too many"])
        assert connection.ended
        await asyncio.sleep(0)
        assert not room.connections
        await line.take(10)

    assert run(play).sent == ["under way", (1013, TOO_SLOW)]


def test_many_messages_at_once_wait_as_one() -> None:
    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put([str(number) for number in range(50)])
        connection.put(["50"])
        await line.take(51)
        assert line.sent == [str(number) for number in range(51)]
        connection.end(None)

    run(play)


def test_a_client_that_takes_nothing_is_left_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PATIENCE", 0.05)

    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put(["never taken"])
        await turns()
        connection.end(Closed(1001, "Bye."))
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.001)

    assert run(play).sent == []


def test_so_is_one_that_was_to_be_closed_before_it_was_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PATIENCE", 0.05)

    async def play() -> None:
        connection = Connection(Line(), "ada", Room(), 3)  # type: ignore[arg-type]
        connection.end(Closed(1001, "Bye."))
        await asyncio.wait_for(connection.deliver(), 10)

    asyncio.run(play())


def test_one_that_is_not_to_be_closed_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PATIENCE", 0.0)

    async def play(connection: Connection, line: Line, room: Room) -> None:
        connection.put(["1"])
        await asyncio.sleep(0.1)
        await line.take(1)
        assert line.sent == ["1"]
        connection.end(None)

    run(play)


def test_a_room_full_of_slow_readers_is_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PATIENCE", 0.01)

    async def play() -> None:
        room = Room()
        for number in range(500):
            room.join(Connection(Line(), f"user {number}", room, 600))  # type: ignore[arg-type]
        for number in range(600):
            room.tell([{"type": "text_update", "seq": number}])
        while room.connections:
            await asyncio.sleep(0)

    asyncio.run(play())


def test_a_thread_may_close_when_the_loop_is_gone() -> None:
    async def play() -> Rooms:
        rooms = Rooms(["document-1"])
        room = rooms["document-1"]
        room.join(Connection(Line(), "ada", room, 3))  # type: ignore[arg-type]
        return rooms

    assert asyncio.run(play()).close_all(1001, "Bye.") == 1


def test_a_reason_fits_into_a_close_frame() -> None:
    assert len(Closed(1008, "é" * 100).reason.encode()) == 122
    assert Closed(1008, "\ud800").reason == "?"
    assert len(TOO_SLOW.encode()) <= 123
