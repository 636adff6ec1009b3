"""How `batch` answers: what became of a batch in each of the forms that clients ask for, and of a job."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from course_support.backends import content, problem
from course_support.backends.batch_items import Outcome, failed
from course_support.backends.jobs import Job

FIELDS = {"Cache-Control": "no-store"}  # contacts are people, and the state of a job is old at once
ROLLED_BACK = {"type": "tag:course.example,2026:rolled-back", "title": "Rolled Back", "status": 422}


def shown(what: Any, status: int = 200, **fields: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    return Response(content.encode(what), status, FIELDS | named, content.JSON)


def shown_job(job: Job, status: int = 200, **fields: str) -> Response:
    """The job, and while it runs a hint when to ask again (RFC 9110, section 10.2.3)."""
    state = job.state
    return shown(state, status, **fields, **({"Retry_After": "1"} if state["status"] == "running" else {}))


def answered(
    outcomes: Sequence[Outcome], options: Mapping[str, bool], count: Callable[[Sequence[Outcome]], dict[str, int]]
) -> Response:
    """A 200 that has to be inspected, or a 207 with a status for each item.

    Multi-Status is RFC 4918, section 13, where its content is XML; many APIs send JSON, as here.
    """
    if options.get("atomic") and (faults := failed(outcomes)):
        raise Undone(faults)
    if options.get("multi_status"):
        return shown(count(outcomes) | {"items": [outcome.item for outcome in outcomes]}, 207)
    return shown(count(outcomes) | {"errors": failed(outcomes)})


class Undone(Exception):
    """A batch that was to be stored as a whole or not at all, and is not. On its way out it ends the transaction."""

    def __init__(self, errors: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


async def undone(request: Request, error: Exception) -> Response:
    """The 422 that names every faulty item (RFC 9457)."""
    detail = "Correct what the errors name, then send all of it again: nothing is stored."
    what = ROLLED_BACK | {"detail": detail, "instance": request.url.path, "errors": getattr(error, "errors", [])}
    return Response(content.encode(what), 422, FIELDS, problem.MEDIA_TYPE)
