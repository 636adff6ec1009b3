"""The record of the bookshop, apart from its doors: what is in it, and what a change to it may be."""

from __future__ import annotations

from typing import Any

import pytest

from course_support.backends.shelf import (
    FIRST_ISBN,
    KEPT,
    LONGEST_NOTE,
    Change,
    Shelf,
    first_advice,
    isbn,
    isbn_advice,
    note_advice,
    stock_advice,
)


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_twenty_books_and_the_first_is_always_the_same(seed: int) -> None:
    books = Shelf(seed).books
    assert len({book.isbn for book in books}) == len({book.title for book in books}) == 20
    assert [book.isbn for book in books] == sorted(book.isbn for book in books)
    assert books[0].isbn == FIRST_ISBN
    assert {book.version for book in books} == {1}
    assert all(isbn_advice(book.isbn) is None and stock_advice(book.stock) is None for book in books)


def test_a_seed_makes_a_shelf() -> None:
    assert Shelf(1).books == Shelf(1).books != Shelf(2).books


@pytest.mark.parametrize("printed", ["9780306406157", "9783161484100", "9781861972712"])
def test_the_last_digit_of_an_isbn_checks_the_others(printed: str) -> None:
    assert isbn(int(printed[3:12])) == printed


def test_a_change_is_told_kept_and_counted() -> None:
    shelf, heard = Shelf(), list[Change]()
    shelf.followers.append(heard.append)
    changes = [shelf.change(FIRST_ISBN, stock=7, note="counted", trace="t", by="rest"), shelf.change(FIRST_ISBN)]
    assert heard == changes == shelf.history(FIRST_ISBN)
    assert [(it.stock, it.version, it.trace, it.by) for it in changes] == [(7, 2, "t", "rest"), (7, 3, "", "shop")]
    assert changes[0].at < changes[1].at
    assert shelf.state()[FIRST_ISBN] == (7, "counted")
    assert shelf.version == 2


def test_what_is_left_out_stays_and_what_is_empty_does_not() -> None:
    shelf = Shelf()
    shelf.change(FIRST_ISBN, stock=0, note="gone")
    assert shelf.change(FIRST_ISBN, note="").stock == 0
    assert shelf.state()[FIRST_ISBN] == (0, "")


def test_an_unknown_book_is_an_error_and_no_change() -> None:
    shelf = Shelf()
    with pytest.raises(KeyError):
        shelf.change("9780000000002", stock=1)
    assert shelf.version == 0


def test_the_history_does_not_grow_for_ever() -> None:
    shelf = Shelf()
    for _ in range(KEPT + 5):
        shelf.change(FIRST_ISBN, stock=1)
    assert [shelf.history(FIRST_ISBN)[0].version, len(shelf.history(FIRST_ISBN))] == [7, KEPT]


GOOD: list[tuple[Any, Any]] = [
    *((isbn_advice, value) for value in (FIRST_ISBN, "0000000000000")),
    *((stock_advice, value) for value in (0, 1_000_000)),
    *((note_advice, value) for value in ("", "x" * LONGEST_NOTE, "ä\t\r\n🎂\x7f\u2028")),
]
BAD: list[tuple[Any, Any]] = [
    *(
        (isbn_advice, value)
        for value in (None, 9780000000019, "978000000001", FIRST_ISBN + "\n", "978000000001X", "٩" * 13)
    ),
    *((stock_advice, value) for value in (None, -1, 1_000_001, 7.0, "7", True, float("nan"), 10**400)),
    *((note_advice, value) for value in (None, 1, "x" * (LONGEST_NOTE + 1), "\0", "\x1b", "\ud800", "\uffff")),
]


@pytest.mark.parametrize(("rule", "value"), GOOD, ids=range(len(GOOD)))
def test_good_values(rule: Any, value: Any) -> None:
    assert rule(value) is None


@pytest.mark.parametrize(("rule", "value"), BAD, ids=range(len(BAD)))
def test_bad_values_get_a_sentence(rule: Any, value: Any) -> None:
    assert rule(value).startswith("Send ")
    assert rule(value).endswith(".")


def test_the_first_member_that_breaks_its_rule_is_named() -> None:
    assert first_advice([("isbn", FIRST_ISBN), ("stock", 1)]) is None
    assert str(first_advice([("isbn", FIRST_ISBN), ("stock", -1), ("note", 0)])).startswith(
        "stock: Send a whole number"
    )
