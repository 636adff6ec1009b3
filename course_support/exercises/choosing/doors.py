"""What the examiner plays on the bookshop so that an argument about styles has an exchange to point at."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook
from starlette.applications import Starlette

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
      <isbn>{}</isbn><stock>{}</stock>{}
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


Play = Callable[[Visit], None]


def read(visit: Visit) -> None:
    """REST: two resources, both with the same members."""
    for isbn in visit.isbns[:2]:
        visit.client.send("GET", f"{BOOKS}/{isbn}", visit.token)


def unchanged(visit: Visit) -> None:
    """REST: who has the answer already is told that it still holds, and nothing more."""
    target = f"{BOOKS}/{visit.isbns[0]}"
    tag = visit.client.send("GET", target, visit.token).headers["ETag"]
    visit.client.send("GET", target, visit.token, If_None_Match=tag)


def change(visit: Visit) -> None:
    """REST: one change, and its outcome in the answer."""
    target, content = f"{BOOKS}/{visit.isbns[0]}", json.dumps({"stock": visit.stock}).encode()
    visit.client.send("PATCH", target, visit.token, content, Content_Type=MERGE_PATCH)


def call(visit: Visit, more: str = "") -> None:
    """SOAP: one change in an envelope."""
    content = ENVELOPE.format(shop_soap.NAMESPACE, visit.isbns[0], visit.stock, more).encode()
    fields = {"Content_Type": "text/xml; charset=utf-8", "SOAPAction": '"SetStock"'}
    visit.client.send("POST", shop_soap.PATH, visit.token, content, **fields)


def fault(visit: Visit) -> None:
    """SOAP: a message with one element more than the schema knows."""
    call(visit, "<shelf>B 4</shelf>")


def query(visit: Visit) -> None:
    """GraphQL: the answer has the fields that the query names, and no ETag."""
    visit.graphql("query ($isbn: String!) { book(isbn: $isbn) { title stock } }")


def many_books(visit: Visit) -> None:
    """GraphQL: what takes a request for each book by REST."""
    visit.graphql(
        "{ " + " ".join(f'b{n}: book(isbn: "{isbn}") {{ title }}' for n, isbn in enumerate(visit.isbns)) + " }"
    )


def many_changes(visit: Visit) -> None:
    """GraphQL: each change is written out, with a name of its own."""
    each = [f'c{n}: setStock(isbn: "{isbn}", stock: {visit.stock}) {{ version }}' for n, isbn in enumerate(visit.isbns)]
    visit.graphql("mutation { " + " ".join(each) + " }")


def talk(visit: Visit) -> None:
    """WebSocket: one client hears at once what another has done, and does something itself."""
    fields: dict[str, Any] = {"target": LIVE, "token": visit.token, "subprotocols": [PROTOCOL]}
    other, shown = visit.client.connect(**fields), visit.client.connect(**fields)
    shown.recv()
    for line, isbn in ((other, visit.isbns[0]), (shown, visit.isbns[1])):
        line.send(json.dumps({"type": "set_stock", "id": 1, "isbn": isbn, "stock": visit.stock}))
        shown.recv()
    for line in (other, shown):
        line.leave()


def silence(visit: Visit) -> None:
    """WebSocket: an open line on which there is nothing to say."""
    line = visit.client.connect(LIVE, visit.token, [PROTOCOL])
    line.recv()
    line.leave()


def notice(visit: Visit) -> None:
    """Webhooks: one signed request when something has happened."""
    event = {"event_type": "stock.counted", "isbn": visit.isbns[0], "stock": visit.stock}
    content, id, now = json.dumps(event), f"evt_{visit.stock}", datetime.now(UTC)
    signature = Webhook(visit.shop.state.credentials[SECRET]).sign(id, now, content)
    fields = {"webhook_id": id, "webhook_timestamp": str(int(now.timestamp())), "webhook_signature": signature}
    visit.client.send("POST", HOOK, "", content.encode(), Content_Type="application/json", **fields)


def batch(visit: Visit) -> None:
    """Batch: one request with a finding for the line that is wrong, and all others done."""
    updates = [{"isbn": isbn, "stock": visit.stock + n} for n, isbn in enumerate((*visit.isbns, "9780000000000"))]
    visit.client.send("POST", BATCH, visit.token, {"operation": "update", "updates": updates})
