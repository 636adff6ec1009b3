"""How many requests a token has in a span of time, told with every answer so that a good client is never refused.

The fields are those of draft-ietf-httpapi-ratelimit-headers-10. A window is fixed: it begins with a token's first
request, and what was not used of it is lost. Its time is real: a client that waits has to wait for the wall's seconds.
"""

import hmac
import math
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.backends import problem
from course_support.backends.problem import Problem


class Quota:
    """So many requests in so many seconds, both whole numbers from 1. Used by one event loop: it has no lock."""

    def __init__(self, requests: int, seconds: int, now: Callable[[], float] = time.monotonic) -> None:
        if not all(type(number) is int and number >= 1 for number in (requests, seconds)):
            raise ValueError("Give a whole number of requests and of seconds, each at least 1.")
        self.requests = requests
        self.seconds = seconds
        self._now = now
        self._windows: dict[str, tuple[float, int]] = {}  # owner -> when the window ends, and how many were used in it

    def spend(self, owner: str) -> tuple[bool, int, int]:
        """Whether the owner may ask, how many more requests there are, and in how many seconds there are all again."""
        now = self._now()
        ends, used = self._windows.get(owner, (now, 0))
        if now >= ends:
            ends, used = now + self.seconds, 0
        allowed = used < self.requests
        used += allowed
        self._windows[owner] = ends, used
        return allowed, self.requests - used, math.ceil(ends - now)


class Limited:
    """ASGI middleware: holds known tokens to `app.state.quota`, if there is one; the paths in `free` cost nothing."""

    def __init__(self, app: ASGIApp, free: frozenset[str]) -> None:
        self.app = app
        self.free = free

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        quota: Quota | None = scope["app"].state.quota if scope["type"] == "http" else None
        owner = _owner(scope) if quota and scope["path"] not in self.free else None
        if not quota or not owner:
            await self.app(scope, receive, send)
            return
        allowed, rest, reset = quota.spend(owner)

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = MutableHeaders(scope=message)
                fields["RateLimit-Policy"] = f'"default";q={quota.requests};w={quota.seconds}'
                fields["RateLimit"] = f'"default";r={rest};t={reset}'
            await send(message)

        await (self.app if allowed else _refusal(reset))(scope, receive, send_counted)


def _owner(scope: Scope) -> str | None:
    """Whose token it is. What is not known is refused by the service itself, and costs nobody anything."""
    sent = Headers(scope=scope).get("authorization", "").partition(" ")[2].strip()
    known: dict[str, str] = scope["app"].state.credentials
    return next((label for label, token in known.items() if hmac.compare_digest(token.encode(), sent.encode())), None)


def _refusal(seconds: int) -> ASGIApp:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        detail = f"Wait {seconds} s, then go on at the rate that RateLimit-Policy tells."
        refused = Problem(429, detail, headers={"Retry-After": str(seconds)})
        await (await problem.respond(Request(scope), refused))(scope, receive, send)

    return refuse
