"""Shows a running backend: where it listens, its routes and the credentials to use."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from starlette.endpoints import HTTPEndpoint
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp

from course_support.views.style import code, pill, table, title, view
from course_support.views.table import text_table

IN_CLEAR = "Credentials, in clear because they are for use here"

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


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
        parts = [[self.name, f"{self._state} on {self.url}"]]
        if self.routes:
            parts.append([f"  {line}" for line in text_table(self.routes, "<<<")])
        if self.credentials:
            credentials = [(label, str(value)) for label, value in self.credentials.items()]
            parts.append([f"{IN_CLEAR}:", *(f"  {line}" for line in text_table(credentials, "<<"))])
        return "\n\n".join("\n".join(part) for part in parts)

    @property
    def html(self) -> str:
        state = pill(200 if self.running else None, self._state)
        routes = [(escape(methods), code(path), escape(does)) for methods, path, does in self.routes]
        credentials = [(escape(label), code(str(value))) for label, value in self.credentials.items()]
        return view(
            f"Backend {self.name}",
            title(self.name, state, "on", code(self.url)),
            table("Routes", ("method", "path", "what it does"), routes) if routes else "",
            table(IN_CLEAR, ("who", "credential"), credentials) if credentials else "",
        )

    @property
    def _state(self) -> str:
        return "listening" if self.running else "stopped"


def card_of(app: ASGIApp, url: str, running: bool) -> Card:
    """The card of a Starlette application; of any other only where it listens."""
    state = getattr(app, "state", None)
    name = getattr(state, "name", None) or "backend"
    rows = [row for route in getattr(app, "routes", ()) for row in _rows(route, "")]
    return Card(name, url, running, _brief(rows), dict(getattr(state, "credentials", None) or {}))


def _brief(rows: Sequence[tuple[str, str, str]]) -> tuple[tuple[str, str, str], ...]:
    """One row for OPTIONS where several addresses answer it alike: a list of them would say everything twice."""
    asked = [row for row in rows if row[0] == "OPTIONS"]
    if len({does for _, _, does in asked}) != 1 or len(asked) == 1:
        return tuple(rows)
    return (*(row for row in rows if row not in asked), ("OPTIONS", "any of these", asked[0][2]))


def _rows(route: BaseRoute, prefix: str) -> Iterator[tuple[str, str, str]]:
    match route:
        case Mount() if route.routes:
            for inner in route.routes:
                yield from _rows(inner, prefix + route.path)
        case Mount():
            yield "any", f"{prefix}{route.path}/…", _first_line(route.app)
        case Route() if inspect.isclass(route.endpoint) and issubclass(route.endpoint, HTTPEndpoint):
            for method in METHODS:
                if handler := getattr(route.endpoint, method.lower(), None):
                    yield method, prefix + route.path, _first_line(handler) or _first_line(route.endpoint)
        case Route():
            yield _methods(route.methods), prefix + route.path, _first_line(route.endpoint)
        case WebSocketRoute():
            yield "WebSocket", prefix + route.path, _first_line(route.endpoint)


def _methods(methods: set[str] | None) -> str:
    """`GET` stands for HEAD too, as Starlette answers both."""
    shown = sorted(methods or {"any"}, key=lambda method: (METHODS.index(method) if method in METHODS else 99, method))
    return ", ".join(method for method in shown if not (method == "HEAD" and "GET" in shown))


def _first_line(endpoint: Any) -> str:
    lines = (inspect.getdoc(endpoint) or "").splitlines() if inspect.isroutine(endpoint) or _ours(endpoint) else []
    return lines[0] if lines else ""


def _ours(endpoint: Any) -> bool:
    return bool(vars(endpoint).get("__doc__")) if inspect.isclass(endpoint) else False
