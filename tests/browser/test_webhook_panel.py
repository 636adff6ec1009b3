"""The webhook panel in the page: events, a network that meddles, a shop that is down, and a clock that is wound."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .harness import LabPage
from .test_looks import NAMELESS

START = """
from datetime import UTC, datetime
import requests
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from standardwebhooks import Webhook
import course_support as course
from course_support.backends.webhooks import app

SECRET = "whsec_" + "c2VjcmV0" * 4

async def told(request):
    sent = request.headers
    signed_at = datetime.fromtimestamp(int(sent["webhook-timestamp"]), UTC)
    signature = Webhook(SECRET).sign(sent["webhook-id"], signed_at, (await request.body()).decode())
    return Response(status_code=204 if signature in sent["webhook-signature"].split() else 401)

yourstore = Starlette(routes=[Route("/webhooks", told, methods=["POST"])])
yourstore.state.name = "yourstore"
processor, shop = course.serve(app(1)), course.serve(yourstore)
headers = {"Authorization": f"Bearer {processor.credentials['yourstore']}"}
webhook = {"event_types": ["payment.completed", "payment.failed", "payment.disputed"],
           "target_url": f"http://shop.localhost:{shop.port}/webhooks", "secret": SECRET}
registered = requests.post(f"{processor.url}/api/webhooks/register", json=webhook, headers=headers)
"""
SHOW = "panel = course.webhook_panel(processor, shop)\npanel"


def opened(lab: LabPage, name: str, *cells: str) -> Locator:
    lab.open_notebook(lab.write_notebook(name, START, SHOW, *cells))
    lab.run_cell(0)
    lab.run_cell(1)
    assert lab.errors == []
    form = lab.cell_output(1).locator(".course-form")
    expect(form.get_by_role("button", name="Pay (completes)")).to_be_visible()
    return form


def press(form: Locator, *names: str) -> None:
    for name in names:
        form.get_by_role("button", name=name, exact=True).click()


def rows(form: Locator, table: str) -> Locator:
    return form.get_by_role("table", name=table).locator("tbody tr")


def test_events_reach_the_shop(lab: LabPage) -> None:
    form = opened(lab, "panel_events")
    press(form, "Pay (completes)", "Pay (card fails)", "Dispute the last")
    expect(rows(form, "Delivery log")).to_have_count(3)
    expect(rows(form, "Delivery log").first).to_contain_text("payment.disputed")
    expect(rows(form, "Delivery log").first).to_contain_text("delivered")
    expect(rows(form, "The shop’s answers")).to_have_count(3)
    expect(form.get_by_role("status")).to_have_text("payment.disputed: the shop answered with 204.")
    assert lab.execute("print([e.status for e in shop.traffic])") == "[204, 204, 204]\n"


def test_shows_what_a_cell_does(lab: LabPage) -> None:
    pay = 'payment = {"order_id": "a", "amount": "1.00", "currency": "EUR", "card": "4242424242424242"}'
    form = opened(
        lab, "panel_cell", f'{pay}\nrequests.post(f"{{processor.url}}/api/payments", json=payment, headers=headers)'
    )
    lab.run_cell(2)
    expect(rows(form, "The shop’s answers")).to_contain_text(["payment.completed"])
    expect(rows(form, "Delivery log").first).to_contain_text("204")


def test_a_shop_that_is_down_is_asked_until_it_is_up(lab: LabPage) -> None:
    form = opened(lab, "panel_down")
    form.get_by_label("Shop is up").uncheck()
    press(form, "Pay (completes)")
    first = rows(form, "Delivery log").first
    expect(first).to_contain_text("pending")
    press(form, "+5 s", "+5 s")
    expect(first.get_by_text("503")).to_have_count(2)
    form.get_by_label("Shop is up").check()
    press(form, "+2 h")
    expect(first).to_contain_text("delivered")
    expect(first).to_contain_text("204")
    expect(form).to_contain_text("processor.app.state.deliveries.wind(timedelta(hours=2))")
    expect(form).to_contain_text("2 Mar 11:00:1")


def test_the_network_meddles(lab: LabPage) -> None:
    form = opened(lab, "panel_network")
    form.get_by_label("Duplicate").check()
    expect(form).to_contain_text("processor.app.state.network.duplicate = True")
    press(form, "Pay (completes)")
    expect(rows(form, "The shop’s answers")).to_have_count(2)
    expect(rows(form, "The shop’s answers").first).to_contain_text("again")
    form.get_by_label("Duplicate").uncheck()
    form.get_by_label("Tamper with a digit").check()
    press(form, "Pay (completes)")
    expect(rows(form, "The shop’s answers").first).to_contain_text("401 Unauthorized")
    press(form, "Replay the last")
    expect(rows(form, "The shop’s answers").first).to_contain_text("204 No Content")
    switches = "n = processor.app.state.network; print(n.tamper, n.duplicate, n.reorder)"
    assert lab.execute(switches) == "True False False\n"
    lab.execute("n.tamper = False")
    lab.run_cell(1)  # shown anew: the switches are as a cell has left them
    expect(form.get_by_label("Tamper with a digit")).not_to_be_checked()


def test_every_control_is_reached_by_tab(lab: LabPage) -> None:
    form = opened(lab, "panel_tab")
    buttons = [form.get_by_role("button", name=name, exact=True) for name in ("Pay (completes)", "Pay (card fails)")]
    labels = ["Tamper with a digit", "Duplicate", "Reorder", "Hold 10 minutes"]
    controls = [
        *buttons,
        form.get_by_role("button", name="Dispute the last"),
        *(form.get_by_label(label) for label in labels),
        form.get_by_role("button", name="Replay the last"),
        form.get_by_label("Shop is up"),
        form.get_by_role("button", name="Rotate the secret"),
        *(form.get_by_role("button", name=n, exact=True) for n in ("+5 s", "+5 min", "+2 h", "+1 day", "+3 days")),
    ]
    controls[0].focus()
    for control in controls:
        expect(control).to_be_focused()
        lab.page.keyboard.press("Tab")
    controls[0].focus()
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    assert lab.page.evaluate("() => window.coursePanel.content.widgets.length") == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_can_be_read_and_fits(lab: LabPage, theme: str) -> None:
    form = opened(lab, f"panel_{theme}")
    lab.theme(theme)
    press(form, "Pay (completes)", "Pay (card fails)")
    form.get_by_label("Shop is up").uncheck()
    press(form, "Dispute the last", "+5 s", "+5 min", "Pay (completes)")
    form.get_by_label("Shop is up").check()
    form.get_by_label("Duplicate").check()
    form.get_by_label("Tamper with a digit").check()
    press(form, "+5 min", "Pay (completes)")
    expect(rows(form, "Delivery log")).to_have_count(5)
    assert lab.faint_text(form) == []
    assert form.evaluate(NAMELESS) == []
    lab.page.set_viewport_size({"width": 1280, "height": 1400})
    lab.screenshot(f"panel-{theme}", form)
    lab.page.set_viewport_size({"width": 900, "height": 1800})
    lab.screenshot(f"panel-narrow-{theme}", form)
    assert form.evaluate("part => part.scrollWidth <= part.clientWidth + 1")
