"""The exercise that waits for a job: it asks where it was told to, no sooner than it was told to, until the end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from threading import Event

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from course_support.backends.batch import BATCH, JOBS
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.crm import people, service
from course_support.exercises.batch.jobs import job_started, location, started
from course_support.exercises.rules import json_object, of_form, requested
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

TELLS_END = 3  # times; then the service hangs up, so that a loop that waits for another end has one
HELD = 10.0  # seconds at most


class Held:
    """A pace: after its first group the job rests until somebody has asked how far it is."""

    def __init__(self) -> None:
        self.asked = Event()

    def __float__(self) -> float:
        self.asked.wait(HELD)
        return 0.0


class Waiting:
    """ASGI middleware: asks for other times of patience than the CRM does, the one after the other, and then for 0."""

    def __init__(self, crm: Starlette, held: Held, *seconds: int) -> None:
        self._crm = crm
        self._held = held
        self._seconds: Iterator[int] = iter(seconds)
        self._ends_told = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        job = scope["type"] == "http" and scope["path"].startswith(f"{JOBS}/")
        if job and self._ends_told == TELLS_END:
            scope["state"]["drop"]()
            return

        async def send_changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = MutableHeaders(scope=message)
                self._ends_told += job and message["status"] == 200 and "Retry-After" not in fields
                if "Retry-After" in fields and (job or scope["path"] == BATCH):
                    fields["Retry-After"] = str(next(self._seconds, 0))
            await send(message)
            if job:
                self._held.asked.set()

        await self._crm(scope, receive, send_changed)


def _scenes(draw: random.Random) -> list[Scene]:
    """The first takes one second of real time, the second two."""
    return [_scene(draw, True, 0, 1), _scene(draw, False, 2)]


def _scene(draw: random.Random, fails: bool, *seconds: int) -> Scene:
    crm, arguments, known = service(draw)
    contacts = people(draw, draw.randint(120, 140))
    for at in draw.sample(range(100), draw.randint(2, 9)):
        contacts[at] = known.pop()
    held = Held()
    crm.state.pace = held
    crm.state.jobs.break_after = draw.randint(101, 115) if fails else None
    return Scene(Waiting(crm, held, *seconds), arguments | {"contacts": contacts})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *job_started(skip_duplicates=True),
        _not_asked,
        _impatient,
        _asked_on,
        _stopped_early,
        of_form({"status": "succeeded", "created": 0}),
        _other_state,
    )


def _asked(evidence: Evidence) -> list[Exchange]:
    """The questions about the job."""
    return [e for e in evidence.sent("GET", location(evidence)) if e.number > started(evidence)[0].number]


def _not_asked(evidence: Evidence) -> Verdict | None:
    if any(e.status == 200 for e in _asked(evidence)):
        return None
    job = started(evidence)[0]
    others = [e for e in evidence.exchanges if e.number > job.number]
    cause = "You did not ask what has become of the job."
    step = "The Location field of the 202 is a path: put `url` before it, and GET what is there, with the token."
    if others and others[0].request.path.endswith("/progress"):
        cause, step = "You followed the job's progress, where you were to ask for its state.", "GET Location itself."
    elif others:
        cause = "The 202 says where the job is, and you went to another address."
    seen = requested(others[:3]) or "no further request"
    return wrong(cause, others[0] if others else job, expected=f"GET {location(evidence)}", seen=seen, next_step=step)


def _impatient(evidence: Evidence) -> Verdict | None:
    told = [started(evidence)[0], *_asked(evidence)]
    for earlier, later in pairwise(told):
        field = (earlier.response and earlier.response.fields.get("Retry-After")) or ""
        waited = later.started - earlier.ended
        if not field.isdecimal() or waited >= int(field) - 0.05:  # a sleep may end a tick early
            continue
        first = earlier is told[0]
        return wrong(
            f"The 202 asked for {field} s of patience, and you were back sooner."
            if first
            else f"The job was to be asked for again after {field} s, and you were back sooner.",
            earlier,
            expected=f"at least {field} s between the two requests",
            seen=f"{max(waited, 0.0):.2f} s",
            next_step="`time.sleep` for as long as Retry-After of the newest answer says, before each question: the "
            "number may differ from answer to answer.",
        )
    return None


def _is_end(exchange: Exchange) -> bool:
    return exchange.status == 200 and json_object(exchange).get("status") not in ("running", None)


def _asked_on(evidence: Evidence) -> Verdict | None:
    """An end was told, again and again, and it was not the one that was waited for."""
    ends = [e for e in _asked(evidence) if _is_end(e)] if len(started(evidence)) == 1 else []
    if len(ends) < TELLS_END:
        return None
    status = value_text(json_object(ends[0]).get("status"), 40)
    return wrong(
        f"The job had ended with the status {status}, and you asked on.",
        ends[1],
        expected="an end of the loop, whatever the job's end",
        seen=f"{len(ends)} answers with the status {status}",
        next_step="A job can fail or be cancelled, too: go on while it is running, not until it has succeeded.",
    )


def _stopped_early(evidence: Evidence) -> Verdict | None:
    last = [e for e in _asked(evidence) if e.status == 200][-1]
    if _is_end(last):
        return None
    return wrong(
        "You stopped asking while the job was still running.",
        last,
        expected="questions until the job has ended",
        seen=f"status {value_text(json_object(last).get('status'), 40)}",
        next_step='Ask in a loop: while the status is "running", there is a Retry-After, and another question to ask.',
    )


def _other_state(evidence: Evidence) -> Verdict | None:
    last, value = [e for e in _asked(evidence) if _is_end(e)][-1], evidence.value
    state = json_object(last)
    right = {name: state.get(name) for name in ("status", "created")}
    if same(value, right):
        return None
    if not same(value["status"], right["status"]):
        cause, step = "The status that you return is not the job's last one.", "Take both from the last answer."
    elif same(value["created"], len(evidence.arguments["contacts"])):
        cause, step = "You counted the contacts that you sent.", "The last answer tells how many were `created`."
    elif same(value["created"], state.get("processed")):
        cause, step = "You counted the contacts that were skipped as created.", "`processed` has both: take `created`."
    else:
        cause, step = "The number that you return is not what the job has created.", "Take it from the last answer."
    return wrong(cause, last, expected=right, seen=value_text(value), next_step=step)


AWAIT_JOB = Exercise(
    "batch.await_job",
    "Wait for a job, politely",
    2,
    (
        "Two fields of the 202 matter: one says where to ask, and one when. Which answers have the second one?",
        '`requests.post(…, headers={…, "Prefer": "respond-async"})`, and then GET `url + answer.headers["Location"]`, '
        "each time after a `time.sleep`, until the answer has no Retry-After any more.",
        '`while "Retry-After" in answer.headers:` sleep for `int(answer.headers["Retry-After"])`, then `answer = '
        "requests.get(job, headers=fields)`. A job may also fail: return whatever its status is then.",
    ),
    _scenes,
    _judge,
    early=(lambda evidence: _asked_on(evidence) if evidence.failure else None,),
)
