"""What a warehouse has counted, one book after the other: the changes that each style has to bring to the bookshop."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from time import monotonic, sleep
from typing import NamedTuple

from course_support.backends.shelf import seeded

SEED = 7  # of the shop and of what was counted: two runs of the same settings send the same bytes

State = dict[str, tuple[int, str]]  # stock and note by ISBN


class Change(NamedTuple):
    """What the warehouse found: so many of a book, and a note on it."""

    isbn: str
    stock: int
    note: str


@dataclass
class Happening:
    """Changes that happen one after the other: whoever goes through them waits until the next one has happened.

    `started` is when somebody began to, on the clock of `monotonic`.
    """

    changes: Sequence[Change]
    spread: float  # seconds
    started: float = 0.0

    def __iter__(self) -> Iterator[Change]:
        self.started = monotonic()
        for change, happened in zip(self.changes, self.times, strict=True):
            sleep(max(0.0, happened - monotonic()))
            yield change

    @property
    def times(self) -> list[float]:
        """When each change happens."""
        return [self.started + index * self.spread for index in range(len(self.changes))]


def counted(changes: int, note_bytes: int) -> list[Change]:
    """So many changes with notes of so many bytes, the same each time; after the last book the first comes again."""
    draw, books = random.Random(SEED), seeded(SEED)
    stocks = [draw.randint(0, 99) for _ in range(changes)]  # the same whatever the notes
    notes = ["".join(draw.choices(ascii_lowercase, k=note_bytes)) for _ in range(changes)]
    isbns = [books[index % len(books)].isbn for index in range(changes)]
    return [Change(*values) for values in zip(isbns, stocks, notes, strict=True)]


def expected(changes: Sequence[Change]) -> State:
    """What the shop has to know when all of them have come."""
    books: State = {book.isbn: (book.stock, book.note) for book in seeded(SEED)}
    return books | {change.isbn: (change.stock, change.note) for change in changes}


def differing(state: State, changes: Sequence[Change]) -> int:
    """How many books the shop knows to be other than they were counted."""
    return sum(state[isbn] != values for isbn, values in expected(changes).items())
