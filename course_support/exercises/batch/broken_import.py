"""An import that breaks off, for the exercise that carries on with it: what it sent, what it heard, and what it did."""

from __future__ import annotations

import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.batch import BATCH
from course_support.exercise import Client
from course_support.server import Server


class OneForm:
    """ASGI middleware: whatever JSON comes to the batch is handed on in one form, and empty `options` are left out.

    The fingerprint that is kept with a key is of the bytes, and each library writes the same JSON in its own way.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        batch = scope["type"] == "http" and scope["path"] == BATCH
        await self._app(scope, _formed(receive) if batch else receive, send)


def _formed(receive: Receive) -> Receive:
    read = False

    async def receive_formed() -> Message:
        nonlocal read
        if read:
            return await receive()
        message = await receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        read = True
        return {**message, "body": _one_form(body)} if message["type"] == "http.request" else message

    return receive_formed


def _one_form(body: bytes) -> bytes:
    try:
        content = json.loads(body)
        if isinstance(content, dict) and content.get("options") == {}:
            del content["options"]
        return json.dumps(content, sort_keys=True).encode()
    except (ValueError, RecursionError):
        return body


def field(import_id: str, number: int) -> str:
    """The Idempotency-Key of a group."""
    return f'"{import_id}-{number}"'


def import_until_it_breaks(
    app: ASGIApp, token: str, import_id: str, groups: list[list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Send these groups; the answers."""
    with Server(app) as server:
        client = Client(server.url)
        try:
            return [
                client.send(
                    "POST",
                    BATCH,
                    token,
                    {"operation": "create", "contacts": group},
                    Idempotency_Key=field(import_id, number),
                ).json()
                for number, group in enumerate(groups)
            ]
        finally:
            client.close()
