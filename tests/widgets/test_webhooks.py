"""The webhook panel without a page: each control does what its line of Python does, and both tables tell of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends.webhooks import app
from course_support.server import Server
from course_support.widgets.delivery_views import shortened
from course_support.widgets.webhooks import WebhookPanel, webhook_panel

SECRET = "whsec_" + "c2VjcmV0" * 4
EVENTS = ["payment.completed", "payment.failed", "payment.disputed"]


async def told(request: Request) -> Response:
    signed_at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    content = (await request.body()).decode()
    signature = Webhook(SECRET).sign(request.headers["webhook-id"], signed_at, content)
    return Response(status_code=204 if signature in request.headers["webhook-signature"].split() else 401)


@pytest.fixture
def processor() -> Iterator[Server]:
    with Server(app(1)) as server:
        yield server


@pytest.fixture
def shop() -> Iterator[Server]:
    with Server(Starlette(routes=[Route("/webhooks", told, methods=["POST"])])) as server:
        yield server


def register(processor: Server, shop: Server, *events: str) -> None:
    headers = {"Authorization": f"Bearer {processor.credentials['yourstore']}"}
    url = f"http://shop.localhost:{shop.port}/webhooks"
    wanted = {"event_types": events or EVENTS, "target_url": url, "secret": SECRET}
    requests.post(f"{processor.url}/api/webhooks/register", json=wanted, headers=headers).raise_for_status()


@pytest.fixture
def panel(processor: Server, shop: Server) -> Iterator[WebhookPanel]:
    register(processor, shop)
    panel = webhook_panel(processor, shop)
    yield panel
    panel.close()


def press(panel: WebhookPanel, label: str) -> None:
    rows = (row for row in panel.children if hasattr(row, "children"))
    next(it for row in rows for it in row.children if getattr(it, "description", "") == label).click()


def plain(html: str) -> str:
    return " ".join(unescape(re.sub("<style>.*</style>|<[^>]+>", " ", html, flags=re.S)).split())


def run_python(panel: WebhookPanel) -> None:
    """Do what the panel shows as the same in Python."""
    shown = panel.python.value.partition("<pre>" if "<pre>" in panel.python.value else "<code>")[2]
    code = unescape(re.split("</pre>|</code>", shown)[0])
    exec(code, {"requests": requests, "timedelta": timedelta, "processor": panel.processor, "shop": panel.shop})


def statuses(panel: WebhookPanel) -> list[list[Any]]:
    return [[attempt.outcome.status for attempt in delivery.attempts] for delivery in panel.deliveries]


def events(panel: WebhookPanel) -> list[str]:
    return [delivery.event.event_type for delivery in panel.deliveries]


def test_events_are_made_and_logged(panel: WebhookPanel) -> None:
    for label in ("Pay (completes)", "Pay (card fails)", "Dispute the last"):
        press(panel, label)
    assert events(panel) == ["payment.disputed", "payment.failed", "payment.completed"]
    assert statuses(panel) == [[204], [204], [204]]
    assert plain(panel.said.value) == "payment.disputed: the shop answered with 204."
    first = panel.deliveries[0].event.id
    assert shortened(first) in panel.tried.value
    assert plain(panel.tried.value).count("delivered") == 3
    assert plain(panel.answered.value).count("204 No Content in exchange") == 3
    press(panel, "Dispute the last")
    assert "Let a payment complete first" in panel.said.value


@pytest.mark.parametrize("label", ["Pay (completes)", "Pay (card fails)", "Dispute the last"])
def test_the_python_of_an_event_makes_another_one(panel: WebhookPanel, label: str) -> None:
    panel.pay()
    panel.pay()
    press(panel, label)
    known = len(panel.processor.traffic)
    run_python(panel)
    assert len(panel.processor.traffic) == known + 1
    assert panel.processor.last.request.method == "POST"
    assert panel.processor.last.request.target == panel.processor.traffic[known - 1].request.target


def test_a_shop_that_is_down_is_asked_again(panel: WebhookPanel) -> None:
    panel.up.value = False
    press(panel, "Pay (completes)")
    assert "the shop answered with 503, and the next attempt is due on 2 Mar 09:00:05" in panel.said.value
    press(panel, "+5 s")
    press(panel, "+5 s")
    assert plain(panel.said.value) == "1 attempt fell due in that time."
    panel.up.value = True
    assert panel.shop.faults.waiting == ()
    press(panel, "+5 min")
    press(panel, "+5 min")
    assert statuses(panel) == [[503, 503, 204]]
    panel.up.value = False
    run_python(panel)
    panel.refresh()
    press(panel, "Pay (completes)")
    press(panel, "+3 days")
    press(panel, "+1 day")
    assert statuses(panel)[0] == [503] * 10
    assert "dead letter" in panel.tried.value


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tamper", [[401]]), ("duplicate", [[204]]), ("reorder", [[]]), ("hold", [[204]])],
)
def test_the_network_meddles(panel: WebhookPanel, name: str, expected: list[list[int]]) -> None:
    switch = panel.mischief[name]
    switch.value = True
    network = panel.processor.app.state.network  # type: ignore[attr-defined]
    assert getattr(network, name)
    setattr(network, name, type(getattr(network, name))())
    run_python(panel)
    assert getattr(network, name)
    panel.pay()
    assert statuses(panel) == expected
    assert plain(panel.answered.value).count("again") == (name == "duplicate")
    switch.value = False
    assert not getattr(network, name)
    if name == "reorder":
        assert statuses(panel) == [[204]]  # let go


def test_what_overtakes_is_seen_first(panel: WebhookPanel) -> None:
    panel.mischief["reorder"].value = True
    panel.pay()
    assert "held on its way" in panel.said.value
    assert "on its way" in panel.tried.value
    panel.pay("card fails")
    answers = plain(panel.answered.value)
    assert answers.index("payment.completed") < answers.index("payment.failed")  # the newest is on top


def test_what_was_overheard_is_sent_again(panel: WebhookPanel) -> None:
    press(panel, "Replay the last")
    assert 'role="alert"' in panel.said.value
    panel.pay()
    press(panel, "Replay the last")
    assert "the shop answered with 204" in panel.said.value
    assert "again" in plain(panel.answered.value)


def test_a_new_secret_is_told_and_not_shown(panel: WebhookPanel) -> None:
    press(panel, "Rotate the secret")
    assert panel.secret.startswith("whsec_")
    assert panel.secret != SECRET
    assert panel.secret not in panel.said.value + panel.python.value
    assert "until 3 Mar 09:00:0" in panel.said.value
    panel.pay()
    assert statuses(panel) == [[204]]
    press(panel, "+1 day")
    panel.pay()
    assert statuses(panel)[0] == [401]


def test_switches_that_a_cell_has_turned_are_shown_as_they_are(panel: WebhookPanel) -> None:
    network = panel.processor.app.state.network  # type: ignore[attr-defined]
    network.tamper, network.hold = True, timedelta(minutes=3)
    panel.shop.faults.answer_next(503)
    panel._repr_mimebundle_()
    assert (panel.mischief["tamper"].value, panel.mischief["hold"].value, panel.up.value) == (True, True, False)
    assert network.hold == timedelta(minutes=3)
    assert len(panel.shop.faults.waiting) == 1


def test_says_that_nobody_is_told(processor: Server, shop: Server) -> None:
    panel = webhook_panel(processor, shop)
    panel.pay()
    assert f"http://shop.localhost:{shop.port}" in panel.said.value
    press(panel, "Rotate the secret")
    assert 'role="alert"' in panel.said.value
    register(processor, shop, "payment.completed")
    panel.pay("card fails")
    assert "no webhook of this shop asks for it" in panel.said.value


def test_says_that_the_processor_is_closed(panel: WebhookPanel) -> None:
    panel.processor.close()
    panel.pay()
    assert "Nothing answers" in panel.said.value


def test_each_python_is_that_of_its_control(panel: WebhookPanel) -> None:
    shown: list[tuple[Callable[[], None], str]] = [
        (lambda: press(panel, "+2 h"), "processor.app.state.deliveries.wind(timedelta(hours=2))"),
        (panel.replay, "processor.app.state.network.replay()"),
        (panel.rotate, 'rotate", headers=headers).json()["secret"]'),
    ]
    for act, call in shown:
        act()
        assert call in unescape(panel.python.value)


def test_closing_it_ends_its_subscriptions(panel: WebhookPanel) -> None:
    panel.close()
    assert panel.shop.recorder._subscribers == panel.processor.recorder._subscribers == []


def test_its_text_is_stable(panel: WebhookPanel) -> None:
    text = f"Webhook panel for {panel.processor.url}: use requests.post(…) and processor.app.state from Python"
    assert panel._repr_mimebundle_()["text/plain"] == text
