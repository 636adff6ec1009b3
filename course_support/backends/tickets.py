"""One-time tickets for a WebSocket's handshake, because a page cannot set its fields, and a token in an address leaks.

Addresses end up in logs and histories (RFC 9700, section 4.3.2); there a ticket that is used up does no harm.
"""

import random
from datetime import datetime, timedelta

from course_support.backends.clock import Clock

LIFETIME = timedelta(seconds=30)


class Tickets:
    """The tickets that are out: the same for the same seed, in the order in which they are asked for."""

    def __init__(self, seed: int, clock: Clock) -> None:
        self._draw = random.Random(f"tickets {seed}")
        self._clock = clock
        self._issued: dict[str, tuple[str, datetime]] = {}

    def issue(self, user: str) -> str:
        self._issued = {ticket: it for ticket, it in self._issued.items() if it[1] > self._clock.now}
        ticket = f"{self._draw.getrandbits(160):040x}"
        self._issued[ticket] = user, self._clock.now + LIFETIME
        return ticket

    def redeem(self, ticket: str) -> str | None:
        """Whose ticket it is; None if there is no such ticket any more. From now on there is not."""
        user, until = self._issued.pop(ticket, (None, self._clock.now))
        return user if until > self._clock.now else None
