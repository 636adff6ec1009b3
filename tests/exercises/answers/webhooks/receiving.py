"""Answers to `webhooks.receiver`."""

import hmac
import json
from urllib.request import Request, urlopen

import httpx
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.webhooks.shopping import (
    ACTIONS,
    PATH,
    event_of,
    invalid,
    is_act,
    is_delivery,
    processed,
    shop,
    signature,
    tell,
    verified,
)

receiver = Answers("webhooks.receiver")
NO_FORM = "`verify` raises ValueError there. Catch it and answer 401."


@receiver.right
def plain_asgi_hmac_by_hand_and_urllib(secret, url):
    async def application(scope, receive, send):
        if scope["type"] != "http" or scope["path"] != PATH:
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body")
        fields = dict(scope["headers"])
        right = signature(secret, fields[b"webhook-id"], fields[b"webhook-timestamp"], body)
        given = fields.get(b"webhook-signature", b"").split()
        if not any(hmac.compare_digest(right, it) for it in given):
            status, text = 401, b"Invalid signature"
        else:
            status, text = 200, b"Webhook processed"
            event = json.loads(body)
            if event["event_type"] in ACTIONS:
                address = f"{url}/orders/{event['order_id']}/{ACTIONS[event['event_type']]}"
                urlopen(Request(address, method="POST")).close()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": text})

    return application


@receiver.right
def after_the_answer(secret, url):
    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        known = event["event_type"] in ACTIONS
        return processed(background=BackgroundTask(tell, url, event) if known else None)

    return shop(receive)


@receiver.right
def httpx_and_204_for_what_it_does_not_know(secret, url):
    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if event["event_type"] not in ACTIONS:
            return PlainTextResponse(status_code=204)
        async with httpx.AsyncClient(trust_env=False) as client:
            await client.post(f"{url}/orders/{event['order_id']}/{ACTIONS[event['event_type']]}")
        return processed()

    return shop(receive)


def varied(act=None, *, refuse=invalid, done=processed, read=verified):
    """A shop in which one thing is different."""

    def answer(secret, url):
        async def receive(request):
            event = await read(secret, request)
            if event is None:
                return refuse()
            if event["event_type"] in ACTIONS or act:
                await run_in_threadpool(act or tell, url, event)
            return done()

        return shop(receive)

    return answer


def known(act):
    """An act that leaves unknown events alone."""
    return lambda url, event: act(url, event) if event["event_type"] in ACTIONS else None


@receiver.wrong("refused a genuine delivery", lambda e: is_delivery(e) and e.status == 401)
def parsed_before_verified(secret, url):
    async def read(secret, request):
        body = json.dumps(await request.json())
        try:
            return Webhook(secret).verify(body, dict(request.headers))
        except (WebhookVerificationError, ValueError):
            return None

    return varied(read=read)(secret, url)


@receiver.wrong("took a delivery", lambda e: is_delivery(e) and e.status == 200)
def nothing_verified(secret, url):
    async def read(secret, request):
        return await request.json()

    return varied(read=read)(secret, url)


@receiver.wrong("where 401 is asked for", lambda e: is_delivery(e) and e.status == 400)
def refused_with_400(secret, url):
    return varied(refuse=lambda: invalid(400))(secret, url)


@receiver.wrong("you told the back office to fulfil the order, not to", is_act)
def fulfilled_whatever_it_was(secret, url):
    return varied(known(lambda url, event: tell(url, event, "fulfil")))(secret, url)


@receiver.wrong("you told the back office to flag the order, not to notify it", is_act)
def notify_and_flag_mixed_up(secret, url):
    other = {"payment.completed": "fulfil", "payment.failed": "flag", "payment.disputed": "notify"}
    act = known(
        lambda url, event: event["event_type"] != "payment.disputed" and tell(url, event, other[event["event_type"]])
    )
    return varied(act)(secret, url)


@receiver.wrong("so that it will be sent again", lambda e: is_delivery(e) and e.status == 400)
def unknown_types_refused(secret, url):
    async def receive(request):
        event = await verified(secret, request)
        if event is None:
            return invalid()
        if event["event_type"] not in ACTIONS:
            return PlainTextResponse("Unknown event type", 400)
        tell(url, event)
        return processed()

    return shop(receive)


@receiver.wrong("raised KeyError", is_delivery, "crashed")
def unknown_types_not_thought_of(secret, url):
    return varied(tell)(secret, url)


@receiver.wrong("took a delivery that has no webhook-signature", lambda e: is_delivery(e) and e.status == 200)
def what_is_not_signed_is_taken_and_unknown_types_not_thought_of(secret, url):
    async def read(secret, request):
        return await (verified(secret, request) if "webhook-signature" in request.headers else request.json())

    return varied(tell, read=read)(secret, url)


@receiver.wrong(
    "raised ValueError", lambda e: is_delivery(e) and e.request.fields.get("webhook-signature"), "crashed", NO_FORM
)
def malformed_signatures_not_thought_of(secret, url):
    async def read(secret, request):
        try:
            return Webhook(secret).verify(await request.body(), dict(request.headers))
        except WebhookVerificationError:
            return None

    return varied(read=read)(secret, url)


@receiver.wrong("raised AttributeError", is_delivery, "crashed", "`await request.body()`, in an `async def`")
def a_coroutine_verified(secret, url):
    async def receive(request):
        try:
            Webhook(secret).verify(request.body(), dict(request.headers))
        except (WebhookVerificationError, ValueError):
            return invalid()
        return processed()

    return shop(receive)


@receiver.wrong("which nobody asked for", is_act)
def an_else_for_all_the_rest(secret, url):
    def act(url, event):
        kind = event["event_type"]
        tell(url, event, ACTIONS.get(kind, "flag"))

    return varied(act)(secret, url)


@receiver.wrong("the order of a delivery", is_act)
def worked_before_verified(secret, url):
    async def receive(request):
        event = await request.json()
        if event["event_type"] in ACTIONS:
            await run_in_threadpool(tell, url, event)
        return processed() if await verified(secret, request) else invalid()

    return shop(receive)


@receiver.wrong("You sent a GET where POST is asked for", is_act)
def a_get_to_the_back_office(secret, url):
    return varied(known(lambda url, event: httpx.get(f"{url}/orders/{event['order_id']}/fulfil")))(secret, url)


@receiver.wrong("an order that there is not, pay_", is_act)
def the_payment_for_the_order(secret, url):
    return varied(known(lambda url, event: tell(url, event | {"order_id": event["payment_id"]})))(secret, url)


@receiver.wrong("The back office has nothing at the address", lambda e: e.status == 404)
def two_ls(secret, url):
    return varied(known(lambda url, event: tell(url, event, "fulfill")))(secret, url)


@receiver.wrong("told the back office nothing", is_delivery)
def verified_and_that_was_all(secret, url):
    return varied(lambda url, event: None)(secret, url)


@receiver.wrong("you did not tell the back office to", lambda e: event_of(e)["event_type"] == "payment.failed")
def only_good_news(secret, url):
    return varied(lambda url, event: event["event_type"] == "payment.failed" or known(tell)(url, event))(secret, url)


@receiver.wrong("told the back office twice", is_act)
def twice_for_each(secret, url):
    def act(url, event):
        for _ in range(2):
            tell(url, event)

    return varied(known(act))(secret, url)


@receiver.wrong("has a route for /webhooks/payments that does not take POST", is_delivery)
def a_route_for_get(secret, url):
    async def receive(request):
        return processed()

    return Starlette(routes=[Route(PATH, receive)])


@receiver.wrong("has nothing for POST /webhooks/payments", is_delivery)
def another_path(secret, url):
    async def receive(request):
        return processed()

    return Starlette(routes=[Route("/webhooks", receive, methods=["POST"])])


@receiver.wrong("is not “Webhook processed”", lambda e: is_delivery(e) and e.status == 200)
def json_for_an_answer(secret, url):
    return varied(done=lambda: JSONResponse({"message": "Webhook processed"}))(secret, url)


@receiver.wrong("answered a genuine delivery with 202, where 200 is asked for", is_delivery)
def accepted(secret, url):
    return varied(done=lambda: processed(202))(secret, url)


@receiver.wrong("cannot be served", None)
def the_function_alone(secret, url):
    return "receive"
