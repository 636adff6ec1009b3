"""What the warehouse tells counts once, and only if it was the warehouse."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from course_support.backends.shop_warehouse import KEPT, Seen

from .shops import ISBN, NOBODYS, Shop, open_shop, refused

HOOK = "/hooks/warehouse"
BODY = json.dumps({"event_type": "stock.counted", "isbn": ISBN, "stock": 7, "note": "counted"})


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop
        assert shop.tracebacks == 0


def test_an_event_counts_once_whatever_comes_with_its_id(shop: Shop) -> None:
    version = shop.version()
    assert shop.hook({"isbn": ISBN, "stock": 1}, id="once").status_code == 204
    assert shop.hook({"isbn": ISBN, "stock": 2}, id="once").status_code == 204
    assert (shop.version(), shop.shelf.state()[ISBN][0]) == (version + 1, 1)
    assert shop.hook({"isbn": ISBN, "stock": 2}, id="twice").content == b""
    assert shop.version() == version + 2


def test_only_what_the_warehouse_signed_just_now_is_believed(shop: Shop) -> None:
    good, now = shop.signed(BODY, "believed"), datetime.now(UTC)
    attempts = {
        "another body": (BODY.replace("7", "8"), good),
        "a space more": (BODY + " ", good),
        "another id": (BODY, good | {"webhook-id": "other"}),
        "another secret": (BODY, shop.signed(BODY, secret="whsec_" + "c2VjcmV0" * 4)),
        "an old one": (BODY, shop.signed(BODY, at=now - timedelta(minutes=6))),
        "one to come": (BODY, shop.signed(BODY, at=now + timedelta(minutes=6))),
        "a signature that is none": (BODY, good | {"webhook-signature": "v1"}),
        "Base64 that is none": (BODY, good | {"webhook-signature": "v1,ä".encode("latin-1").decode("latin-1")}),
        "a time that is none": (BODY, good | {"webhook-timestamp": "nan"}),
        "nothing": (BODY, {"Content-Type": "application/json"}),
        "no UTF-8": (b"\xff", good),
    }
    version = shop.version()
    for body, fields in attempts.values():
        refused(shop("POST", HOOK, None, data=body, headers=fields), 401)
    assert shop.version() == version
    assert shop("POST", HOOK, None, data=BODY, headers=good).status_code == 204


def test_of_two_ids_the_one_that_is_signed_counts(shop: Shop) -> None:
    """Otherwise whoever overheard an event could replay it under any number of ids."""
    fields = shop.signed(BODY, "signed")
    version = shop.version()
    for other in ("one", "two", "three"):
        line = http.client.HTTPConnection("127.0.0.1", shop.server.port, timeout=20)
        line.putrequest("POST", HOOK)
        for name, value in [("webhook-id", other), *fields.items(), ("Content-Length", str(len(BODY)))]:
            line.putheader(name, value)
        line.endheaders(BODY.encode())
        line.getresponse().read()
        line.close()
    assert shop.version() <= version + 1


def test_a_signature_among_others_is_found(shop: Shop) -> None:
    """As while a secret is rotated (Standard Webhooks, signature scheme)."""
    fields = shop.signed(BODY, "rotated")
    fields["webhook-signature"] = f"v1,{'A' * 43}= v1a,xyz {fields['webhook-signature']}"
    assert shop("POST", HOOK, None, data=BODY, headers=fields).status_code == 204


FAULTY: dict[str, tuple[Any, int]] = {
    "no event": ([], 422),
    "another event": ({"event_type": "stock.lost", "isbn": ISBN, "stock": 1}, 422),
    "no stock": ({"event_type": "stock.counted", "isbn": ISBN}, 422),
    "a member more": ({"event_type": "stock.counted", "isbn": ISBN, "stock": 1, "price": "1"}, 422),
    "an unknown book": ({"event_type": "stock.counted", "isbn": NOBODYS, "stock": 1}, 404),
}


@pytest.mark.parametrize(("sent", "status"), FAULTY.values(), ids=FAULTY)
def test_a_refused_event_may_come_again(shop: Shop, sent: Any, status: int) -> None:
    body, id = json.dumps(sent), f"refused {status}"
    for _ in range(2):
        refused(shop("POST", HOOK, None, data=body, headers=shop.signed(body, id)), status)


@pytest.mark.parametrize("body", ["{", "[" * 100_000, '{"stock": NaN}'], ids=range(3))
def test_what_is_signed_and_no_json_is_refused_as_that(shop: Shop, body: str) -> None:
    refused(shop("POST", HOOK, None, data=body, headers=shop.signed(body)), 400)


def test_ids_are_not_kept_for_ever() -> None:
    seen = Seen()
    for number in range(KEPT + 1):
        seen.add(str(number))
    assert "0" not in seen
    assert {"1", str(KEPT)} <= {id for id in map(str, range(KEPT + 1)) if id in seen}
