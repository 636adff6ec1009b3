"""Passes each request on to another server, so that the exchanges of a client can be recorded on the client's side."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import HTTPError

TIMEOUT = 10.0  # seconds of silence after which the other server is not waited for any longer
LARGEST = 8 * 2**20  # bytes of content: an answer without an end must not fill the memory
HOP_BY_HOP = ("connection", "content-length", "host", "keep-alive", "transfer-encoding")  # of each connection its own


class Relay:
    """An ASGI application that answers as the server at `url` does, and hangs up where that one gives no answer."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            response = await run_in_threadpool(self._pass_on, request, await request.body())
        except HTTPError:
            scope["state"]["drop"]()
        else:
            await response(scope, receive, send)

    def _pass_on(self, request: Request, body: bytes) -> Response:
        target = request.scope["raw_path"].decode("latin-1")
        query = request.scope["query_string"].decode("latin-1")
        address = f"{self._url}{target}?{query}" if query else self._url + target
        fields = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        # not requests, which reads a redirect's content whole, and away
        with PoolManager(timeout=TIMEOUT, retries=False) as pool:
            answer = pool.request(
                request.method, address, body=body, headers=fields, redirect=False, preload_content=False
            )
            content = _content(answer)
        kept = {name: value for name, value in answer.headers.itermerged() if name.lower() not in HOP_BY_HOP}
        return Response(content, answer.status, kept)


def _content(answer: BaseHTTPResponse) -> bytes:
    """As it came, compressed or not. Raises an HTTPError past `LARGEST` bytes."""
    content = bytearray()
    for piece in answer.stream(decode_content=False):
        content += piece
        if len(content) > LARGEST:
            raise HTTPError(f"more than {LARGEST} bytes")
    return bytes(content)
