"""The shop's back office: what a learner's application did is what reached it over the wire, and nothing else."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.backends import problem
from course_support.backends.problem import Problem
from course_support.evidence import Evidence
from course_support.exercises.webhooks.deliveries import sent
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange

ACTIONS = {"payment.completed": "fulfil", "payment.failed": "notify", "payment.disputed": "flag"}
PAYMENTS = "/api/payments"
STEP = 0.005  # seconds between two looks at whether something has happened


class BackOffice:
    """A service that is told what to do with orders, and knows the status of `payments`; `app` is its application.

    `done` counts what it has done, `asked` what it was asked to do: pairs of action and order. It does not do the
    next so many things that `failing` says for an order, and answers with that status. While `holds(order)`, it
    keeps its answer back.
    """

    def __init__(self, orders: Iterable[str]) -> None:
        self.orders = set(orders)
        self.payments: dict[str, str] = {}
        self.failing: dict[str, list[int]] = {}
        self.holds: Callable[[str], bool] = lambda order: False
        self.asked: Counter[tuple[str, str]] = Counter()
        self.done: Counter[tuple[str, str]] = Counter()
        self.app = Starlette(
            routes=[
                *(Route(f"/orders/{{order}}/{action}", self._act, methods=["POST"]) for action in ACTIONS.values()),
                Route(f"{PAYMENTS}/{{id}}", self._payment),
            ],
            exception_handlers=problem.HANDLERS,
        )
        self.app.router.redirect_slashes = False

    async def _act(self, request: Request) -> Response:
        order = request.path_params["order"]
        if order not in self.orders:
            raise Problem(404, f"Name an order that there is: there is none called {order}.")
        action = request.url.path.rpartition("/")[2]
        failures = self.failing.get(order)
        status = failures.pop(0) if failures else 200
        self.asked[action, order] += 1
        while self.holds(order):
            await asyncio.sleep(STEP)
        if status >= 500:
            raise Problem(status, "The back office cannot do that now: ask again later.")
        self.done[action, order] += 1
        return JSONResponse({"order_id": order, "done": action})

    async def _payment(self, request: Request) -> Response:
        id = request.path_params["id"]
        if id not in self.payments:
            raise Problem(404, f"Take the payment_id of an event: there is no payment {id}.")
        return JSONResponse({"id": id, "status": self.payments[id]})


def order_ids(draw: random.Random) -> Iterator[str]:
    """Fresh ones, all different, so that whatever is done is done for one event."""
    return (f"A-{number}" for number in draw.sample(range(1000, 100_000), 100))


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until it holds, but not longer; whether it holds."""
    end = monotonic() + seconds
    while not condition():
        if monotonic() > end:
            return False
        sleep(STEP)
    return True


# --- What was done ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act:
    """Something that the back office was told to do with an order."""

    action: str
    order: str
    exchange: Exchange

    @property
    def done(self) -> bool:
        return self.exchange.status == 200

    @property
    def failed(self) -> bool:
        return (self.exchange.status or 0) >= 500


def acts(evidence: Evidence, order: str = "") -> list[Act]:
    """What the back office was told to do, in the order in which it was told; with `order`, what concerns that one."""
    told = [act for e in evidence.exchanges if (act := _act(e))]
    return [act for act in told if order in ("", act.order)]


def _act(exchange: Exchange) -> Act | None:
    request, parts = exchange.request, exchange.request.path.split("/")
    if request.method != "POST" or exchange.status in (404, 405):
        return None
    match parts:
        case ["", "orders", order, action] if action in ACTIONS.values():
            return Act(action, unquote(order), exchange)
    return None


def answered(exchange: Exchange) -> float:
    """The moment in which its answer began. All of a scene's exchanges, on both sides, are on one clock."""
    return exchange.ended if exchange.first_byte is None else exchange.first_byte


# --- What every shop must do ----------------------------------------------------------------------------------------


def misdirected(evidence: Evidence) -> Verdict | None:
    """A request to the back office that it has no use for."""
    missed = next((e for e in evidence.exchanges if e.status in (404, 405)), None)
    if not missed:
        return None
    request = missed.request
    parts, reading = request.path.split("/"), request.path.startswith(PAYMENTS)
    step = "The address is `f\"{url}/orders/{event['order_id']}/fulfil\"`, or with `notify` or `flag` at its end."
    if missed.status == 405:
        method = "GET" if reading else "POST"
        cause = f"You sent a {request.method} where {method} is asked for."
        step = f"`requests.{method.lower()}(…)` sends a {method}."
    elif reading:
        cause = f"You asked for a payment that there is not, {parts[-1][:80]}."
        step = "The event names the payment in `payment_id`; its `webhook-id` is the event's own, and no payment's."
    elif len(parts) == 4 and parts[1] == "orders" and parts[3] in ACTIONS.values():
        cause = f"You told the back office to {parts[3]} an order that there is not, {unquote(parts[2])[:80]}."
        step = "The event names its order in `order_id`."
    else:
        cause = "The back office has nothing at the address to which you sent a request."
    return wrong(
        cause,
        missed,
        expected=f"GET {PAYMENTS}/{{payment_id}}" if reading else "POST /orders/{order_id}/fulfil, …/notify or …/flag",
        seen=f"{request.method} {request.target}",
        next_step=step,
    )


def told_nothing(evidence: Evidence) -> Verdict | None:
    """Nothing reached the back office although something genuine came."""
    came = [exchange for delivery, exchange in sent(evidence) if not delivery.amiss]
    if acts(evidence) or not came:
        return None
    return wrong(
        "Your application told the back office nothing.",
        came[0],
        expected="POST /orders/{order_id}/fulfil, at the `url` that your function is given",
        seen="no such request",
        next_step="Does your code get that far, and does it send a POST to the address that begins with `url`? What "
        "fails after the answer is told to nobody: try such a piece on its own.",
    )


def worked_for_strangers(evidence: Evidence) -> Verdict | None:
    """Something was done for a delivery that was not genuine, whatever it was answered."""
    known = list(sent(evidence))
    genuine = {delivery.event.get("order_id") for delivery, _ in known if not delivery.amiss}
    for delivery, _ in known:
        order = delivery.event["order_id"]
        if order in genuine or not (told := acts(evidence, order)):
            continue
        return wrong(
            f"Your application told the back office to {told[0].action} the order of a delivery {delivery.amiss}.",
            told[0].exchange,
            expected="nothing, after a 401",
            seen=f"{told[0].exchange.request.method} {told[0].exchange.request.target}",
            next_step="First verify, and only then do anything: a 401 that comes after the work comes too late.",
        )
    return None


def only_fulfilled(evidence: Evidence) -> Verdict | None:
    """Something else than fulfilment, where only completed payments were told of."""
    for act in acts(evidence):
        if act.action != "fulfil":
            return wrong(
                f"After payment.completed you told the back office to {act.action} the order, not to fulfil it.",
                act.exchange,
                expected=f"POST /orders/{act.order}/fulfil",
                seen=f"POST {act.exchange.request.target}",
                next_step="The last part of the address says what is to be done.",
            )
    return None


def repeated(evidence: Evidence) -> Verdict | None:
    """The same was done twice with an order whose event came once."""
    for act in acts(evidence):
        same = [it for it in acts(evidence, act.order) if it.action == act.action and it.done]
        if len(same) > 1:
            return wrong(
                f"You told the back office twice to {act.action} the same order, and its event came once.",
                same[1].exchange,
                expected=f"POST /orders/{act.order}/{act.action}, once",
                seen=f"{len(same)} times",
                next_step="Which two places in your code send this request?",
            )
    return None
