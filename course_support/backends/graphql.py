"""An event management app: GraphQL over HTTP, written to be read from top to bottom, and REST over the same data.

The schema and its resolvers are in graphql_schema.py, subscriptions in graphql_socket.py. Here are the rules of
GraphQL over HTTP, then one handler for each method of each resource; `app()` puts them together.
"""

import re
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.graphql import OperationType

from course_support.backends import bearer, content, problem
from course_support.backends.clock import Clock, Dated
from course_support.backends.conditional import conditional, etag
from course_support.backends.events import Event, Events
from course_support.backends.graphql_limits import Limits
from course_support.backends.graphql_schema import SCHEMA, Asked, cursor, place_after, shown
from course_support.backends.problem import Problem
from course_support.backends.statements import Counted

PATH = "/graphql"
REST = "/api/v1"
GRAPHQL_JSON = "application/graphql-response+json"
SCOPES = {"organizer": {"read", "write"}, "guest": {"read"}}
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
EXAMPLE = '{"query": "{ events { totalCount } }"}'
TYPES = {"query": str, "operationName": str, "variables": dict, "extensions": dict}


def authorize(request: Request) -> set[str]:
    """What the token that came with the request may do: HTTP asks who it is, the schema what they may."""
    return SCOPES[bearer.authorize(request, "read", realm="events", scopes=SCOPES)]


def negotiated(request: Request) -> str:
    """The media type that the client likes best; of equals the one that lets a status code tell of errors."""
    accept = request.headers.getlist("accept")
    liked = [(quality(media_type, accept), media_type) for media_type in (GRAPHQL_JSON, content.JSON)]
    best, media_type = max(liked, key=lambda one: one[0])
    if not best:
        raise Problem(406, f"Accept {GRAPHQL_JSON} or {content.JSON}: this service speaks nothing else.")
    return media_type


def quality(media_type: str, accept: list[str]) -> float:
    """How much the client likes it, from 0 to 1: the most specific range decides (RFC 9110, section 12.5.1)."""
    liked = {}
    for item in ",".join(accept).split(","):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        weights = [part for part in parameters if re.fullmatch(r"q=[01](\.[0-9]{0,3})?", part)]
        liked[media_range] = float(weights[0].removeprefix("q=")) if weights else 1.0
    ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
    return next((liked[media_range] for media_range in ranges if media_range in liked), float(liked == {"": 1.0}))


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


async def executed(request: Request, sent: dict[str, Any], operations: Collection[OperationType]) -> dict[str, Any]:
    """The GraphQL response: `data`, unless nothing could be executed, and `errors`, if there are any."""
    try:
        result = await SCHEMA.execute(
            sent["query"],
            sent.get("variables"),
            Asked(request.app.state, authorize(request)),
            operation_name=sent.get("operationName") or None,
            allowed_operation_types=operations,
        )
    except CannotGetOperationTypeError:
        unknown = GraphQLError("Name one of the operations in the query as operationName, or leave it out.")
        return {"errors": [shown(unknown)]}
    response: dict[str, Any] = {"errors": [shown(error) for error in result.errors]} if result.errors else {}
    # An error at a field has a path; one that kept everything from being executed has none, and comes without data.
    if result.data is None and not any(error.path for error in result.errors or ()):
        return response
    return response | {"data": result.data}


def answered(response: dict[str, Any], media_type: str) -> Response:
    """Only with its own media type does a GraphQL response use the status code: JSON is what proxies send as well."""
    status = 200 if "data" in response or media_type == content.JSON else 400
    return Response(content.encode(response), status, CACHING, f"{media_type}; charset=utf-8")


# --- The handlers: one for each method of each resource --------------------------------------------------------------


async def post(request: Request) -> Response:
    """Run a query or a mutation: send JSON with query, variables and operationName."""
    authorize(request)
    media_type = negotiated(request)
    sent = well_formed(content.parse(await content.read(request)))
    try:
        return answered(await executed(request, sent, (OperationType.QUERY, OperationType.MUTATION)), media_type)
    except InvalidOperationTypeError:
        return answered({"errors": [shown(GraphQLError("Subscribe over WebSocket, at the same path."))]}, media_type)


async def get(request: Request) -> Response:
    """Run a query: put query, variables (as JSON) and operationName into the address."""
    authorize(request)
    media_type = negotiated(request)
    sent: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in sent:
            sent[name] = content.parse(sent[name].encode()) if sent[name] else None
    try:
        answer = answered(await executed(request, well_formed(sent), (OperationType.QUERY,)), media_type)
    except InvalidOperationTypeError as refused:
        kind = refused.operation_type.value
        if kind != "mutation":
            return answered(
                {"errors": [shown(GraphQLError("Subscribe over WebSocket, at the same path."))]}, media_type
            )
        answer = await problem.respond(request, Problem(405, "Send a mutation by POST: a GET must change nothing."))
        answer.headers["Allow"] = "POST"
        return answer
    if answer.status_code != 200:
        return answer
    answer.headers["ETag"] = etag(bytes(answer.body))
    return conditional(request, answer)


async def read_event(request: Request) -> Response:
    """Read an event: all of it, and the ids of its speakers."""
    authorize(request)
    store, event = found(request)
    members = {name: value for name, value in asdict(event).items() if name != "number"}
    people = [speaker.id for speaker in store.speakers_of(event.id)]
    counted = {"attendeeCount": store.attendee_count(event.id), "speakers": people}
    return represented(request, members | {"date": event.date.isoformat()} | counted)


async def list_speakers(request: Request) -> Response:
    """List the speakers of an event."""
    authorize(request)
    store, event = found(request)
    return represented(request, {"speakers": [asdict(speaker) for speaker in store.speakers_of(event.id)]})


async def list_attendees(request: Request) -> Response:
    """List who has registered for an event, a page at a time."""
    authorize(request)
    limit, start = paging(request)
    store, event = found(request)
    page = store.attendees(event.id, start, limit + 1)
    path = f"{REST}/events/{event.id}/attendees?limit={limit}"
    link = f'<{path}>; rel="first"'
    if len(page) > limit:
        link = f'<{path}&cursor={cursor(page[limit - 1].id)}>; rel="next", {link}'
    shown = [{"id": str(it.id), "name": it.name, "email": it.email} for it in page[:limit]]
    return represented(request, {"attendees": shown}, {"Link": link})


async def list_sessions(request: Request) -> Response:
    """List the sessions of a speaker, at all events."""
    authorize(request)
    store: Events = request.app.state.events
    if not (speaker := store.speaker(request.path_params["id"])):
        raise Problem(404, "Take the id of a speaker from an event: there is none with this one.")
    sessions = [
        {"id": it.id, "event": it.event_id, "title": it.title, "time": it.time.isoformat()}
        for it in store.sessions_of(speaker.id)
    ]
    return represented(request, {"sessions": sessions})


def found(request: Request) -> tuple[Events, Event]:
    store: Events = request.app.state.events
    if not (event := store.event(request.path_params["id"])):
        raise Problem(404, "Take the id of an event from the service: there is none with this one.")
    return store, event


def paging(request: Request) -> tuple[int, int]:
    """The limit, and the place after which the page starts."""
    limit, after = request.query_params.get("limit", "20"), request.query_params.get("cursor")
    try:
        return int(limit) if limit.isdecimal() else 0, place_after(int(limit), after)
    except (GraphQLError, ValueError):
        raise Problem(
            400, "Set limit to a whole number from 1 to 100, and take the cursor from a Link field."
        ) from None


def represented(request: Request, what: dict[str, Any], fields: dict[str, str] | None = None) -> Response:
    content.require_acceptable(request)
    body, fields = content.encode(what), fields or {}
    tag = etag(body, *(value.encode() for value in fields.values()))
    return conditional(request, Response(body, 200, CACHING | fields | {"ETag": tag}, content.JSON))


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    return Response(status_code=204, headers={"Allow": problem.allowed(request)})


RESOURCES = {
    f"{REST}/events/{{id}}": read_event,
    f"{REST}/events/{{id}}/speakers": list_speakers,
    f"{REST}/events/{{id}}/attendees": list_attendees,
    f"{REST}/speakers/{{id}}/sessions": list_sessions,
}
ROUTES = [
    Route(PATH, post, methods=["POST"]),
    Route(PATH, get),
    *(Route(path, read) for path, read in RESOURCES.items()),
    *(Route(path, options, methods=["OPTIONS"]) for path in (PATH, *RESOURCES)),
]


def app(seed: int = 1, *, max_depth: int = 8, max_cost: int = 2000, max_tokens: int = 1000) -> Starlette:
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
    return service
