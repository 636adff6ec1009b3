"""When a delivery is attempted, and again, and given up: at least once, in no promised order, all of it in a log.

Days pass only when somebody winds the clock, so a schedule of three days runs in a second.
"""

import heapq
import itertools
import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from course_support.backends.clock import Clock
from course_support.backends.content import JSON
from course_support.backends.network import Network, Outcome, Sending
from course_support.backends.payments import Event, timestamp
from course_support.backends.schedule import next_attempt
from course_support.backends.subscriptions import Subscription


@dataclass(frozen=True)
class Attempt:
    at: datetime
    outcome: Outcome
    next_at: datetime | None

    @property
    def representation(self) -> dict[str, Any]:
        came = {"error": self.outcome.error} if self.outcome.error else {"status": self.outcome.status}
        return {"at": timestamp(self.at), **came, "next_at": timestamp(self.next_at) if self.next_at else None}


@dataclass
class Delivery:
    """One event for one subscription."""

    subscription: Subscription
    event: Event
    status: str = "pending"  # delivered, or dead: given up until somebody replays it
    tries: int = 0  # of the schedule; replays do not count
    due: datetime | None = None  # when the schedule goes on
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def representation(self) -> dict[str, Any]:
        """What the log shows of it."""
        return {
            "event_id": self.event.id,
            "event_type": self.event.event_type,
            "status": self.status,
            "attempts": [attempt.representation for attempt in list(self.attempts)],
        }

    def signed(self, now: datetime) -> Sending:
        """The request of an attempt that is made now: the timestamp is its own, the id is the event's."""
        fields = {"Content-Type": JSON, **self.subscription.fields(self.event, now)}
        return Sending(self.subscription.target_url, fields, self.event.payload)


class Job(NamedTuple):
    """An attempt to make. Jobs of the same moment are made in the order in which they were lined up."""

    at: datetime
    number: int
    delivery: Delivery
    replay: bool = False


class WindingClock(Clock):
    """A clock that several threads move, requests by a step and `wind` by days. It never goes back."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._moving = threading.Lock()

    def advance(self, *by: timedelta) -> None:
        with self._moving:
            super().advance(*by)

    def reach(self, moment: datetime) -> None:
        with self._moving:
            self.now = max(self.now, moment)


class Deliveries:
    """Makes the attempts, one at a time, so that shops see the same order in every run of a lesson.

    Every method may be called from any thread.
    """

    def __init__(self, seed: int, clock: WindingClock, network: Network) -> None:
        self._seed = seed
        self._clock = clock
        self._network = network
        self._log: dict[tuple[str, str], Delivery] = {}
        self._turn = threading.Lock()  # held while attempts are made
        self._numbers = itertools.count()
        self._at_once: deque[Job] = deque()
        self._later: list[Job] = []  # a heap, only touched by whoever has the turn
        self._held: list[tuple[Job, Sending]] = []  # on its way, until another request has overtaken it
        self._made = 0
        self._wound = clock.now  # how far; an attempt that had to wait for that is not dated back

    # --- What there is to do -----------------------------------------------------------------------------------------

    def announce(self, event: Event, subscriptions: Iterable[Subscription]) -> None:
        """Line up the first attempt for each subscription. `run` makes it."""
        for subscription in subscriptions:
            delivery = self._log[subscription.id, event.id] = Delivery(subscription, event)
            self._at_once.append(Job(event.created_at, next(self._numbers), delivery))

    def replay(self, delivery: Delivery) -> None:
        """Line up one attempt beside the schedule. `run` makes it."""
        self._at_once.append(Job(self._clock.now, next(self._numbers), delivery, replay=True))

    def give_up(self, subscription: Subscription) -> None:
        """Stop the schedule of everything that is pending for it."""
        for delivery in self.of(subscription):
            if delivery.status == "pending":
                delivery.status, delivery.due = "dead", None

    def forget(self, subscription: Subscription) -> None:
        """Give up, and drop the log."""
        self.give_up(subscription)
        for delivery in self.of(subscription):
            del self._log[subscription.id, delivery.event.id]

    # --- What has been done ------------------------------------------------------------------------------------------

    def of(self, subscription: Subscription) -> list[Delivery]:
        """The deliveries to one subscription, newest first."""
        return [it for it in reversed(list(self._log.values())) if it.subscription is subscription]

    def get(self, subscription: Subscription, event_id: str) -> Delivery | None:
        return self._log.get((subscription.id, event_id))

    # --- Making attempts ---------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Make the attempts that were lined up by `announce` and `replay`, and return when they are made."""
        with self._turn:
            self._run()

    def wind(self, by: timedelta) -> int:
        """Wind the clock, and make every attempt that falls due on the way, in the order and at the moment of each.

        The number of attempts made. Raises ValueError for a time to go back.
        """
        if by < timedelta():
            raise ValueError("Wind the clock forward: what has been sent cannot be called back.")
        with self._turn:
            made, self._wound = self._made, self._clock.now
            end = self._wound + by
            self._run()
            while job := self._due_until(end):
                self._reach(job.at)
                self._attempt(job)
                self._run()  # what the shop has made happen when it was told
            self._reach(end)
            return self._made - made

    def idle(self, timeout: float = 10) -> bool:
        """Wait until no attempt is under way, letting go what `network.reorder` holds; False after `timeout` seconds.

        What falls due later does not count: that takes `wind`.
        """
        end = time.monotonic() + timeout
        if not self._turn.acquire(timeout=timeout):
            return False
        try:
            while (self._at_once or self._held) and time.monotonic() < end:
                self._run()
                self._let_go()
            return not (self._at_once or self._held)
        finally:
            self._turn.release()

    def _reach(self, moment: datetime) -> None:
        self._clock.reach(moment)
        self._wound = max(self._wound, moment)

    def _run(self) -> None:
        while self._at_once:
            self._attempt(self._at_once.popleft())

    def _due_until(self, end: datetime) -> Job | None:
        """The next job of the schedule; what is held is let go when no other request is left that could overtake it."""
        while True:
            if self._later and self._later[0].at <= end:
                return heapq.heappop(self._later)
            if not self._held:
                return None
            self._let_go()  # and may have to be attempted again before the end

    def _attempt(self, job: Job) -> None:
        delivery = job.delivery  # which may have been delivered or given up since the job was lined up
        if delivery.subscription.status != "enabled" or (delivery.status != "pending" and not job.replay):
            return
        # Not the clock's now: that depends on how much traffic there has been until a thread was free.
        job = job._replace(at=max(job.at, self._wound))
        sending = delivery.signed(job.at)
        if self._network.reorder and not self._held:
            self._held.append((job, sending))
            return
        self._send(job, sending)
        self._let_go()

    def _let_go(self) -> None:
        while self._held:
            self._send(*self._held.pop())

    def _send(self, job: Job, sending: Sending) -> None:
        outcome, delivery = self._network.carry(sending), job.delivery
        self._made += 1
        if outcome.delivered:
            delivery.status, delivery.due = "delivered", None
        elif outcome.status == 410:
            delivery.subscription.status = "disabled"
            self.give_up(delivery.subscription)
        elif delivery.status == "pending" and not job.replay:
            self._schedule(delivery, job.at, outcome)
        delivery.attempts.append(Attempt(job.at, outcome, delivery.due))

    def _schedule(self, delivery: Delivery, at: datetime, outcome: Outcome) -> None:
        delivery.tries += 1
        draw = random.Random(f"{self._seed} {delivery.subscription.id} {delivery.event.id} {delivery.tries}")
        delivery.due = next_attempt(delivery.tries, at, outcome, draw)
        if delivery.due:
            heapq.heappush(self._later, Job(delivery.due, next(self._numbers), delivery))
        else:
            delivery.status = "dead"
