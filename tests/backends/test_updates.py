"""What a client may ask of a document: every fault is named with its member, in a sentence that fits a close frame."""

from __future__ import annotations

import json
from typing import Any

import pytest

from course_support.backends.documents import Document
from course_support.backends.edits import Edit
from course_support.backends.problem import Problem
from course_support.backends.updates import Wanted, checked, checked_cursor, checked_text

from .editors import update


def document() -> Document:
    it = Document("document-1", "abcd", 2)
    for _ in range(3):
        it.add(Edit(0, "X"), it.seq, "ada", "now")
    return it


def test_the_document_s_own_example_is_fine() -> None:
    sent = update(2, "Hi", timestamp="2026-03-02T09:00:00Z", userId="ada")
    assert checked(sent, "ada", document()) == Wanted(Edit(2, "Hi"), 3, "2026-03-02T09:00:00Z", None)


def test_what_is_left_out_has_a_meaning() -> None:
    assert checked({"type": "text_update", "position": 7, "content": "Hi"}, "ada", document()).base == 3
    assert checked(update(0, remove=7, base=3, id="i" * 64, odd=1), "ada", document()) == Wanted(
        Edit(0, remove=7), 3, None, "i" * 64
    )


FAULTS: list[tuple[Any, set[str]]] = [
    ([], {"#"}),
    (None, {"#"}),
    ("text_update", {"#"}),
    ({}, {"#/type", "#/position"}),
    ({**update(0, "a"), "type": "cursor_move"}, {"#/type"}),
    (update(-1, "a"), {"#/position"}),
    (update(1.0, "a"), {"#/position"}),  # type: ignore[arg-type]
    (update(True, "a"), {"#/position"}),
    (update("1", "a"), {"#/position"}),  # type: ignore[arg-type]
    (update(8, "a"), {"#/position"}),
    (update(6, "a", base=1), {"#/position"}),
    (update(7, remove=1), {"#/position"}),
    (update(0, remove=10**30), {"#/position"}),
    (update(0, None), {"#/content"}),  # type: ignore[arg-type]
    (update(0, 7), {"#/content"}),  # type: ignore[arg-type]
    (update(0, "\ud800"), {"#/content"}),
    (update(0, ""), {"#/content"}),
    (update(0), {"#/content"}),
    (update(0, "a", remove=1), {"#/remove"}),
    (update(0, remove=-1), {"#/remove"}),
    (update(0, remove=None), {"#/remove"}),
    (update(0, remove=True), {"#/remove"}),
    (update(0, "a", base=-1), {"#/base"}),
    (update(0, "a", base=0), {"#/base"}),
    (update(0, "a", base=4), {"#/base"}),
    (update(0, "a", base=None), {"#/base"}),
    (update(0, "a", userId="grace"), {"#/userId"}),
    (update(0, "a", userId=None), {"#/userId"}),
    (update(0, "a", timestamp=""), {"#/timestamp"}),
    (update(0, "a", timestamp="2" * 41), {"#/timestamp"}),
    (update(0, "a", timestamp=2026), {"#/timestamp"}),
    (update(0, "a", timestamp=None), {"#/timestamp"}),
    (update(0, "a", timestamp="\udfff"), {"#/timestamp"}),
    (update(0, "a", id=""), {"#/id"}),
    (update(0, "a", id="i" * 65), {"#/id"}),
    (update(0, "a", id=7), {"#/id"}),
    (update(0, "a", id=None), {"#/id"}),
    (update(0, "a", id="\ud800"), {"#/id"}),
    (update(-1, 7, userId=[], id={}), {"#/position", "#/content", "#/userId", "#/id"}),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("sent", "places"), FAULTS, ids=[json.dumps(sent)[:60] for sent, _ in FAULTS])
def test_every_fault_is_named(sent: Any, places: set[str]) -> None:
    with pytest.raises(Problem) as refused:
        checked(sent, "ada", document())
    assert refused.value.status_code == 422
    assert {error["pointer"] for error in refused.value.errors} == places
    for error in refused.value.errors:
        assert error["detail"].endswith(".")
        assert len(f"{error['pointer']}: {error['detail']}".encode()) <= 123  # RFC 6455, section 5.5


def test_a_position_is_a_place_in_the_text_that_the_client_had() -> None:
    assert checked(update(5, "a", base=1), "ada", document()).edit.position == 5


def test_without_transform_any_place_and_any_base_will_do() -> None:
    wanted = checked(update(99, remove=5, base=0), "ada", document(), transform=False)
    assert wanted.edit == Edit(99, remove=5)


@pytest.mark.parametrize(("position", "place"), [(0, 0), (7, 7), (8, 7), (10**30, 7)])
def test_a_cursor_is_at_most_at_the_end(position: int, place: int) -> None:
    assert checked_cursor({"position": position, "userId": "ada"}, "ada", document()) == place


@pytest.mark.parametrize("sent", [{}, {"position": -1}, {"position": True}, {"position": "1"}, {"position": 1.5}])
def test_a_cursor_is_somewhere(sent: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        checked_cursor(sent, "ada", document())
    assert [error["pointer"] for error in refused.value.errors] == ["#/position"]


def test_nobody_moves_the_cursor_of_another() -> None:
    with pytest.raises(Problem) as refused:
        checked_cursor({"position": 0, "userId": "grace"}, "ada", document())
    assert [error["pointer"] for error in refused.value.errors] == ["#/userId"]


@pytest.mark.parametrize(
    ("sent", "place"), [([], "#"), ({}, "#/text"), ({"text": 1}, "#/text"), ({"text": "\ud800"}, "#/text")]
)
def test_a_whole_text_is_a_string(sent: Any, place: str) -> None:
    with pytest.raises(Problem) as refused:
        checked_text(sent)
    assert [error["pointer"] for error in refused.value.errors] == [place]
    assert checked_text({"text": ""}) == ""
