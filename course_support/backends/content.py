"""What goes in and out of a JSON service: media types that fit, bodies that are small enough, JSON that is JSON."""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends.problem import Problem

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
LARGEST = 64 * 1024  # bytes of a body, where a service needs no more


def encode(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def quality(media_type: str, accept: Iterable[str]) -> float:
    """How much the values of `Accept` like it, from 0 to 1: the most specific range decides (RFC 9110, 12.5.1)."""
    liked: dict[str, float] = {}
    for item in ",".join(accept).split(","):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        weights = [part for part in parameters if re.fullmatch(r"q=[01](\.[0-9]{0,3})?", part)]
        if media_range:
            weight = float(weights[0].removeprefix("q=")) if weights else 1.0
            liked[media_range] = max(weight, liked.get(media_range, 0.0))
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((liked[media_range] for media_range in ranges if media_range in liked), float(not liked))


def accepted(media_type: str, accept: Iterable[str]) -> bool:
    """Whether the values of `Accept` admit the media type."""
    return quality(media_type, accept) > 0


def require_acceptable(request: Request, media_type: str = JSON) -> None:
    """Raises a Problem 406 if the client does not take the only media type there is."""
    if not accepted(media_type, request.headers.getlist("accept")):
        raise Problem(406, f"Accept {media_type}: this service speaks nothing else.")


async def read(request: Request, media_type: str = JSON, largest: int = LARGEST) -> bytes:
    """The body of the request. Raises a Problem: 415 for another media type, 413 past `largest` bytes."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != media_type:
        field = "Accept-Patch" if request.method == "PATCH" else "Accept"  # RFC 5789, section 2.2; RFC 9110, 12.5.1
        raise Problem(415, f"Send the body as Content-Type: {media_type}.", headers={field: media_type})
    too_large = Problem(413, f"Send at most {largest} bytes in one request.")
    if int(request.headers.get("content-length", "0")) > largest:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise too_large
    return bytes(body)


def parse(body: bytes) -> Any:
    """The value that the JSON text means. Raises a Problem 400 if it is none, or none that this service can hold."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):  # RecursionError: thousands of brackets in one another
        raise Problem(400, "Send well-formed JSON, encoded in UTF-8.") from None


def _refuse(constant: str) -> NoReturn:
    """NaN and Infinity, which Python reads although JSON has no such numbers (RFC 8259, section 6)."""
    raise ValueError(constant)


class Drained:
    """ASGI middleware: the whole request is read before the answer goes out.

    A server that answers early and closes while the client is still sending makes TCP throw the answer away: the
    client would see a reset connection instead of the 401 or 413 that explains it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = scope["type"] == "http"

        async def receive_and_note() -> Message:
            nonlocal more
            message = await receive()
            more = message.get("more_body", False)
            return message

        async def send_when_read(message: Message) -> None:
            while more:
                await receive_and_note()
            await send(message)

        await self.app(scope, receive_and_note, send_when_read)
