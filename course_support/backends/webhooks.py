"""A payment processor that tells shops what becomes of their payments: webhooks, written to be read from top to bottom.

One handler for each thing that a shop can do, after the rules in `webhooks_access`; `app()` puts them together. What is
sent is in `subscriptions`, when in `deliveries` and `schedule`, how in `network`, and where never in `targets`.
"""

from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import bearer, content, problem, targets
from course_support.backends.clock import START, Dated
from course_support.backends.conditional import conditional, etag
from course_support.backends.deliveries import Deliveries, Delivery, WindingClock
from course_support.backends.members import checked
from course_support.backends.network import Network
from course_support.backends.payments import Event, Ledger, checked_payment, timestamp
from course_support.backends.problem import Problem, invalid, pointer
from course_support.backends.subscriptions import Subscriptions, checked_registration, secret_advice
from course_support.backends.webhooks_access import (
    SCOPES,
    deliveries,
    ledger,
    limit,
    now,
    owner,
    requested_payment,
    shown,
    subscriptions,
    webhook,
)

WEBHOOKS = "/api/webhooks"
WEBHOOK = WEBHOOKS + "/{id}"
PAYMENTS = "/api/payments"
POLLING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
LONGEST_WIND = 366 * 24 * 60 * 60  # seconds


def tell(request: Request, event: Event) -> None:
    deliveries(request).announce(event, subscriptions(request).wanting(event))


def then_deliver(request: Request, answer: Response) -> Response:
    """The answer first, then the attempts: who pays does not wait for a shop that is slow."""
    answer.background = BackgroundTask(deliveries(request).run)
    return answer


def logged(request: Request, *statuses: str) -> Response:
    log = [it for it in deliveries(request).of(webhook(request)) if it.status in statuses]
    return shown({"deliveries": [delivery.representation for delivery in log[: limit(request)]]})


# --- The handlers: webhooks ------------------------------------------------------------------------------------------


async def register(request: Request) -> Response:
    """Register a webhook: which events to tell, and where. On this machine a shop is called shop.localhost."""
    label = owner(request, "write")
    sent = checked_registration(content.parse(await content.read(request)), request.app.state.resolve)
    generated = {} if "secret" in sent else {"secret": subscriptions(request).new_secret()}
    new = subscriptions(request).add(label, **{**sent, **generated}, now=now(request))
    return shown(new.representation | generated, 201, Location=f"{WEBHOOKS}/{new.id}")


async def list_webhooks(request: Request) -> Response:
    """List your webhooks, oldest first."""
    return shown({"webhooks": [it.representation for it in subscriptions(request).of(owner(request, "read"))]})


async def read_webhook(request: Request) -> Response:
    """Read a webhook."""
    return shown(webhook(request).representation)


async def switch_webhook(request: Request) -> Response:
    """Turn a webhook on or off: send {"status": "enabled"} after a 410 has turned it off."""
    found = webhook(request, "write")
    allowed = ("enabled", "disabled")
    advice = f'Send "{allowed[0]}" or "{allowed[1]}".'
    sent = content.parse(await content.read(request, content.MERGE_PATCH))
    found.status = checked(sent, {"status": lambda value: None if value in allowed else advice})["status"]
    if found.status == "disabled":
        deliveries(request).give_up(found)
    return shown(found.representation)


async def delete_webhook(request: Request) -> Response:
    """Delete a webhook, and its log."""
    found = webhook(request, "write")
    subscriptions(request).remove(found)
    deliveries(request).forget(found)
    return Response(status_code=204)


async def rotate(request: Request) -> Response:
    """Replace the secret of a webhook, by yours or a new one: for a day the old one signs as well."""
    found = webhook(request, "write")
    sent: Any = {}
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        sent = content.parse(await content.read(request))
    secret = checked(sent, {"secret": secret_advice}, ["secret"]).get("secret") or subscriptions(request).new_secret()
    if secret in found.alive(now(request)):
        raise invalid({pointer("secret"): "Send another secret: this one is in use."})
    return shown({"secret": secret, "old_expires_at": timestamp(found.rotate(secret, now(request)))})


async def list_deliveries(request: Request) -> Response:
    """List what was delivered to a webhook, attempt by attempt, newest first."""
    return logged(request, "pending", "delivered", "dead")


async def list_dead_letters(request: Request) -> Response:
    """List the deliveries that were given up."""
    return logged(request, "dead")


async def replay(request: Request) -> Response:
    """Attempt a delivery again, once and now, whatever became of it."""
    found = webhook(request, "write")
    delivery: Delivery | None = deliveries(request).get(found, request.path_params["event"])
    if not delivery:
        raise Problem(404, "Take the id of an event from the deliveries of this webhook: there is none with this one.")
    if found.status != "enabled":
        raise Problem(409, "Enable the webhook first: nothing is sent to a disabled one.")
    deliveries(request).replay(delivery)
    return then_deliver(request, shown(delivery.representation, 202))


# --- The handlers: payments ------------------------------------------------------------------------------------------


async def pay(request: Request) -> Response:
    """Make a payment: 4242424242424242 completes, 4000000000000002 fails."""
    label = owner(request, "write")
    sent = checked_payment(content.parse(await content.read(request)))
    event = ledger(request).pay(label, **sent, now=now(request))
    tell(request, event)
    url = f"{PAYMENTS}/{event.payment.id}"
    return then_deliver(request, shown(event.payment.representation, 201, Location=url))


async def read_payment(request: Request) -> Response:
    """Read a payment as it is now."""
    return shown(requested_payment(request).representation)


async def dispute(request: Request) -> Response:
    """Dispute a payment, as the holder of the card would."""
    payment = requested_payment(request, "write")
    if payment.status != "completed":
        raise Problem(409, f"Dispute a completed payment: this one is {payment.status}.")
    event = ledger(request).dispute(payment, now(request))
    tell(request, event)
    return then_deliver(request, shown(event.payment.representation))


async def list_events(request: Request) -> Response:
    """List events, oldest first: what a shop would poll that has no webhook."""
    known, after, most = (
        ledger(request).events(owner(request, "read")),
        request.query_params.get("after"),
        limit(request),
    )
    ids = [event.id for event in known]
    if after is not None and after not in ids:
        raise Problem(400, "Take the id for after from an event, or leave it out to start at the first one.")
    start = ids.index(after) + 1 if after else 0
    body = content.encode({"events": [{"id": it.id, **it.content} for it in known[start : start + most]]})
    fields = {"ETag": etag(body), **POLLING}
    if len(known) > start + most:
        fields["Link"] = f'</api/events?after={ids[start + most - 1]}&limit={most}>; rel="next"'
    return conditional(request, Response(body, 200, fields, content.JSON))


# --- The handlers: time ----------------------------------------------------------------------------------------------


async def advance(request: Request) -> Response:
    """Wind the clock of this service, and make every attempt that falls due."""
    owner(request, "write")
    advice = f"Send a whole number of seconds from 0 to {LONGEST_WIND}."

    def seconds(value: Any) -> str | None:
        return None if type(value) is int and 0 <= value <= LONGEST_WIND else advice

    sent = checked(content.parse(await content.read(request)), {"seconds": seconds})
    made = await run_in_threadpool(deliveries(request).wind, timedelta(seconds=sent["seconds"]))
    return shown({"now": timestamp(now(request)), "attempts": made})


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    return Response(status_code=204, headers={"Allow": problem.allowed(request)})


ROUTES = [
    Route(f"{WEBHOOKS}/register", register, methods=["POST"]),
    Route(WEBHOOKS, list_webhooks),
    Route(WEBHOOK, read_webhook),
    Route(WEBHOOK, switch_webhook, methods=["PATCH"]),
    Route(WEBHOOK, delete_webhook, methods=["DELETE"]),
    Route(f"{WEBHOOK}/rotate", rotate, methods=["POST"]),
    Route(f"{WEBHOOK}/deliveries", list_deliveries),
    Route(f"{WEBHOOK}/dead-letters", list_dead_letters),
    Route(f"{WEBHOOK}/deliveries/{{event}}/replay", replay, methods=["POST"]),
    Route(PAYMENTS, pay, methods=["POST"]),
    Route(f"{PAYMENTS}/{{id}}", read_payment),
    Route(f"{PAYMENTS}/{{id}}/dispute", dispute, methods=["POST"]),
    Route("/api/events", list_events),
    Route("/api/test-clock/advance", advance, methods=["POST"]),
]
PATHS = dict.fromkeys(route.path for route in ROUTES)


def app(seed: int = 1, *, timeout: float = 2.0, start: datetime = START) -> Starlette:
    """The service. Keys, ids, secrets and jitter are drawn from the seed.

    `timeout` is in real seconds, for all of one attempt; `start` is what its clock shows first. Switches while it runs:
    `app.state.network` (a `Network`), and `app.state.resolve`, which looks up the names of targets.
    """
    clock = WindingClock(start)
    service = Starlette(
        routes=[*ROUTES, *(Route(path, options, methods=["OPTIONS"]) for path in PATHS)],
        middleware=[Middleware(Dated, clock=clock), Middleware(content.Drained)],
        exception_handlers=problem.HANDLERS,
    )
    service.router.redirect_slashes = False
    state = service.state
    state.name = "Webhooks: a payment processor tells a shop"
    state.credentials = bearer.tokens(seed, *SCOPES)
    state.clock = clock
    state.resolve = targets.resolve
    state.ledger = Ledger(seed)
    state.subscriptions = Subscriptions(seed)
    state.network = Network(clock, lambda name: state.resolve(name), timeout)
    state.deliveries = Deliveries(seed, clock, state.network)
    return service
