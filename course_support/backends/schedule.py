"""When a delivery that failed is attempted again: later each time, not all at once, not for ever."""

import random
import re
from datetime import UTC, datetime, timedelta

from course_support.backends.clock import parse_http_date
from course_support.backends.network import Outcome

# The delay before each attempt, counted from the one before it (the example of Standard Webhooks): 76 hours in all.
SCHEDULE = (
    timedelta(),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1  # of a delay: shops that failed together are not all asked again in the same moment
LONGEST_WAIT = timedelta(hours=24)  # that a shop can ask for with Retry-After


def next_attempt(tries: int, at: datetime, outcome: Outcome, draw: random.Random) -> datetime | None:
    """The moment of the next attempt after so many, the last of them at `at`; None when the schedule is at its end."""
    if tries >= len(SCHEDULE):
        return None
    jitter = 1 + draw.uniform(0, JITTER)
    return at + max(SCHEDULE[tries] * jitter, asked_to_wait(outcome, at))


def asked_to_wait(outcome: Outcome, now: datetime) -> timedelta:
    """How long a 429 or 503 asks to wait in `Retry-After` (RFC 9110, 10.2.3; RFC 6585, 4), at most `LONGEST_WAIT`."""
    if outcome.status not in (429, 503) or outcome.retry_after is None:
        return timedelta()
    sent = outcome.retry_after.strip()
    if re.fullmatch("[0-9]+", sent):
        return min(timedelta(seconds=float(sent)), LONGEST_WAIT) if len(sent) <= 9 else LONGEST_WAIT
    date = parse_http_date(sent)
    return timedelta() if date is None else min(datetime.fromtimestamp(date, UTC) - now, LONGEST_WAIT)
