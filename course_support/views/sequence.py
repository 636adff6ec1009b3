"""Draws a sequence diagram: who said what to whom, in which order.

JupyterLab renders the Mermaid source; the text says the same where there is no Mermaid and for a screen reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap
from typing import Literal

LINE = 44  # characters of a label on one line of the picture


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
