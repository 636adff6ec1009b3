"""The exercise of idempotence: what comes twice is done once, and what failed is done when it comes again."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic

from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Client, Exercise, Scene
from course_support.exercises.webhooks.back_office import (
    BackOffice,
    misdirected,
    only_fulfilled,
    order_ids,
    told_nothing,
    wait_for,
    worked_for_strangers,
)
from course_support.exercises.webhooks.deliveries import (
    Delivery,
    delivery,
    event,
    secret,
    send,
    send_at_once,
    tampered,
)
from course_support.exercises.webhooks.fulfilled import ELSEWHERE, answered_wrongly, blocking, crashed_on_failure, twice
from course_support.exercises.webhooks.shops import no_answer, not_refused, other_text, taken_or
from course_support.verdict import Verdict

COPIES = 4
HOLD = 0.8  # seconds in which a second delivery of the same event gets to the back office if nothing keeps it back
PATIENCE = 4.0  # seconds in which an application that is not blocked answers another request
TOLD_LATER = tuple(status for status in range(400, 600) if status not in (401, 403))


def _scenes(draw: random.Random) -> list[Scene]:
    return [_one_by_one(draw), _failing(draw), _at_once(draw)]


def _new(draw: random.Random, count: int) -> list[Delivery]:
    """Deliveries that have all in common but event, payment and order."""
    key, orders, like = secret(draw), order_ids(draw), event(draw)
    same = {name: like[name] for name in ("amount", "currency", "created_at")}
    made = [delivery(draw, key, of=event(draw, order_id=next(orders), **same)) for _ in range(count)]
    return [replace(it, age=60) for it in made]


def _again(it: Delivery, nth: int = 0) -> Delivery:
    """The same event in another attempt of the processor: a newer timestamp, and so another signature."""
    return replace(it, age=30 - 5 * nth)


def _one_by_one(draw: random.Random) -> Scene:
    one, two, three, stranger = _new(draw, 4)
    office = BackOffice(it.event["order_id"] for it in (one, two, three, stranger))
    forgeries = [tampered(one), tampered(stranger)]

    def visit(client: Client) -> None:
        send(client, forgeries[0], one, _again(one), two, forgeries[1], three, _again(two), _again(one, 1))

    return _scene(office, [one, two, three, *forgeries], visit)


def _failing(draw: random.Random) -> Scene:
    one, two = _new(draw, 2)
    office = BackOffice(it.event["order_id"] for it in (one, two))
    office.failing = {one.event["order_id"]: [draw.choice((500, 502, 503))]}

    def visit(client: Client) -> None:
        send(client, one, two, _again(one), _again(one, 1), _again(two))

    return _scene(office, [one, two], visit)


def _at_once(draw: random.Random) -> Scene:
    one, two, other = _new(draw, 3)
    stranger = tampered(other)
    office = BackOffice(it.event["order_id"] for it in (one, two, stranger))
    office.failing = {two.event["order_id"]: [draw.choice((500, 502, 503))]}
    first_asked: dict[str, float] = {}
    waiting = {one.event["order_id"]}

    def holds(order: str) -> bool:
        since = monotonic() - first_asked.setdefault(order, monotonic())
        return (office.asked["fulfil", order] < 2 and since < HOLD) or (order in waiting and since < PATIENCE)

    office.holds = holds

    def send_elsewhere(url: str) -> None:
        """While the back office keeps its answer back: one that needs nothing but an event loop that runs."""
        if wait_for(lambda: bool(first_asked), PATIENCE):
            other = Client(url)
            other.send("POST", ELSEWHERE, content=stranger.content, **stranger.signed())
            other.close()
        waiting.clear()

    def visit(client: Client) -> None:
        with ThreadPoolExecutor(1) as pool:
            elsewhere = pool.submit(send_elsewhere, client.url)
            send_at_once(client, *(_again(one, nth) for nth in range(COPIES)))
        elsewhere.result()
        send(client, _again(one, COPIES))
        send_at_once(client, *(_again(two, nth) for nth in range(COPIES)))
        send(client, _again(two, COPIES))

    return _scene(office, [one, two], visit)


def _scene(office: BackOffice, deliveries: list[Delivery], visit: Callable[[Client], None]) -> Scene:
    key = deliveries[0].secrets[0]
    return Scene(office.app, {"secret": key, "url": URL}, {"deliveries": deliveries}, afterwards=visit, serves=True)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        no_answer,
        taken_or(*TOLD_LATER),
        not_refused,
        misdirected,
        told_nothing,
        worked_for_strangers,
        only_fulfilled,
        twice,
        answered_wrongly,
        blocking,
        other_text,
    )


ONCE = Exercise(
    "webhooks.once",
    "Fulfil each order once",
    4,
    (
        "All deliveries of an event have the same `webhook-id`. When is it certain that it is done, and what if the "
        "next delivery comes before that?",
        "A set of ids that are done, to which an id comes after the back office has answered 2xx. And a lock for each "
        "id, around all of it: who waits for it looks into the set afterwards.",
        "`async with busy.setdefault(id, asyncio.Lock()):` and in it `if id not in done:` send the request, with "
        "`await run_in_threadpool(requests.post, …)`; if the answer is not `ok`, return 503, else `done.add(id)`.",
    ),
    _scenes,
    _judge,
    early=(crashed_on_failure,),
)
