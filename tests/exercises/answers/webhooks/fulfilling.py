"""Answers to `webhooks.once`."""

import asyncio
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.webhooks.shopping import (
    invalid,
    is_act,
    is_delivery,
    later,
    processed,
    shop,
    tell,
    verified,
)

once = Answers("webhooks.once")


@once.right
def a_lock_around_all_of_it(secret, url):
    done, lock = set(), asyncio.Lock()

    async def receive(request):
        async with lock:
            event = await verified(secret, request)
            if event is None:
                return invalid()
            if event["order_id"] not in done:
                if not (await run_in_threadpool(tell, url, event)).ok:
                    return later()
                done.add(event["order_id"])
            return processed()

    return shop(receive)


@once.right
def a_lock_and_no_routes(secret, url):
    """Plain ASGI that takes each address for its own."""
    done, lock = set(), asyncio.Lock()

    async def application(scope, receive, send):
        request = Request(scope, receive)
        if not (event := await verified(secret, request)):
            await invalid()(scope, receive, send)
            return
        async with lock:
            if event["order_id"] not in done and (await run_in_threadpool(tell, url, event)).ok:
                done.add(event["order_id"])
        answer = processed() if event["order_id"] in done else later()
        await answer(scope, receive, send)

    return application


@once.right
def told_to_come_again_while_another_one_is_busy(secret, url):
    state = {}

    async def receive(request):
        event, id = await verified(secret, request), request.headers.get("webhook-id")
        if event is None:
            return invalid()
        if state.setdefault(id, request) is not request:
            return processed() if state[id] == "done" else later(409)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(f"{url}/orders/{event['order_id']}/fulfil")
        if answer.is_error:
            del state[id]
            return later()
        state[id] = "done"
        return processed()

    return shop(receive)


@once.right
def a_lock_of_threads_for_all(secret, url):
    lock, fulfilled = threading.Lock(), set()

    def work(order):
        with lock:
            if order in fulfilled:
                return True
            line = HTTPConnection(urlsplit(url).netloc, timeout=10)
            line.request("POST", f"/orders/{order}/fulfil")
            if line.getresponse().status == 200:
                fulfilled.add(order)
            line.close()
            return order in fulfilled

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        return processed() if await asyncio.to_thread(work, event["order_id"]) else later()

    return shop(receive)


@once.right
def all_wait_for_one_task(secret, url):
    tasks = {}

    async def receive(request):
        event, id = await verified(secret, request), request.headers.get("webhook-id")
        if event is None:
            return invalid()
        if id not in tasks:
            tasks[id] = asyncio.create_task(run_in_threadpool(tell, url, event))
        task = tasks[id]
        if not (await task).ok:
            if tasks.get(id) is task:
                del tasks[id]
            return later()
        return processed()

    return shop(receive)


@once.right
def tried_again_at_once_when_it_failed(secret, url):
    done, lock = set(), asyncio.Lock()

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        async with lock:
            for _ in range(3):
                if event["payment_id"] in done:
                    return processed()
                if (await run_in_threadpool(tell, url, event)).ok:
                    done.add(event["payment_id"])
            return processed() if event["payment_id"] in done else later()

    return shop(receive)


def by_id(request, event):
    return request.headers["webhook-id"]


def remembering(key=by_id, *, locked=True, note="after", failed=later, duplicate=processed, checked=True):
    """A shop that remembers what is done, with one thing different."""

    def answer(secret, url):
        done, lock = set(), asyncio.Lock()

        async def fulfil(request, event):
            what = key(request, event)
            if what in done:
                return duplicate()
            if note == "before":
                done.add(what)
            answer = await run_in_threadpool(tell, url, event)
            if checked and not answer.ok:
                return failed()
            done.add(what)
            return processed()

        async def receive(request):
            event = await verified(secret, request)
            if event is None:
                return invalid()
            if not locked:
                return await fulfil(request, event)
            async with lock:
                return await fulfil(request, event)

        return shop(receive)

    return answer


@once.wrong("An event was delivered again, and you fulfilled its order again", is_act)
def told_apart_by_the_signature(secret, url):
    return remembering(lambda request, event: request.headers["webhook-signature"])(secret, url)


@once.wrong("at the same moment, and you fulfilled its order more than once", is_act)
def looked_and_noted_with_a_wait_between(secret, url):
    return remembering(locked=False)(secret, url)


@once.wrong("it did not even look at the next request", lambda e: e.request.path == "/webhooks/elsewhere")
def one_after_the_other_because_requests_blocks(secret, url):
    done = set()

    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if request.headers["webhook-id"] not in done:
            if not tell(url, event).ok:
                return later()
            done.add(request.headers["webhook-id"])
        return processed()

    return shop(receive)


@once.wrong("took it for done", lambda e: is_delivery(e) and e.status == 200)
def noted_before_it_is_done(secret, url):
    return remembering(note="before")(secret, url)


@once.wrong("answered 200 all the same", lambda e: is_delivery(e) and e.status == 200)
def the_failure_noticed_and_not_told(secret, url):
    return remembering(failed=processed)(secret, url)


@once.wrong("with another status than 503", lambda e: is_delivery(e) and e.status == 502)
def another_status(secret, url):
    return remembering(failed=lambda: later(502))(secret, url)


@once.wrong("and your application did not answer 200", lambda e: is_delivery(e) and e.status == 409)
def duplicates_refused(secret, url):
    return remembering(duplicate=lambda: later(409))(secret, url)


@once.wrong("answered 200 to a new event, and did not fulfil its order", is_delivery)
def told_apart_by_the_amount(secret, url):
    return remembering(lambda request, event: (event["amount"], event["created_at"]))(secret, url)


@once.wrong("noted the id of a delivery that was not genuine", lambda e: is_delivery(e) and e.status == 200)
def noted_before_it_is_verified(secret, url):
    done = set()

    async def receive(request):
        id = request.headers["webhook-id"]
        new = id not in done
        done.add(id)
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if new and not tell(url, event).ok:
            done.discard(id)
            return later()
        return processed()

    return shop(receive)


@once.wrong("answered 200 before it told the back office", is_delivery)
def acknowledged_first(secret, url):
    done = set()

    async def receive(request):
        event, id = await verified(secret, request), request.headers["webhook-id"]
        if event is None:
            return invalid()
        if id in done:
            return processed()
        done.add(id)
        return processed(background=BackgroundTask(tell, url, event))

    return shop(receive)


@once.wrong("while it was still uncertain whether", lambda e: is_delivery(e) and e.status == 200)
def acknowledged_while_another_one_is_busy(secret, url):
    seen = set()

    async def receive(request):
        event, id = await verified(secret, request), request.headers["webhook-id"]
        if event is None:
            return invalid()
        if id in seen:
            return processed()
        seen.add(id)
        if not (await run_in_threadpool(tell, url, event)).ok:
            seen.discard(id)
            return later()
        return processed()

    return shop(receive)


@once.wrong("and the back office had not failed", lambda e: is_delivery(e) and e.status == 503)
def another_success_expected(secret, url):
    done = set()

    async def receive(request):
        event, id = await verified(secret, request), request.headers["webhook-id"]
        if event is None:
            return invalid()
        if id not in done:
            answer = tell(url, event)
            done.add(id)
            if answer.status_code != 201:
                return later()
        return processed()

    return shop(receive)


@once.wrong("For one delivery you fulfilled the order twice", is_act)
def tried_until_two_have_worked(secret, url):
    def act(request, event):
        tell(url, event)
        return request.headers["webhook-id"]

    return remembering(act)(secret, url)


@once.wrong(
    "raised HTTPError", lambda e: is_delivery(e) and e.status == 500, "crashed", "The back office failed. Catch that"
)
def an_exception_for_an_answer(secret, url):
    done = set()

    async def receive(request):
        event, id = await verified(secret, request), request.headers["webhook-id"]
        if event is None:
            return invalid()
        if id not in done:
            tell(url, event).raise_for_status()
            done.add(id)
        return processed()

    return shop(receive)


@once.wrong("refused a genuine delivery", lambda e: is_delivery(e) and e.status == 401)
def the_secret_of_another(secret, url):
    return remembering()(secret[:-4] + "AAA=", url)


@once.wrong("took a delivery whose content was changed", lambda e: is_delivery(e) and e.status == 200)
def everybody_is_believed(secret, url):
    async def receive(request):
        return processed()

    return shop(receive)


@once.wrong("told the back office nothing", is_delivery)
def nothing_done(secret, url):
    async def receive(request):
        return processed() if await verified(secret, request) else invalid()

    return shop(receive)


@once.wrong("not to fulfil it", is_act)
def flagged(secret, url):
    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        tell(url, event, "flag")
        return processed()

    return shop(receive)
