"""Answers to `webhooks.acknowledge`."""

import asyncio
import contextlib
import queue
import threading

import httpx
import requests
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.webhooks.shopping import invalid, is_act, is_delivery, processed, shop, tell, verified

acknowledge = Answers("webhooks.acknowledge")


def acknowledging(work):
    """A shop that answers what `work(url, event)` returns, when it returns."""

    def answer(secret, url):
        async def receive(request):
            event = await verified(secret, request)
            return invalid() if event is None else await work(url, event)

        return shop(receive)

    return answer


@acknowledge.right
def a_thread_for_each(secret, url):
    async def work(url, event):
        threading.Thread(target=tell, args=(url, event)).start()
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.right
def one_worker_with_a_queue(secret, url):
    waiting = queue.Queue()

    def work_off():
        while event := waiting.get():
            tell(url, event)

    threading.Thread(target=work_off, daemon=True).start()

    async def work(url, event):
        waiting.put(event)
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.right
def a_task_with_httpx(secret, url):
    tasks = set()

    async def fulfil(event):
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            await client.post(f"{url}/orders/{event['order_id']}/fulfil")

    async def work(url, event):
        tasks.add(asyncio.create_task(fulfil(event)))
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.right
def an_asynchronous_background_task(secret, url):
    async def fulfil(event):
        await run_in_threadpool(tell, url, event)

    async def work(url, event):
        return processed(background=BackgroundTask(fulfil, event))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("waited for the back office before it answered", is_delivery)
def worked_first(secret, url):
    async def work(url, event):
        await run_in_threadpool(tell, url, event)
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.wrong("hung up on the back office before it had answered", lambda e: is_act(e) and e.status is None)
def given_up_early(secret, url):
    async def work(url, event):
        with contextlib.suppress(requests.Timeout):
            requests.post(f"{url}/orders/{event['order_id']}/fulfil", timeout=0.1)
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.wrong("it did not answer the next delivery", is_delivery)
def a_background_task_that_blocks(secret, url):
    async def fulfil(event):
        tell(url, event)

    async def work(url, event):
        return processed(background=BackgroundTask(fulfil, event))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("told the back office nothing", is_delivery)
def a_task_that_nobody_runs(secret, url):
    async def work(url, event):
        BackgroundTask(tell, url, event)
        return processed()

    return acknowledging(work)(secret, url)


@acknowledge.wrong("whose order was not fulfilled", is_delivery)
def only_the_newest(secret, url):
    """The worker looks every now and then, and finds the last alone."""
    newest = {}

    async def fulfil():
        await asyncio.sleep(0.3)
        if newest:
            await run_in_threadpool(tell, url, newest.pop("event"))

    async def work(url, event):
        newest["event"] = event
        return processed(background=BackgroundTask(fulfil))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("the order of a delivery", is_act)
def verified_when_the_work_has_begun(secret, url):
    async def receive(request):
        event = await request.json()
        threading.Thread(target=tell, args=(url, event)).start()
        return processed() if await verified(secret, request) else invalid()

    return shop(receive)


@acknowledge.wrong("where 200 is asked for", lambda e: e.status == 202)
def accepted(secret, url):
    async def work(url, event):
        return processed(202, background=BackgroundTask(tell, url, event))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("took a delivery", lambda e: e.status == 200)
def verified_in_the_background(secret, url):
    async def fulfil(request):
        if event := await verified(secret, request):
            await run_in_threadpool(tell, url, event)

    async def receive(request):
        await request.body()
        return processed(background=BackgroundTask(fulfil, request))

    return shop(receive)


@acknowledge.wrong("refused a genuine delivery", lambda e: e.status == 401)
def the_secret_without_its_prefix_twice(secret, url):
    return a_thread_for_each(secret.removeprefix("whsec_")[8:], url)


@acknowledge.wrong("told the back office twice to fulfil", is_act)
def in_the_background_and_in_a_thread(secret, url):
    async def work(url, event):
        threading.Thread(target=tell, args=(url, event)).start()
        return processed(background=BackgroundTask(tell, url, event))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("to notify the order, not to fulfil it", is_act)
def another_action(secret, url):
    async def work(url, event):
        return processed(background=BackgroundTask(tell, url, event, "notify"))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("an order that there is not", is_act)
def the_payment_for_the_order(secret, url):
    async def work(url, event):
        return processed(background=BackgroundTask(tell, url, {**event, "order_id": event["payment_id"]}))

    return acknowledging(work)(secret, url)


@acknowledge.wrong("is not “Webhook processed”", lambda e: e.status == 200)
def acknowledged_in_other_words(secret, url):
    async def work(url, event):
        async def words():
            yield "Webhook"

        return StreamingResponse(words(), background=BackgroundTask(tell, url, event), media_type="text/plain")

    return acknowledging(work)(secret, url)


@acknowledge.wrong("raised KeyError", lambda e: e.status == 500, "crashed")
def a_member_that_is_not_there(secret, url):
    async def work(url, event):
        return processed(background=BackgroundTask(tell, url, event["order"]))

    return acknowledging(work)(secret, url)
