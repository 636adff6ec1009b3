"""Who may do what to a document, and how a change to it reaches everybody: one rule for WebSocket and for HTTP."""

import re

from starlette.datastructures import State
from starlette.requests import HTTPConnection, Request

from course_support.backends import bearer
from course_support.backends.documents import Document, Update
from course_support.backends.problem import Problem
from course_support.backends.updates import Wanted

WRITER = {"read", "write"}
SCOPES = {"ada": WRITER, "grace": WRITER, "alan": WRITER, "reader": {"read"}}
REALM = "documents"


def authorize(request: Request, scope: str) -> str:
    return bearer.authorize(request, scope, realm=REALM, scopes=SCOPES)


def requested(connection: HTTPConnection) -> Document:
    documents: dict[str, Document] = connection.app.state.documents
    document = documents.get(connection.path_params["document"])
    if document is None:
        raise Problem(404, "Take the id of a document from the list: there is none of this one.")
    return document


def number_after(connection: HTTPConnection) -> int | None:
    """The seq after which the client wants the updates; None if it does not say."""
    after = connection.query_params.get("after")
    if after is not None and not re.fullmatch("0|[1-9][0-9]{0,17}", after):
        raise Problem(400, "Set after to the seq of the newest update that you have, or to 0.")
    return None if after is None else int(after)


def apply_update(state: State, document: Document, user: str, wanted: Wanted) -> list[Update]:
    """Change the document and tell everybody in its room, the sender included: that is the acknowledgement."""
    fail_if_broken(state)
    timestamp = wanted.timestamp or now(state)
    if state.transform:
        updates = document.add(wanted.edit, wanted.base, user, timestamp, wanted.id)
    else:
        updates = document.add_as_it_stands(wanted.edit, user, timestamp, wanted.id)
    state.rooms[document.id].tell(update.message for update in updates)
    return updates


def fail_if_broken(state: State) -> None:
    if state.broken:
        state.broken = False
        raise RuntimeError("This update was made to fail by app.state.broken.")


def now(state: State) -> str:
    """The time in ISO 8601. The clock moves on with each update that does not bring a time of its own."""
    state.clock.advance()
    return str(state.clock.now.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
