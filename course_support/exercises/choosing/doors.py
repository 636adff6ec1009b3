"""What the examiner plays on the bookshop so that an argument about styles has an exchange to point at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from course_support.backends import shop_soap
from course_support.backends.content import MERGE_PATCH
from course_support.backends.shop_access import SECRET
from course_support.backends.shop_graphql import PATH as GRAPHQL
from course_support.backends.shop_import import BATCH
from course_support.backends.shop_live import LIVE, PROTOCOL
from course_support.backends.shop_rest import BOOKS
from course_support.backends.shop_warehouse import HOOK
from course_support.exercise import Client
from course_support.wire import Exchange

DOORS = {shop_soap.PATH: "SOAP", GRAPHQL: "GraphQL", LIVE: "WebSocket", HOOK: "webhooks", BATCH: "batch"}
ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body>
    <SetStock xmlns="{}">
      <isbn>{}</isbn><stock>{}</stock><shelf>B 4</shelf>
    </SetStock>
  </s:Body>
</s:Envelope>"""


def style_of(exchange: Exchange) -> str:
    """By whose door it came."""
    return DOORS.get(exchange.request.path, "REST")


@dataclass(frozen=True, slots=True)
class Visit:
    """A client in the bookshop, with some books to ask for and a number of copies that was drawn."""

    client: Client
    shop: Starlette
    isbns: tuple[str, ...]
    stock: int

    @property
    def token(self) -> str:
        token: str = self.shop.state.credentials["shop"]
        return token

    def graphql(self, query: str) -> None:
        variables = {"isbn": self.isbns[0]}
        self.client.send("POST", GRAPHQL, self.token, {"query": query, "variables": variables})


@dataclass(frozen=True, slots=True)
class Play:
    """What a client does in one style, and what that shows, as the end of a sentence.

    `routes` are served beside the bookshop where that has nothing of the kind.
    """

    style: str
    shows: str
    act: Callable[[Visit], None]
    routes: tuple[Route, ...] = ()

    @property
    def where(self) -> str:
        return "at a small service" if self.routes else "at the bookshop"


def _shows(style: str, what: str) -> Callable[[Callable[[Visit], None]], Play]:
    return lambda act: Play(style, what, act)


# --- REST -------------------------------------------------------------------------------------------------------------


@_shows("REST", "each book has the same members, at an address of its own")
def read(visit: Visit) -> None:
    for isbn in visit.isbns[:2]:
        visit.client.send("GET", f"{BOOKS}/{isbn}", visit.token)


@_shows("REST", "who asks again hears, by 304, that there is nothing new")
def unchanged(visit: Visit) -> None:
    target = f"{BOOKS}/{visit.isbns[0]}"
    tag = visit.client.send("GET", target, visit.token).headers["ETag"]
    visit.client.send("GET", target, visit.token, If_None_Match=tag)


@_shows("REST", "one change, and what came of it in the very answer")
def change(visit: Visit) -> None:
    target, content = f"{BOOKS}/{visit.isbns[0]}", json.dumps({"stock": visit.stock}).encode()
    visit.client.send("PATCH", target, visit.token, content, Content_Type=MERGE_PATCH)


def kept(path: str, content: dict[str, Any], seconds: int) -> Play:
    """REST: an answer for all that may be kept for a time. The bookshop has none: its answers are for who asks."""

    async def page(request: Request) -> Response:
        return JSONResponse(content, headers={"Cache-Control": f"public, max-age={seconds}"})

    def act(visit: Visit) -> None:
        visit.client.send("GET", path)

    shows = f"a phone may keep this answer for {seconds:,} seconds, and so may a cache for all"
    return Play("REST", shows, act, (Route(path, page),))


# --- SOAP and GraphQL -------------------------------------------------------------------------------------------------


@_shows("SOAP", "a message with one element that its schema does not know, and nothing was done but to refuse it")
def fault(visit: Visit) -> None:
    content = ENVELOPE.format(shop_soap.NAMESPACE, visit.isbns[0], visit.stock).encode()
    fields = {"Content_Type": "text/xml; charset=utf-8", "SOAPAction": '"SetStock"'}
    visit.client.send("POST", shop_soap.PATH, visit.token, content, **fields)


@_shows("GraphQL", "the answer has the fields that the query names, and the query goes by POST")
def query(visit: Visit) -> None:
    visit.graphql("query ($isbn: String!) { book(isbn: $isbn) { title stock } }")


@_shows("GraphQL", "one query brings three books, each under a name of its own")
def many_books(visit: Visit) -> None:
    visit.graphql(
        "{ " + " ".join(f'b{n}: book(isbn: "{isbn}") {{ title }}' for n, isbn in enumerate(visit.isbns)) + " }"
    )


@_shows("GraphQL", "three changes in one document, each written out under a name of its own")
def many_changes(visit: Visit) -> None:
    each = [f'c{n}: setStock(isbn: "{isbn}", stock: {visit.stock}) {{ version }}' for n, isbn in enumerate(visit.isbns)]
    visit.graphql("mutation { " + " ".join(each) + " }")


# --- WebSocket, webhooks and batch ------------------------------------------------------------------------------------


@_shows("WebSocket", "a client hears at once what another has done, and does something itself, on one line")
def talk(visit: Visit) -> None:
    fields: dict[str, Any] = {"target": LIVE, "token": visit.token, "subprotocols": [PROTOCOL]}
    other, shown = visit.client.connect(**fields), visit.client.connect(**fields)
    shown.recv()
    for line, isbn in ((other, visit.isbns[0]), (shown, visit.isbns[1])):
        line.send(json.dumps({"type": "set_stock", "id": 1, "isbn": isbn, "stock": visit.stock}))
        shown.recv()
    for line in (other, shown):
        line.leave()


@_shows("WebSocket", "a line is open, and there is nothing to say")
def silence(visit: Visit) -> None:
    line = visit.client.connect(LIVE, visit.token, [PROTOCOL])
    line.recv()
    line.leave()


@_shows("webhooks", "one signed request when something has happened, and an answer that says only that it has arrived")
def notice(visit: Visit) -> None:
    event = {"event_type": "stock.counted", "isbn": visit.isbns[0], "stock": visit.stock}
    content, id, now = json.dumps(event), f"evt_{visit.stock}", datetime.now(UTC)
    signature = Webhook(visit.shop.state.credentials[SECRET]).sign(id, now, content)
    fields = {"webhook_id": id, "webhook_timestamp": str(int(now.timestamp())), "webhook_signature": signature}
    visit.client.send("POST", HOOK, "", content.encode(), Content_Type="application/json", **fields)


@_shows("batch", "one request with four changes, a finding for the wrong one, and all others done")
def batch(visit: Visit) -> None:
    updates = [{"isbn": isbn, "stock": visit.stock + n} for n, isbn in enumerate((*visit.isbns, "9780000000000"))]
    visit.client.send("POST", BATCH, visit.token, {"operation": "update", "updates": updates})
