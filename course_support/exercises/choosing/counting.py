"""The exercise that brings counts in one batch, and finds by its trace what came of each."""

from __future__ import annotations

import random
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.bookshop import app
from course_support.backends.shelf import isbn as isbn_of
from course_support.backends.shop_import import BATCH
from course_support.backends.shop_rest import BOOKS
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.choosing.counted import (
    another_trace,
    crashed_on_the_malformed,
    left_out,
    no_batch,
    one_by_one,
    other_books,
    other_versions,
    several,
)
from course_support.exercises.rules import not_let_in, of_type, sent_nothing
from course_support.verdict import Verdict


class Colleagues:
    """ASGI middleware: others change books just before the first batch comes, and just after one was taken in.

    They bring batches of their own, and have counted the same: what tells a change from theirs is its trace.
    """

    def __init__(self, shop: Any, before: tuple[str, int], after: tuple[str, int]) -> None:
        self.state = shop.state
        self._shop: ASGIApp = shop
        self._before, self._after = [before], [after]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (scope["method"], scope["path"]) == ("POST", BATCH):
            self._change(self._before)
            send = self._changing(send)
        await self._shop(scope, receive, send)

    def _changing(self, send: Send) -> Send:
        async def send_after_change(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                self._change(self._after)
            await send(message)

        return send_after_change

    def _change(self, left: list[tuple[str, int]]) -> None:
        while left:
            isbn, stock = left.pop()
            self.state.shelf.change(isbn, stock=stock, trace=self.state.traces.continued(), by="batch")


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    shop = app(draw.randrange(2**32))
    shelf, traces = shop.state.shelf, shop.state.traces
    isbns = draw.sample([book.isbn for book in shelf.books], draw.randint(4, 6))
    for isbn in draw.choices(isbns, k=7):  # so that versions differ
        shelf.change(isbn, stock=draw.randint(0, 99), trace=traces.continued(), by=draw.choice(("rest", "batch")))
    before, after = isbns[:2]
    right = {isbn: shelf.get(isbn).version + 1 + (isbn == before) for isbn in isbns}
    unknown, malformed = isbn_of(draw.randint(1000, 99_999)), f"978{draw.randint(100, 999)}"  # no book's, and no ISBN
    told = [*isbns, malformed]
    draw.shuffle(told)
    told.insert(told.index(malformed), unknown)  # who leaves neither alone comes to the unknown one first
    counts = [{"isbn": isbn, "stock": draw.randint(100, 900)} for isbn in told]
    given = f"00-{draw.getrandbits(128):032x}-{draw.getrandbits(64):016x}-01"
    stocks = {it["isbn"]: it["stock"] for it in counts}
    colleagues = Colleagues(shop, (before, stocks[before]), (after, stocks[after]))
    arguments = {"url": URL, "token": shop.state.credentials["shop"], "counts": counts, "traceparent": given}
    expected = {"right": right, "before": before, "after": after, "unknown": unknown, "malformed": malformed}
    return Scene(colleagues, arguments, expected)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        no_batch,
        one_by_one,
        left_out,
        another_trace,
        several,
        of_type(dict, '{"9780000000019": 3, …}'),
        other_books,
        other_versions,
    )


COUNTED = Exercise(
    "choosing.counted",
    "Counts in a batch, under one trace",
    2,
    (
        "The shop goes on working while you look. What tells a change of yours from one of a colleague?",
        f'`GET {BOOKS}/{{isbn}}/history` answers {{"changes": […]}}, each with `version` and `traceparent`. Of the '
        "four parts of a traceparent the trace id is the second, and the only one that stays. A book that is not there "
        "has no history: 404.",
        'Send `headers={"traceparent": traceparent}` with the POST of `{"operation": "update", "updates": counts}`. '
        'Then for each isbn take the `version` of the change for which `trace_id in change["traceparent"]`.',
    ),
    _scenes,
    _judge,
    early=(crashed_on_the_malformed,),
)
