"""One job in six styles: the warehouse has counted, and the bookshop's shelf has to show it. Each style brings the same
changes to the same shop, as a good client of that style would, and what it takes is measured.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from secrets import token_hex
from statistics import median
from time import monotonic
from typing import NamedTuple

import requests
import zeep
import zeep.exceptions
from sgqlc.endpoint.requests import RequestsEndpoint  # type: ignore[import-untyped]
from standardwebhooks import Webhook
from websocket import WebSocketException, create_connection

from course_support.backends.bookshop import app
from course_support.backends.shelf import LONGEST_NOTE
from course_support.backends.shop_access import SECRET
from course_support.choosing import STYLES
from course_support.errors import CourseError
from course_support.server import Server
from course_support.stocktaking import SEED, Change, Happening, counted, differing
from course_support.views.measured import Decisions, Measurement, Measurements, decision_table
from course_support.wire import Exchange

__all__ = [
    "BY",
    "STYLES",
    "Change",
    "Decisions",
    "Job",
    "Measurement",
    "Measurements",
    "by_batch",
    "by_graphql",
    "by_rest",
    "by_soap",
    "by_webhooks",
    "by_websocket",
    "decision_table",
    "grid",
    "measure",
    "measure_all",
]

MOST_CHANGES = 500


class Job(NamedTuple):
    """Where the shop is, a token and the warehouse's secret, and the changes, which come as they happen."""

    url: str
    token: str
    secret: str
    changes: Iterable[Change]


# --- The job in each style: from the first change to the last answer -------------------------------------------------


def by_rest(job: Job) -> None:
    """A book is a resource: a PATCH for each change, over one connection that is kept."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {job.token}"
        session.headers["Content-Type"] = "application/merge-patch+json"
        for isbn, stock, note in job.changes:
            change = json.dumps({"stock": stock, "note": note})
            session.patch(f"{job.url}/api/v1/books/{isbn}", change).raise_for_status()


def by_soap(job: Job) -> None:
    """The contract makes the client, and each call is an envelope of its own."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {job.token}"
        shop = zeep.Client(f"{job.url}/soap?wsdl", transport=zeep.Transport(session=session)).service
        for isbn, stock, note in job.changes:
            shop.SetStock(isbn=isbn, stock=stock, note=note)


def by_graphql(job: Job) -> None:
    """One document for all changes: an alias and three variables for each."""
    sent = [change._asdict() for change in job.changes]
    declared = (f"$isbn{n}: String!, $stock{n}: Int!, $note{n}: String" for n in range(len(sent)))
    set_stock = "c{0}: setStock(isbn: $isbn{0}, stock: $stock{0}, note: $note{0}) {{ version }}"
    fields = map(set_stock.format, range(len(sent)))
    variables = {f"{name}{n}": value for n, change in enumerate(sent) for name, value in change.items()}
    with requests.Session() as session:
        send = RequestsEndpoint(f"{job.url}/graphql", {"Authorization": f"Bearer {job.token}"}, session=session)
        answer = send(f"mutation ({', '.join(declared)}) {{ {' '.join(fields)} }}", variables)
    if errors := answer.get("errors"):
        raise CourseError(errors[0]["message"])


def by_websocket(job: Job) -> None:
    """One line: a message leaves as a change happens, and nobody waits for the answer before the next."""
    address, fields = f"ws{job.url.removeprefix('http')}/live", {"Authorization": f"Bearer {job.token}"}
    with closing(create_connection(address, header=fields, subprotocols=["stock.v1"], timeout=60)) as line:
        line.recv()  # the shop is ready
        for pending, change in enumerate(job.changes, 1):
            line.send(json.dumps({"type": "set_stock", "id": pending, **change._asdict()}))
        while pending:
            answer = json.loads(line.recv())
            if answer["type"] == "error":
                raise CourseError(answer["message"])
            pending -= answer["type"] == "ack"


def by_webhooks(job: Job) -> None:
    """The warehouse calls: a signed event for each change, and a 204 says that the shop has it."""
    sign = Webhook(job.secret).sign
    with requests.Session() as session:
        for change in job.changes:
            event = json.dumps({"event_type": "stock.counted", **change._asdict()})
            id, now = f"msg_{token_hex(8)}", datetime.now(UTC)
            fields = {"Content-Type": "application/json", "webhook-id": id}
            fields |= {"webhook-timestamp": str(int(now.timestamp())), "webhook-signature": sign(id, now, event)}
            session.post(f"{job.url}/hooks/warehouse", event, headers=fields).raise_for_status()


def by_batch(job: Job) -> None:
    """One request for all changes, which leaves when the last of them has happened."""
    updates = [change._asdict() for change in job.changes]
    sent = {"operation": "update", "updates": updates}
    fields = {"Authorization": f"Bearer {job.token}", "Idempotency-Key": f'"{token_hex(16)}"'}
    answer = requests.post(f"{job.url}/api/v1/books/batch", json=sent, headers=fields)
    answer.raise_for_status()
    if errors := answer.json()["errors"]:
        raise CourseError(errors[0]["message"])


# --- What it takes ---------------------------------------------------------------------------------------------------

BY: dict[str, Callable[[Job], None]] = dict(
    zip(STYLES, (by_rest, by_soap, by_graphql, by_websocket, by_webhooks, by_batch), strict=True)
)


def measure(
    style: str,
    *,
    changes: int = 20,
    note_bytes: int = 50,
    latency: float = 0.0,
    spread: float = 0.0,
    by: Callable[[Job], None] | None = None,
) -> Measurement:
    """Bring so many changes to a fresh bookshop in this style, and see what it takes; `by` is a function of your own.

    `latency` is the seconds of a round trip, `spread` those between a change and the next. Bandwidth has no limit here.
    ValueError for a style or a number that cannot be; CourseError where the shop does not end as it should.
    """
    _check(style, changes, note_bytes, latency, spread)
    _warm(style)
    return _measured(style, by or BY[style], counted(changes, note_bytes), latency, spread)


def measure_all(*, changes: int = 20, note_bytes: int = 50, latency: float = 0.0, spread: float = 0.0) -> Measurements:
    """All six styles, one after the other, each as `measure` does it."""
    settings = {"changes": changes, "note_bytes": note_bytes, "latency": latency, "spread": spread}
    return Measurements(measure(style, **settings) for style in STYLES)  # type: ignore[arg-type]


def grid(
    latencies: Sequence[float] = (0, 0.02, 0.1),
    notes: Sequence[int] = (50, 2000),
    changes: int = 20,
    spread: float = 0.05,
) -> Measurements:
    """All six styles at each latency with each length of notes, all changes at once; and, with the shortest notes and
    the latency in the middle, with changes so many seconds apart. With these numbers it takes about half a minute.
    """
    settings = [(latency, note, 0.0) for latency in latencies for note in notes]
    settings += [(sorted(latencies)[len(latencies) // 2], min(notes), spread)] if spread else []
    return Measurements(
        measure(style, changes=changes, note_bytes=note, latency=latency, spread=apart)
        for latency, note, apart in settings
        for style in STYLES
    )


@cache
def _warm(style: str) -> None:
    """What happens once in a process, such as the building of a schema, is not what is measured."""
    _measured(style, BY[style], counted(1, 0), 0.0, 0.0)


def _measured(
    style: str, by: Callable[[Job], None], changes: Sequence[Change], latency: float, spread: float
) -> Measurement:
    happening, known = Happening(changes, spread), list[float]()
    with Server(shop := app(SEED)) as server:
        shop.state.shelf.followers.append(lambda change: known.append(monotonic()))
        server.faults.delay, server.faults.lag = latency, latency / 2
        began = monotonic()
        _bring(style, by, Job(server.url, server.credentials["shop"], server.credentials[SECRET], happening))
        exchanges, state = server.recorder.exchanges, shop.state.shelf.state()
    if wrong := differing(state, changes):
        raise CourseError(f"{style} left {wrong} books other than the warehouse counted them: look at its function.")
    if len(known) != len(changes):
        raise CourseError(f"{style} made {len(known)} changes of {len(changes)}: bring each of them once.")
    # HTTP's whole latency is spent before the shop hears anything: on a real way half of it would come after
    early = latency / 2 if style != "WebSocket" else 0.0
    ages = [at - early - happened for at, happened in zip(known, happening.times, strict=True)]
    return Measurement(
        style,
        len(exchanges),
        sum(it.request_bytes for it in exchanges),
        sum(it.response_bytes for it in exchanges),
        (max(map(_answered, exchanges)) - began) * 1000,
        median(ages) * 1000,
        sum(it.started < happening.started for it in exchanges),
        (happening.started - began) * 1000,
        len(changes),
        len(changes[0].note),
        latency,
        spread,
        state,
    )


def _bring(style: str, by: Callable[[Job], None], job: Job) -> None:
    try:
        by(job)
    except (CourseError, requests.RequestException, WebSocketException, zeep.exceptions.Error) as error:
        raise CourseError(f"{style} could not bring all changes: {f'{error} '.splitlines()[0].strip()}") from error


def _answered(exchange: Exchange) -> float:
    """When the last answer had been sent; a WebSocket's goodbye is none."""
    said = [message.at for message in exchange.messages if message.opcode == "text"]
    return said[-1] if said else exchange.ended


def _check(style: str, changes: int, note_bytes: int, latency: float, spread: float) -> None:
    if style not in STYLES:
        raise ValueError(f"style is one of {', '.join(map(repr, STYLES))}, not {style!r}.")
    if not 1 <= changes <= MOST_CHANGES:
        raise ValueError(f"changes is a whole number from 1 to {MOST_CHANGES}, not {changes}.")
    if not 0 <= note_bytes <= LONGEST_NOTE:
        raise ValueError(f"note_bytes is a whole number from 0 to {LONGEST_NOTE}, not {note_bytes}.")
    if not (0 <= latency <= 10 and 0 <= spread <= 10):
        raise ValueError("latency and spread are seconds from 0 to 10, such as 0.02.")
