"""Answers to `webhooks.in_any_order`."""

import asyncio
import sqlite3
from datetime import datetime

import httpx
import requests
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_urllib
from tests.exercises.answers.webhooks.shopping import (
    event_of,
    invalid,
    is_act,
    is_delivery,
    later,
    processed,
    shop,
    tell,
    verified,
)

in_any_order = Answers("webhooks.in_any_order")


def acting(make):
    """A shop that does what a function tells it to: `make(url)` gives `decide(event) -> action or None`."""

    def answer(secret, url):
        decide = make(url)

        async def receive(request):
            event = await verified(secret, request)
            if event is None:
                return invalid()
            if action := await run_in_threadpool(decide, event):
                await run_in_threadpool(tell, url, event, action)
            return processed()

        return shop(receive)

    return answer


PLAIN = {"payment.completed": "fulfil", "payment.disputed": "flag"}


@in_any_order.right
def the_newest_of_each_payment(secret, url):
    newest = {}

    def decide(event):
        if event["created_at"] <= newest.get(event["payment_id"], ""):
            return None
        newest[event["payment_id"]] = event["created_at"]
        return PLAIN[event["event_type"]]

    return acting(lambda url: decide)(secret, url)


@in_any_order.right
def the_newest_in_a_database_and_work_after_the_answer(secret, url):
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    kept.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, at REAL)")
    newer = "INSERT INTO orders VALUES (?, ?) ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at"

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        at = datetime.fromisoformat(event["created_at"]).timestamp()
        if kept.execute(newer, (event["order_id"], at)).rowcount:
            return processed(background=BackgroundTask(tell, url, event, PLAIN[event["event_type"]]))
        return processed()

    return shop(receive)


@in_any_order.right
def those_that_are_disputed_remembered(secret, url):
    disputed = set()

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if event["event_type"] == "payment.disputed":
            disputed.add(event["order_id"])
        elif event["order_id"] in disputed:
            return processed()
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{url}/orders/{event['order_id']}/{PLAIN[event['event_type']]}")
        return processed()

    return shop(receive)


@in_any_order.right
def asked_with_urllib_and_done_once(secret, url):
    done, lock = set(), asyncio.Lock()

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        async with lock:
            payment = await asyncio.to_thread(by_urllib, f"{url}/api/payments/{event['payment_id']}", "")
            what = event["order_id"], "flag" if payment.json()["status"] == "disputed" else "fulfil"
            if what not in done:
                await asyncio.to_thread(by_urllib, f"{url}/orders/{what[0]}/{what[1]}", "", "POST")
                done.add(what)
        return processed()

    return shop(receive)


@in_any_order.wrong("The dispute came before the completed payment", is_act)
def as_they_come(secret, url):
    return acting(lambda url: lambda event: PLAIN[event["event_type"]])(secret, url)


@in_any_order.wrong("payment.completed came again after the dispute", is_act)
def a_dispute_that_comes_first_remembered_for_once(secret, url):
    completed, early = set(), set()

    def decide(event):
        order = event["order_id"]
        if event["event_type"] == "payment.disputed":
            if order not in completed:
                early.add(order)
            return "flag"
        completed.add(order)
        return None if order in early else "fulfil"

    return acting(lambda url: decide)(secret, url)


@in_any_order.wrong("which will come again", lambda e: is_delivery(e) and e.status == 503)
def one_after_the_other(secret, url):
    completed = set()

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if event["event_type"] == "payment.completed":
            completed.add(event["order_id"])
        elif event["order_id"] not in completed:
            return later()
        tell(url, event)
        return processed()

    return shop(receive)


@in_any_order.wrong(
    "did not fulfil an order whose payment was completed", lambda e: "completed" in e.request.body.decode()
)
def the_newest_of_all(secret, url):
    newest = [""]

    def decide(event):
        if event["created_at"] < newest[0]:
            return None
        newest[0] = event["created_at"]
        return PLAIN[event["event_type"]]

    return acting(lambda url: decide)(secret, url)


@in_any_order.wrong(
    "and did not flag it when its payment was disputed", lambda e: "disputed" in e.request.body.decode()
)
def one_event_for_each_payment(secret, url):
    seen = {}

    def decide(event):
        known = seen.setdefault(event["payment_id"], event["event_type"])
        return PLAIN[known] if known == event["event_type"] else None

    return acting(lambda url: decide)(secret, url)


@in_any_order.wrong("before you heard that it was completed", lambda e: "disputed" in e.request.body.decode())
def disputes_only_of_what_is_known(secret, url):
    state = {}

    def decide(event):
        order, kind = event["order_id"], event["event_type"]
        if kind == "payment.disputed":
            known = order in state
            state[order] = "disputed"
            return "flag" if known else None
        return None if state.setdefault(order, "completed") == "disputed" else "fulfil"

    return acting(lambda url: decide)(secret, url)


@in_any_order.wrong("whose payment was completed, and never disputed", is_act)
def the_answer_of_the_processor_misread(secret, url):
    def make(url):
        def decide(event):
            payment = requests.get(f"{url}/api/payments/{event['payment_id']}", timeout=10).json()
            return "fulfil" if payment["status"] == "payment.completed" else "flag"

        return decide

    return acting(make)(secret, url)


@in_any_order.wrong("You asked for a payment that there is not", lambda e: e.status == 404)
def the_order_for_the_payment(secret, url):
    def make(url):
        def decide(event):
            payment = requests.get(f"{url}/api/payments/{event['order_id']}", timeout=10).json()
            return {"completed": "fulfil", "disputed": "flag"}.get(payment["status"])

        return decide

    return acting(make)(secret, url)


@in_any_order.wrong("raised KeyError", is_delivery, "crashed")
def a_status_for_an_event_type(secret, url):
    def make(url):
        def decide(event):
            payment = requests.get(f"{url}/api/payments/{event['payment_id']}", timeout=10).json()
            return PLAIN[payment["status"]]

        return decide

    return acting(make)(secret, url)


@in_any_order.wrong("told the back office nothing", lambda e: bool(event_of(e)))
def nothing_done(secret, url):
    return acting(lambda url: lambda event: None)(secret, url)


@in_any_order.wrong("You sent a POST where GET is asked for", lambda e: e.status == 405)
def a_post_to_read(secret, url):
    def make(url):
        return lambda event: requests.post(f"{url}/api/payments/{event['payment_id']}", timeout=10) and None

    return acting(make)(secret, url)


@in_any_order.wrong("took a delivery that was signed with another secret", lambda e: e.status == 200)
def everybody_is_believed(secret, url):
    async def receive(request):
        event = await request.json()
        payment = requests.get(f"{url}/api/payments/{event['payment_id']}", timeout=10).json()
        tell(url, event, {"completed": "fulfil", "disputed": "flag"}[payment["status"]])
        return processed()

    return shop(receive)


@in_any_order.wrong("the order of a delivery that was signed with another secret", is_act)
def done_before_verified(secret, url):
    async def receive(request):
        event = await request.json()
        payment = requests.get(f"{url}/api/payments/{event['payment_id']}", timeout=10).json()
        tell(url, event, {"completed": "fulfil", "disputed": "flag"}[payment["status"]])
        return processed() if await verified(secret, request) else invalid()

    return shop(receive)
