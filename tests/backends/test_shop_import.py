"""A stocktaking in one request: each line by itself, none twice under one key, and nobody shut out meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from course_support.backends.shelf import LONGEST_NOTE

from .shops import ISBN, NOBODYS, Shop, open_shop, refused

BATCH = "/api/v1/books/batch"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


FAULTY: dict[str, tuple[Any, str | None, str]] = {
    "no object": (7, None, "not_an_object"),
    "no isbn": ({"stock": 1}, None, "invalid_isbn"),
    "a bad isbn": ({"isbn": "x" * 1000, "stock": 1}, None, "invalid_isbn"),
    "an unknown isbn": ({"isbn": NOBODYS, "stock": 1}, NOBODYS, "unknown_isbn"),
    "no stock": ({"isbn": ISBN}, ISBN, "invalid_stock"),
    "less than nothing": ({"isbn": ISBN, "stock": -1}, ISBN, "invalid_stock"),
    "a note of null": ({"isbn": ISBN, "stock": 1, "note": None}, ISBN, "invalid_note"),
    "a long note": ({"isbn": ISBN, "stock": 1, "note": "x" * (LONGEST_NOTE + 1)}, ISBN, "invalid_note"),
    "a member more": ({"isbn": ISBN, "stock": 1, "\ud800": 1}, ISBN, "unknown_member"),
}


def test_what_can_be_done_is_done_and_the_rest_is_listed(shop: Shop) -> None:
    good = [{"isbn": ISBN, "stock": 1}, {"isbn": ISBN, "stock": 2, "note": "the last one holds"}]
    answer = shop.batch(good[0], *(item for item, *_ in FAULTY.values()), good[1])
    assert answer.status_code == 200
    found = answer.json()
    assert (found["processed"], found["updated"]) == (len(FAULTY) + 2, 2)
    assert [(it["index"], it["isbn"], it["code"]) for it in found["errors"]] == [
        (index, isbn, code) for index, (_, isbn, code) in enumerate(FAULTY.values(), start=1)
    ]
    assert all(error["message"].endswith(".") for error in found["errors"])
    assert shop.shelf.state()[ISBN] == (2, "the last one holds")


def test_nothing_to_do_is_done(shop: Shop) -> None:
    assert shop.batch().json() == {"processed": 0, "updated": 0, "errors": []}


@pytest.mark.parametrize(
    "sent",
    [[], {}, {"operation": "create", "updates": []}, {"operation": "update", "updates": {}}, {"operation": "update"}],
    ids=range(5),
)
def test_what_is_no_batch_is_refused_whole(shop: Shop, sent: Any) -> None:
    assert refused(shop("POST", BATCH, json=sent), 422)["errors"]


def test_the_same_key_is_answered_again_and_nothing_is_done_twice(shop: Shop) -> None:
    change, version = {"isbn": ISBN, "stock": 3}, shop.version()
    first = shop.batch(change, 7, Idempotency_Key='"stocktaking-1"')
    again = shop.batch(change, 7, Idempotency_Key="stocktaking-1")  # without quotes it is the same key
    assert first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["traceparent"] != first.headers["traceparent"]
    assert shop.version() == version + 1
    refused(shop.batch(change, Idempotency_Key='"stocktaking-1"'), 422)
    assert shop.version() == version + 1


def test_a_refused_batch_leaves_its_key_free(shop: Shop) -> None:
    key = {"Idempotency-Key": '"stocktaking-2"'}
    refused(shop("POST", BATCH, json={"operation": "create", "updates": []}, headers=key), 422)
    assert shop.batch(Idempotency_Key='"stocktaking-2"').status_code == 200


@pytest.mark.parametrize("key", ['""', "x" * 256, '"x', "a b"], ids=range(4))
def test_a_bad_key_is_refused(shop: Shop, key: str) -> None:
    refused(shop.batch(Idempotency_Key=key), 400)


def test_of_eight_with_one_key_one_is_done(shop: Shop) -> None:
    updates = [{"isbn": book.isbn, "stock": 4} for book in shop.shelf.books] * 100
    version = shop.shelf.version
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: shop.batch(*updates, Idempotency_Key='"race"'), range(8)))
    assert shop.shelf.version == version + len(updates)
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len([answer for answer in done if "Idempotency-Replayed" not in answer.headers]) == 1
    assert {answer.content for answer in done} == {done[0].content}


def test_too_many_are_told_how_many_are_allowed(shop: Shop) -> None:
    version = shop.shelf.version
    assert "10000" in refused(shop.batch(*[{"isbn": ISBN, "stock": 1}] * 10_001), 413)["detail"]
    assert shop.shelf.version == version


def test_followers_hear_of_ten_thousand(shop: Shop) -> None:
    follower, start = shop.follow(), shop.version()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(shop.batch, *[{"isbn": ISBN, "stock": n} for n in range(10_000)])
        heard = [follower.read() for _ in range(10_000)]
    assert running.result().json()["updated"] == 10_000
    assert [it["version"] for it in heard] == [*range(start + 1, start + 10_001)]
    assert len({it["traceparent"] for it in heard}) == 1
