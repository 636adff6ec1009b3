"""What the tests of the bookshop share: a running shop, a client for each of its doors, and a partner that is told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
import websocket
import zeep
from sgqlc.endpoint.http import HTTPEndpoint
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from websocket import ABNF

from course_support.backends import bookshop
from course_support.backends.shelf import FIRST_ISBN, Shelf
from course_support.hosting import Log
from course_support.server import Server

ISBN = FIRST_ISBN
NOBODYS = "9780000000002"  # the right check digit, and no book of the shop in any seed
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
MERGE = {"Content-Type": "application/merge-patch+json"}
SET_STOCK = """mutation SetStock($isbn: String!, $stock: Int!, $note: String) {
  setStock(isbn: $isbn, stock: $stock, note: $note) { version }
}"""


class Live:
    """A client of the WebSocket that speaks JSON and reads the close frame."""

    def __init__(self, raw: websocket.WebSocket) -> None:
        self.raw = raw

    def send(self, **members: Any) -> None:
        self.raw.send(json.dumps({"type": "set_stock", **members}))

    def read(self) -> Any:
        opcode, data = self.raw.recv_data()
        assert opcode == ABNF.OPCODE_TEXT, data
        return json.loads(data)

    def closed(self) -> tuple[int, str]:
        """The code and the reason, once the messages before the close frame are read."""
        while True:
            opcode, data = self.raw.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big"), data[2:].decode()


@dataclass
class Shop:
    app: Starlette
    server: Server
    open: list[Live] = field(default_factory=list)

    @property
    def shelf(self) -> Shelf:
        found: Shelf = self.app.state.shelf
        return found

    @property
    def tracebacks(self) -> int:
        return self.server.log.count("Traceback")

    def version(self, isbn: str = ISBN) -> int:
        book = self.shelf.get(isbn)
        assert book
        return book.version

    def token(self, who: str | None = "shop") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}

    def __call__(self, method: str, path: str, who: str | None = "shop", **more: Any) -> requests.Response:
        fields = self.token(who) | more.pop("headers", {})
        return requests.request(method, self.server.url + path, headers=fields, timeout=20, **more)

    # --- One client for each door, each making the same change -------------------------------------------------------

    def patch(self, isbn: str = ISBN, sent: Any = None, who: str | None = "shop", **fields: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        return self("PATCH", f"/api/v1/books/{isbn}", who, data=json.dumps(sent), headers=MERGE | named)

    def soap(self, who: str = "shop", **fields: str) -> Any:
        session = requests.Session()
        session.headers.update(self.token(who) | fields)
        return zeep.Client(f"{self.server.url}/soap?wsdl", transport=zeep.Transport(session=session)).service

    def graphql(self, query: str, variables: Any = None, who: str = "shop", **fields: str) -> Any:
        """By sgqlc, whose answer has data and, if there are any, errors."""
        endpoint = HTTPEndpoint(f"{self.server.url}/graphql", self.token(who) | fields, timeout=20)
        return endpoint(query, variables)

    def live(self, path: str = "/live", who: str | None = "shop", **more: Any) -> Live:
        """An open WebSocket of which nothing has been read; websocket.WebSocketBadStatusException if it is refused."""
        more = {"subprotocols": ["stock.v1"], "timeout": 20, **more}
        more["header"] = self.token(who) | more.get("header", {})
        opened = Live(websocket.create_connection(self.server.url.replace("http", "ws") + path, **more))
        self.open.append(opened)
        return opened

    def follow(self, **more: Any) -> Live:
        """The same, its first message read."""
        opened = self.live(**more)
        assert opened.read()["type"] == "ready"
        return opened

    def signed(
        self, body: str, id: str = "msg_1", at: datetime | None = None, secret: str | None = None
    ) -> dict[str, str]:
        at = at or datetime.now(UTC)
        signature = Webhook(secret or self.app.state.credentials["warehouse secret"]).sign(id, at, body)
        stamp = str(int(at.timestamp()))
        fields = {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signature}
        return {"Content-Type": "application/json", **fields}

    def hook(self, event: Any, id: str = "msg_1", **fields: str) -> requests.Response:
        body = json.dumps({"event_type": "stock.counted", **event})
        return self("POST", "/hooks/warehouse", None, data=body, headers=self.signed(body, id) | fields)

    def batch(self, *updates: Any, who: str = "shop", **fields: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        return self("POST", "/api/v1/books/batch", who, json={"operation": "update", "updates": updates}, headers=named)

    @property
    def doors(self) -> dict[str, Callable[[str, int, str], object]]:
        """The same change by each door, as one of TRACE."""
        return {
            "rest": lambda isbn, stock, note: self.patch(isbn, {"stock": stock, "note": note}, **PARENT),
            "soap": lambda isbn, stock, note: self.soap(**PARENT).SetStock(isbn=isbn, stock=stock, note=note),
            "graphql": lambda isbn, stock, note: self.graphql(
                SET_STOCK, {"isbn": isbn, "stock": stock, "note": note}, **PARENT
            ),
            "websocket": self._by_websocket,
            "webhook": lambda isbn, stock, note: self.hook(
                {"isbn": isbn, "stock": stock, "note": note}, id=f"msg_{isbn}_{stock}", **PARENT
            ),
            "batch": lambda isbn, stock, note: self.batch({"isbn": isbn, "stock": stock, "note": note}, **PARENT),
        }

    def _by_websocket(self, isbn: str, stock: int, note: str) -> None:
        line = self.follow()
        line.send(id=1, isbn=isbn, stock=stock, note=note, **PARENT)
        assert line.read()["type"] == "stock"
        assert line.read()["type"] == "ack"
        line.raw.close()


@contextmanager
def open_shop(seed: int = 1, **more: Any) -> Iterator[Shop]:
    app = bookshop.app(seed, **more)
    Log.lines.clear()  # all servers of a process share it, and those of other tests may have failed on purpose
    with Server(app) as server:
        shop = Shop(app, server)
        try:
            yield shop
        finally:
            for opened in shop.open:
                opened.raw.shutdown()


@dataclass
class Partner:
    """Answers 204, unless `answers` has another status lined up, and keeps what it was told."""

    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)

    async def receive(self, request: Request) -> Response:
        self.received.append((dict(request.headers), await request.body()))
        return Response(status_code=self.answers.popleft() if self.answers else 204)

    @property
    def told(self) -> list[tuple[str, int]]:
        """ISBN and version of each event."""
        events = [json.loads(body) for _, body in self.received]
        return [(event["isbn"], event["version"]) for event in events]

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.receive, methods=["POST"])])


def refused(answer: requests.Response, status: int) -> Any:
    """The problem that the answer must be."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["detail"].endswith(".")
    return problem


def trace_of(traceparent: str) -> str:
    return traceparent.split("-")[1]
