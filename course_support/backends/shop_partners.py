"""The door of the bookshop's partners: who registers an address here is told of each change by webhook.

How they are told is in `shop_telling`.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content
from course_support.backends.members import checked
from course_support.backends.problem import Problem
from course_support.backends.shop_access import LARGEST, authorize, shown
from course_support.backends.shop_telling import ALLOWED
from course_support.backends.subscriptions import secret_advice
from course_support.backends.targets import refusal, resolve

PARTNERS = "/api/v1/partners"


# --- The handlers ----------------------------------------------------------------------------------------------------


async def register(request: Request) -> Response:
    """Ask to be told of changes. On this machine a partner is called partner.localhost."""
    owner = authorize(request, "read")  # who may read all of it may as well be told of it
    content.require_acceptable(request)

    def target_url(value: Any) -> str | None:
        return refusal(value, resolve, ALLOWED) if isinstance(value, str) else "Send your address as a string."

    rules = {"target_url": target_url, "secret": secret_advice}
    sent = checked(content.parse(await content.read(request, largest=LARGEST)), rules, optional=["secret"])
    partner = request.app.state.partners.add(owner, **sent)
    answer = {"id": partner.id, "target_url": partner.target_url, "secret": partner.secret}
    return shown(answer, 201, **{"Location": f"{PARTNERS}/{partner.id}", "Cache-Control": "no-store"})


async def leave(request: Request) -> Response:
    """Ask not to be told any more."""
    owner, partner = authorize(request, "read"), request.app.state.partners.get(request.path_params["id"])
    if not partner or partner.owner != owner:
        raise Problem(404, "Check the id of the partner: you have none with this one.")
    request.app.state.partners.remove(partner)
    return Response(status_code=204)


ROUTES = [Route(PARTNERS, register, methods=["POST"]), Route(f"{PARTNERS}/{{id}}", leave, methods=["DELETE"])]
