"""A payment processor and a shop that it tells things, both served: what the tests of webhooks are played on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import webhooks
from course_support.backends.deliveries import Deliveries
from course_support.backends.network import Network
from course_support.server import Server

ALL = ["payment.completed", "payment.failed", "payment.disputed"]
SECRET = "whsec_" + "c2VjcmV0" * 4  # 24 bytes
PAYMENT = {"order_id": "order-1", "amount": "49.90", "currency": "EUR", "card": "4242424242424242"}
FAILING = "4000000000000002"


@dataclass
class Shop:
    """Answers 200, unless `answers` has something else lined up, and keeps what it was sent."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[Response] = field(default_factory=deque)

    async def receive(self, request: Request) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        return self.answers.popleft() if self.answers else Response("Webhook processed")

    def answer(self, *statuses: int, **fields: str) -> None:
        names = {name.replace("_", "-"): value for name, value in fields.items()}
        self.answers.extend(Response(status_code=status, headers=names) for status in statuses)

    @property
    def ids(self) -> list[str]:
        return [fields["webhook-id"] for fields, _ in self.received]

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.receive, methods=["POST"])])


@dataclass
class Market:
    app: Starlette
    processor: Server
    shop: Shop
    port: int  # of the shop

    @property
    def deliveries(self) -> Deliveries:
        found: Deliveries = self.app.state.deliveries
        return found

    @property
    def network(self) -> Network:
        found: Network = self.app.state.network
        return found

    @property
    def target_url(self) -> str:
        return f"http://shop.localhost:{self.port}/webhooks/payments"

    def __call__(self, method: str, path: str, *, who: str | None = "yourstore", **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}
        headers |= more.pop("headers", {})
        return requests.request(method, f"{self.processor.url}/api{path}", headers=headers, timeout=30, **more)

    def register(self, **members: Any) -> str:
        """A webhook for everything, unless told otherwise; its id."""
        sent = {"event_types": ALL, "target_url": self.target_url, "secret": SECRET} | members
        answer = self("POST", "/webhooks/register", json=sent)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def pay(self, **members: Any) -> str:
        """The id of a new payment, once the shop has been told."""
        answer = self("POST", "/payments", json=PAYMENT | members)
        assert answer.status_code == 201, answer.text
        assert self.deliveries.idle(60)
        return str(answer.json()["id"])

    def log(self, webhook: str) -> list[dict[str, Any]]:
        log: list[dict[str, Any]] = self("GET", f"/webhooks/{webhook}/deliveries").json()["deliveries"]
        return log

    def attempts(self, webhook: str) -> list[dict[str, Any]]:
        """Of the newest delivery."""
        attempts: list[dict[str, Any]] = self.log(webhook)[0]["attempts"]
        return attempts

    def outcomes(self, webhook: str) -> list[int | str]:
        """The statuses and errors of the newest delivery."""
        return [attempt.get("status") or attempt["error"] for attempt in self.attempts(webhook)]


@contextmanager
def open_market(**switches: Any) -> Iterator[Market]:
    app, shop = webhooks.app(**{"timeout": 20, **switches}), Shop()  # a loaded machine is no slow shop
    with Server(app) as processor, Server(shop.app) as served:
        yield Market(app, processor, shop, served.port)


def things(market: Market) -> dict[str, str]:
    """The ids of something of every kind that belongs to yourstore."""
    webhook, payment = market.register(), market.pay()
    return {"webhook": webhook, "payment": payment, "event": market.log(webhook)[0]["event_id"]}


def refused(answer: requests.Response, status: int) -> Any:
    """The problem that the answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    return problem
