"""The exercise that writes a partner of the bookshop: thin notices in, a copy out."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from course_support.backends.bookshop import app
from course_support.backends.shelf import isbn as isbn_of
from course_support.backends.shop_rest import BOOKS
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.choosing.notices import (
    Shop,
    about_another,
    again,
    notice,
    read_copy,
    tell,
    tell_overtaking,
)
from course_support.exercises.choosing.partnered import (
    asked_amiss,
    asked_for_strangers,
    crashed_on_strangers,
    crashed_on_the_unknown,
    no_answer,
    no_copy,
    not_refused,
    not_taken,
    other_books,
    other_stocks,
    read_nothing,
)
from course_support.exercises.rules import not_let_in
from course_support.exercises.webhooks.deliveries import Delivery, forged, garbled, secret, stale
from course_support.verdict import Verdict


class _Draft:
    """A shop, the books of one scene, and how their versions go on."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.key = draw, secret(draw)
        self.shop = Shop(app(draw.randrange(2**32)))
        self.shelf = self.shop.state.shelf
        self.isbns = draw.sample([book.isbn for book in self.shelf.books], 8)
        for isbn in draw.sample(self.isbns, 4):  # so that versions do not begin at 1 everywhere
            self.shelf.change(isbn, stock=draw.randint(0, 60))
        self.stocks = {book.isbn: [book.stock] for book in self.shelf.books}
        self._versions = {book.isbn: book.version for book in self.shelf.books}

    def change(self, isbn: str) -> tuple[tuple[str, int], Delivery]:
        """A change that is still to happen, to a stock that is no version, and the notice that tells of it."""
        stock = self.draw.choice([it for it in range(100, 900) if it not in self.stocks[isbn]])
        self.stocks[isbn].append(stock)
        self._versions[isbn] += 1
        return (isbn, stock), self.notice(isbn)

    def notice(self, isbn: str) -> Delivery:
        return notice(self.draw, self.key, isbn, self._versions.get(isbn, 2))

    def scene(
        self, told: list[str], deliveries: list[Delivery], visit: Callable[[Client], bool], **expected: Any
    ) -> Scene:
        right = {isbn: self.stocks[isbn][-1] for isbn in told}

        def visit_and_read(client: Client) -> None:
            if visit(client):
                read_copy(client, right)

        known = {"deliveries": deliveries, "right": right, "stocks": self.stocks, "versions": self._versions}
        arguments = {"secret": self.key, "url": URL, "token": self.shop.state.credentials["partner"]}
        return Scene(self.shop, arguments, known | expected, afterwards=visit_and_read, serves=True)


def _scenes(draw: random.Random) -> list[Scene]:
    return [_one_by_one(_Draft(draw)), _overtaking(_Draft(draw))]


def _one_by_one(draft: _Draft) -> Scene:
    """Strangers first: what they ask for is the first that a partner could do wrong."""
    draw, shop = draft.draw, draft.shop
    often, swapped, *others = draft.isbns
    unknown = isbn_of(draw.randint(1000, 99_999))
    strangers = [
        forged(draw, draft.notice(others[0])),
        stale(draft.notice(others[1])),
        about_another(draft.notice(others[2]), others[3]),
    ]
    draw.shuffle(strangers)
    malformed = garbled(draft.notice(others[4]))
    gone = draft.notice(unknown)
    changes = [draft.change(isbn) for isbn in (often, swapped, swapped, often)]
    first, older, newer, last = (it for _, it in changes)

    def visit(client: Client) -> bool:
        shop.due += [change for change, _ in changes[:3]]
        right = tell(client, [*strangers, first, again(first), gone, newer, older, malformed])
        shop.due.append(changes[3][0])
        return tell(client, [last]) and right

    return draft.scene(
        [often, swapped], [*strangers, first, gone, newer, older, malformed, last], visit, unknown=unknown
    )


def _overtaking(draft: _Draft) -> Scene:
    """What was read after the first notice arrives after what is read after the second.

    It needs two reads at once. Who reads one after another, under a lock or by blocking the event loop, cannot be
    overtaken: each read is of now, whatever notice led to it, so without any versions that is right, and passes.
    """
    plain, overtaken, *_ = draft.isbns
    (change, told), (older, first), (newer, second) = map(draft.change, (plain, overtaken, overtaken))

    def visit(client: Client) -> bool:
        draft.shop.due.append(change)
        right = tell(client, [told])
        draft.shop.due.append(older)
        draft.shop.hold(newer)
        return tell_overtaking(client, draft.shop, first, second) and right

    return draft.scene([plain, overtaken], [told, first, second], visit, overtaken=overtaken)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        no_answer,
        not_taken,
        not_refused,
        asked_for_strangers,
        read_nothing,
        no_copy,
        other_books,
        other_stocks,
    )


PARTNER = Exercise(
    "choosing.partner",
    "Be the partner",
    4,
    (
        "Verify first, then read the book, then keep its stock. What you read has a `version`, too: what if one answer "
        "overtakes another? And what if there is no such book?",
        "Keep a pair of version and stock for each ISBN, and let the greater version stay. `requests` waits: `await "
        "run_in_threadpool(requests.get, …)` lets other notices in meanwhile.",
        "`event = Webhook(secret).verify(await request.body(), dict(request.headers))`, and 401 for a "
        f"WebhookVerificationError or ValueError. Then `GET {{url}}{BOOKS}/{{isbn}}` with the token: on 200 "
        '`copy[isbn] = max(copy.get(isbn, (0, 0)), (book["version"], book["stock"]))`, otherwise nothing; 204.',
    ),
    _scenes,
    _judge,
    early=(not_let_in, asked_amiss, crashed_on_strangers, crashed_on_the_unknown),
)
