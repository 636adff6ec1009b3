"""What shops in these answers are made of: a route, a verified event, requests to the back office."""

import base64
import hmac
import json

import requests
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

PATH = "/webhooks/payments"
ACTIONS = {"payment.completed": "fulfil", "payment.failed": "notify", "payment.disputed": "flag"}


def shop(receive):
    return Starlette(routes=[Route(PATH, receive, methods=["POST"])])


def processed(status=200, **more):
    return PlainTextResponse("Webhook processed", status, **more)


def invalid(status=401):
    return PlainTextResponse("Invalid signature", status)


def later(status=503):
    return PlainTextResponse("Try again later", status)


async def verified(secret, request):
    """The event, or None."""
    try:
        return Webhook(secret).verify(await request.body(), dict(request.headers))
    except (WebhookVerificationError, ValueError):
        return None


def signature(secret, id, timestamp, body):
    """The right signature, by hand, of and as bytes."""
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), b".".join((id, timestamp, body)), "sha256")
    return b"v1," + base64.b64encode(digest)


def tell(url, event, action=None):
    """Tell the back office; its answer."""
    return requests.post(f"{url}/orders/{event['order_id']}/{action or ACTIONS[event['event_type']]}", timeout=10)


def is_delivery(e):
    return e.request.path == PATH


def is_act(e):
    return e.request.path.startswith("/orders/")


def event_of(e):
    """The event in a delivery, or nothing."""
    return json.loads(e.request.body) if is_delivery(e) else {}
