"""The exercise that predicts the one status of a batch, which says little of what became of its contacts."""

from __future__ import annotations

import random
from typing import Any

from course_support.backends.batch import BATCH
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.batch.crm import people, service, without
from course_support.exercises.rules import of_type
from course_support.verdict import Verdict, value_text, wrong

TEN = 10
CASES: dict[str, dict[str, Any]] = {
    "every contact is fine": {},
    "one of ten has no name": {"nameless": 1},
    "none of ten has a name": {"nameless": TEN},
    "one of ten has no name, and atomic is true": {"nameless": 1, "options": {"atomic": True}},
    "one of ten has no name, and multi_status is true": {"nameless": 1, "options": {"multi_status": True}},
    "more contacts than the service takes": {"most": TEN - 1},
    "Prefer: respond-async": {"fields": {"Prefer": "respond-async"}},
    "a used Idempotency-Key with other contacts": {"again": True},
}
BECAUSE = {
    "every contact is fine": "the service has worked through the batch, and tells in the content what came of it",
    "one of ten has no name": "nine contacts are stored, and the content tells which one is not",
    "none of ten has a name": "the batch as such was worked through, and only the content tells that it stored nothing",
    "one of ten has no name, and atomic is true": "all or nothing was asked for, and it is nothing",
    "one of ten has no name, and multi_status is true": "the client has asked for a status for each contact",
    "more contacts than the service takes": "the content is too large, so no contact was looked at",
    "Prefer: respond-async": "the batch is accepted, and the work is still to be done",
    "a used Idempotency-Key with other contacts": "the key stands for what came with it first, and this is another "
    "request",
}


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, case) for case in draw.sample(list(CASES), len(CASES))]


def _scene(draw: random.Random, case: str) -> Scene:
    crm, arguments, _ = service(draw)
    special = CASES[case]
    crm.state.most = special.get("most", crm.state.most)
    first, second = people(draw, TEN), people(draw, TEN)
    nameless = draw.sample(range(TEN), special.get("nameless", 0))
    contacts = [without(it, "name") if index in nameless else it for index, it in enumerate(first)]
    content = {"operation": "create", "contacts": contacts, "options": special.get("options", {})}
    key = {"Idempotency_Key": f'"{draw.getrandbits(64):016x}"'} if "again" in special else {}

    def show(client: Client) -> None:
        client.send("POST", BATCH, arguments["token"], content, **special.get("fields", key))
        if key:
            client.send("POST", BATCH, arguments["token"], content | {"contacts": second}, **key)

    return Scene(crm, {"case": case}, afterwards=show)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a status, such as 500"), _other_status)


def _other_status(evidence: Evidence) -> Verdict | None:
    exchange, case, value = evidence.afterwards[-1], evidence.arguments["case"], evidence.value
    if value == exchange.status:
        return None
    return wrong(
        f"With “{case}” the status is {exchange.status}, not {value_text(value, 20)}: {BECAUSE[case]}.",
        exchange,
        expected=str(exchange.status),
        seen=value_text(value),
        next_step=_advice(value, exchange.status),
    )


def _advice(value: int, status: int | None) -> str:
    if value >= 500:
        return "A 5xx says that the service itself has failed. Who can mend what was wrong here?"
    if value == 207 or status == 207:
        return "207 Multi-Status comes where it is asked for, and only there: with `multi_status`."
    if value in (201, 204):
        return "201 goes with one new resource and its address, 204 with no content: this answer has counts and errors."
    if value == 409 and status == 422:
        return "409 is for a key whose first request is still at work: a later try can succeed. Can this one?"
    if status == 200:
        return "Would you send all of it again after this status? Whoever reads no content must not be led to do so."
    if value == 200:
        return "Has the work been done when this answer comes? A status of 200 would say so."
    return "What has been done when this answer comes: all of it, nothing, or nothing yet? And who is to act next?"


PREDICT_STATUS = Exercise(
    "batch.predict_status",
    "Predict the status",
    2,
    (
        "The status speaks of the request as such, the content of the contacts. In which cases was the request itself "
        "refused, and in which was it only taken down?",
        "200 whenever the batch was worked through, were all its contacts faulty; 207 where a status for each was "
        "asked for.",
        "The other four are two times 422 (nothing is stored; the key means something else), 413 and 202.",
    ),
    _scenes,
    _judge,
)
