"""A panel to play the payment processor with: make events, meddle with the network, wind the clock, see the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from html import escape
from typing import Any
from urllib.parse import urlsplit

import ipywidgets

from course_support.backends.deliveries import Delivery
from course_support.backends.subscriptions import Subscription
from course_support.errors import CourseError
from course_support.faults import Answer
from course_support.server import Server
from course_support.views.quantity import count_text
from course_support.widgets.delivery_views import ID, answers_html, became, log_html, moment
from course_support.widgets.form import Form, labelled, marked, row, status
from course_support.widgets.mischief import mischief
from course_support.widgets.pulse import Pulse
from course_support.widgets.sender import same_in_python
from course_support.widgets.sending import send
from course_support.wire import Exchange

OWNER = "yourstore"
CARDS = {"completes": "4242424242424242", "card fails": "4000000000000002"}
AMOUNTS = ("49.90", "12.50", "99.00", "7.25")
WINDS = {
    "+5 s": {"seconds": 5},
    "+5 min": {"minutes": 5},
    "+2 h": {"hours": 2},
    "+1 day": {"days": 1},
    "+3 days": {"days": 3},
}
DOWN = 1000  # answers of 503 that are lined up for a shop that is down
HEADERS = """headers = {"Authorization": f"Bearer {processor.credentials['yourstore']}"}"""


class WebhookPanel(Form):
    """Controls for a processor and for the shop that it tells. Each button is a method too.

    `deliveries` is what the log shows; `secret` is what `rotate` got last.
    """

    def __init__(self, processor: Server, shop: Server) -> None:
        self.processor, self.shop = processor, shop
        self.secret = ""
        self.mischief = mischief(lambda: self._state, self._tell)
        self.up = labelled(ipywidgets.Checkbox, "Shop is up", indent=False, layout={"width": "auto"})
        self.up.observe(self._turn, "value")
        self.clock = ipywidgets.HTML()
        self.said = marked(ipywidgets.HTML(status("")), "course-line")
        self.tried, self.answered = (marked(ipywidgets.HTML(), "course-table") for _ in range(2))
        self.python = marked(ipywidgets.HTML(), "course-steady")
        super().__init__("Webhook panel", *self._rows(), self.said, self.tried, self.answered, self.python)
        self._pulse = Pulse(self.refresh)
        self._unsubscribe = [it.recorder.subscribe(lambda _: self._pulse.beat()) for it in (processor, shop)]
        self._tell("Make a payment, and see what the shop is told of it.", HEADERS)

    @property
    def summary(self) -> str:
        return f"Webhook panel for {self.processor.url}: use requests.post(…) and processor.app.state from Python"

    @property
    def deliveries(self) -> list[Delivery]:
        """What the processor has to tell this shop, newest first."""
        found = [delivery for webhook in self._webhooks for delivery in self._state.deliveries.of(webhook)]
        return sorted(found, key=lambda delivery: delivery.event.created_at, reverse=True)

    # --- What the buttons do -----------------------------------------------------------------------------------------

    def pay(self, card: str = "completes") -> None:
        """Make a payment whose card completes or, with `card fails`, does not."""
        made = len(self._state.ledger.events(OWNER))
        payment = {
            "order_id": f"order-{1001 + made}",
            "amount": AMOUNTS[made % len(AMOUNTS)],
            "currency": "EUR",
            "card": CARDS[card],
        }
        call = 'requests.post(f"{processor.url}/api/payments", json=payment, headers=headers)'
        self._make_event("/api/payments", json.dumps(payment), HEADERS, f"payment = {payment}", call)

    def dispute(self) -> None:
        """Dispute the newest payment that has completed."""
        ledger = self._state.ledger
        payments = [ledger.payment(event.payment.id) for event in reversed(ledger.events(OWNER))]
        payment = next((it for it in payments if it.status == "completed"), None)
        if not payment:
            self._tell("Let a payment complete first: nobody disputes one that has failed.", error=True)
            return
        path = f"/api/payments/{payment.id}/dispute"
        self._make_event(path, "", HEADERS, f'requests.post(f"{{processor.url}}{path}", headers=headers)')

    def wind(self, **by: float) -> None:
        """Wind the processor's clock, given in the words of `timedelta`, and make every attempt that falls due."""
        made = self._state.deliveries.wind(timedelta(**by))
        amount = ", ".join(f"{name}={value:g}" for name, value in by.items())
        self._tell(
            f"{count_text(made, 'attempt')} fell due in that time.",
            f"processor.app.state.deliveries.wind(timedelta({amount}))",
        )

    def replay(self) -> None:
        """Send the last delivered request once more, as anybody could who has overheard it."""
        call = "processor.app.state.network.replay()"
        try:
            outcome = self._state.network.replay()
        except LookupError as error:
            self._tell(str(error), call, error=True)
        else:
            answer = outcome.status or outcome.error
            self._tell(f"The same bytes were sent again, and the shop answered with {answer}.", call)

    def rotate(self) -> None:
        """Have the newest webhook of this shop signed with a new secret, which is in `secret` then."""
        if not self._webhooks:
            self._tell(self._unregistered, error=True)
            return
        webhook = self._webhooks[-1]
        path = f"/api/webhooks/{webhook.id}/rotate"
        call = f'requests.post(f"{{processor.url}}{path}", headers=headers).json()["secret"]'
        if answer := self._post(path):
            self.secret = answer["secret"]
            until = moment(webhook.expiry[webhook.secrets[1]])
            said = f"The new secret is in panel.secret; until {until} the old one signs each delivery as well."
            self._tell(said, HEADERS, f"secret = {call}")

    # --- How they do it ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show everything as it stands; called by itself after each request."""
        for name, switch in self.mischief.items():
            switch.value = bool(getattr(self._state.network, name))
        self.up.value = self._is_up
        received = [exchange for exchange in self.shop.recorder.exchanges if ID in exchange.request.fields]
        shown = {
            self.clock: f"{moment(self._state.clock.now)} at the processor",
            self.tried: log_html(self.deliveries),
            self.answered: answers_html(received),
        }
        for part, html in shown.items():
            if part.value != html:
                part.value = html

    def close(self) -> None:
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        super().close()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        self.refresh()  # a cell may have turned switches since
        return super()._repr_mimebundle_(**options)

    @property
    def _state(self) -> Any:
        return self.processor.app.state  # type: ignore[attr-defined]

    @property
    def _is_up(self) -> bool:
        return Answer(503) not in self.shop.faults.waiting[:1]

    @property
    def _webhooks(self) -> list[Subscription]:
        """Those that lead to this shop, oldest first."""
        webhooks: list[Subscription] = self._state.subscriptions.of(OWNER)
        return [webhook for webhook in webhooks if urlsplit(webhook.target_url).port == self.shop.port]

    @property
    def _unregistered(self) -> str:
        return f"No webhook leads to this shop: register an address below http://shop.localhost:{self.shop.port} first."

    def _rows(self) -> list[ipywidgets.HBox]:
        winds = [self._button(label, partial(self.wind, **by)) for label, by in WINDS.items()]
        pays = [self._button(f"Pay ({card})", partial(self.pay, card)) for card in CARDS]
        return [
            _named("Events", *pays, self._button("Dispute the last", self.dispute)),
            _named("Network", *self.mischief.values(), self._button("Replay the last", self.replay)),
            _named("Shop", self.up, self._button("Rotate the secret", self.rotate)),
            _named("Clock", *winds, self.clock),
        ]

    def _button(self, label: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label, layout={"width": "auto"})
        button.on_click(lambda _: act())
        return button

    def _turn(self, change: Any) -> None:
        if self._is_up == change.new:
            return  # a cell has turned it
        if change.new:
            self.shop.faults.clear()
            self._tell("The shop answers again.", "shop.faults.clear()")
        else:
            self.shop.faults.answer_next(503, times=DOWN)
            self._tell("The shop answers everything with 503.", f"shop.faults.answer_next(503, times={DOWN})")

    def _make_event(self, path: str, body: str, *python: str) -> None:
        if not (payment := self._post(path, body)):
            return
        self._state.deliveries.run()  # what the answer has set off, and was not through yet
        told = [it for it in self.deliveries if it.event.payment.id == payment["id"]]
        fresh = [it for it in told if it.event.payment.status == payment["status"]]
        event = f"payment.{payment['status']}"
        nobody = "no webhook of this shop asks for it." if self._webhooks else self._unregistered
        self._tell(f"{event}: {became(fresh[0]) if fresh else nobody}", *python)

    def _post(self, path: str, body: str = "") -> Any:
        """The JSON of the answer; None, with the reason shown, where none came or it is a refusal."""
        try:
            fields = {"Content-Type": "application/json"} if body else {}
            exchange: Exchange = send(self.processor, "POST", path, fields, body, credentials=OWNER)
        except CourseError as error:
            self._tell(str(error), error=True)
            return None
        if exchange.response is None or exchange.response.status >= 400:
            self._tell(f"POST {path} was answered with {exchange.status or 'nothing'}.", error=True)
            return None
        return exchange.response.json()

    def _tell(self, sentence: str, *python: str, error: bool = False) -> None:
        self.said.value = status(escape(sentence), error=error)
        if python:
            self.python.value = same_in_python(*python)
        self.refresh()


def webhook_panel(processor: Server, shop: Server) -> WebhookPanel:
    """Controls for the webhooks backend `processor` and for a `shop` that it tells, with the delivery log of both.

    In Python without the controls: `requests.post(f"{processor.url}/api/payments", …)`, the switches of
    `processor.app.state.network`, `processor.app.state.deliveries.wind(…)` and `shop.faults`.
    """
    return WebhookPanel(processor, shop)


def _named(name: str, *controls: ipywidgets.Widget) -> ipywidgets.HBox:
    return marked(row(marked(ipywidgets.HTML(f"<b>{name}</b>"), "course-name"), *controls), "course-controls")
