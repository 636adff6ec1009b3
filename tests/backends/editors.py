"""What the tests of the document editor share: a running service, HTTP requests, and editors on its WebSocket."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
import websocket
from starlette.applications import Starlette
from websocket import ABNF

from course_support.backends import editor
from course_support.backends.replica import Replica
from course_support.server import Server

ID = "document-123"
PATH = f"/api/v1/documents/{ID}"


class Editor:
    """A WebSocket client that speaks JSON and reads the close frame."""

    def __init__(self, raw: websocket.WebSocket) -> None:
        self.raw = raw

    def send(self, type: str = "text_update", **members: Any) -> None:
        self.raw.send(json.dumps({"type": type, **members}))

    def read(self) -> Any:
        opcode, data = self.raw.recv_data()
        assert opcode == ABNF.OPCODE_TEXT, data
        return json.loads(data)

    def read_until(self, type: str) -> list[Any]:
        """The messages up to and including the next one of this type."""
        read = [self.read()]
        while read[-1]["type"] != type:
            read.append(self.read())
        return read

    def closed(self) -> tuple[int, str]:
        """The code and the reason, once the messages before the close frame are read."""
        while True:
            opcode, data = self.raw.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big"), data[2:].decode()


@dataclass
class Service:
    app: Starlette
    server: Server
    open: list[Editor] = field(default_factory=list)

    def __call__(self, method: str, path: str = PATH, who: str | None = "ada", **more: Any) -> requests.Response:
        fields = self.token(who) | more.pop("headers", {})
        return requests.request(method, self.server.url + path, headers=fields, timeout=10, **more)

    def token(self, who: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}

    def knock(self, who: str | None = "ada", path: str = f"/edit/{ID}", **more: Any) -> Editor:
        """Open a WebSocket and read nothing; websocket.WebSocketBadStatusException if it is refused."""
        options = {"header": self.token(who), "subprotocols": [editor.PROTOCOL], "timeout": 10, **more}
        opened = Editor(websocket.create_connection(self.server.url.replace("http", "ws") + path, **options))
        self.open.append(opened)
        return opened

    def edit(self, who: str = "ada", **more: Any) -> Editor:
        """Open a WebSocket and read the document, which is the first message."""
        opened = self.knock(who, **more)
        assert opened.read()["type"] == "document"
        return opened

    def refusal(self, *args: Any, **more: Any) -> tuple[int, dict[str, str], Any]:
        """The status, fields (names in small letters) and problem with which a handshake is refused."""
        try:
            self.knock(*args, **more)
        except websocket.WebSocketBadStatusException as refused:
            return refused.status_code, dict(refused.resp_headers), json.loads(refused.resp_body)
        raise AssertionError("The handshake was not refused.")

    @property
    def document(self) -> Any:
        return self.app.state.documents[ID]

    @property
    def tracebacks(self) -> int:
        return self.server.log.count("Traceback")


@contextmanager
def serving(seed: int = 1, **more: Any) -> Iterator[Service]:
    app = editor.app(seed, **more)
    with Server(app) as server:
        service = Service(app, server)
        try:
            yield service
        finally:
            for opened in service.open:
                opened.raw.shutdown()


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def update(position: int = 0, content: str = "", **more: Any) -> dict[str, Any]:
    return {"type": "text_update", "position": position, "content": content, **more}


def replica(opened: Editor, **more: Any) -> Replica:
    """A replica of what the first message of the connection brings."""
    document = opened.read()
    return Replica(document["text"], document["seq"], **more)


def deaf(service: Service, who: str, path: str = f"/edit/{ID}") -> socket.socket:
    """A connection with as small a receive buffer as there is, whose handshake is done and that has read no more."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    sock.settimeout(20)
    sock.connect(("127.0.0.1", service.server.port))
    fields = {
        "Host": f"127.0.0.1:{service.server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": editor.PROTOCOL,
        **service.token(who),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    sock.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += sock.recv(1)
    assert answer.startswith(b"HTTP/1.1 101 "), answer
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer  # RFC 6455, section 1.3, has this key and this value
    return sock


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    """A client's frame, its mask being all zeros (RFC 6455, section 5.2)."""
    length = len(payload)
    head = bytes([fin << 7 | opcode])
    mask = masked << 7
    if length < 126:
        head += bytes([mask | length])
    elif length < 1 << 16:
        head += bytes([mask | 126]) + length.to_bytes(2, "big")
    else:
        head += bytes([mask | 127]) + length.to_bytes(8, "big")
    return head + bytes(4 * masked) + payload


def frames(sock: socket.socket) -> Iterator[tuple[int, bytes]]:
    """The opcode and payload of each frame that a server sends (unmasked), up to its close frame or the end."""
    with sock.makefile("rb") as file:
        while len(head := file.read(2)) == 2:
            length = head[1]
            if length > 125:
                length = int.from_bytes(file.read(2 if length == 126 else 8), "big")
            opcode = head[0] & 0x0F
            yield opcode, file.read(length)
            if opcode == ABNF.OPCODE_CLOSE:
                return
