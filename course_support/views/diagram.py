"""Draws what really happened between client and server as a sequence diagram, from recorded exchanges.

JupyterLab renders the Mermaid source; the text says the same where there is no Mermaid and for a screen reader.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap
from typing import Literal

from course_support.views.content import visible
from course_support.views.exchange import request_title, shown_fields, status
from course_support.views.messages import said
from course_support.views.quantity import count_text
from course_support.wire import Exchange, Fields, Message

MAX_TURNS = 25
MAX_LABEL = 90  # characters of what was said on a WebSocket
LINE = 44  # characters of a label on one line of the picture
SENT = ("If-Match", "If-None-Match", "Idempotency-Key", "Prefer", "SOAPAction", "webhook-id")
RECEIVED = ("Location", "ETag", "Allow", "Retry-After", "WWW-Authenticate")


@dataclass(frozen=True, slots=True)
class Arrow:
    """One message from one participant to another.

    `lost` is a connection that broke in place of an answer, `push` what a server says on a WebSocket.
    """

    source: str
    target: str
    label: str
    kind: Literal["request", "response", "lost", "push"] = "request"


Arrows = tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Arrows that belong together, and how many times in a row they happened."""

    arrows: Arrows
    times: int = 1


@dataclass(frozen=True, slots=True)
class Diagram:
    """A sequence diagram that shows itself as Mermaid, and as text."""

    title: str
    turns: tuple[Turn, ...]
    closing: str = ""

    @property
    def participants(self) -> tuple[str, ...]:
        """Those who send, in the order in which they first do; then those who only receive."""
        arrows = [arrow for turn in self.turns for arrow in turn.arrows]
        names = [*(a.source for a in arrows if a.kind == "request"), *(a.target for a in arrows)]
        return tuple(dict.fromkeys(names or ["nobody"]))  # Mermaid draws nothing without a participant

    @property
    def text(self) -> str:
        lines = [line for turn in self.turns for line in _turn_text(turn)]
        return "\n".join([self.title, *lines, *([self.closing] if self.closing else [])])

    @property
    def mermaid(self) -> str:
        """Mermaid source, with the title and the text as the picture's accessible name and description."""
        ids = {name: f"p{index}" for index, name in enumerate(self.participants)}
        description = ". ".join(line.strip() for line in self.text.splitlines()[1:])
        lines = [
            "sequenceDiagram",
            f"accTitle: {_spoken(self.title)}",
            f"accDescr: {_spoken(description)}",
            *(f"participant {ids[name]} as {_escaped(name)}" for name in self.participants),
            *(line for turn in self.turns for line in _turn_mermaid(turn, ids)),
        ]
        if self.closing:
            lines.append(f"Note over {','.join([*ids.values()][:: max(1, len(ids) - 1)])}: {_escaped(self.closing)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        # as Markdown, not as text/vnd.mermaid: JupyterLab writes the drawn picture of that back into the notebook,
        # which then counts as changed as soon as it is opened
        title = re.sub(r"([\\`*_{}\[\]<>#!|])", r"\\\1", self.title)
        return {"text/markdown": f"**{title}**\n\n```mermaid\n{self.mermaid}\n```", "text/plain": self.text}


def diagram(exchanges: Sequence[Exchange], client: str, server: str, title: str) -> Diagram:
    """The exchanges one after the other, in the order in which they reached the server.

    The messages of WebSockets stand among them where they passed.

    A client that sends a `Client-Name` field is a participant of that name. Exchanges that look alike and follow each
    other three times or more become one turn; from the 26th turn on they are only counted.
    """
    turns = list(_grouped(_by_time(exchanges, client, server)))
    more = sum(turn.times for turn in turns[MAX_TURNS:])
    what = "more step" if any(exchange.messages for exchange in exchanges) else "more exchange"
    closing = f"{count_text(more, what)} not shown" if more else "" if exchanges else "no exchanges yet"
    return Diagram(title, tuple(turns[:MAX_TURNS]), closing)


def _by_time(exchanges: Sequence[Exchange], client: str, server: str) -> list[Arrows]:
    """Request and response stand together, but for messages that passed between them."""
    messages = sorted(message.at for exchange in exchanges for message in exchange.messages)
    steps: list[tuple[float, Arrows]] = []
    for exchange in exchanges:
        request, response = _arrows(exchange, client, server)
        answered = exchange.ended if exchange.first_byte is None else exchange.first_byte
        if bisect(messages, exchange.started) == bisect(messages, answered):
            steps.append((exchange.started, (request, response)))
        else:
            steps += [(exchange.started, (request,)), (answered, (response,))]
        steps += [(message.at, (_said(message, request.source, server),)) for message in exchange.messages]
    if messages:  # without any, the order is that of the exchanges
        steps.sort(key=lambda step: step[0])
    return [arrows for _, arrows in steps]


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
    return "\n".join([first, *(f"{name}: {value}" for name, value in shown_fields(fields) if name.lower() in known)])


def _grouped(steps: Iterable[Arrows]) -> Iterable[Turn]:
    for arrows, alike in groupby(steps):
        times = len(list(alike))
        yield from [Turn(arrows, times)] if times > 2 else [Turn(arrows)] * times


def _turn_text(turn: Turn) -> list[str]:
    if turn.times == 1:
        return [_arrow_text(arrow) for arrow in turn.arrows]
    return [f"{turn.times} times:", *(f"  {_arrow_text(arrow)}" for arrow in turn.arrows)]


_TEXT = {
    "request": "{source} → {target}: {label}",
    "response": "{target} ← {source}: {label}",
    "lost": "{target} ✗ {source}: {label}",
    "push": "{target} ← {source}: {label}",
}


def _arrow_text(arrow: Arrow) -> str:
    label = arrow.label.replace("\n", ", ")
    return _TEXT[arrow.kind].format(source=arrow.source, target=arrow.target, label=label)


_ARROWS = {"request": "->>", "response": "-->>", "lost": "--x", "push": "->>"}


def _turn_mermaid(turn: Turn, ids: dict[str, str]) -> list[str]:
    lines = [f"{ids[a.source]}{_ARROWS[a.kind]}{ids[a.target]}: {_behind_arrow(a.label)}" for a in turn.arrows]
    return lines if turn.times == 1 else [f"loop {turn.times} times", *lines, "end"]


PLAIN = r"-\w /.,="
# Behind an arrow Mermaid reads on to the end of the line. As entity codes these would make it leave too much room.
PLAIN_BEHIND_ARROWS = PLAIN + r"\"':?!*+(){}\[\]"


def _behind_arrow(label: str) -> str:
    """The label on more lines: one long line would make the picture wide, and all its letters small."""
    narrow = "\n".join(part for line in label.split("\n") for part in wrap(line, LINE) or [""])
    return _escaped(narrow, PLAIN_BEHIND_ARROWS)


def _escaped(text: str, plain: str = PLAIN) -> str:
    """Text in which Mermaid finds none of its own signs: all but the plain characters become entity codes."""
    return "<br/>".join(re.sub(f"[^{plain}]", _entity, line) for line in text.split("\n"))


def _entity(match: re.Match[str]) -> str:
    return f"#{ord(match[0])};"


def _spoken(text: str) -> str:
    """Text for a screen reader, where Mermaid knows no entity codes."""
    return re.sub(r"[;#{}%<>\n]", " ", text).strip()
