"""The examiner as the bookshop's voice: books change, and a learner's partner is told of it, twice and late."""

from __future__ import annotations

import asyncio
import json
import random
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from time import monotonic, sleep
from typing import Any

import requests
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.shop_rest import BOOKS
from course_support.exercise import Client
from course_support.exercises.webhooks.deliveries import Delivery

HOOKS, COPY = "/hooks", "/copy"
AGE = 5  # seconds since a notice was signed for the first time
HOLD = 0.6  # seconds that an answer is held back for a notice that is to overtake it
PATIENCE = 1.5  # seconds for a partner that reads after it has answered
STEP, LONGEST = 0.01, 0.2  # seconds between two looks at whether something has happened: at first, and later


class Shop:
    """ASGI middleware around the bookshop: what is due happens before anybody is answered, in the server's thread.

    After `hold` the next answer about books is made, then `change` happens, and only then it is sent: when `release` is
    set or the patience is at its end. `held` says that it is waiting.
    """

    def __init__(self, shop: Any) -> None:
        self.state = shop.state
        self.due: deque[tuple[str, int]] = deque()
        self.held, self.release = Event(), Event()
        self._shop: ASGIApp = shop
        self._then: list[tuple[str, int]] = []

    def hold(self, change: tuple[str, int]) -> None:
        self._then = [change]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._happen(self.due)
            if self._then and scope["method"] == "GET" and scope["path"].startswith(BOOKS):
                send = self._holding(send)
        await self._shop(scope, receive, send)

    def _holding(self, send: Send) -> Send:
        then = deque(self._then)
        self._then = []

        async def send_late(message: Message) -> None:
            if then:
                self._happen(then)
                self.held.set()
                end = monotonic() + HOLD
                while not self.release.is_set() and monotonic() < end:
                    await asyncio.sleep(STEP)
            await send(message)

        return send_late

    def _happen(self, changes: deque[tuple[str, int]]) -> None:
        while changes:
            isbn, stock = changes.popleft()
            self.state.shelf.change(isbn, stock=stock, trace=self.state.traces.continued(), by="rest")


# --- What is told -----------------------------------------------------------------------------------------------------


def notice(draw: random.Random, secret: str, isbn: str, version: int) -> Delivery:
    """A genuine one, as the bookshop writes it, signed a moment ago."""
    payload = json.dumps({"event_type": "stock.changed", "isbn": isbn, "version": version}, separators=(",", ":"))
    return Delivery(f"msg_{draw.getrandbits(96):024x}", payload, (secret,), age=AGE)


def about_another(genuine: Delivery, isbn: str) -> Delivery:
    """The same as if somebody on the way had put another book into it."""
    body = json.dumps(genuine.event | {"isbn": isbn}, separators=(",", ":"))
    return replace(genuine, body=body, amiss="whose content was changed after it had been signed")


def again(it: Delivery) -> Delivery:
    """The same event in another attempt: a newer timestamp, and so another signature."""
    return replace(it, age=0)


def tell(client: Client, notices: Iterable[Delivery]) -> bool:
    """POST each to the partner that the client is for, one after another, signed now: whether all answers are right."""
    right = [_right(it, _post(client, it)) for it in notices]  # all of them, whatever the first is answered
    return all(right)


def _post(client: Client, it: Delivery) -> requests.Response:
    fields = {"Content-Type": "application/json", "User-Agent": "bookshop"} | it.signed()
    return client.send("POST", HOOKS, content=it.content, **fields)


def _right(it: Delivery, answer: requests.Response) -> bool:
    return answer.status_code == (401 if it.amiss else 204)


def tell_overtaking(client: Client, shop: Shop, first: Delivery, second: Delivery) -> bool:
    """The second notice, while what the partner has read after the first is held back on its way."""
    with ThreadPoolExecutor(1) as pool:
        overtaking = pool.submit(_overtake, client.url, shop, second)
        right = tell(client, [first])
    return overtaking.result() and right


def _overtake(url: str, shop: Shop, second: Delivery) -> bool:
    other = Client(url)  # a session of requests is not for several threads
    try:
        shop.held.wait(PATIENCE)
        return tell(other, [second])
    finally:
        shop.release.set()
        other.close()


def read_copy(client: Client, right: dict[str, int]) -> None:
    """Ask for the copy until it is right: a partner may read after it has answered."""
    end, pause = monotonic() + PATIENCE, STEP
    while not _settled(client.send("GET", COPY), right) and monotonic() < end:
        sleep(pause)
        pause = min(2 * pause, LONGEST)


def _settled(answer: requests.Response, right: dict[str, int]) -> bool:
    """Whether it is right, or can never get so."""
    try:
        copy = answer.json()
    except ValueError:
        return True
    return answer.status_code != 200 or not isinstance(copy, dict) or right.items() <= copy.items()
