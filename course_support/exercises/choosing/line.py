"""The rules that come first wherever the bookshop's line is followed: it was asked for, and opened."""

from __future__ import annotations

from course_support.backends.shop_live import LIVE, PROTOCOL
from course_support.evidence import Evidence, Rule
from course_support.exercises.rules import json_object, not_let_in, requested, sent_nothing
from course_support.exercises.websocket.rooms import handshakes
from course_support.verdict import Verdict, wrong
from course_support.wire import Exchange


def lines(evidence: Evidence) -> list[Exchange]:
    """The learner's WebSockets to `/live` that were opened."""
    return [e for e in evidence.exchanges if e.status == 101 and e.request.path == LIVE]


def _not_asked_for(evidence: Evidence) -> Verdict | None:
    """Only plain HTTP was spoken."""
    if handshakes(evidence):
        return None
    refused = next((e for e in evidence.exchanges if e.status == 426), None)
    cause = "You opened no WebSocket, so you cannot know what changes after your list."
    if refused:
        cause = f"You asked for {LIVE} by plain HTTP, and the shop answered 426 Upgrade Required."
    return wrong(
        cause,
        refused or evidence.last,
        expected=f"a WebSocket to {LIVE}",
        seen=requested(evidence.exchanges[:4]),
        next_step='`create_connection(f"ws{url[4:]}/live", subprotocols=[…], header={…})` opens one.',
    )


def _refused(evidence: Evidence) -> Verdict | None:
    """No handshake succeeded; the last one shows why."""
    if lines(evidence):
        return None
    last = handshakes(evidence)[-1]
    offered = last.request.fields.get("Sec-WebSocket-Protocol")
    if last.request.path != LIVE:
        cause, expected, seen = "The shop has no WebSocket at this address.", LIVE, last.request.target
        step = "Compare the target in the request's first line with the one in the task."
    elif PROTOCOL not in (offered or ""):
        what = "a subprotocol that the shop does not speak" if offered else "no subprotocol"
        cause = f"Your handshake offers {what}, so the shop answered 400."
        expected = f"Sec-WebSocket-Protocol: {PROTOCOL}"
        seen = f"Sec-WebSocket-Protocol: {offered}" if offered else "no Sec-WebSocket-Protocol"
        step = "`create_connection` offers those in its argument `subprotocols`, which is a list of names."
    else:
        cause, expected = f"The shop refused your handshake with {last.status}.", "101 Switching Protocols"
        seen = str(json_object(last).get("detail", "a refusal"))
        step = "Read the problem in the content of the answer: its detail says what to do."
    return wrong(cause, last, expected=expected, seen=seen, next_step=step)


FOLLOWED: tuple[Rule, ...] = (sent_nothing, not_let_in, _not_asked_for, _refused)
"""After these rules `lines(evidence)` is not empty."""
