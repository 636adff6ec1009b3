from __future__ import annotations

from time import monotonic

from course_support.backends.bookshop import app
from course_support.stocktaking import SEED, Change, Happening, counted, differing, expected


def test_the_same_is_counted_each_time() -> None:
    assert counted(30, 40) == counted(30, 40)
    assert {len(change.note.encode()) for change in counted(30, 40)} == {40}
    assert [change[:2] for change in counted(5, 0)] == [change[:2] for change in counted(5, 900)]
    assert len({change.isbn for change in counted(50, 0)}) == 20


def test_what_is_expected_is_the_shop_s_record_and_the_newest_changes() -> None:
    before = app(SEED).state.shelf.state()
    assert expected([]) == before
    isbn = next(iter(before))
    changes = [Change(isbn, 1, "a"), Change(isbn, 2, "b")]
    assert expected(changes) == before | {isbn: (2, "b")}
    assert (differing(before, changes), differing(expected(changes), changes)) == (1, 0)


def test_changes_happen_one_after_the_other() -> None:
    happening = Happening(counted(4, 0), 0.05)
    begun, seen = monotonic(), []
    for change in happening:
        seen.append(monotonic())
        assert change in happening.changes
    assert happening.started >= begun
    assert [round(time - happening.started, 3) for time in happening.times] == [0, 0.05, 0.1, 0.15]
    assert all(at >= happened for at, happened in zip(seen, happening.times, strict=True))


def test_who_is_late_does_not_wait() -> None:
    happening = Happening(counted(3, 0), 0.0)
    assert list(happening) == happening.changes
    assert happening.times == [happening.started] * 3
