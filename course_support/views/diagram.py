"""Tells what really happened between clients and servers as a sequence diagram, from recorded exchanges.

A diagram that is drawn by hand shows what its author believes; this one shows what went over the wire.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from course_support.views.content import visible
from course_support.views.exchange import request_title, shown_fields, status
from course_support.views.messages import said
from course_support.views.quantity import count_text
from course_support.views.sequence import Arrow, Arrows, Diagram, Turn
from course_support.wire import Exchange, Fields, Message, Request, Response

MAX_TURNS = 25
MAX_LABEL = 90  # characters of what was said on a WebSocket
SENT = ("If-Match", "If-None-Match", "Idempotency-Key", "Prefer", "SOAPAction", "webhook-id", "traceparent")
RECEIVED = ("Location", "ETag", "Allow", "Retry-After", "WWW-Authenticate", "traceparent")

Party = tuple[str, str, Iterable[Exchange]]  # the client, the server, and what passed between them
Step = tuple[float, Arrows]  # when, and what


def diagram(exchanges: Sequence[Exchange], client: str, server: str, title: str) -> Diagram:
    """The exchanges one after the other, in the order in which they reached the server.

    The messages of WebSockets stand among them where they passed.

    A client that sends a `Client-Name` field is a participant of that name. Exchanges that look alike and follow each
    other three times or more become one turn; from the 26th turn on they are only counted.
    """
    parts = [_Part(client, server, exchange, exchange.messages) for exchange in exchanges]
    messages = sorted(message.at for part in parts for message in part.messages)
    steps = [step for part in parts for step in _steps(part, messages)]
    if messages:  # without any, the order is that of the exchanges
        steps.sort(key=_when)
    return _diagram(title, steps, "more step" if messages else "more exchange", "no exchanges yet")


def trace(parties: Iterable[Party], title: str = "What happened", *, only: str | None = None) -> Diagram:
    """What passed between several parties, in the order of time: `trace([("app", "shop", shop.traffic), …])`.

    Each party is a client's name, a server's name, and the exchanges between the two, as that server recorded them in
    this process. With `only`, a trace id or a `traceparent` (W3C Trace Context, section 3.2), those exchanges that
    carry it in a header field or in content, and the messages of WebSockets that do; any other text is found as well.
    Repeated and numerous exchanges are told as in `diagram`. ValueError where `only` is empty.
    """
    if only is not None and not only.strip():
        raise ValueError("`only` is empty: give the trace id to look for, or leave it out to draw everything.")
    wanted = _trace_id(only) if only else ""
    parts = [part for party in parties for exchange in party[2] for part in _parts(*party[:2], exchange, wanted)]
    moments = sorted(moment for part in parts for moment in _moments(part))
    steps = sorted((step for part in parts for step in _steps(part, moments)), key=_when)
    return _diagram(title, steps, "more step", f"nothing carries {visible(wanted)}" if wanted else "no exchanges yet")


@dataclass(frozen=True, slots=True)
class _Part:
    """What is drawn of one exchange: its messages, and with `whole` request and response too."""

    client: str
    server: str
    exchange: Exchange
    messages: tuple[Message, ...]
    whole: bool = True


def _parts(client: str, server: str, exchange: Exchange, wanted: str) -> Iterator[_Part]:
    messages = tuple(message for message in exchange.messages if wanted in message.text)
    whole = any(_carries(half, wanted) for half in (exchange.request, exchange.response) if half)
    if whole or messages:
        yield _Part(client, server, exchange, messages, whole)


def _carries(half: Request | Response, wanted: str) -> bool:
    target = half.target if isinstance(half, Request) else ""
    return any(wanted in text for text in (target, half.text, *(value for _, value in half.fields)))


_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}.*")


def _trace_id(text: str) -> str:
    """Of a `traceparent` the part that stays the same from party to party; any other text as it is."""
    match = _TRACEPARENT.fullmatch(text.strip())
    return match[1] if match else text.strip()


def _answered(exchange: Exchange) -> float:
    return exchange.ended if exchange.first_byte is None else exchange.first_byte


def _moments(part: _Part) -> Iterator[float]:
    yield from (message.at for message in part.messages)
    if part.whole:
        yield from (part.exchange.started, _answered(part.exchange))


def _steps(part: _Part, moments: Sequence[float]) -> Iterator[Step]:
    """Request and response stand together, but where one of the moments lies between them."""
    exchange = part.exchange
    request, response = _arrows(exchange, part.client, part.server)
    started, answered = exchange.started, _answered(exchange)
    if part.whole and bisect_right(moments, started) >= bisect_left(moments, answered):
        yield started, (request, response)
    elif part.whole:
        yield from ((started, (request,)), (answered, (response,)))
    yield from ((message.at, (_said(message, request.source, part.server),)) for message in part.messages)


def _when(step: Step) -> float:
    return step[0]


def _diagram(title: str, steps: Iterable[Step], what: str, nothing: str) -> Diagram:
    turns = list(_grouped(arrows for _, arrows in steps))
    more = sum(turn.times for turn in turns[MAX_TURNS:])
    closing = f"{count_text(more, what)} not shown" if more else "" if turns else nothing
    return Diagram(title, tuple(turns[:MAX_TURNS]), closing)


def _grouped(steps: Iterable[Arrows]) -> Iterator[Turn]:
    for arrows, alike in groupby(steps):
        times = len(list(alike))
        yield from [Turn(arrows, times)] if times > 2 else [Turn(arrows)] * times


def _said(message: Message, client: str, server: str) -> Arrow:
    kind = {"text": "", "binary": "binary"}.get(message.opcode, f"{message.opcode} frame")
    label = f"{kind} {said(message)}".strip()
    label = label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"
    if message.sender == "client":
        return Arrow(client, server, label)
    return Arrow(server, client, label, "push")


def _arrows(exchange: Exchange, client: str, server: str) -> tuple[Arrow, Arrow]:
    name = visible(exchange.request.fields.get("Client-Name") or client)
    sent = _label(request_title(exchange.request, 60), exchange.request.fields, SENT)
    if not exchange.response:
        return Arrow(name, server, sent), Arrow(server, name, _loss(exchange), "lost")
    received = _label(status(exchange.response), exchange.response.fields, RECEIVED)
    return Arrow(name, server, sent), Arrow(server, name, received, "response")


def _loss(exchange: Exchange) -> str:
    return "connection dropped" if "dropped" in exchange.note else visible(exchange.note) or "no response"


def _label(first: str, fields: Fields, noteworthy: Iterable[str]) -> str:
    known = {name.lower() for name in noteworthy}
    shown = [f"{name}: {_short(value)}" for name, value in shown_fields(fields) if name.lower() in known]
    return "\n".join([first, *shown])


def _short(value: str) -> str:
    """A `traceparent` by the first eight digits of its trace id, enough to know it again."""
    return f"{value[:11]}…" if _TRACEPARENT.fullmatch(value) else value
