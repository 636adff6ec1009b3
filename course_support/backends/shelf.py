"""The record of a bookshop: its books, and the one place where their stock changes, whichever door the change came by.

All doors run on the event loop of their server, so `Shelf` needs no lock as long as it is changed there alone, with no
`await` between a look and a change. From other threads, such as a notebook's, only `state` and `get` may be called.
"""

import random
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from course_support.backends.clock import Clock

FIRST_ISBN = "9780000000019"  # of a book that is there whatever the seed
MOST_STOCK = 1_000_000
LONGEST_NOTE = 100_000  # characters
KEPT = 1000  # changes of a book that its history goes back
# XML 1.0 has none of these (section 2.2), and what one door takes in, every other one must be able to hand out.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
SUBJECTS = ("Lighthouse", "Orchard", "Glacier", "Clockmaker", "Ferry", "Violin", "Archive", "Beehive", "Cartographer")
TITLES = ("The {}", "The {} in Winter", "Letters from the {}", "The Last {}", "How to Draw the {}")


@dataclass(frozen=True)
class Book:
    isbn: str  # thirteen digits
    title: str
    stock: int
    price: str  # a decimal number: binary fractions have no cents
    note: str = ""
    version: int = 1

    @property
    def representation(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Change:
    """What happened to a book: its stock and version since, and whose doing in whose name it was."""

    isbn: str
    stock: int
    version: int
    trace: str  # a traceparent
    by: str  # the door: rest, soap, graphql, websocket, webhook or batch
    at: datetime


class Shelf:
    """The books in the order of their ISBNs. `followers` are called with each change, in the order of the changes."""

    def __init__(self, seed: int = 1, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.version = 0  # counts the changes of all books
        self.followers: list[Callable[[Change], None]] = []
        self._books = {book.isbn: book for book in seeded(seed)}
        self._history: dict[str, deque[Change]] = {isbn: deque(maxlen=KEPT) for isbn in self._books}

    @property
    def books(self) -> list[Book]:
        return list(self._books.values())

    def get(self, isbn: str) -> Book | None:
        return self._books.get(isbn)

    def history(self, isbn: str) -> list[Change]:
        """The newest changes of a book, oldest first."""
        return list(self._history[isbn])

    def state(self) -> dict[str, tuple[int, str]]:
        """Stock and note by ISBN: what two shops must agree on that were told the same."""
        return {book.isbn: (book.stock, book.note) for book in self.books}

    def change(
        self, isbn: str, *, stock: int | None = None, note: str | None = None, trace: str = "", by: str = "shop"
    ) -> Change:
        """Set what is not None: a new version in any case, as a count that finds what was expected is news too.

        Raises KeyError for a book that the shop does not have; the values must have been checked before.
        """
        book = self._books[isbn]
        new = {name: value for name, value in (("stock", stock), ("note", note)) if value is not None}
        book = self._books[isbn] = replace(book, **new, version=book.version + 1)  # type: ignore[arg-type]
        self.version += 1
        self.clock.advance()
        change = Change(isbn, book.stock, book.version, trace, by, self.clock.now)
        self._history[isbn].append(change)
        for follower in self.followers:
            follower(change)
        return change


def seeded(seed: int) -> list[Book]:
    """The same 20 books for the same seed; `FIRST_ISBN` is always the first of them."""
    draw = random.Random(f"books {seed}")
    numbers = [1, *sorted(draw.sample(range(2, 1000), 19))]
    titles = draw.sample([title.format(subject) for title in TITLES for subject in SUBJECTS], 20)
    return [
        Book(isbn(number), title, draw.randint(0, 60), f"{draw.randint(6, 48)}.{draw.choice(('00', '50', '90'))}")
        for number, title in zip(numbers, titles, strict=True)
    ]


def isbn(number: int) -> str:
    """Thirteen digits, the last of which checks the others, weighted 1 and 3 in turn (ISO 2108)."""
    digits = f"978{number:09d}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, [1, 3] * 6, strict=True))
    return f"{digits}{-weighted % 10}"


# --- What a change may be: the same in all doors ---------------------------------------------------------------------


def isbn_advice(value: Any) -> str | None:
    """What is wrong with an ISBN that was sent, as one sentence; None if nothing is."""
    fits = isinstance(value, str) and re.fullmatch("[0-9]{13}", value)
    return None if fits else "Send the thirteen digits of an ISBN as a string."


def stock_advice(value: Any) -> str | None:
    fits = type(value) is int and 0 <= value <= MOST_STOCK
    return None if fits else f"Send a whole number from 0 to {MOST_STOCK}."


def note_advice(value: Any) -> str | None:
    fits = isinstance(value, str) and len(value) <= LONGEST_NOTE and not UNPRINTABLE.search(value)
    return None if fits else f"Send a string of at most {LONGEST_NOTE} characters, none of them a control character."


RULES = {"isbn": isbn_advice, "stock": stock_advice, "note": note_advice}


def first_advice(change: Iterable[tuple[str, Any]]) -> str | None:
    """What is wrong with the first member of a change that breaks its rule, in one sentence; None if all are good."""
    return next((f"{name}: {advice}" for name, value in change if (advice := RULES[name](value))), None)
