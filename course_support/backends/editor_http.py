"""HTTP beside the editor's WebSocket, over the same documents: for programs that poll, and to compare the two."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content, problem
from course_support.backends.conditional import conditional, etag
from course_support.backends.documents import Document, Update
from course_support.backends.editing import apply_update, authorize, fail_if_broken, now, number_after, requested
from course_support.backends.problem import Problem
from course_support.backends.tickets import LIFETIME
from course_support.backends.updates import checked, checked_text

DOCUMENTS = "/api/v1/documents"
DOCUMENT = DOCUMENTS + "/{document}"
UPDATES = DOCUMENT + "/updates"
TICKETS = "/api/v1/tickets"
CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}


def tagged(body: Any) -> Response:
    """An answer to GET with the tag that lets a client ask whether anything is new."""
    encoded = content.encode(body)
    return Response(encoded, 200, CACHING | {"ETag": etag(encoded)}, content.JSON)


def updates_of(document: Document, updates: list[Update]) -> dict[str, Any]:
    return {"updates": [update.message for update in updates], "seq": document.seq}


# --- The handlers: one for each method of each resource --------------------------------------------------------------


async def list_documents(request: Request) -> Response:
    """List the documents."""
    authorize(request, "read")
    content.require_acceptable(request)
    documents = request.app.state.documents.values()
    return conditional(request, tagged({"documents": [{"id": it.id, "seq": it.seq} for it in documents]}))


async def read_document(request: Request) -> Response:
    """Read a document: its text, and the seq of the newest update in it."""
    authorize(request, "read")
    content.require_acceptable(request)
    return conditional(request, tagged(requested(request).representation))


async def replace_document(request: Request) -> Response:
    """Replace the whole text, whatever others have made of it: the last one wins."""
    user = authorize(request, "write")
    content.require_acceptable(request)
    text = checked_text(content.parse(await content.read(request)))
    document, state = requested(request), request.app.state
    conditional(request, tagged(document.representation))  # for a client that does send If-Match
    fail_if_broken(state)
    state.rooms[document.id].tell(update.message for update in document.replace(text, user, now(state)))
    place = {"Content-Location": f"{DOCUMENTS}/{document.id}"}
    return Response(content.encode(document.representation), 200, CACHING | place, content.JSON)


async def list_updates(request: Request) -> Response:
    """List the updates after a seq: what a client without WebSocket asks again and again."""
    authorize(request, "read")
    content.require_acceptable(request)
    document, after = requested(request), number_after(request) or 0
    if not document.reaches(after):
        raise Problem(410, "Read the document again: its log does not have all after this seq.", headers=CACHING)
    return conditional(request, tagged(updates_of(document, document.since(after))))


async def create_update(request: Request) -> Response:
    """Send a text_update; the same id again changes nothing."""
    user = authorize(request, "write")
    content.require_acceptable(request)
    body = await content.read(request)
    document, state = requested(request), request.app.state
    sent = content.parse(body)
    if len(body) > state.largest:
        raise Problem(413, f"Send at most {state.largest} bytes.")
    if known := document.known(user, sent.get("id") if isinstance(sent, dict) else None):
        return Response(content.encode(updates_of(document, known)), 200, CACHING, content.JSON)
    updates = apply_update(state, document, user, checked(sent, user, document, transform=state.transform))
    place = {"Location": f"{DOCUMENTS}/{document.id}/updates?after={updates[0].seq - 1}"}
    return Response(content.encode(updates_of(document, updates)), 201, CACHING | place, content.JSON)


async def create_ticket(request: Request) -> Response:
    """Get a ticket that opens one WebSocket, for pages: they cannot send a token with a handshake."""
    user = authorize(request, "read")
    content.require_acceptable(request)
    body = {"ticket": request.app.state.tickets.issue(user), "expires_in": int(LIFETIME.total_seconds())}
    return Response(content.encode(body), 201, {"Cache-Control": "no-store"}, content.JSON)


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    return Response(status_code=204, headers={"Allow": problem.allowed(request)})


ROUTES = [
    Route(DOCUMENTS, list_documents),
    Route(DOCUMENT, read_document),
    Route(DOCUMENT, replace_document, methods=["PUT"]),
    Route(UPDATES, list_updates),
    Route(UPDATES, create_update, methods=["POST"]),
    Route(TICKETS, create_ticket, methods=["POST"]),
    *(Route(path, options, methods=["OPTIONS"]) for path in (DOCUMENTS, DOCUMENT, UPDATES, TICKETS)),
]
