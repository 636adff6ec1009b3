"""A CRM into which contacts are imported by the thousand: batch over HTTP, written to be read from top to bottom.

First the rules, then one handler for each thing that a client can do; `app()` puts them together. How an item is
judged is in `contacts_rules`, stored in `contacts`, and what comes of it in `batch_items`; work that goes on after the
answer is in `jobs`, keys for repeated requests in `idempotency`, the limit of requests in `quota`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from course_support.backends import bearer, content, problem
from course_support.backends.batch_access import (
    SCOPES,
    batch_of,
    contacts,
    jobs,
    keys,
    next_page,
    owner,
    paging,
    prefers_async,
    requested_contact,
    requested_job,
)
from course_support.backends.batch_answers import FIELDS, Undone, answered, shown, shown_job, undone
from course_support.backends.batch_items import Batch, created, updated
from course_support.backends.clock import Clock, Dated
from course_support.backends.contacts import Contacts
from course_support.backends.contacts_database import Database
from course_support.backends.contacts_rules import Faulty, checked_contact
from course_support.backends.idempotency import Keys, key_of
from course_support.backends.jobs import Job, Jobs
from course_support.backends.problem import Problem
from course_support.backends.quota import Limited, Quota

CONTACTS = "/api/v1/contacts"
BATCH = CONTACTS + "/batch"
JOBS = "/api/v1/jobs"
JOB = JOBS + "/{id}"
HEALTH, LIMITS = "/api/v1/health", "/api/v1/limits"
NDJSON = "application/x-ndjson"


async def in_thread(request: Request, work: Callable[[], Response]) -> Response:
    """What the work answers. In a thread, as the event loop would answer nobody else until it is done.

    The switch `app.state.inline` has it done in the event loop nevertheless: the lesson measures what that costs.
    """
    return work() if request.app.state.inline else await run_in_threadpool(work)


# --- The handlers: contacts. A plain `def` is run in a thread by Starlette, so that it may wait for the database ------


def list_contacts(request: Request) -> Response:
    """List contacts, or look one up by its e-mail address."""
    owner(request, "read")
    after, limit, email = paging(request)
    page = contacts(request).page(after, limit + 1, email)  # the one too many tells that there is a next page
    link = {"Link": next_page(page[limit - 1].id, limit, email)} if len(page) > limit else {}
    listed = [contact.representation for contact in page[:limit]]
    return shown({"contacts": listed, "total": contacts(request).total(email)}, 200, **link)


async def create_contact(request: Request) -> Response:
    """Create one contact."""
    label = owner(request, "write")
    body = await content.read(request)
    key = key_of(request, label, body)
    sent = content.parse(body)
    return await in_thread(request, lambda: keys(request).once(key, lambda: new_contact(request, sent)))


def new_contact(request: Request, sent: Any) -> Response:
    try:
        id = contacts(request).create(**checked_contact(sent))
    except Faulty as fault:
        raise Problem(fault.status, fault.message) from None
    contact = contacts(request).get(id)
    return shown(contact and contact.representation, 201, Location=f"{CONTACTS}/{id}")


def read_contact(request: Request) -> Response:
    """Read a contact."""
    return shown(requested_contact(request).representation)


def read_outbox(request: Request) -> Response:
    """Tell how many welcome mails have gone out."""
    owner(request, "read")
    return shown({"welcome_emails": contacts(request).welcomed()})


# --- The handlers: batches -------------------------------------------------------------------------------------------


async def create_many(request: Request) -> Response:
    """Create many contacts at once; with Prefer: respond-async as a job."""
    label = owner(request, "write")
    body = await content.read(request, largest=request.app.state.largest)
    key = key_of(request, label, body)

    def work() -> Response:
        items, options = batch_of(body, "create", "contacts", request.app.state.most)
        batch = Batch(contacts(request), options)
        if prefers_async(request):
            return keys(request).once(key, lambda: accepted(request, label, batch, items, options))
        return keys(request).once(key, lambda: answered(batch.create(items), options, created))

    return await in_thread(request, work)


async def update_many(request: Request) -> Response:
    """Change many contacts at once: of each what is sent, by its id."""
    label = owner(request, "write")
    body = await content.read(request, largest=request.app.state.largest)
    key = key_of(request, label, body)

    def work() -> Response:
        items, options = batch_of(body, "update", "updates", request.app.state.most)
        batch = Batch(contacts(request), options)
        return keys(request).once(key, lambda: answered(batch.update(items), options, updated))

    return await in_thread(request, work)


def accepted(request: Request, label: str, batch: Batch, items: Sequence[Any], options: Mapping[str, bool]) -> Response:
    """The 202 that tells where to ask what becomes of it. Its state names the faults, `multi_status` or not."""
    state, atomic = request.app.state, options.get("atomic", False)
    job = jobs(request).start(label, batch, items, lambda: float(state.pace), atomic=atomic)
    return shown_job(job, 202, Location=f"{JOBS}/{job.id}", Preference_Applied="respond-async")


# --- The handlers: jobs ----------------------------------------------------------------------------------------------


async def read_job(request: Request) -> Response:
    """Read what has become of a job."""
    return shown_job(requested_job(request))


async def cancel_job(request: Request) -> Response:
    """Cancel a job after its present group: what is stored stays."""
    job = requested_job(request, "write")
    if job.status != "running":
        raise Problem(409, f"Leave the job as it is: its status is {job.status}.")
    job.cancelled.set()
    return shown_job(job, 202)


async def follow_job(request: Request) -> Response:
    """Follow a job to its end: one line of JSON for each group, its state at last."""
    job = requested_job(request, media_type=NDJSON)
    if request.method == "HEAD":  # the fields are known, and whoever asks for them alone does not wait for the end
        return Response(headers=FIELDS, media_type=NDJSON)
    return StreamingResponse(lines(job), headers=FIELDS, media_type=NDJSON)


async def lines(job: Job) -> AsyncIterator[bytes]:
    async for line in job.follow():
        yield content.encode(line) + b"\n"


# --- The handlers: the service ---------------------------------------------------------------------------------------


async def read_health(request: Request) -> Response:
    """Tell that the event loop is not stuck: without a token, a database or a quota."""
    return shown({"status": "ok"})


async def read_limits(request: Request) -> Response:
    """Tell how much one request may hold, and how many there may be."""
    owner(request, "read")
    state = request.app.state
    quota = state.quota and {"requests": state.quota.requests, "seconds": state.quota.seconds}
    return shown({"most": state.most, "largest": state.largest, "quota": quota})


async def options(request: Request) -> Response:
    """Tell which methods this address takes."""
    patch = {"Accept-Patch": content.JSON} if "PATCH" in problem.allowed(request) else {}
    return Response(status_code=204, headers={"Allow": problem.allowed(request)} | patch)


ROUTES = [
    Route(CONTACTS, list_contacts),
    Route(CONTACTS, create_contact, methods=["POST"]),
    Route(BATCH, create_many, methods=["POST"]),
    Route(BATCH, update_many, methods=["PATCH"]),
    Route(f"{CONTACTS}/{{id}}", read_contact),
    Route(JOB, read_job),
    Route(JOB, cancel_job, methods=["DELETE"]),
    Route(f"{JOB}/progress", follow_job),
    Route("/api/v1/outbox", read_outbox),
    Route(LIMITS, read_limits),
    Route(HEALTH, read_health),
]
PATHS = dict.fromkeys(route.path for route in ROUTES)


def app(
    seed: int = 1,
    *,
    most: int = 10_000,
    largest: int = 2 * 1024 * 1024,
    quota: Quota | None = None,
    pace: float = 0.0,
    keep: timedelta = timedelta(hours=1),
) -> Starlette:
    """The service, with its contacts and tokens drawn from the seed.

    `most` items and `largest` bytes are what one request may hold, `keep` is how long the state of a finished job can
    be asked for. Switches while it runs: `app.state.quota` (a `Quota` or None), `app.state.pace` (seconds that a job
    rests between its groups), `app.state.inline`, `app.state.jobs.break_after`.
    """
    clock, database = Clock(), Database()
    service = Starlette(
        routes=[*ROUTES, *(Route(path, options, methods=["OPTIONS"]) for path in PATHS)],
        middleware=[
            Middleware(Dated, clock=clock),
            Middleware(content.Drained),
            Middleware(Limited, free=frozenset({HEALTH, LIMITS})),
        ],
        exception_handlers=problem.HANDLERS | {Undone: undone},
    )
    service.router.redirect_slashes = False
    state = service.state
    state.name = "Batch: a CRM imports contacts"
    state.credentials = bearer.tokens(seed, *SCOPES)
    state.clock = clock
    state.contacts = Contacts(database, seed)
    state.keys = Keys(database, clock)
    state.jobs = Jobs(seed, database, clock, keep)
    state.most, state.largest, state.quota, state.pace, state.inline = most, largest, quota, pace, False
    return service
