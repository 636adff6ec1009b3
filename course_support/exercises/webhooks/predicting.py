"""The exercise that predicts what a processor makes of a shop's answer; the processor then shows it."""

from __future__ import annotations

import random
from datetime import timedelta

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from course_support.backends.targets import SHOP
from course_support.backends.webhooks import app
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.webhooks import deliveries
from course_support.exercises.webhooks.deliveries import PATH
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

OUTCOMES = ("delivered", "tried again", "switched off")
LATE = "200, after the processor's time limit"
WHY = {
    "200": "A 2xx says that the delivery has arrived: that is all that the processor wants to know.",
    "204": "Every 2xx says that the delivery has arrived; 204 says besides that there is no content to send back.",
    "302, to an address that answers 200": "A processor does not follow: who could redirect it could lead it anywhere. "
    "What is no 2xx has failed.",
    "400": "Only a 2xx counts. The shop may have been at fault, and may be mended by the next attempt.",
    "410": "410 means gone for good (RFC 9110, section 15.5.11): deliveries are not wanted there any more.",
    "500": "Only a 2xx counts, and a shop that has failed may work again when the next attempt comes.",
    LATE: "What the shop answered nobody heard: the processor had hung up. That is why a shop answers first and works "
    "later, and why events come twice.",
}
LIMIT, PATIENT = 0.4, 10.0  # real seconds that the processor waits for the shop that is late, and for any other


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, answer) for answer in draw.sample(list(WHY), len(WHY))]


def _scene(draw: random.Random, answer: str) -> Scene:
    """A payment, a while in which to try again, and another payment: what then arrives at the shop tells it all."""
    processor = app(draw.randrange(2**32), timeout=LIMIT if answer == LATE else PATIENT).state
    orders = [f"A-{number}" for number in draw.sample(range(1000, 9999), 2)]
    secret = deliveries.secret(draw)

    def pay(order: str) -> None:
        event = processor.ledger.pay("yourstore", order, "49.90", "EUR", "4242424242424242", processor.clock.now)
        processor.deliveries.announce(event, processor.subscriptions.wanting(event))
        processor.deliveries.run()

    def play(client: Client) -> None:
        target = f"{client.url.replace('127.0.0.1', SHOP)}{PATH}"
        processor.subscriptions.add("yourstore", ["payment.completed"], target, secret, processor.clock.now)
        pay(orders[0])
        processor.deliveries.wind(timedelta(seconds=10))
        pay(orders[1])

    return Scene(_shop(answer), {"answer": answer}, {"orders": orders}, afterwards=play)


def _shop(answer: str) -> Starlette:
    async def receive(request: Request) -> Response:
        await request.body()
        if answer == LATE:
            await _hung_up(request)
        if answer.startswith("302"):
            return RedirectResponse("/moved", 302)
        return Response(status_code=int(answer[:3]))

    async def moved(request: Request) -> Response:
        return Response(status_code=200)

    routes = [Route(PATH, receive, methods=["POST"]), Route("/moved", moved, methods=["GET", "POST"])]
    return Starlette(routes=routes)


async def _hung_up(request: Request) -> None:
    """Wait until the client has hung up, or long past its limit."""
    with anyio.move_on_after(10 * LIMIT):
        while not await request.is_disconnected():
            await anyio.sleep(LIMIT / 20)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(str, 'one of "delivered", "tried again" and "switched off"'), _other_outcome)


def _other_outcome(evidence: Evidence) -> Verdict | None:
    value, answer = evidence.value, evidence.arguments["answer"]
    first = [e for e in evidence.afterwards if _order(e) == evidence.expected["orders"][0]]
    second = [e for e in evidence.afterwards if _order(e) == evidence.expected["orders"][1]]
    actual = "tried again" if len(first) > 1 else "delivered" if second else "switched off"
    if value == actual:
        return None
    if value not in OUTCOMES:
        cause = f"What you predict after “{answer}” is none of the three."
    else:
        cause = f"After “{answer}” {HAPPENS[actual]}."
    return wrong(cause, evidence.afterwards[0], expected=actual, seen=value_text(value), next_step=WHY[answer])


def _order(exchange: Exchange) -> object:
    content = exchange.request.json()
    return content.get("order_id") if isinstance(content, dict) else None


HAPPENS = {
    "delivered": "nothing more is sent of this event, and the next event is",
    "tried again": "the same event was sent again",
    "switched off": "nothing more was sent, not even the next event",
}


PREDICT_OUTCOME = Exercise(
    "webhooks.predict_outcome",
    "Predict what the processor does",
    2,
    (
        "For a processor there are three kinds of answers: that it has arrived, that no more is wanted, and all the "
        "others, no answer among them.",
        "Every 2xx that comes in time is delivered. 410 switches off. Whatever else there is, a redirect too, is tried "
        "again.",
    ),
    _scenes,
    _judge,
)
