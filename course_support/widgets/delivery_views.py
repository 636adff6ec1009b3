"""What a processor tried to tell a shop, and what the shop was asked and answered: two tables for the panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from course_support.backends.deliveries import Attempt, Delivery
from course_support.views.exchange import status_text
from course_support.views.style import pill, table, view
from course_support.wire import Exchange

ID = "webhook-id"
MOST = 50  # rows of a table: the page stays quick however often somebody clicks
STATES = {"delivered": (200, "delivered"), "pending": (400, "pending"), "dead": (500, "dead letter")}


def log_html(deliveries: Sequence[Delivery]) -> str:
    """The deliveries, newest first: the event, how it stands, each attempt, and when the next one is due."""
    rows = [
        [_event(it.event.event_type, it.event.id), pill(*STATES[it.status]), _attempts(it)] for it in deliveries[:MOST]
    ] or [["Nothing yet: make a payment."]]
    return view("Delivery log", table("Delivery log", ("event", "state", "attempts"), rows))


def answers_html(exchanges: Sequence[Exchange]) -> str:
    """The deliveries as the shop got them, newest first, and its answers; what came before is said to come again."""
    rows = []
    seen: set[str | None] = set()
    for exchange in exchanges:
        event_id = exchange.request.fields.get(ID)
        answer = f"{pill(exchange.status, status_text(exchange))} in exchange {exchange.number}"
        rows.append([_received(exchange, event_id in seen), _step(_signed_at(exchange)), answer])
        seen.add(event_id)
    rows = rows[: -MOST - 1 : -1] or [["Nothing yet."]]
    return view("The shop’s answers", table("The shop’s answers", ("event", "signed at", "answer"), rows))


def became(delivery: Delivery) -> str:
    """What has become of a delivery so far, in a sentence."""
    if not delivery.attempts:
        return "it is held on its way until another one overtakes it."
    last = delivery.attempts[-1]
    came = f"the shop answered with {last.outcome.status}" if last.outcome.status else f"{last.outcome.error}"
    if delivery.due:
        return f"{came}, and the next attempt is due on {moment(delivery.due)}."
    return f"{came}." if delivery.status == "delivered" else f"{came}, and it was given up."


def moment(at: datetime) -> str:
    """A time by the processor's clock: `2 Mar 09:00:05`."""
    return f"{at.day} {at:%b %H:%M:%S}"


def _event(event_type: str, event_id: str, remark: str = "") -> str:
    return f"{escape(event_type)}<br><code>{escape(shortened(event_id))}</code> {remark}"


def shortened(event_id: str) -> str:
    """Enough of an id to tell it from the others: `msg_…1a2b3c`."""
    prefix, _, rest = event_id.rpartition("_")
    return f"{prefix}_…{rest[-6:]}" if len(rest) > 6 else event_id


def _attempts(delivery: Delivery) -> str:
    steps = [(attempt.at, attempt.outcome.status, _came(attempt)) for attempt in list(delivery.attempts)]
    shown = [f"{moment(at)} {pill(status, words)}" for at, status, words in steps]
    if delivery.due:
        shown.append(f"{moment(delivery.due)} {pill(300, 'next')}")
    elif delivery.status == "pending":
        shown.append(pill(300, "on its way"))
    return "".join(map(_step, shown))


def _step(html: str) -> str:
    return f'<span class="course-step">{html}</span> '


def _came(attempt: Attempt) -> str:
    return str(attempt.outcome.status or attempt.outcome.error)


def _received(exchange: Exchange, again: bool) -> str:
    sent = exchange.request.json()
    event_type = sent.get("event_type", "") if isinstance(sent, dict) else ""
    event_id = exchange.request.fields.get(ID) or ""
    return _event(str(event_type), event_id, "<b>again</b>" * again)


def _signed_at(exchange: Exchange) -> str:
    seconds = exchange.request.fields.get("webhook-timestamp") or ""
    known = seconds.isdecimal() and len(seconds) < 11
    return moment(datetime.fromtimestamp(int(seconds), UTC)) if known else "–"
