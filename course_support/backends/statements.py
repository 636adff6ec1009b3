"""How many SQL statements a request ran: the figure in which the price of a GraphQL query shows first."""

from contextvars import ContextVar
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELD = "Database-Statements"


@dataclass
class Tally:
    statements: int = 0


# A context variable follows a request into every task that it starts; requests that run side by side share none.
_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


def count() -> None:
    """One more for the request that is being answered; outside of a request nobody counts."""
    if tally := _tally.get():
        tally.statements += 1


class Counted:
    """ASGI middleware: each answer says in `Database-Statements` how many statements its request has run."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        tally = Tally()
        _tally.set(tally)

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[FIELD] = str(tally.statements)
            await send(message)

        await self.app(scope, receive, send_counted)
