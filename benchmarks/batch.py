"""Measures the import of contacts: `python benchmarks/batch.py` prints what a batch costs, and how long others wait.

Each figure is a median over rounds taken in turn, so that a busy moment of the machine hits both sides of a ratio:
the ratios can be compared between machines, the milliseconds cannot.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from course_support.backends import batch
from course_support.backends.batch_items import Batch
from course_support.server import Server

ROUNDS = 5
CONTACTS = 10_000
SINGLES = 1_000  # scaled up to as many as the batch has: the rest would tell nothing new
HEADERS = {"Content-Type": "application/json"}
numbers = itertools.count()


def main() -> None:
    table = Table("", "ms", "times", title=f"{CONTACTS:,} contacts: medians of rounds taken in turn")
    rounds = [measured() for _ in range(ROUNDS + 1)][1:]  # the first only warms up
    figures = {what: median(one[what] for one in rounds) for what in rounds[0]}
    for what, seconds in figures.items():
        base = figures[next(name for name in figures if name.startswith(what.split(":")[0]))]
        table.add_row(what, f"{seconds * 1000:.1f}", f"{seconds / base:.2f}")
    Console().print(table)


def measured() -> dict[str, float]:
    """Seconds of each measure, every one on a service of its own."""
    inline, waited_inline = with_heartbeat(inline=True)
    thread, waited_thread = with_heartbeat(inline=False)
    return {
        "import: one request, in the event loop": inline,
        "import: one request, in a thread": thread,
        "import: the table alone, without HTTP": alone(),
        "import: requests of 100": served(partial(batches, size=100)),
        f"import: single requests, {SINGLES:,} of them scaled up": served(singles) * CONTACTS / SINGLES,
        "import: a job, followed to its end": served(job),
        "longest wait for a heartbeat: in the event loop": waited_inline,
        "longest wait for a heartbeat: in a thread": waited_thread,
    }


def contacts(count: int) -> list[dict[str, str]]:
    return [{"name": "Kim Lee", "email": f"kim{next(numbers)}@new.example", "company": "New"} for _ in range(count)]


def body(items: list[dict[str, str]]) -> bytes:
    return json.dumps({"operation": "create", "contacts": items}).encode()


def alone() -> float:
    table, items = batch.app().state.contacts, contacts(CONTACTS)
    started = perf_counter()
    with table.database.transaction():
        Batch(table, {}).create(items)
    return perf_counter() - started


def served(measure: Callable[[str, requests.Session], float], **switches: Any) -> float:
    app = batch.app()
    for name, value in switches.items():
        setattr(app.state, name, value)
    with Server(app) as server, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {server.credentials['importer']}"
        session.get(f"{server.url}/api/v1/health").raise_for_status()
        return measure(server.url + "/api/v1", session)


def batches(url: str, session: requests.Session, size: int) -> float:
    bodies = [body(contacts(size)) for _ in range(CONTACTS // size)]
    started = perf_counter()
    for content in bodies:
        session.post(f"{url}/contacts/batch", data=content, headers=HEADERS).raise_for_status()
    return perf_counter() - started


def singles(url: str, session: requests.Session) -> float:
    bodies = [json.dumps(contact).encode() for contact in contacts(SINGLES)]
    started = perf_counter()
    for content in bodies:
        session.post(f"{url}/contacts", data=content, headers=HEADERS).raise_for_status()
    return perf_counter() - started


def job(url: str, session: requests.Session) -> float:
    content = body(contacts(CONTACTS))
    started = perf_counter()
    answer = session.post(f"{url}/contacts/batch", data=content, headers=HEADERS | {"Prefer": "respond-async"})
    session.get(url.removesuffix("/api/v1") + answer.headers["Location"] + "/progress").raise_for_status()
    return perf_counter() - started


def with_heartbeat(*, inline: bool) -> tuple[float, float]:
    """Seconds that a batch takes, and the longest that another client then waits for a sign of life."""
    waits: list[float] = []

    def measure(url: str, session: requests.Session) -> float:
        stop = threading.Event()
        heart = threading.Thread(target=beat, args=(f"{url}/health", waits, stop))
        heart.start()
        seconds = batches(url, session, CONTACTS)
        stop.set()
        heart.join()
        return seconds

    return served(measure, inline=inline), max(waits)


def beat(url: str, waits: list[float], stop: threading.Event) -> None:
    with requests.Session() as session:
        while not stop.wait(0.002):
            started = perf_counter()
            session.get(url)
            waits.append(perf_counter() - started)


if __name__ == "__main__":
    main()
