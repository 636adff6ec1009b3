"""The webhook door of the bookshop: its warehouse tells what it has counted, and signs what it tells."""

from collections import OrderedDict
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content
from course_support.backends.members import checked
from course_support.backends.problem import Problem
from course_support.backends.shelf import RULES
from course_support.backends.shop_access import LARGEST, SECRET, UNKNOWN, shelf, trace

HOOK = "/hooks/warehouse"
KEPT = 10_000  # ids of events


class Seen:
    """The ids of the newest events that were taken in: a delivery may come twice, and must count once."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, id: str) -> bool:
        return id in self._ids

    def add(self, id: str) -> None:
        self._ids[id] = None
        if len(self._ids) > KEPT:
            self._ids.popitem(last=False)


def verify(request: Request, sent: bytes) -> str:
    """The id of the event. Raises a Problem 401 unless the warehouse signed these very bytes in the last five minutes.

    The clock is the real one: the warehouse does not know that of a lesson.
    """
    fields = dict(request.headers)  # of two with the same name one, so that the id returned is the one signed
    try:
        Webhook(request.app.state.credentials[SECRET]).verify(sent, fields, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: fields that are malformed, or bytes that are no UTF-8
        raise Problem(401, "Sign the id, the time of now and the body with the secret of the warehouse.") from None
    return fields["webhook-id"]


def _event_type(value: Any) -> str | None:
    return None if value == "stock.counted" else 'Send "stock.counted": this address is told nothing else.'


async def take_in(request: Request) -> Response:
    """Tell what was counted: a stock.counted event, signed; the same webhook-id again changes nothing."""
    sent = await content.read(request, largest=LARGEST)
    id, seen = verify(request, sent), request.app.state.seen
    if id in seen:
        return Response(status_code=204)
    event = checked(content.parse(sent), {"event_type": _event_type, **RULES}, optional=["note"])
    change = {name: value for name, value in event.items() if name in RULES}
    if not shelf(request).get(change["isbn"]):
        raise Problem(404, UNKNOWN)
    shelf(request).change(**change, trace=trace(request), by="webhook")
    seen.add(id)
    return Response(status_code=204)


ROUTES = [Route(HOOK, take_in, methods=["POST"])]
