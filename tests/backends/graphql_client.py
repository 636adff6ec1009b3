"""What the tests of the GraphQL service share: a client with its token, and the document's query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from starlette.applications import Starlette

from course_support.backends import graphql
from course_support.server import Server

GET_EVENT = """query GetEvent($eventId: ID!) { event(id: $eventId) { name date location { address city coordinates }
speakers { name bio photo sessions { title time } } attendeeCount } }"""


@dataclass(frozen=True)
class Client:
    app: Starlette
    server: Server

    @property
    def url(self) -> str:
        return self.server.url + graphql.PATH

    def token(self, who: str | None = "organizer") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.app.state.credentials[who]}"} if who else {}

    def __call__(self, method: str, path: str, who: str | None = "organizer", **more: Any) -> requests.Response:
        fields = self.token(who) | more.pop("headers", {})
        return requests.request(method, self.server.url + path, headers=fields, timeout=10, **more)

    def query(self, query: str, variables: Any = None, *, accept: str = "*/*", **more: Any) -> requests.Response:
        sent = {"query": query, "variables": variables}
        return self("POST", graphql.PATH, json=sent, headers={"Accept": accept}, **more)

    def data(self, query: str, variables: Any = None, **more: Any) -> Any:
        answer = self.query(query, variables, **more).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]


@contextmanager
def serving(seed: int = 1, **more: Any) -> Iterator[Client]:
    app = graphql.app(seed, **more)
    with Server(app) as server:
        yield Client(app, server)
