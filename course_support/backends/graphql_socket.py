"""Subscriptions over WebSocket: the protocol graphql-transport-ws, from the handshake to the last `complete`."""

import asyncio
import contextlib
import re
from typing import Any

from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect

from course_support.backends import content
from course_support.backends.graphql_access import admitted, from_here
from course_support.backends.graphql_context import Asked, refusal, response_of, shown
from course_support.backends.graphql_schema import SCHEMA
from course_support.backends.problem import Problem

PROTOCOL = "graphql-transport-ws"
OPERATIONS = 100  # how many one connection may have at a time


class Closed(Exception):
    """The end of the connection, with a code and a reason for the client."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode(errors="replace")[:123].decode(errors="ignore")  # RFC 6455, section 5.5


async def subscribe(websocket: WebSocket) -> None:
    """Subscribe, in the subprotocol graphql-transport-ws: the token goes into the payload of connection_init."""
    if not from_here(websocket):
        await websocket.close()  # before the handshake is answered, that is a 403
        return
    if PROTOCOL not in websocket.scope["subprotocols"]:
        await websocket.accept()
        await websocket.close(4406, "Subprotocol not acceptable")
        return
    await websocket.accept(PROTOCOL)
    try:
        await converse(Connection(websocket))
    except Closed as closed:
        await websocket.close(closed.code, closed.reason)
    except WebSocketDisconnect:
        pass


async def converse(connection: "Connection") -> None:
    try:
        await connection.initialise()
        while True:
            await connection.handle(await connection.receive())
    finally:
        await connection.abandon()


def is_id(id: str) -> bool:
    """Neither empty nor with half a character, which JSON can escape and no answer could repeat in UTF-8."""
    return bool(id) and not re.search(r"[\ud800-\udfff]", id)


class Connection:
    """One client and its operations: subscriptions above all, but queries and mutations may come this way too."""

    def __init__(self, websocket: WebSocket) -> None:
        self._socket = websocket
        self._scopes: set[str] = set()
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def initialise(self) -> None:
        """Wait for connection_init and its token: 4401 for whoever subscribes first, 4403 for a token that is none."""
        try:
            async with asyncio.timeout(self._socket.app.state.patience):
                while (message := await self.receive())["type"] in ("ping", "pong"):
                    await self.handle(message)
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        match message:
            case {"type": "connection_init", **rest}:
                payload = rest.get("payload")
            case {"type": "subscribe"}:
                raise Closed(4401, "Unauthorized")
            case _:
                raise Closed(4400, "Send connection_init first.")
        token = payload.get("Authorization") if isinstance(payload, dict) else None
        scopes = admitted(self._socket, token) if isinstance(token, str) else None
        if scopes is None:
            raise Closed(4403, "Forbidden")
        self._scopes = scopes
        await self.send("connection_ack")

    async def handle(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "ping"}:
                await self.send("pong")
            case {"type": "pong"}:
                pass
            case {"type": "connection_init"}:
                raise Closed(4429, "Too many initialisation requests")
            case {"type": "subscribe", "id": str(id), "payload": {"query": str()} as payload} if is_id(id):
                await self.start(id, payload)
            case {"type": "complete", "id": str(id)}:
                if task := self._operations.pop(id, None):
                    task.cancel()
            case {"type": kind}:
                raise Closed(4400, f"Send the message {kind} as the protocol has it, or none of this type.")

    async def start(self, id: str, payload: dict[str, Any]) -> None:
        if id in self._operations:
            raise Closed(4409, f"Subscriber for {id} already exists")
        if not isinstance(payload.get("variables"), dict | None) or not isinstance(
            payload.get("operationName"), str | None
        ):
            raise Closed(4400, "Send variables as an object and operationName as a string.")
        if len(self._operations) >= OPERATIONS:
            advice = f"Complete a subscription first: one connection may have {OPERATIONS}."
            await self.send("error", id, [shown(refusal("OPERATION_LIMIT_EXCEEDED", advice, limit=OPERATIONS))])
            return
        self._operations[id] = asyncio.create_task(self._operate(id, payload))

    async def _operate(self, id: str, payload: dict[str, Any]) -> None:
        """Send each result as `next`, then `complete`; or `error` alone, if nothing could be executed."""
        last: tuple[Any, ...] = ("complete", id)
        try:
            asked = Asked(self._socket.app.state, self._scopes, payload.get("operationName"))
            variables = payload.get("variables")
            results = await SCHEMA.stream(payload["query"], variables, asked, operation_name=asked.operation)
            async with contextlib.aclosing(results):
                async for result in results:
                    response = response_of(result)
                    if "data" not in response:
                        last = ("error", id, response["errors"])
                        break
                    await self.send("next", id, response)
        except GraphQLError as error:
            last = ("error", id, [shown(error)])
        except WebSocketDisconnect:
            return
        self._operations.pop(id, None)  # before the last message: from then on its id is free again
        with contextlib.suppress(WebSocketDisconnect):
            await self.send(*last)

    async def receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        text = message.get("text")
        if text is None or len(text) > content.LARGEST:
            raise Closed(4400, f"Send text of at most {content.LARGEST} characters.")
        try:
            sent = content.parse(text.encode(errors="replace"))
        except Problem as problem:
            raise Closed(4400, problem.detail) from None
        if not isinstance(sent, dict) or not isinstance(sent.get("type"), str):
            raise Closed(4400, "Send a JSON object with a type.")
        return sent

    async def send(self, type: str, id: str | None = None, payload: Any = None) -> None:
        message = {"id": id, "type": type, "payload": payload}
        told = {name: value for name, value in message.items() if value is not None}
        await self._socket.send_text(content.encode(told).decode())

    async def abandon(self) -> None:
        tasks = list(self._operations.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
