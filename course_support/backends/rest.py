"""A music streaming service that manages playlists: REST over HTTP, written to be read from top to bottom.

First the rules, then one handler for each method of each resource; `app()` puts them together.
"""

import base64
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import bearer, content, problem
from course_support.backends.clock import Clock, Dated, http_date
from course_support.backends.conditional import conditional, etag
from course_support.backends.playlists import Library, Playlist, checked, merged
from course_support.backends.problem import Problem

COLLECTION = "/api/v1/playlists"
ITEM = COLLECTION + "/{id}"
SCOPES = {"listener": {"read", "write"}, "guest": {"read"}}
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}


def library(request: Request) -> Library:
    state: Library = request.app.state.library
    return state


def authorize(request: Request, scope: str) -> None:
    bearer.authorize(request, scope, realm="playlists", scopes=SCOPES)


def found(playlist: Playlist | None) -> Playlist:
    if playlist is None:
        raise Problem(404, "Take the address of a playlist from the list: there is none at this one.")
    return playlist


def requested(request: Request) -> Playlist:
    id = request.path_params["id"]
    return found(library(request).get(int(id)) if re.fullmatch("[1-9][0-9]{0,17}", id) else None)


def about_to_change(request: Request) -> Playlist:
    """The requested playlist, if it still is what the client believes it to be: otherwise 412, in strict mode 428."""
    playlist = requested(request)
    if request.app.state.strict and "If-Match" not in request.headers:
        raise Problem(428, "Read the playlist, and send its ETag in an If-Match field along with your change.")
    conditional(request, shown(playlist))
    return playlist


def cursor_after(id: int) -> str:
    """Opaque to clients. It names a place in the order and no page number, so that nothing shifts it."""
    return base64.urlsafe_b64encode(id.to_bytes(6, "big")).decode()


def paging(request: Request) -> tuple[int, int]:
    """The limit, and the id after which the page starts."""
    limit, cursor = request.query_params.get("limit", "20"), request.query_params.get("cursor", cursor_after(0))
    if not re.fullmatch("[1-9][0-9]?|100", limit):
        raise Problem(400, "Set limit to a whole number from 1 to 100.")
    if not re.fullmatch("[A-Za-z0-9_-]{8}", cursor):
        raise Problem(400, "Take the cursor from a Link field, or leave it out to start at the first page.")
    return int(limit), int.from_bytes(base64.urlsafe_b64decode(cursor), "big")


def shown(playlist: Playlist, fields: Mapping[str, str] = CACHING, status: int = 200) -> Response:
    body = content.encode(playlist.representation)
    validators = {"ETag": etag(body), "Last-Modified": http_date(playlist.modified)}
    return Response(body, status, {**validators, **fields}, content.JSON)


# --- The handlers: one for each method of each resource --------------------------------------------------------------


async def list_playlists(request: Request) -> Response:
    """List playlists, a page at a time."""
    authorize(request, "read")
    content.require_acceptable(request)
    limit, after = paging(request)
    page = library(request).page(after, limit + 1)  # the one too many tells that there is a next page
    link = f'<{COLLECTION}?limit={limit}>; rel="first"'
    if len(page) > limit:
        link = f'<{COLLECTION}?limit={limit}&cursor={cursor_after(page[limit - 1].id)}>; rel="next", {link}'
    body = content.encode({"playlists": [{"id": it.id, "name": it.name, "songs": it.songs} for it in page[:limit]]})
    # The tag covers the link as well: a full last page gets a next one without a change to its body.
    fields = {"ETag": etag(body, link.encode()), "Link": link}
    return conditional(request, Response(body, 200, fields | CACHING, content.JSON))


async def create_playlist(request: Request) -> Response:
    """Create a playlist."""
    authorize(request, "write")
    content.require_acceptable(request)
    sent = content.parse(await content.read(request))
    playlist = library(request).create(**checked(sent))
    url = f"{COLLECTION}/{playlist.id}"
    return shown(playlist, {"Location": url, "Content-Location": url}, 201)


async def read_playlist(request: Request) -> Response:
    """Read a playlist."""
    authorize(request, "read")
    content.require_acceptable(request)
    return conditional(request, shown(requested(request)))


async def replace_playlist(request: Request) -> Response:
    """Replace a playlist: what is left out is reset."""
    current, sent = await change(request, content.JSON)
    answer = changed(request, current, checked(sent, current))
    # The service adds an id and songs to what was sent, and then no validator may come along (RFC 9110, 9.3.4).
    del answer.headers["ETag"], answer.headers["Last-Modified"]
    return answer


async def patch_playlist(request: Request) -> Response:
    """Change parts of a playlist: what is left out stays."""
    current, patch = await change(request, content.MERGE_PATCH)
    return changed(request, current, checked(merged(current, patch), current))


async def delete_playlist(request: Request) -> Response:
    """Delete a playlist."""
    authorize(request, "write")
    library(request).delete(about_to_change(request).id)
    return Response(status_code=204)


async def change(request: Request, media_type: str) -> tuple[Playlist, Any]:
    """What PUT and PATCH start with: the playlist as it is, and the JSON that was sent."""
    authorize(request, "write")
    content.require_acceptable(request)
    body = await content.read(request, media_type)
    # No await from here to the answer: no other request comes between the check and the write, so none gets lost.
    return about_to_change(request), content.parse(body)


def changed(request: Request, current: Playlist, new: dict[str, str]) -> Response:
    """The playlist after a change; `Content-Location` tells that this is what a GET of it would show."""
    return shown(found(library(request).update(current.id, **new)), {"Content-Location": f"{COLLECTION}/{current.id}"})


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    allow = problem.allowed(request)
    patch = {"Accept-Patch": content.MERGE_PATCH} if "PATCH" in allow else {}
    return Response(status_code=204, headers={"Allow": allow} | patch)


async def describe(request: Request) -> Response:
    """Describe this service in OpenAPI."""
    return Response(files(__package__).joinpath("rest_openapi.json").read_bytes(), media_type=content.JSON)


ROUTES = [
    Route(COLLECTION, list_playlists),
    Route(COLLECTION, create_playlist, methods=["POST"]),
    Route(ITEM, read_playlist),
    Route(ITEM, replace_playlist, methods=["PUT"]),
    Route(ITEM, patch_playlist, methods=["PATCH"]),
    Route(ITEM, delete_playlist, methods=["DELETE"]),
    Route("/openapi.json", describe),
    *(Route(path, options, methods=["OPTIONS"]) for path in (COLLECTION, ITEM, "/openapi.json")),
]


def app(seed: int = 1, *, strict: bool = False, database: str = ":memory:") -> Starlette:
    """The service, with its playlists and tokens drawn from the seed.

    `strict` is a switch that can also be turned while the service runs (`app.state.strict`): a change without
    `If-Match` is then a 428. With a file as its `database` the service keeps its playlists over a restart.
    """
    clock = Clock()
    service = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Dated, clock=clock), Middleware(content.Drained)],
        exception_handlers=problem.HANDLERS,
    )
    service.router.redirect_slashes = False  # a path with a slash at its end is another path, and there is nothing
    service.state.name = "REST: a music streaming service"
    service.state.credentials = bearer.tokens(seed, *SCOPES)
    service.state.library = Library(database, seed, clock)
    service.state.strict = strict
    return service
