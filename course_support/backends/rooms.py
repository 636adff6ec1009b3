"""Who is connected to which document, and what waits to be sent to each: nobody has to wait for a slow reader.

A connection is written by one task from a queue of its own. The queue has an end, because a reader that is slower than
the writers would otherwise fill the memory of the service.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from course_support.backends import content

PATIENCE = 10.0  # seconds that a client has to take what is on its way, once its connection is to be closed
TOO_SLOW = "You read too slowly: connect again and resume after the last seq you have."
# What a service may send of RFC 6455, section 7.4, and its registry: 1010 is a client's, 1005, 1006 and 1015 nobody's.
CODES = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014, *range(3000, 5000)}


class Closed(Exception):
    """The end of a connection, with a code and a reason for the client (RFC 6455, section 7.4)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        if code not in CODES:
            raise ValueError(f"Close with 1000, 1001, 1008 or 4000 to 4999, for example: no service sends {code}.")
        self.code = code
        self.reason = reason.encode(errors="replace")[:123].decode(errors="ignore")  # section 5.5


class Connection:
    """One client's WebSocket. Only `close` may be called from another thread than the server's."""

    def __init__(self, websocket: WebSocket, user: str, room: "Room", backlog: int) -> None:
        self.user = user
        self.ended = False
        self._websocket = websocket
        self._room = room
        self._backlog = backlog
        self._loop = asyncio.get_running_loop()
        self._waiting: OrderedDict[object, Sequence[str]] = OrderedDict()
        self._news = asyncio.Event()
        self._farewell: Closed | None = None
        self._limit: asyncio.Timeout | None = None

    def put(self, messages: Sequence[str], key: object = None) -> None:
        """Let these wait, as one; they take the place of what waits under the same key, at the end of the queue.

        A full queue ends the connection: to leave out an update would be to lose it.
        """
        if self.ended:
            return
        self._waiting.pop(key, None)
        if len(self._waiting) >= self._backlog:
            self._waiting.clear()
            self.end(Closed(1013, TOO_SLOW))
            return
        self._waiting[key or object()] = messages
        self._news.set()

    def end(self, farewell: Closed | None) -> None:
        """Close once all that waits is sent; None if the client has gone by itself."""
        if self.ended:
            return
        self.ended, self._farewell = True, farewell
        self._news.set()
        self._loop.call_soon(self._room.leave, self)  # not now: somebody may just be telling everybody in the room
        if self._limit:
            self._limit.reschedule(self._loop.time() + PATIENCE)

    def close(self, code: int, reason: str) -> None:
        """Close from any thread; ValueError for a code that no service may send."""
        farewell = Closed(code, reason)
        with contextlib.suppress(RuntimeError):  # its server has been closed
            self._loop.call_soon_threadsafe(self.end, farewell)

    async def deliver(self) -> None:
        """Send what waits until the connection has ended."""
        with contextlib.suppress(WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(PATIENCE if self.ended else None) as self._limit:
                while not self.ended:
                    await self._news.wait()
                    await self._deliver_waiting()
                if self._farewell:
                    await self._deliver_waiting()
                    await self._websocket.close(self._farewell.code, self._farewell.reason)

    async def _deliver_waiting(self) -> None:
        self._news.clear()
        while self._waiting:
            _, messages = self._waiting.popitem(last=False)
            for message in messages:
                await self._websocket.send_text(message)


class Room:
    """The connections to one document, in the order in which they came."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    @property
    def users(self) -> list[dict[str, str]]:
        """Everybody here once, however many connections they have."""
        return [shown(user) for user in dict.fromkeys(connection.user for connection in self.connections)]

    def join(self, connection: Connection) -> None:
        new = not self._has(connection.user)
        self.connections.append(connection)
        if new:
            self.tell([{"type": "user_joined", "user": shown(connection.user)}], but=connection)

    def leave(self, connection: Connection) -> None:
        """Take the connection out, if it is still in."""
        if connection in self.connections:
            self.connections.remove(connection)
            if not self._has(connection.user):
                self.tell([{"type": "user_left", "user": shown(connection.user)}])

    def tell(self, messages: Iterable[dict[str, Any]], *, but: Connection | None = None, key: object = None) -> None:
        """Send these, as one, to everybody in the room; see `Connection.put` for the key."""
        texts = encoded(messages)
        for connection in self.connections:
            if connection is not but:
                connection.put(texts, key)

    def _has(self, user: str) -> bool:
        return any(connection.user == user for connection in self.connections)


class Rooms:
    """A room for each document. Both ways to close may be called from any thread, such as a notebook's."""

    def __init__(self, documents: Iterable[str]) -> None:
        self._rooms = {document: Room() for document in documents}

    def __getitem__(self, document: str) -> Room:
        return self._rooms[document]

    @property
    def connections(self) -> list[Connection]:
        return [connection for room in self._rooms.values() for connection in list(room.connections)]

    def close_all(self, code: int, reason: str) -> int:
        """Close every connection: how many that were. ValueError for a code that no service may send."""
        return _close(self.connections, code, reason)

    def close_user(self, user: str, code: int, reason: str) -> int:
        """Close every connection of a user: how many that were. ValueError for a code that no service may send."""
        return _close([it for it in self.connections if it.user == user], code, reason)


def shown(user: str) -> dict[str, str]:
    return {"id": user, "name": user.title()}


def encoded(messages: Iterable[dict[str, Any]]) -> list[str]:
    return [content.encode(message).decode() for message in messages]


def _close(connections: Sequence[Connection], code: int, reason: str) -> int:
    Closed(code, reason)  # refuses the code even if nobody is there
    for connection in connections:
        connection.close(code, reason)
    return len(connections)
