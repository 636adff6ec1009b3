"""An event management app: GraphQL over HTTP, written to be read from top to bottom.

First the rules, then one handler for each method; `app()` puts them together with the subscriptions of
graphql_socket.py and, to compare, with REST over the same data from events_rest.py. What can be asked for, and who
answers, is in graphql_schema.py.
"""

from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from course_support.backends import bearer, content, events_rest, graphql_socket, problem
from course_support.backends.clock import Clock, Dated
from course_support.backends.conditional import conditional, etag
from course_support.backends.events import Events
from course_support.backends.events_rest import CACHING
from course_support.backends.graphql_access import SCOPES, authorize
from course_support.backends.graphql_context import Asked, refusal, response_of, shown, unnamed
from course_support.backends.graphql_limits import Limits
from course_support.backends.graphql_schema import SCHEMA
from course_support.backends.problem import Problem
from course_support.backends.statements import Counted

PATH = "/graphql"
GRAPHQL_JSON = "application/graphql-response+json"
SUBSCRIBE = {"errors": [shown(refusal("WEBSOCKET_REQUIRED", "Subscribe over WebSocket, at the same path."))]}
EXAMPLE = '{"query": "{ events { totalCount } }"}'
TYPES = {"query": str, "operationName": str, "variables": dict, "extensions": dict}


def negotiated(request: Request) -> str:
    """The media type that the client likes best; of equals the one that lets a status code tell of errors."""
    accept = request.headers.getlist("accept")
    liked = [(content.quality(media_type, accept), media_type) for media_type in (GRAPHQL_JSON, content.JSON)]
    best, media_type = max(liked, key=lambda one: one[0])
    if not best:
        raise Problem(406, f"Accept {GRAPHQL_JSON} or {content.JSON}: this service speaks nothing else.")
    return media_type


def well_formed(sent: Any) -> dict[str, Any]:
    """The parameters of a GraphQL-over-HTTP request; a Problem 400 if they are none."""
    if not isinstance(sent, dict):
        raise Problem(400, f"Send one JSON object, such as {EXAMPLE}.")
    if not sent.get("query"):
        raise Problem(400, f"Send the GraphQL document as query, such as {EXAMPLE}.")
    for name, type_ in TYPES.items():
        if not isinstance(sent.get(name), type_ | None):
            raise Problem(400, f"Send {name} as a {'string' if type_ is str else 'JSON object'}.")
    return sent


def decoded(request: Request) -> dict[str, Any]:
    """The parameters in the query of the address, where objects are JSON and an empty text is none."""
    sent: dict[str, Any] = {name: value for name, value in request.query_params.items() if value}
    return {name: content.parse(it.encode()) if TYPES.get(name) is dict else it for name, it in sent.items()}


async def executed(asked: Asked, sent: dict[str, Any], *operations: OperationType) -> dict[str, Any]:
    """The GraphQL response. Raises InvalidOperationTypeError for an operation of a type that is not listed."""
    query, variables = sent["query"], sent.get("variables")
    try:
        result = await SCHEMA.execute(
            query, variables, asked, operation_name=asked.operation, allowed_operation_types=operations
        )
    except CannotGetOperationTypeError:
        return {"errors": [shown(unnamed())]}
    return response_of(result)


def answered(response: dict[str, Any], media_type: str) -> Response:
    """What was not executed is 400, but in plain JSON 200: that media type tells no GraphQL response from others."""
    status = 200 if "data" in response or media_type == content.JSON else 400
    return Response(content.encode(response), status, CACHING, f"{media_type}; charset=utf-8")


# --- The handlers: one for each method of each resource --------------------------------------------------------------


async def post(request: Request) -> Response:
    """Run a query or a mutation: send JSON with query, variables and operationName."""
    scopes, media_type = authorize(request), negotiated(request)
    sent = well_formed(content.parse(await content.read(request)))
    asked = Asked(request.app.state, scopes, sent.get("operationName"))
    try:
        return answered(await executed(asked, sent, OperationType.QUERY, OperationType.MUTATION), media_type)
    except InvalidOperationTypeError:
        return answered(SUBSCRIBE, media_type)


async def get(request: Request) -> Response:
    """Run a query: put query, variables (as JSON) and operationName into the address."""
    scopes, media_type = authorize(request), negotiated(request)
    sent = well_formed(decoded(request))
    asked = Asked(request.app.state, scopes, sent.get("operationName"))
    try:
        answer = answered(await executed(asked, sent, OperationType.QUERY), media_type)
    except InvalidOperationTypeError as refused:
        if refused.operation_type is OperationType.SUBSCRIPTION:
            return answered(SUBSCRIBE, media_type)
        answer = await problem.respond(request, Problem(405, "Send a mutation by POST: a GET must change nothing."))
        answer.headers["Allow"] = "POST"
        return answer
    answer.headers["ETag"] = etag(bytes(answer.body))
    return conditional(request, answer) if answer.status_code == 200 else answer


ROUTES = [
    Route(PATH, post, methods=["POST"]),
    Route(PATH, get),
    Route(PATH, events_rest.options, methods=["OPTIONS"]),
    WebSocketRoute(PATH, graphql_socket.subscribe),
    *events_rest.ROUTES,
]


def app(seed: int = 1, *, max_depth: int = 8, max_cost: int = 2000, max_tokens: int = 500) -> Starlette:
    """The service, with its events and tokens drawn from the seed.

    The limits are those of `graphql_limits.Limits`. Two switches can be turned while the service runs:
    `app.state.loader`, without which each resolver asks the database by itself, and `app.state.broken`, a set of
    fields that fail, such as `Speaker.photo` or, for one speaker alone, `Speaker.photo:ID`.
    """
    service = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Dated, clock=Clock()), Middleware(Counted), Middleware(content.Drained)],
        exception_handlers=problem.HANDLERS,
    )
    service.router.redirect_slashes = False  # a path with a slash at its end is another path, and there is nothing
    service.state.name = "GraphQL: an event management app"
    service.state.credentials = bearer.tokens(seed, *SCOPES)
    service.state.events = Events(seed)
    service.state.limits = Limits(max_depth, max_cost, max_tokens)
    service.state.loader = True
    service.state.broken = set()
    service.state.patience = 3.0  # seconds that a WebSocket client has to send connection_init
    return service
