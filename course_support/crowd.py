"""Many editors of one document in one process, to measure how long an update takes to come to all of them."""

import asyncio
import contextlib
import json
import time
from secrets import token_hex

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


async def crowd(address: str, token: str, editors: int) -> list[float]:
    """Join so many times, type once on each connection within a second, and wait until everybody has read everything.

    `address` is the WebSocket's. The delays of all updates to all editors in milliseconds: `editors` times `editors`.
    """
    fields, sent = {"Authorization": f"Bearer {token}"}, dict[str, float]()
    async with contextlib.AsyncExitStack() as stack:
        lines: list[ClientConnection] = []
        for _ in range(editors):
            line = connect(address, additional_headers=fields, subprotocols=[Subprotocol("edit.v1")])
            lines.append(await stack.enter_async_context(line))
        reading = asyncio.gather(*(_read(line, editors, sent) for line in lines))
        _, delays = await asyncio.gather(_write(lines, sent), reading)
    return [delay for of_one in delays for delay in of_one]


async def _write(lines: list[ClientConnection], sent: dict[str, float]) -> None:
    name = token_hex(4)  # a service applies no update of a user twice: another crowd's have other ids
    for number, line in enumerate(lines):
        id = f"{name}-{number}"
        sent[id] = time.monotonic()
        await line.send(json.dumps({"type": "text_update", "position": 0, "content": "x", "id": id}))
        await asyncio.sleep(1 / len(lines))


async def _read(line: ClientConnection, updates: int, sent: dict[str, float]) -> list[float]:
    delays: list[float] = []
    while len(delays) < updates:
        message = json.loads(await line.recv())
        if message.get("id") in sent:
            delays.append((time.monotonic() - sent[message["id"]]) * 1000)
    return delays
