"""What every handler of `batch` starts with: who may ask for what, and a body that is worth a look."""

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from course_support.backends import bearer, content
from course_support.backends.contacts import Contact, Contacts
from course_support.backends.idempotency import Keys
from course_support.backends.jobs import Job, Jobs
from course_support.backends.members import checked
from course_support.backends.problem import Problem

SCOPES = {"importer": {"read", "write"}, "viewer": {"read"}}
OPTIONS = {
    "create": ("skip_duplicates", "send_welcome_email", "atomic", "multi_status"),
    "update": ("atomic", "multi_status"),
}


def owner(request: Request, scope: str, media_type: str = content.JSON) -> str:
    """Whose token it is: keys and jobs belong to a token. `media_type` is that of the answer."""
    label = bearer.authorize(request, scope, realm="contacts", scopes=SCOPES)
    content.require_acceptable(request, media_type)
    return label


def contacts(request: Request) -> Contacts:
    state: Contacts = request.app.state.contacts
    return state


def keys(request: Request) -> Keys:
    state: Keys = request.app.state.keys
    return state


def jobs(request: Request) -> Jobs:
    state: Jobs = request.app.state.jobs
    return state


def requested_contact(request: Request) -> Contact:
    owner(request, "read")
    id = request.path_params["id"]
    found = contacts(request).get(int(id)) if re.fullmatch("[1-9][0-9]{0,17}", id) else None
    if not found:
        raise Problem(404, "Take the id of a contact from the list: there is none with this one.")
    return found


def requested_job(request: Request, scope: str = "read", media_type: str = content.JSON) -> Job:
    """Another token's job is a 404: even that it exists is none of the client's business."""
    label, found = owner(request, scope, media_type), jobs(request).get(request.path_params["id"])
    if not found or found.owner != label:
        raise Problem(404, "Take the address of a job from the Location field: you have none at this one.")
    if jobs(request).expired(found):
        raise Problem(410, "Look at the contacts themselves: what became of this job is no longer kept.")
    return found


def paging(request: Request) -> tuple[int, int, str | None]:
    """The id after which the page starts, its length, and the only e-mail address to show."""
    limit, after = request.query_params.get("limit", "100"), request.query_params.get("after", "0")
    if not re.fullmatch("[1-9][0-9]{0,2}|1000", limit):
        raise Problem(400, "Set limit to a whole number from 1 to 1000.")
    if not re.fullmatch("[0-9]{1,18}", after):
        raise Problem(400, "Set after to the id of the last contact that you have.")
    return int(after), int(limit), request.query_params.get("email")


def next_page(after: int, limit: int, email: str | None) -> str:
    query = {"after": after, "limit": limit} | ({"email": email} if email is not None else {})
    return f'</api/v1/contacts?{urlencode(query)}>; rel="next"'


def batch_of(body: bytes, operation: str, member: str, most: int) -> tuple[list[Any], dict[str, bool]]:
    """The items, each still unjudged, and the options. Raises a Problem: 400, 422, or 413 past `most` items."""
    known = OPTIONS[operation]
    sent = checked(
        content.parse(body),
        {
            "operation": lambda value: None if value == operation else f'Send "{operation}".',
            member: lambda value: None if isinstance(value, list) else f"Send a list of at most {most} objects.",
            "options": lambda value: None if _are_options(value, known) else f"Send true or false for {_some(known)}.",
        },
        optional=["options"],
    )
    if len(sent[member]) > most:
        raise Problem(413, f"Send at most {most} items in one request: these are {len(sent[member])}.")
    return sent[member], sent.get("options", {})


def _are_options(value: Any, known: tuple[str, ...]) -> bool:
    return isinstance(value, dict) and all(name in known and type(on) is bool for name, on in value.items())


def _some(known: tuple[str, ...]) -> str:
    return "some of " + ", ".join(known)


def prefers_async(request: Request) -> bool:
    """Whether the client would rather have a job than wait (RFC 7240, sections 2 and 4.1)."""
    sent = ",".join(request.headers.getlist("prefer")).split(",")
    return "respond-async" in (preference.partition(";")[0].strip().lower() for preference in sent)
