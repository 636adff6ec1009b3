"""A bookshop whose books change just when it hurts a copy: while its list is on the way, and as a line has opened."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.rooms import Closed
from course_support.backends.shop_live import LIVE
from course_support.backends.shop_rest import BOOKS

AHEAD = 0.05  # seconds by which the line is ahead of the list
LISTLESS = 3.0  # seconds that an open line waits for a list to be read
LISTED = 0.5  # the same where there was one before, or where the line has begun with all stocks
PATIENCE = 1.5  # seconds after the last change, then who still reads is told goodbye
READ_ON = 4000  # a code of the check's own
GOODBYE = "Nothing more is to come: the book until has changed."
POLLED = 3  # lists without a line, after which everything changes
DOORS = ("rest", "soap", "graphql", "webhook", "batch")


@dataclass(frozen=True, slots=True)
class Story:
    """Which book plays which part, and what becomes of it: pairs of version and stock, the first from before.

    `between` changes while the first list is on its way: who opens the line later never hears of it. `early` changes
    twice when a line has opened; a list that is read then has the second change, and the line tells of the first
    again. `swapped` changes twice while the list is on its way, and the line tells of the second change first.
    `falling` does so once, to less. Then comes `until`, and at last `after`, too late for the copy.
    """

    parts: dict[str, str]
    states: dict[str, list[tuple[int, int]]]

    def part(self, name: str) -> list[tuple[int, int]]:
        return self.states[self.parts[name]]


ORDER = {"between": 1, "early": 2, "swapped": 2, "falling": 1, "until": 1, "after": 1}  # and how often each changes


def drawn_story(shop: Any, draw: random.Random) -> Story:
    """Of a shop that does not run yet: some of its books change now, so that versions do not begin at 1 everywhere."""
    isbns = [book.isbn for book in shop.state.shelf.books]
    parts = dict(zip(ORDER, draw.sample(isbns, len(ORDER)), strict=True))
    for isbn in [*draw.sample(isbns, 8), *draw.sample(isbns, 4)]:
        _change(shop, isbn, draw.randint(0, 60))
    _change(shop, parts["falling"], draw.randint(900, 999))
    states = {}
    for name, isbn in parts.items():
        book = shop.state.shelf.get(isbn)
        stocks = sorted(draw.sample(range(100, 900), ORDER[name]), reverse=True)  # the greatest is not the newest
        states[isbn] = [(book.version + later, stock) for later, stock in enumerate([book.stock, *stocks])]
    return Story(parts, states)


def _change(shop: Any, isbn: str, stock: int, by: str = "rest") -> None:
    shop.state.shelf.change(isbn, stock=stock, trace=shop.state.traces.continued(), by=by)


class Moments:
    """ASGI middleware: lets the story happen around a learner's list and line, in the server's thread.

    What of it has happened by then depends on the order in which the two are asked for; the end is always the same.
    """

    def __init__(self, shop: Any, story: Story) -> None:
        self.state = shop.state
        self._shop: ASGIApp = shop
        self._story = story
        self._left = [name for name, times in ORDER.items() for _ in range(times)]
        self._lists = 0
        self._opened = self._listed = False  # whether a line was, and a list since then

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == LIVE:
            send = _Line(self, self._story, b"snapshot=1" in scope["query_string"], send)
        elif scope["type"] == "http" and (scope["method"], scope["path"]) == ("GET", BOOKS):
            send = self._around_list(send)
        await self._shop(scope, receive, send)

    def _around_list(self, send: Send) -> Send:
        good = False

        async def send_on(message: Message) -> None:
            nonlocal good
            if message["type"] == "http.response.start" and message["status"] < 400:
                good = True
                await self._list_made()
            await send(message)
            if good and message["type"] == "http.response.body" and not message.get("more_body"):
                self._list_out()

        return send_on

    async def _list_made(self) -> None:
        self._lists += 1
        self._happen("between")
        if self._opened:
            self._listed = True
            self._happen("swapped", "falling")
            await asyncio.sleep(AHEAD)

    def _list_out(self) -> None:
        if self._opened or self._lists == POLLED:
            self.end()

    def opened(self, shown: bool) -> None:
        """A line has told its first message; `shown` says that this was all stocks."""
        self._opened = True
        self._happen("early")
        content = shown or self._lists
        asyncio.get_running_loop().call_later(LISTED if content else LISTLESS, self._give_up, bool(content))

    def _give_up(self, content: bool) -> None:
        """No list was read since. Who has none will read it too late; who has one may just be slow to read another."""
        self.end(*(name for name in ORDER if name != "after" or not content))

    @property
    def listed(self) -> bool:
        return self._listed

    def end(self, *names: str) -> None:
        """All that has not happened yet, or what of that is named."""
        if self._left:
            self._happen(*(names or ORDER))
            asyncio.get_running_loop().call_later(PATIENCE, self._say_goodbye)

    def _say_goodbye(self) -> None:
        for connection in list(self.state.followers.connections):
            connection.end(Closed(READ_ON, GOODBYE))

    def _happen(self, *names: str) -> None:
        for name in [it for it in self._left if it in names]:
            _, stock = self._story.part(name)[-self._left.count(name)]
            self._left.remove(name)
            _change(self, self._story.parts[name], stock, DOORS[len(self._left) % len(DOORS)])


class _Line:
    """The line of one client. It holds back what is to be told late, until it tells of `until`."""

    def __init__(self, moments: Moments, story: Story, shown: bool, send: Send) -> None:
        self._moments = moments
        self._story = story
        self._shown = shown
        self._send = send
        self._first = True
        self._held: dict[str, Message] = {}

    async def __call__(self, message: Message) -> None:
        if message["type"] != "websocket.send":
            await self._send(message)
            return
        if self._first:
            self._first = False
            await self._send(message)
            self._moments.opened(self._shown)
        elif name := self._late(message):
            self._held[name] = message
        else:
            await self._tell(message)

    def _late(self, message: Message) -> str:
        """The name by which it is held back: the first of two changes, and the one that a list may know already."""
        told = json.loads(message["text"])
        state = told.get("version"), told.get("stock")
        for name, part, change in (("swapped", "swapped", 1), ("early", "early", 1), ("listed", "early", 2)):
            if told.get("isbn") == self._story.parts[part] and state == self._story.part(part)[change]:
                return name
        return ""

    async def _tell(self, message: Message) -> None:
        if json.loads(message["text"]).get("isbn") != self._story.parts["until"]:
            await self._send(message)
            return
        newest = [it for name, it in self._held.items() if name == "listed"]
        older = [it for name, it in self._held.items() if name != "listed"]
        self._held.clear()
        for it in [*older, message, *newest] if self._moments.listed else [*newest, *older, message]:
            await self._send(it)
