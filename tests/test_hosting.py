"""What uvicorn does differently here than elsewhere; how it starts and stops is tested with the server."""

from __future__ import annotations

import pytest

from course_support.server import Server
from tests.wiretap import UPGRADE, Client

VERSION = b"Sec-WebSocket-Version: 13\r\n"


@pytest.mark.parametrize("version", [b"", b"Sec-WebSocket-Version: 12\r\n", 2 * VERSION])
def test_another_version_of_websocket_is_told_the_right_one(server: Server, version: bytes) -> None:
    with Client(server.port) as client:
        answer = client.ask((UPGRADE % b"/ws/echo").replace(VERSION, version))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(VERSION) == 1


def test_the_right_version_is_told_nothing(server: Server) -> None:
    with Client(server.port) as client:
        answer = client.ask(UPGRADE % b"/ws/echo")
    assert answer.startswith(b"HTTP/1.1 101 ")
    assert VERSION not in answer
