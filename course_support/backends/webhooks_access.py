"""Who may ask the payment processor for what: the rules that every handler of `webhooks` starts with."""

import re
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from course_support.backends import bearer, content
from course_support.backends.deliveries import Deliveries
from course_support.backends.payments import Ledger, Payment
from course_support.backends.problem import Problem
from course_support.backends.subscriptions import Subscription, Subscriptions

SCOPES = {"yourstore": {"read", "write"}, "otherstore": {"read", "write"}}
FIELDS = {"Cache-Control": "no-store"}  # answers hold secrets, or change with each delivery


def owner(request: Request, scope: str) -> str:
    """Whose API key it is: a shop sees nothing of another one."""
    label = bearer.authorize(request, scope, realm="payments", scopes=SCOPES)
    content.require_acceptable(request)
    return label


def deliveries(request: Request) -> Deliveries:
    state: Deliveries = request.app.state.deliveries
    return state


def subscriptions(request: Request) -> Subscriptions:
    state: Subscriptions = request.app.state.subscriptions
    return state


def ledger(request: Request) -> Ledger:
    state: Ledger = request.app.state.ledger
    return state


def now(request: Request) -> datetime:
    moment: datetime = request.app.state.clock.now
    return moment


def webhook(request: Request, scope: str = "read") -> Subscription:
    """The requested subscription. Another shop's is a 404: even that it exists is none of the client's business."""
    label, found = owner(request, scope), subscriptions(request).get(request.path_params["id"])
    if not found or found.owner != label:
        raise Problem(404, "Check the id of the webhook: you have none with this one.")
    return found


def requested_payment(request: Request, scope: str = "read") -> Payment:
    label, found = owner(request, scope), ledger(request).payment(request.path_params["id"])
    if not found or found.owner != label:
        raise Problem(404, "Check the id of the payment: you have none with this one.")
    return found


def limit(request: Request) -> int:
    sent = request.query_params.get("limit", "20")
    if not re.fullmatch("[1-9][0-9]?|100", sent):
        raise Problem(400, "Set limit to a whole number from 1 to 100.")
    return int(sent)


def shown(what: Any, status: int = 200, **fields: str) -> Response:
    return Response(content.encode(what), status, FIELDS | fields, content.JSON)
