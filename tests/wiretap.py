"""Speaks HTTP by the byte and counts what crosses the socket: a second opinion on the recorder's numbers."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import AsyncIterator, Callable
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.frames import Frame, Opcode

SECONDS = 20  # no answer in this time is a failure, on however slow a machine


class Client:
    """One connection on which a test says every byte: `client.ask(b"GET / HTTP/1.1…")`."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self.sent = self.received = 0

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)
        self.sent += len(data)

    def answer(self, method: str = "GET") -> bytes:
        """The next response, framing included, read by the rules of RFC 9112, section 6.3, and no byte further."""
        head = self._until(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        if method == "HEAD" or head.startswith((b"HTTP/1.1 1", b"HTTP/1.1 204", b"HTTP/1.1 304")):
            return head
        if b"chunked" in head:
            return head + self._until(b"\r\n0\r\n\r\n")
        return head + (self._exactly(int(length[1])) if length else self.rest())

    def ask(self, request: bytes, method: str = "GET") -> bytes:
        self.send(request)
        return self.answer(method)

    def rest(self) -> bytes:
        """All until the server ends the connection."""
        pieces = []
        while piece := self.socket.recv(65536):
            self.received += len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def _until(self, end: bytes) -> bytes:
        data = b""
        while not data.endswith(end):
            data += self._exactly(1)
        return data

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            assert piece, f"The connection ended after {bytes(data)!r}."
            data += piece
        self.received += size
        return bytes(data)

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Close with a reset, as a client that crashes does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def frame(opcode: Opcode, data: bytes = b"", fin: bool = True, mask: bool = True) -> bytes:
    """A frame as the client sends it, or with `mask=False` as the server does."""
    return Frame(opcode, data, fin).serialize(mask=mask)


class CountingProxy:
    """Stands between any client and a server and counts: `sent` to the server, `received` from it."""

    def __init__(self, port: int) -> None:
        self.sent = self.received = 0
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            self._start(client, server, self._count_sent)
            self._start(server, client, self._count_received)

    def _start(self, source: socket.socket, target: socket.socket, count: Callable[[int], None]) -> None:
        thread = threading.Thread(target=self._pump, args=(source, target, count), daemon=True)
        thread.start()
        self._threads.append(thread)

    def _pump(self, source: socket.socket, target: socket.socket, count: Callable[[int], None]) -> None:
        try:
            while data := source.recv(65536):
                count(len(data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _count_sent(self, size: int) -> None:
        self.sent += size

    def _count_received(self, size: int) -> None:
        self.received += size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(SECONDS)


class Probe:
    """An application with one path for each way in which an exchange can go, and a trace of the work it did.

    `/held` answers when the test sets `release`, so that a test needs no sleep to meet a request in flight.
    """

    def __init__(self) -> None:
        self.work: list[str] = []
        self.entered = threading.Event()
        self.release = threading.Event()
        routes = [
            Route("/hello", self.hello),
            Route("/echo", self.echo, methods=["POST"]),
            Route("/stream", self.stream),
            Route("/length-known", self.length_known),
            Route("/refuse", self.refuse, methods=["POST"]),
            Route("/fails", self.fails),
            Route("/breaks", self.breaks),
            Route("/held", self.held),
            WebSocketRoute("/ws/echo", self.ws_echo),
            WebSocketRoute("/ws/leaves", self.ws_leaves),
            WebSocketRoute("/ws/fails", self.ws_fails),
            WebSocketRoute("/ws/refuses", self.ws_refuses),
            WebSocketRoute("/ws/denies", self.ws_denies),
            WebSocketRoute("/ws/deaf", self.ws_deaf),
        ]
        self.app = Starlette(routes=routes)

    async def hello(self, request: Request) -> Response:
        self.work.append("hello")
        return PlainTextResponse("hello", headers={"X-Odd-Case": "kept"})

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        self.work.append(f"echo {len(body)}")
        return Response(body)

    async def stream(self, request: Request) -> Response:
        return StreamingResponse(_pieces(b"abc", b"", b"d" * 1000))

    async def length_known(self, request: Request) -> Response:
        # the client has all of it before the application has said that it is done
        return StreamingResponse(_pieces(b"all", pause=0.05), headers={"Content-Length": "3"})

    async def refuse(self, request: Request) -> Response:
        return PlainTextResponse("refused", 413)

    async def fails(self, request: Request) -> Response:
        raise ArithmeticError("the handler fails")

    async def breaks(self, request: Request) -> Response:
        return StreamingResponse(_failing_pieces())

    async def held(self, request: Request) -> Response:
        self.entered.set()
        while not self.release.is_set():
            await asyncio.sleep(0.005)
        self.work.append("held")
        return PlainTextResponse("held")

    async def ws_echo(self, socket: WebSocket) -> None:
        """Send back whatever comes."""
        await socket.accept()
        while (message := await socket.receive())["type"] == "websocket.receive":
            await socket.send({**message, "type": "websocket.send"})
        self.work.append(f"closed {message['code']}")

    async def ws_leaves(self, socket: WebSocket) -> None:
        """Say one thing and close."""
        await socket.accept()
        await socket.send_json({"say": "bye"})
        await socket.close(4001, "that was all")

    async def ws_fails(self, socket: WebSocket) -> None:
        await socket.accept()
        raise ArithmeticError("the socket's handler fails")

    async def ws_refuses(self, socket: WebSocket) -> None:
        await socket.close()

    async def ws_denies(self, socket: WebSocket) -> None:
        await socket.send_denial_response(PlainTextResponse("who are you?", 401))

    async def ws_deaf(self, socket: WebSocket) -> None:
        """Never listen, so that nothing but the test's release ends it."""
        await socket.accept()
        self.entered.set()
        while not self.release.is_set():
            await asyncio.sleep(0.005)


async def _pieces(*pieces: bytes, pause: float = 0) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(pause)


async def _failing_pieces() -> AsyncIterator[bytes]:
    yield b"begun"
    raise ArithmeticError("the content fails")
