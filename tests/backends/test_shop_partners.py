"""What partners are told, and what becomes of those who do not answer, or are elsewhere than they may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from course_support.backends.shop_telling import WAITING
from course_support.server import Server

from .shops import ISBN, Partner, Shop, open_shop, refused

PARTNERS = "/api/v1/partners"
SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Partner, Server]]:
    partner = Partner()
    with Server(partner.app) as server:
        yield partner, server


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        shop.app.state.pause = 0.01
        yield shop
        assert shop.tracebacks == 0


@pytest.fixture
def partner(shop: Shop, served: tuple[Partner, Server]) -> Iterator[Partner]:
    """Registered with SECRET, and told of nothing yet."""
    partner, server = served
    partner.received.clear()
    partner.answers.clear()
    registered = register(shop, target(server))
    yield partner
    shop("DELETE", f"{PARTNERS}/{registered['id']}", "partner")


def target(server: Server) -> str:
    return f"http://partner.localhost:{server.port}/stock"


def register(shop: Shop, url: str, secret: str = SECRET) -> Any:
    answer = shop("POST", PARTNERS, "partner", json={"target_url": url, "secret": secret})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{PARTNERS}/{answer.json()['id']}"
    return answer.json()


def change(shop: Shop, *stocks: int) -> list[tuple[str, int]]:
    """ISBN and version of each, once all partners have been told."""
    made = [(ISBN, shop.patch(sent={"stock": stock}).json()["version"]) for stock in stocks]
    assert shop.app.state.partners.idle(20)
    return made


def test_each_change_is_told_in_order_and_signed(shop: Shop, partner: Partner) -> None:
    assert change(shop, 1, 2, 3) == partner.told
    for fields, body in partner.received:
        assert Webhook(SECRET).verify(body, fields)["event_type"] == "stock.changed"
        assert fields["user-agent"] == "bookshop"
    assert len({fields["webhook-id"] for fields, _ in partner.received}) == 3


def test_a_failed_attempt_is_made_again_with_the_same_id(shop: Shop, partner: Partner) -> None:
    partner.answers.extend([500, 302])
    (told,) = change(shop, 4)
    assert partner.told == [told] * 3
    assert len({fields["webhook-id"] for fields, _ in partner.received}) == 1


def test_after_three_it_is_dropped_and_the_next_is_told(shop: Shop, partner: Partner) -> None:
    partner.answers.extend([500] * 3)
    first, second = change(shop, 5, 6)
    assert partner.told == [first] * 3 + [second]


def test_gone_is_gone(shop: Shop, partner: Partner) -> None:
    partner.answers.append(410)
    change(shop, 7)
    change(shop, 8)
    assert len(partner.received) == 1


def test_who_leaves_is_told_no_more(shop: Shop, served: tuple[Partner, Server]) -> None:
    partner, server = served
    partner.received.clear()
    address = f"{PARTNERS}/{register(shop, target(server))['id']}"
    refused(shop("DELETE", address, "shop"), 404)  # another's
    assert shop("DELETE", address, "partner").status_code == 204
    refused(shop("DELETE", address, "partner"), 404)
    change(shop, 9)
    assert partner.received == []


def test_one_that_does_not_answer_keeps_nobody_waiting(shop: Shop, partner: Partner) -> None:
    with Server(Partner().app) as closed:
        nobody = register(shop, target(closed))
    assert change(shop, 10, 11) == partner.told
    shop("DELETE", f"{PARTNERS}/{nobody['id']}", "partner")


def test_what_waits_has_an_end(shop: Shop) -> None:
    found = shop.app.state.partners.get(register(shop, "http://partner.localhost:9/")["id"])
    found.busy = True  # as if it were being told, for ever
    shop.batch(*[{"isbn": ISBN, "stock": 1}] * (WAITING + 5))
    assert len(found.waiting) == WAITING
    assert found.waiting[-1][1].version == shop.version()
    assert not shop.app.state.partners.idle(0.01)
    shop.app.state.partners.remove(found)
    assert shop.app.state.partners.idle(20)


def test_a_secret_is_made_up_for_who_has_none(shop: Shop, served: tuple[Partner, Server]) -> None:
    answer = shop("POST", PARTNERS, json={"target_url": target(served[1])}).json()
    assert answer["secret"].startswith("whsec_")
    assert shop("DELETE", f"{PARTNERS}/{answer['id']}").status_code == 204


ELSEWHERE = {
    "nothing": {},
    "no text": {"target_url": 7},
    "this machine": {"target_url": "https://127.0.0.1/"},
    "by its name": {"target_url": "https://localhost/"},
    "the shop of lesson 5": {"target_url": "http://shop.localhost:80/"},
    "an intranet": {"target_url": "https://10.0.0.7/"},
    "in the clear": {"target_url": "http://yourstore.com/"},
    "a short secret": {"target_url": "http://partner.localhost:9/", "secret": "whsec_c2VjcmV0"},
    "a member more": {"target_url": "http://partner.localhost:9/", "events": []},
}


@pytest.mark.parametrize("sent", ELSEWHERE.values(), ids=ELSEWHERE)
def test_no_partner_is_elsewhere(shop: Shop, sent: dict[str, Any]) -> None:
    assert refused(shop("POST", PARTNERS, json=sent), 422)["errors"]
