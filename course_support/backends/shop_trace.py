"""Which request made which change: a trace that goes through every door of the shop (W3C Trace Context, level 1).

A client that sends `traceparent` finds its trace id in whatever follows from its request. Without one, the shop starts
a trace. The answer tells it in a field of the same name, which is ours: the specification is about requests alone.
"""

import random
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELD = "traceparent"
# Version, trace id, parent id and flags (section 3.2.2). What a later version adds is not looked at (section 3.2.4).
FORM = re.compile("([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def trace_id(sent: object) -> str | None:
    """The trace id in a `traceparent`; None if the text is none."""
    found = FORM.fullmatch(sent) if isinstance(sent, str) else None
    if found is None or found[1] == "ff" or (found[1] == "00" and found[3]):
        return None
    return found[2]


class Traces:
    """Draws the ids that the shop adds, the same for the same seed and the same traffic."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"traces {seed}")

    def continued(self, sent: object = None) -> str:
        """A `traceparent` for what the shop does now: the trace that was sent, or a new one for none or a bad one.

        The parent id is new in any case: it names the shop's own part of the trace (section 3.4).
        """
        trace = trace_id(sent) or f"{self._draw.getrandbits(128) or 1:032x}"
        return f"00-{trace}-{self._draw.getrandbits(64) or 1:016x}-01"


class Traced:
    """ASGI middleware: what is asked gets a trace as `request.state.trace`, and an answer over HTTP tells it."""

    def __init__(self, app: ASGIApp, traces: Traces) -> None:
        self.app = app
        self.traces = traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).getlist(FIELD)
        # Two fields are as good as none (section 3.2.1 knows one alone).
        trace = scope.setdefault("state", {})["trace"] = self.traces.continued(sent[0] if len(sent) == 1 else None)

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[FIELD] = trace
            await send(message)

        await self.app(scope, receive, send_traced)
