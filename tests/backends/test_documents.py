"""The documents: their log without gaps, where a late update finds its place, and that none is applied twice."""

from __future__ import annotations

import pytest

from course_support.backends import documents
from course_support.backends.documents import LARGEST, Document, Update, seeded
from course_support.backends.edits import Edit
from course_support.backends.problem import Problem


def document(text: str = "abcd", keep: int = 100) -> Document:
    return Document("document-1", text, keep)


def add(to: Document, edit: Edit, base: int | None = None, user: str = "ada", id: str | None = None) -> list[Update]:
    return to.add(edit, to.seq if base is None else base, user, "now", id)


def test_updates_count_without_a_gap_and_say_all_there_is() -> None:
    it = document()
    [first], [second] = add(it, Edit(0, "X"), id="a-1"), add(it, Edit(1, remove=2))
    assert (it.text, it.seq, first.seq, second.seq) == ("Xcd", 2, 1, 2)
    assert list(first.message.items()) == [
        ("type", "text_update"),
        ("position", 0),
        ("content", "X"),
        ("timestamp", "now"),
        ("userId", "ada"),
        ("remove", 0),
        ("seq", 1),
        ("id", "a-1"),
    ]
    assert "id" not in second.message
    assert it.representation == {"id": "document-1", "text": "Xcd", "seq": 2}


def test_a_late_update_is_moved_past_what_came_before_it() -> None:
    it = document()
    add(it, Edit(0, "XX"))
    add(it, Edit(3, remove=1))
    [late] = add(it, Edit(4, "!"), base=0)
    assert (it.text, late.edit) == ("XXacd!", Edit(5, "!"))


def test_a_removal_that_splits_becomes_two_updates_of_one_id() -> None:
    it = document()
    add(it, Edit(2, "X"))
    updates = add(it, Edit(1, remove=2), base=0, user="grace", id="g")
    assert it.text == "aXd"
    assert [(one.seq, one.edit, one.user, one.id) for one in updates] == [
        (2, Edit(1, remove=1), "grace", "g"),
        (3, Edit(2, remove=1), "grace", "g"),
    ]


def test_a_removal_of_what_is_gone_still_is_an_update() -> None:
    it = document()
    add(it, Edit(0, remove=4))
    assert [one.edit for one in add(it, Edit(1, remove=2), base=0)] == [Edit(0)]
    assert (it.text, it.seq) == ("", 2)


def test_as_it_stands_nothing_is_moved_and_what_is_outside_goes_to_the_end() -> None:
    it = document()
    add(it, Edit(0, "XX"))
    assert [one.edit for one in it.add_as_it_stands(Edit(4, "!"), "ada", "now")] == [Edit(4, "!")]
    assert [one.edit for one in it.add_as_it_stands(Edit(99, "?"), "ada", "now")] == [Edit(7, "?")]
    assert [one.edit for one in it.add_as_it_stands(Edit(6, remove=9), "ada", "now")] == [Edit(6, remove=2)]
    assert it.text == "XXab!c"


def test_replacing_is_a_removal_and_an_insertion() -> None:
    it = document()
    assert [one.edit for one in it.replace("new", "ada", "now")] == [Edit(0, remove=4), Edit(0, "new")]
    assert [one.edit for one in it.replace("", "ada", "now")] == [Edit(0, remove=3)]
    assert it.replace("", "ada", "now") == []
    assert [one.edit for one in it.replace("x", "ada", "now")] == [Edit(0, "x")]
    assert (it.text, it.seq) == ("x", 4)


def test_the_log_keeps_the_newest() -> None:
    it = document(keep=3)
    for number in range(5):
        add(it, Edit(0, str(number)))
    assert [seq for seq in range(-1, 8) if it.reaches(seq)] == [2, 3, 4, 5]
    assert [[one.seq for one in it.since(seq)] for seq in range(2, 6)] == [[3, 4, 5], [4, 5], [5], []]
    assert [it.length_at(seq) for seq in range(2, 6)] == [6, 7, 8, 9]


def test_the_length_at_a_seq_counts_removals_and_code_points() -> None:
    it = document("🎂🎂")
    add(it, Edit(0, remove=1))
    add(it, Edit(0, "Zoë"))
    assert [it.length_at(seq) for seq in range(3)] == [2, 1, 4]


def test_an_id_is_remembered_for_its_user_beyond_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "REMEMBERED", 2)
    it = document(keep=1)
    add(it, Edit(0, "X"), id="1")
    assert it.known("ada", "1") == it.since(0)
    assert it.known("grace", "1") == it.known("ada", "2") == []
    add(it, Edit(0, "Y"), id="2")
    assert it.known("ada", "1") == [Update(1, Edit(0), "ada", "", "1")]  # gone from the log: it does nothing
    add(it, Edit(0, "Z"), id="3")
    assert it.known("ada", "1") == []


@pytest.mark.parametrize("id", [None, 1, ["1"], {}])
def test_what_is_no_id_is_not_known(id: object) -> None:
    it = document()
    add(it, Edit(0, "X"))
    assert it.known("ada", id) == []


def test_a_document_has_a_largest_size_in_bytes() -> None:
    it = document("é" * (LARGEST // 2 - 1))
    add(it, Edit(0, "é"))
    with pytest.raises(Problem, match="at most 204800 bytes") as refused:
        add(it, Edit(0, "x"))
    assert refused.value.status_code == 409
    assert (it.seq, len(it.text)) == (1, LARGEST // 2)
    add(it, Edit(0, remove=1))
    add(it, Edit(0, "xy"))
    with pytest.raises(Problem):
        it.replace("x" * (LARGEST + 1), "ada", "now")
    assert it.seq == 3


def test_the_same_seed_gives_the_same_documents() -> None:
    shown = [it.representation for it in seeded(1, 10).values()]
    assert shown == [it.representation for it in seeded(1, 10).values()]
    assert shown != [it.representation for it in seeded(2, 10).values()]


@pytest.mark.parametrize("seed", range(30))
def test_document_123_and_five_others_are_in_every_seed(seed: int) -> None:
    found = seeded(seed, 10)
    assert len(found) == 6
    assert all(id == it.id for id, it in found.items())
    assert found["document-123"].text.count(".") == 3
    assert found["document-123"].text.isascii()
    assert all("🎂" in it.text for id, it in found.items() if id != "document-123")
