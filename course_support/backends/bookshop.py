"""A bookshop with six doors to one shelf, REST, SOAP, GraphQL, WebSocket, webhooks and batch: to compare and combine.

Each door is a module, idiomatic for its style: shop_rest, shop_soap, shop_graphql, shop_live, shop_warehouse (webhooks
in), shop_partners (webhooks out) and shop_import. All write through shelf.py, and whoever follows hears of it there.
"""

import base64
import random

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from course_support.backends import (
    bearer,
    content,
    problem,
    rest,
    shop_graphql,
    shop_import,
    shop_live,
    shop_partners,
    shop_rest,
    shop_soap,
    shop_warehouse,
)
from course_support.backends.clock import Dated
from course_support.backends.editor import nowhere, refused
from course_support.backends.shelf import Shelf
from course_support.backends.shop_access import SECRET
from course_support.backends.shop_followers import Followers
from course_support.backends.shop_telling import Partners
from course_support.backends.shop_trace import Traced, Traces

ROUTES = [
    *shop_import.ROUTES,  # before REST, which would take `batch` for an ISBN
    *shop_rest.ROUTES,
    *shop_soap.ROUTES,
    *shop_graphql.ROUTES,
    *shop_live.ROUTES,
    *shop_warehouse.ROUTES,
    *shop_partners.ROUTES,
]
PATHS = dict.fromkeys(route.path for route in ROUTES if isinstance(route, Route))


def credentials(seed: int) -> dict[str, str]:
    """Two tokens to send, and the secret that the warehouse signs with."""
    key = random.Random(f"{SECRET} {seed}").randbytes(32)
    return bearer.tokens(seed, "shop", "partner") | {SECRET: "whsec_" + base64.b64encode(key).decode()}


def app(seed: int = 1, *, shelf: Shelf | None = None, backlog: int = 2048) -> Starlette:
    """The shop, with its books, credentials, ids and traces drawn from the seed.

    A `shelf` that is given takes the place of a new one, and is this shop's alone from then on. `backlog` messages may
    wait for a client of the WebSocket that is slow to read. One switch can be turned while the shop runs:
    `app.state.pause`, the real seconds between two attempts to tell a partner. `app.state.shelf.state()` is what the
    doors have made of the record, and `app.state.partners.idle()` waits until every partner has been told.
    """
    shelf, traces = shelf or Shelf(seed), Traces(seed)
    service = Starlette(
        routes=[*ROUTES, *(Route(path, rest.options, methods=["OPTIONS"]) for path in PATHS)],
        middleware=[
            Middleware(Dated, clock=shelf.clock),
            Middleware(Traced, traces=traces),
            Middleware(content.Drained),
        ],
        exception_handlers={**problem.HANDLERS, HTTPException: refused},
    )
    service.router.redirect_slashes = False
    service.router.default = nowhere
    state = service.state
    state.name = "Choosing: a bookshop with six doors"
    state.credentials = credentials(seed)
    state.clock, state.shelf, state.traces = shelf.clock, shelf, traces
    state.followers, state.backlog = Followers(), backlog
    state.seen, state.keys = shop_warehouse.Seen(), shop_import.Keys()
    state.pause = 0.05
    state.partners = Partners(seed, lambda: state.pause)
    shelf.followers[:] = [state.followers.hear, state.partners.hear]
    return service
