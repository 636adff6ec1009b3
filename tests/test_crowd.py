"""The crowd of editors that measures a service: everybody is told of everything."""

from __future__ import annotations

import asyncio

from course_support.backends.editor import app
from course_support.crowd import crowd
from course_support.server import Server


def test_everybody_reads_what_everybody_types() -> None:
    with Server(app()) as server:
        address = f"{server.url.replace('http', 'ws')}/edit/document-123"
        delays = asyncio.run(crowd(address, server.credentials["ada"], 4))
        assert len(delays) == 16
        assert min(delays) > 0
        handshakes = [exchange for exchange in server.traffic if exchange.request.path == "/edit/document-123"]
        typed = [message for it in handshakes for message in it.messages if message.sender == "client"]
        assert [exchange.status for exchange in handshakes] == [101] * 4
        assert sum(message.opcode == "text" for message in typed) == 4


def test_another_crowd_may_come_to_the_same_document() -> None:
    with Server(app()) as server:
        address = f"{server.url.replace('http', 'ws')}/edit/document-123"
        for editors in (2, 3):
            coming = asyncio.wait_for(crowd(address, server.credentials["ada"], editors), 30)
            assert len(asyncio.run(coming)) == editors**2
        assert server.app.state.documents["document-123"].seq == 5  # type: ignore[attr-defined]
