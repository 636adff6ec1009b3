"""Which attempts a learner's sender must make and when: as many as there are waits for, and none that is in vain."""

from __future__ import annotations

from itertools import pairwise

from course_support.evidence import Evidence
from course_support.exercises.rules import requested
from course_support.exercises.webhooks.signing import field
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

SILENT = "silent"  # among a shop's scripted answers: none in time
ELSEWHERE = "/moved"  # where a redirect leads


def elsewhere(evidence: Evidence) -> Verdict | None:
    odd = next((e for e in evidence.exchanges if e.request.path != "/"), None)
    if not odd:
        return None
    followed = odd.request.path == ELSEWHERE
    return wrong(
        "You followed a redirect." if followed else "You sent the delivery to another address than the shop's.",
        odd,
        expected="POST /, and nothing else",
        seen=requested(evidence.exchanges[:6]),
        next_step="Whoever can redirect a processor can lead it anywhere, inside too: with requests, "
        "`allow_redirects=False`."
        if followed
        else "Send it to `url`, as it is.",
    )


def not_posted(evidence: Evidence) -> Verdict | None:
    odd = next((e for e in evidence.exchanges if e.request.method != "POST"), None)
    if not odd:
        return None
    step = "A delivery is a POST, in each attempt."
    return wrong("You did not POST the delivery.", odd, expected="POST /", seen=requested([odd]), next_step=step)


def same_timestamp(evidence: Evidence) -> Verdict | None:
    for number, (earlier, later) in enumerate(pairwise(evidence.exchanges), 2):
        apart, stamp = later.started - earlier.started, field(later, "webhook-timestamp")
        if apart > 1.05 and stamp == field(earlier, "webhook-timestamp"):
            return wrong(
                f"You sent attempt {number} with the timestamp of the one before.",
                later,
                expected=f"a timestamp that is {int(apart)} s later",
                seen=stamp,
                next_step="After three days of attempts a timestamp of the first would be too old for any shop: look "
                "at the clock, and sign, inside the loop.",
            )
    return None


def _silent(evidence: Evidence, index: int) -> bool:
    """Whether the shop gave no answer in time to this attempt."""
    return bool(evidence.expected["script"][index : index + 1] == [SILENT])


def too_patient(evidence: Evidence) -> Verdict | None:
    patience = evidence.arguments["patience"]
    for index, exchange in enumerate(evidence.exchanges):
        if _silent(evidence, index) and exchange.response:
            return wrong(
                "You waited for an answer for longer than your function is told to.",
                exchange,
                expected=f"at most {patience} s",
                seen=f"{exchange.duration:.1f} s",
                next_step="requests waits for ever by default: `timeout=patience`. What comes later no longer counts.",
            )
    return None


def _taken(exchange: Exchange) -> bool:
    return exchange.status is not None and 200 <= exchange.status < 300


def after_the_end(evidence: Evidence) -> Verdict | None:
    for earlier, later in pairwise(evidence.exchanges):
        if not _taken(earlier) and earlier.status != 410:
            continue
        return wrong(
            f"You tried again after the shop had answered {earlier.status}.",
            later,
            expected=f"no attempt after {earlier.status}",
            seen=f"{len(evidence.exchanges)} attempts",
            next_step="Every status from 200 to 299 says that it has arrived."
            if _taken(earlier)
            else "410 says that nobody wants deliveries there any more, now or later.",
        )
    return None


def too_few(evidence: Evidence) -> Verdict | None:
    last, sent, most = evidence.exchanges[-1], len(evidence.exchanges), 1 + len(evidence.arguments["waits"])
    if _taken(last) or last.status == 410 or sent >= most:
        return None
    answered = f"a {last.status}" if last.status else "an attempt that got no answer"
    cause = f"You stopped after {answered}, with attempts left."
    step = "Only a 2xx is a success and only 410 ends it: after anything else, an error of the connection too, go on."
    if last.status and 300 <= last.status < 400:
        step = "`response.ok` is True below 400, so for a redirect too. " + step
    elif last.status and sent == most - 1:
        cause = f"You made as many attempts as there are waits, {sent}, and there is one more."
        step = "One attempt comes before the first wait, and one after each wait: with two waits that makes three."
    return wrong(
        cause,
        last,
        expected=f"up to {most} attempts",
        seen=f"{sent} of them, and then {value_text(evidence.value, 60)}",  # an error is not what came of stopping
        next_step=step,
    )


def too_many(evidence: Evidence) -> Verdict | None:
    sent, most = len(evidence.exchanges), 1 + len(evidence.arguments["waits"])
    if sent <= most:
        return None
    return wrong(
        f"You made {sent} attempts where there are {most}.",
        evidence.exchanges[most],
        expected=f"{most} attempts for {most - 1} waits",
        seen=sent,
        next_step="The first attempt waits for nothing, and each later one has a wait of its own before it.",
    )


def impatient(evidence: Evidence) -> Verdict | None:
    pairs = zip(pairwise(evidence.exchanges), evidence.arguments["waits"], strict=False)
    for index, ((earlier, later), wait) in enumerate(pairs):
        # when a client left is known to a server only later; two threads that look at the clock may differ by a little
        silent = _silent(evidence, index)
        since, allowed = (earlier.started + evidence.arguments["patience"], 0.15) if silent else (earlier.ended, 0.05)
        waited = max(0.0, later.started - since)
        if waited < wait - allowed:
            return wrong(
                f"You waited {waited:.2f} s before attempt {index + 2}, where `waits` says {wait} s.",
                later,
                expected=f"at least {wait} s after attempt {index + 1}",
                seen=f"{waited:.2f} s",
                next_step="`waits` has a wait for each attempt but the first, in their order: `time.sleep(wait)`.",
            )
    return None
