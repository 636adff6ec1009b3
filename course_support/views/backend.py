"""Shows a running backend: where it listens, its routes and the credentials to use."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Card:
    """What a client needs to know of a backend. `routes` are (methods, path, what it does)."""

    name: str
    url: str
    running: bool
    routes: tuple[tuple[str, str, str], ...]
    credentials: dict[str, str]

    @property
    def text(self) -> str:
        return f"{self.name}\n{self.url}"

    @property
    def html(self) -> str:
        return self.text


def card_of(app: ASGIApp, url: str, running: bool) -> Card:
    state = getattr(app, "state", None)
    return Card(getattr(state, "name", "backend"), url, running, (), getattr(state, "credentials", {}))
