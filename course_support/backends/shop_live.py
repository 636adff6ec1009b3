"""The WebSocket door of the bookshop: one line on which every change is told, and on which changes come in as well."""

import asyncio
import contextlib
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from course_support.backends import content
from course_support.backends.editor import receive
from course_support.backends.graphql_access import from_here
from course_support.backends.problem import Problem
from course_support.backends.rooms import Closed, Connection, encoded
from course_support.backends.shelf import RULES, first_advice
from course_support.backends.shop_access import SCOPES, UNKNOWN, authorize, shelf
from course_support.backends.shop_followers import Follower
from course_support.backends.shop_trace import FIELD

LIVE = "/live"
PROTOCOL = "stock.v1"
LARGEST = 128 * 1024  # bytes of a message
FORM = 'Send {"type": "set_stock", "id": 1, "isbn": "9780000000019", "stock": 7, "note": "counted"}.'
ENVELOPE = {"type", "id", FIELD}  # the members around a change


def admitted(websocket: WebSocket) -> str:
    """Who may come in: after the handshake there are no status codes any more, so all is asked before."""
    if not from_here(websocket):
        raise Problem(403, "Connect from a page of this machine, or from a program that sends no Origin.")
    user = authorize(Request({**websocket.scope, "type": "http", "method": "GET"}), "read")
    if PROTOCOL not in websocket.scope["subprotocols"]:
        raise Problem(400, f"Offer the subprotocol {PROTOCOL} in Sec-WebSocket-Protocol.")
    return user


def opening(connection: HTTPConnection) -> dict[str, Any]:
    """What a client is told first: the stock of all books if it asks for that, otherwise only where the shelf is."""
    books = shelf(connection)
    if connection.query_params.get("snapshot") != "1":
        return {"type": "ready", "version_of_shelf": books.version}
    stock = [{"isbn": book.isbn, "stock": book.stock, "version": book.version} for book in books.books]
    return {"type": "stock_list", "books": stock}


def answer(websocket: WebSocket, user: str, text: str) -> dict[str, Any]:
    """What becomes of a message. Raises Closed for one that breaks the rules of the subprotocol."""
    if len(text.encode(errors="replace")) > LARGEST:
        raise Closed(1009, f"Send at most {LARGEST} bytes in one message.")
    try:
        sent = content.parse(text.encode(errors="replace"))
    except Problem as refusal:
        raise Closed(1008, refusal.detail) from None
    if not isinstance(sent, dict) or sent.get("type") != "set_stock" or type(sent.get("id")) is not int:
        raise Closed(1008, FORM)
    change = {name: value for name, value in sent.items() if name not in ENVELOPE}
    if advice := advice_on(websocket, user, change):
        return {"type": "error", "id": sent["id"], "message": advice}
    trace = websocket.app.state.traces.continued(sent.get(FIELD) or websocket.headers.get(FIELD))
    changed = shelf(websocket).change(**change, trace=trace, by="websocket")
    return {"type": "ack", "id": sent["id"], "version": changed.version}


def advice_on(websocket: WebSocket, user: str, change: dict[str, Any]) -> str | None:
    """Why the change cannot be made, as one sentence that says what to do; None if it can."""
    if "write" not in SCOPES[user]:
        return "Use a token that may write: this one may only read."
    if not change.keys() <= RULES.keys():
        return "Leave out what is none of isbn, stock and note."
    advice = first_advice({"isbn": None, "stock": None, **change}.items())
    return advice or (None if shelf(websocket).get(change["isbn"]) else UNKNOWN)


# --- The WebSocket: from the handshake to the close ------------------------------------------------------------------


async def live(websocket: WebSocket) -> None:
    """Follow the stock and set it, in the subprotocol stock.v1; ?snapshot=1 to be told all of it first."""
    user, room = admitted(websocket), websocket.app.state.followers
    connection = Follower(websocket, user, room, websocket.app.state.backlog)
    # No await between the look at the shelf and the seat in the room, so that no change falls in between.
    room.join(connection)
    connection.put(encoded([opening(websocket)]))
    listening = None
    try:
        await websocket.accept(PROTOCOL)
        listening = asyncio.create_task(listen(websocket, connection))
        await connection.deliver()
    finally:
        room.leave(connection)
        if listening:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def listen(websocket: WebSocket, connection: Connection) -> None:
    """Take in what the client sends until it leaves; it need not wait for an answer before it sends more."""
    try:
        while True:
            text = await receive(websocket)
            if not connection.ended:
                connection.put(encoded([answer(websocket, connection.user, text)]))
            await asyncio.sleep(0)  # a client that sends much at once must not keep the others from being served
    except WebSocketDisconnect:
        connection.end(None)
    except Closed as closed:
        connection.end(closed)
    except Exception:
        connection.end(Closed(1011, "The shop failed at this: connect again with ?snapshot=1."))
        raise  # the log gets the traceback, and the client none of it


async def upgrade(request: Request) -> Response:
    """Say that this address is for WebSocket (RFC 9110, section 15.5.22)."""
    fields = {"Upgrade": "websocket", "Connection": "Upgrade"}
    raise Problem(426, f"Connect with WebSocket, version 13, and offer the subprotocol {PROTOCOL}.", headers=fields)


ROUTES = [WebSocketRoute(LIVE, live), Route(LIVE, upgrade)]
