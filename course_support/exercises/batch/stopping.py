"""The exercise that follows a job line by line, and cancels it as soon as it is known to be a bad one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from course_support.attempts import crashed
from course_support.backends.jobs import GROUP
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.brought import refused_by
from course_support.exercises.batch.crm import people, service, spoilt
from course_support.exercises.batch.jobs import job_started, location, started
from course_support.exercises.rules import of_type, requested
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

PATIENCE = 3.0  # seconds that the job rests after the group that makes it a bad one


class Paces:
    """A pace that is another one after each group; 0 at last."""

    def __init__(self, *seconds: float) -> None:
        self._seconds: Iterator[float] = iter(seconds)

    def __float__(self) -> float:
        return next(self._seconds, 0.0)


def _scenes(draw: random.Random) -> list[Scene]:
    """As many errors as are allowed; then one more, known after two of four groups."""
    return [_scene(draw, bad=False), _scene(draw, bad=True)]


def _scene(draw: random.Random, bad: bool) -> Scene:
    crm, arguments, known = service(draw)
    first, second = draw.randint(1, 3), draw.randint(4, 6)
    contacts = people(draw, 4 * GROUP)
    for start, faults in ((0, first), (GROUP, second)):
        for count, at in enumerate(draw.sample(range(start, start + GROUP), faults)):
            contacts[at] = spoilt(draw, contacts[at]) if count % 2 else known.pop()
    crm.state.pace = Paces(0.0, PATIENCE) if bad else Paces()
    allowed = first + second - bad
    return Scene(crm, arguments | {"contacts": contacts, "allowed": allowed}, {"bad": bad, "errors": first + second})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *job_started(skip_duplicates=False),
        _not_followed,
        _deleted_elsewhere,
        _in_vain,
        _not_cancelled,
        _late,
        of_type(str, '"succeeded" or "cancelled"'),
        _other_status,
    )


def _progress(evidence: Evidence) -> str:
    return f"{location(evidence)}/progress"


def _cancelled(evidence: Evidence) -> tuple[Exchange, ...]:
    return evidence.sent("DELETE", location(evidence)) if started(evidence) else ()


def _not_followed(evidence: Evidence) -> Verdict | None:
    if any(e.status == 200 for e in evidence.sent("GET", _progress(evidence))):
        return None
    job = started(evidence)[0]
    others = [e for e in evidence.exchanges if e.number > job.number]
    asked = bool(evidence.sent("GET", location(evidence)))
    return wrong(
        "You asked for the job's state, where you were to follow its progress: between two questions it goes on."
        if asked
        else "You did not follow the job's progress.",
        others[0] if others else job,
        expected=f"GET {_progress(evidence)}",
        seen=requested(others[:3]) or "no further request",
        next_step="The Location field of the 202 is a path: put `url` before it and `/progress` behind it, and GET "
        "what is there, with the token.",
    )


def _deleted_elsewhere(evidence: Evidence) -> Verdict | None:
    deletes = evidence.sent("DELETE")
    if not deletes or _cancelled(evidence):
        return None
    return wrong(
        "You sent a DELETE to an address that is not the job's.",
        deletes[0],
        expected=f"DELETE {location(evidence)}",
        seen=f"DELETE {deletes[0].request.target}",
        next_step="What is cancelled is the job itself, at the address that Location names.",
    )


def _in_vain(evidence: Evidence) -> Verdict | None:
    cancelled = _cancelled(evidence)
    if evidence.expected["bad"] or not cancelled:
        return None
    allowed = evidence.arguments["allowed"]
    return wrong(
        f"You cancelled a job that has {evidence.expected['errors']} errors, where {allowed} are allowed.",
        cancelled[0],
        expected="no DELETE",
        seen=f"DELETE {cancelled[0].request.target}",
        next_step="More than `allowed` have to be there; and each line counts the errors from the first contact on, so "
        "that nothing is to be added up.",
    )


def _not_cancelled(evidence: Evidence) -> Verdict | None:
    if not evidence.expected["bad"] or _cancelled(evidence):
        return None
    errors, allowed = evidence.expected["errors"], evidence.arguments["allowed"]
    return wrong(
        f"You let a job go on that had {errors} errors, where {allowed} are allowed.",
        evidence.sent("GET", _progress(evidence))[-1],
        expected=f"DELETE {location(evidence)}, after the line with {errors} errors",
        seen="no DELETE",
        next_step="Compare `errors` of each line with `allowed` when the line comes.",
    )


def _late(evidence: Evidence) -> Verdict | None:
    cancelled = _cancelled(evidence)
    if not cancelled or any(e.status == 202 for e in cancelled):
        return None
    return wrong(
        "You cancelled the job when it had ended already.",
        cancelled[0],
        expected="DELETE while the job runs, and 202",
        seen=f"{cancelled[0].status} {cancelled[0].response.reason if cancelled[0].response else ''}".strip(),
        next_step="Do not wait for the end of the answer: with `requests.get(…, stream=True)`, `iter_lines()` gives "
        "each line when it comes.",
    )


def _other_status(evidence: Evidence) -> Verdict | None:
    right, value = "cancelled" if evidence.expected["bad"] else "succeeded", evidence.value
    if value == right:
        return None
    shown = evidence.sent("GET", _progress(evidence))[-1]
    cause, step = "What you returned is not the job's last status.", "The last line of the progress has the status."
    if value == "running":
        cause = "What you returned is the job's status when you cancelled it, not its last one."
        step = "The job ends after its present group: follow its progress to the last line."
    return wrong(cause, shown, expected=right, seen=value_text(value), next_step=step)


ADVICE = {
    "between instances of 'list' and 'int'": "In the last line `errors` is the list itself: it is the job's whole "
    "state. The lines before it have the number, and no `status`.",
    "Extra data": "Each line is JSON of its own, the whole is not: `json.loads(line)` for each.",
    "KeyError: 'status'": "Only the last line has a `status`: it is the job's whole state.",
    "KeyError: 'Location'": "Without `Prefer: respond-async` there is no job, and without a job no Location.",
}


def _crashed_on_a_line(evidence: Evidence) -> Verdict | None:
    """An error that comes of what NDJSON is, and of what its last line is."""
    crash = crashed(evidence) if evidence.exchanges and evidence.exchanges[-1].status in (200, 202) else None
    step = next((ADVICE[text] for text in ADVICE if crash and text in crash.seen), None)
    return replace(crash, next_step=step) if crash and step else None


STOP_IF_BAD = Exercise(
    "batch.stop_if_bad",
    "Stop a bad import",
    3,
    (
        "When does `requests.get` return: when the first line has come, or the last? What has `errors` in the last "
        "line, and what in the others?",
        '`with requests.get(f"{job}/progress", headers=fields, stream=True) as progress:` and `for line in '
        "progress.iter_lines():` give each line when it comes; `json.loads(line)` is the state.",
        'A line without `"status"` has the number of errors so far. If that is more than `allowed`, '
        '`requests.delete(job, headers=fields)`, once, and go on reading: the last line has the `"status"` to return.',
    ),
    _scenes,
    _judge,
    early=(_crashed_on_a_line, refused_by(_in_vain, _late)),
)
