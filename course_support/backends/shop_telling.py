"""How the bookshop tells its partners of a change: a thin event, signed, in up to three attempts.

An event is thin, so that a partner asks for the book itself, and never gets a stock that is old already. What failed
three times is dropped: lesson 5 has a schedule that waits for days, dead letters and a log.
"""

import base64
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from standardwebhooks import Webhook

from course_support.backends import content
from course_support.backends.network import Outcome, Sending, post
from course_support.backends.shelf import Change
from course_support.backends.shop_trace import FIELD
from course_support.backends.targets import Refused, resolve, target

ALLOWED = "partner.localhost"  # the partner on the learner's own machine, the one name on loopback that is allowed
ATTEMPTS = 3
TIMEOUT = 2.0  # real seconds of an attempt
WAITING = 1000  # events for a partner that is slow; the oldest is dropped then, as the newest tells enough


@dataclass
class Partner:
    id: str
    owner: str
    target_url: str
    secret: str
    waiting: deque[tuple[str, Change]] = field(default_factory=lambda: deque(maxlen=WAITING))
    busy: bool = False
    gone: bool = False


def signed(partner: Partner, id: str, change: Change) -> Sending:
    """The request of an attempt that is made now: its time is the real one, because the partner's clock is."""
    now = datetime.now(UTC)
    event = {"event_type": "stock.changed", "isbn": change.isbn, "version": change.version}
    payload = content.encode(event)
    fields = {
        "Content-Type": content.JSON,
        "User-Agent": "bookshop",
        "webhook-id": id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(partner.secret).sign(id, now, payload.decode()),
        FIELD: change.trace,
    }
    return Sending(partner.target_url, fields, payload)


def attempt(sending: Sending) -> Outcome:
    try:  # again, although it was checked at the registration: a name may lead elsewhere by now (DNS rebinding)
        return post(target(sending.url, resolve, ALLOWED), sending, TIMEOUT)
    except Refused as refused:
        return Outcome(error=f"refused: {refused}")


class Partners:
    """Who is told of changes. Each has a thread while there is something to tell, so that none waits for another."""

    def __init__(self, seed: int, pause: Callable[[], float]) -> None:
        self._draw = random.Random(f"partners {seed}")
        self._pause = pause
        self._all: dict[str, Partner] = {}
        self._moved = threading.Condition()

    def add(self, owner: str, target_url: str, secret: str | None = None) -> Partner:
        secret = secret or "whsec_" + base64.b64encode(self._draw.randbytes(32)).decode()
        partner = Partner(f"partner_{self._draw.getrandbits(64):016x}", owner, target_url, secret)
        self._all[partner.id] = partner
        return partner

    def get(self, id: str) -> Partner | None:
        return self._all.get(id)

    def remove(self, partner: Partner) -> None:
        partner.gone = True
        self._all.pop(partner.id, None)

    def hear(self, change: Change) -> None:
        for partner in list(self._all.values()):
            id = f"msg_{self._draw.getrandbits(96):024x}"
            with self._moved:
                partner.waiting.append((id, change))
                if not partner.busy:
                    partner.busy = True
                    threading.Thread(target=self._deliver, args=(partner,), daemon=True).start()

    def idle(self, timeout: float = 10) -> bool:
        """Wait until nothing is under way; False after `timeout` seconds. From any thread but the server's."""
        with self._moved:
            return self._moved.wait_for(lambda: not any(it.busy for it in list(self._all.values())), timeout)

    def _deliver(self, partner: Partner) -> None:
        while True:
            with self._moved:
                if partner.gone or not partner.waiting:
                    partner.busy = False
                    self._moved.notify_all()
                    return
                id, change = partner.waiting.popleft()
            self._tell(partner, id, change)

    def _tell(self, partner: Partner, id: str, change: Change) -> None:
        for number in range(ATTEMPTS):
            if partner.gone or (outcome := attempt(signed(partner, id, change))).delivered:
                return
            if outcome.status == 410:  # it wants no more (Standard Webhooks, delivery success)
                self.remove(partner)
                return
            if number < ATTEMPTS - 1:
                time.sleep(self._pause())
