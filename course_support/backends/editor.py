"""A collaborative document editor: WebSocket, and HTTP beside it, written to be read from top to bottom.

First the rules, then the WebSocket from its handshake to its close; `app()` puts them together with the HTTP of
editor_http.py. What becomes of edits that meet is in documents.py and edits.py, who is told of it in rooms.py.
"""

import asyncio
import contextlib
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from course_support.backends import bearer, content, editor_http, problem
from course_support.backends.clock import Clock, Dated, http_date
from course_support.backends.documents import Document, seeded
from course_support.backends.editing import REALM, SCOPES, apply_update, authorize, number_after, requested
from course_support.backends.graphql_access import from_here
from course_support.backends.problem import Problem
from course_support.backends.rooms import Closed, Connection, Room, Rooms, encoded
from course_support.backends.tickets import Tickets
from course_support.backends.updates import checked, checked_cursor

PROTOCOL = "edit.v1"
EDIT = "/edit/{document}"
FAILURE = "The service failed at this: connect again and resume after the last seq you have."


def identified(websocket: WebSocket) -> str:
    """Who knocks: a ticket in the address tells, or the token as in any other request."""
    ticket = websocket.query_params.get("ticket")
    if ticket is None:
        return authorize(Request({**websocket.scope, "type": "http", "method": "GET"}), "read")
    user: str | None = websocket.app.state.tickets.redeem(ticket)
    if user is None:
        challenge = f'Bearer realm="{REALM}", error="invalid_token"'
        raise Problem(401, "Get a new ticket: each opens one connection.", headers={"WWW-Authenticate": challenge})
    return user


def admitted(websocket: WebSocket) -> tuple[str, Document]:
    """Who may come in, and to what: after the handshake there are no status codes any more, so all is asked before."""
    if not from_here(websocket):
        raise Problem(403, "Connect from a page of this machine, or from a program that sends no Origin.")
    user, document = identified(websocket), requested(websocket)
    if PROTOCOL not in websocket.scope["subprotocols"]:
        raise Problem(400, f"Offer the subprotocol {PROTOCOL} in Sec-WebSocket-Protocol.")
    if len(room_of(websocket, document).connections) >= websocket.app.state.room_size:
        raise Problem(503, "Come back later: this document is full.", headers={"Retry-After": "5"})
    return user, document


def room_of(connection: HTTPConnection, document: Document) -> Room:
    room: Room = connection.app.state.rooms[document.id]
    return room


def opening(room: Room, document: Document, after: int | None) -> list[dict[str, Any]]:
    """What a client is told first: the whole document, or what it has missed, if the log still has all of that."""
    if after is None or not document.reaches(after):
        return [{"type": "document", "text": document.text, "seq": document.seq, "users": room.users}]
    missed = [update.message for update in document.since(after)]
    return [*missed, {"type": "resumed", "seq": document.seq, "users": room.users}]


def parsed(text: str, largest: int) -> dict[str, Any]:
    if len(text.encode()) > largest:
        raise Problem(413, f"Send at most {largest} bytes in one message.")
    sent = content.parse(text.encode())
    if not isinstance(sent, dict) or sent.get("type") not in ("text_update", "cursor_move"):
        raise Problem(400, "Send a JSON object whose type is text_update or cursor_move.")
    return sent


def closing(refusal: Problem) -> Closed:
    """A refusal after the handshake: a close code in place of the status, and the first fault as the reason."""
    code = 1009 if refusal.status_code in (409, 413) else 1008
    if not refusal.errors:
        return Closed(code, refusal.detail)
    member = refusal.errors[0]["pointer"].removeprefix("#/")
    return Closed(code, f"{member}: {refusal.errors[0]['detail']}")


# --- The WebSocket: from the handshake to the close ------------------------------------------------------------------


async def edit(websocket: WebSocket) -> None:
    """Edit a document, in the subprotocol edit.v1; ?ticket= in place of a token, ?after= to resume."""
    user, document = admitted(websocket)
    after, room = number_after(websocket), room_of(websocket, document)
    connection = Connection(websocket, user, room, websocket.app.state.backlog)
    # No await between the look at the document and the seat in the room, so that no update falls in between.
    room.join(connection)
    connection.put(encoded(opening(room, document, after)))
    listening = None
    try:
        await websocket.accept(PROTOCOL)
        listening = asyncio.create_task(listen(websocket, connection, document))
        await connection.deliver()
    finally:
        room.leave(connection)
        if listening:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


async def listen(websocket: WebSocket, connection: Connection, document: Document) -> None:
    """Take in what the client sends until it leaves; a message that breaks the rules ends the connection."""
    try:
        while True:
            text = await receive(websocket)
            if not connection.ended:
                handle(websocket.app.state, connection, document, text)
            await asyncio.sleep(0)  # a client that sends much at once must not keep the others from being served
    except WebSocketDisconnect:
        connection.end(None)
    except Problem as refusal:
        connection.end(closing(refusal))
    except Closed as closed:
        connection.end(closed)
    except Exception:
        connection.end(Closed(1011, FAILURE))
        raise  # the log gets the traceback, and the client none of it


async def receive(websocket: WebSocket) -> str:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text: str | None = message.get("text")
    if text is None:
        raise Closed(1003, "Send text frames: this service does not take binary ones.")
    return text


def handle(state: State, connection: Connection, document: Document, text: str) -> None:
    user, sent = connection.user, parsed(text, state.largest)
    if sent["type"] == "cursor_move":
        moved = {"type": "cursor_move", "userId": user, "position": checked_cursor(sent, user, document)}
        state.rooms[document.id].tell([moved], but=connection, key=user)
    elif "write" not in SCOPES[user]:
        raise Closed(1008, "Use a token that may write: this one may only read.")
    elif known := document.known(user, sent.get("id")):
        connection.put(encoded(update.message for update in known))
    else:
        apply_update(state, document, user, checked(sent, user, document, transform=state.transform))


async def upgrade(request: Request) -> Response:
    """Say that this address is for WebSocket (RFC 9110, section 15.5.22)."""
    fields = {"Upgrade": "websocket", "Connection": "Upgrade"}
    raise Problem(426, f"Connect with WebSocket, version 13, and offer the subprotocol {PROTOCOL}.", headers=fields)


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise HTTPException(404)  # for a handshake as well, which Starlette would answer with a 403


async def refused(connection: HTTPConnection, error: Exception) -> Response:
    """The problem as the answer. It gets its date here, because `Dated` does not see handshakes."""
    answer = await problem.respond(connection, error)  # type: ignore[arg-type]  # it reads what both kinds have
    answer.headers["Date"] = http_date(connection.app.state.clock.seconds)
    return answer


ROUTES = [
    WebSocketRoute(EDIT, edit),
    Route(EDIT, upgrade),
    Route(EDIT, editor_http.options, methods=["OPTIONS"]),
    *editor_http.ROUTES,
]


def app(
    seed: int = 1,
    *,
    room_size: int = 200,
    keep: int = 1000,
    largest: int = 16 * 1024,
    backlog: int = 256,
    ping_interval: float | None = None,
) -> Starlette:
    """The service, with its documents and tokens drawn from the seed.

    A document takes `room_size` connections and keeps its newest `keep` updates; a message has at most `largest` bytes,
    and `backlog` of them may wait for a client that is slow to read. Every `ping_interval` seconds the server pings.
    Two switches can be turned while the service runs: without `app.state.transform` updates are applied at the
    position that they came with, and `app.state.broken` makes the next update fail. `app.state.rooms` closes
    connections.
    """
    clock = Clock()
    service = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Dated, clock=clock), Middleware(content.Drained)],
        exception_handlers={**problem.HANDLERS, HTTPException: refused},
    )
    service.router.redirect_slashes = False  # a path with a slash at its end is another path, and there is nothing
    service.router.default = nowhere
    service.state.name = "WebSocket: a collaborative document editor"
    service.state.credentials = bearer.tokens(seed, *SCOPES)
    service.state.clock = clock
    service.state.documents = seeded(seed, keep)
    service.state.rooms = Rooms(service.state.documents)
    service.state.tickets = Tickets(seed, clock)
    service.state.room_size, service.state.largest, service.state.backlog = room_size, largest, backlog
    service.state.ping_interval = ping_interval
    service.state.transform, service.state.broken = True, False
    return service
