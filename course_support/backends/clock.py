"""A clock that moves with the traffic instead of the wall, so that every run of a lesson shows the same dates."""

from datetime import UTC, datetime, timedelta
from email.utils import formatdate, parsedate_to_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
STEP = timedelta(milliseconds=50)


class Clock:
    """`now` is an aware datetime in UTC that stands still until somebody advances it."""

    def __init__(self, start: datetime = START) -> None:
        self.now = start

    @property
    def seconds(self) -> int:
        """Now as Unix time in whole seconds, all that an HTTP-date can say."""
        return int(self.now.timestamp())

    def catch_up(self, seconds: int) -> None:
        """Never show a time before one that was already shown, as after a restart on kept data (RFC 9110, 8.8.2.1)."""
        self.now = max(self.now, datetime.fromtimestamp(seconds, UTC))

    def advance(self, by: timedelta = STEP) -> None:
        self.now += by


def http_date(seconds: int) -> str:
    """Unix time as in `Date` and `Last-Modified`: whole seconds, GMT (RFC 9110, section 5.6.7)."""
    return formatdate(seconds, usegmt=True)


def parse_http_date(text: str) -> int | None:
    """The Unix time that any of the three forms of an HTTP-date means; None for any other text, which is ignored."""
    try:
        return int(parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):  # of a year or a zone with twenty digits
        return None


class Dated:
    """ASGI middleware: each request advances the clock one step, each answer says when in `Date` (RFC 9110, 6.6.1)."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self.app = app
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.clock.advance()
        date = http_date(self.clock.seconds)

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Date"] = date
            await send(message)

        await self.app(scope, receive, send_dated)
