"""What the exercises about jobs share: the job that was started, where it is, and what can go wrong until it is."""

from __future__ import annotations

from course_support.backends.batch import BATCH
from course_support.evidence import Evidence, Rule, same
from course_support.exercises.batch.crm import batches, contacts_in, misread, not_batched, option, persons, taken
from course_support.exercises.rules import not_let_in, sent_nothing, wrong_media_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def started(evidence: Evidence) -> list[Exchange]:
    """The requests that were answered with a job."""
    return [e for e in batches(evidence) if e.status == 202]


def location(evidence: Evidence) -> str:
    """The path of the job."""
    response = started(evidence)[0].response
    return (response and response.fields.get("Location")) or ""


def _at_once(evidence: Evidence) -> Verdict | None:
    """The service has done the work before it answered."""
    done = next((e for e in taken(evidence) if e.status != 202), None)
    if not done:
        return None
    field = done.request.fields.get("Prefer")
    return wrong(
        "Your request does not ask for a job, so the service did the work before it answered.",
        done,
        expected="Prefer: respond-async",
        seen=f"Prefer: {field}" if field else "no field Prefer",
        next_step="Prefer is a header field of the request, as Authorization is.",
    )


def _not_one(evidence: Evidence) -> Verdict | None:
    jobs = started(evidence)
    if len(jobs) == 1:
        return None
    return wrong(
        f"You started {len(jobs)} jobs with the same contacts." if jobs else "You started no job.",
        jobs[-1] if jobs else evidence.last,
        expected=f"one POST to {BATCH}, answered with 202 Accepted",
        seen=f"{len(jobs)} of them",
        next_step="Send the POST once: what comes after it only asks about the job.",
    )


def _other_contacts(evidence: Evidence) -> Verdict | None:
    contacts, came = evidence.arguments["contacts"], contacts_in(started(evidence)[0])
    if same(came, contacts):
        return None
    return wrong(
        "The contacts of your job are not those that you were given.",
        started(evidence)[0],
        expected=f"{persons(len(contacts))}, as they are",
        seen=f"{persons(len(came))}" + (f", the first {value_text(came[0], 150)}" if came else ""),
        next_step="A job takes the whole list in one request.",
    )


def _skip(wanted: bool) -> Rule:
    def rule(evidence: Evidence) -> Verdict | None:
        job = started(evidence)[0]
        if option(job, "skip_duplicates", True) is wanted:
            return None
        return wrong(
            "Your job takes contacts that are there already for errors, where they are to be skipped."
            if wanted
            else "Your job skips contacts that are there already, where they are to be errors.",
            job,
            expected=f"skip_duplicates {value_text(wanted).lower()}",
            seen=f"skip_duplicates {value_text(not wanted).lower()}",
            next_step="Leave the option out: true is what counts where nothing is said."
            if wanted
            else 'Send `"options": {"skip_duplicates": False}` beside the contacts.',
        )

    return rule


def job_started(*, skip_duplicates: bool) -> tuple[Rule, ...]:
    """The rules that come first: there is one job, and it is the right one."""
    return (
        sent_nothing,
        not_let_in,
        not_batched,
        wrong_media_type,
        misread,
        _at_once,
        _not_one,
        _other_contacts,
        _skip(skip_duplicates),
    )
