"""The exercise of the bad line: what may have been done already is asked for again, and not done again."""

from __future__ import annotations

import random

from starlette.applications import Starlette

from course_support.evidence import JSON, Evidence, first_of, same
from course_support.exercise import Exercise, Scene
from course_support.exercises.batch.crm import (
    ASKED,
    Person,
    batches,
    contacts_in,
    in_capitals,
    option,
    people,
    persons,
    service,
)
from course_support.exercises.batch.keys import another_body, new_keys, no_key, odd_key, used_key
from course_support.faults import Answer, Drop, Fault
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

TRIES = 5
BUSY: Fault = Answer(503, 0)
BEFORE: Fault = Drop("before")
AFTER: Fault = Drop("after")
WANTED = {"skip_duplicates": False, "send_welcome_email": True}


def _scenes(draw: random.Random) -> list[Scene]:
    """The second import goes to the CRM that knows the key of the first."""
    crm, arguments, known = service(draw)
    other, others, known_there = service(draw)
    troubles = draw.sample([AFTER, BUSY, BEFORE, BUSY], 4)
    return [
        _scene(draw, crm, arguments, known[:1], AFTER),
        _scene(draw, crm, arguments, known[1:2], *draw.sample([BEFORE, BUSY], 2)),
        _scene(draw, other, others, known_there[:1], *troubles),
        _scene(draw, other, others, known_there[:1], *[draw.choice([BUSY, BEFORE]) for _ in range(TRIES + 3)]),
    ]


def _scene(
    draw: random.Random, crm: Starlette, arguments: dict[str, JSON], known: list[Person], *faults: Fault
) -> Scene:
    new = people(draw, draw.randint(4, 7))
    contacts = [*new, in_capitals(known[0])]
    draw.shuffle(contacts)
    return Scene(crm, arguments | {"contacts": contacts}, faults=faults)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *ASKED[:-1],
        _other_content,
        _other_options,
        no_key,
        new_keys,
        another_body,
        odd_key,
        used_key,
        ASKED[-1],
        _gave_up,
        _too_often,
        _again_for_nothing,
        _other_value,
    )


def _other_content(evidence: Evidence) -> Verdict | None:
    contacts = evidence.arguments["contacts"]
    other = next((e for e in batches(evidence) if not same(contacts_in(e), contacts)), None)
    if not other:
        return None
    brought = len(contacts_in(other))
    return wrong(
        f"A request of yours brought {persons(brought)} of {len(contacts)}, where one batch is to have all of them."
        if brought < len(contacts)
        else "A request of yours brought other contacts than those that you were given.",
        other,
        expected=f"all {len(contacts)} contacts, as they are and in their order",
        seen=value_text(contacts_in(other), 200),
        next_step="Send the list as it is, each time: what is there already the service knows.",
    )


def _other_options(evidence: Evidence) -> Verdict | None:
    defaults = {"skip_duplicates": True, "send_welcome_email": False}
    for exchange in batches(evidence):
        sent = {name: option(exchange, name, default) for name, default in defaults.items()}
        odd = next((name for name in WANTED if sent[name] is not WANTED[name]), None)
        if odd:
            return wrong(
                f"Your import does not go with {odd} as it is asked for.",
                exchange,
                expected=WANTED,
                seen=sent,
                next_step="Both are members of `options`, which stands beside `contacts`; Python's True becomes true.",
            )
    return None


def _failed(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status >= 500


def _gave_up(evidence: Evidence) -> Verdict | None:
    tries = batches(evidence)
    last = tries[-1]
    if not _failed(last) or len(tries) >= TRIES:
        return None
    how = "the line broke" if last.status is None else f"the service answered {last.status}"
    return wrong(
        f"After {len(tries)} {'try' if len(tries) == 1 else 'tries'} {how}, and you tried no more.",
        last,
        expected=f"up to {TRIES} tries",
        seen=f"{len(tries)}",
        next_step="A loop over the tries goes on after an error of the connection and after a 503, and ends with any "
        "other answer.",
    )


def _too_often(evidence: Evidence) -> Verdict | None:
    tries = batches(evidence)
    if len(tries) <= TRIES:
        return None
    return wrong(
        f"You tried {len(tries)} times, where {TRIES} are the most.",
        tries[TRIES],
        expected=f"{TRIES} tries, and then None",
        seen=f"{len(tries)} tries",
        next_step="Count the first try too. Clients that never give up keep a struggling service down.",
    )


def _again_for_nothing(evidence: Evidence) -> Verdict | None:
    tries = batches(evidence)
    at = next((at for at, exchange in enumerate(tries[:-1]) if not _failed(exchange)), None)
    if at is None:
        return None
    return wrong(
        f"You had an answer, a {tries[at].status}, and sent the import again.",
        tries[at + 1],
        expected="no request behind the answer",
        seen=f"{len(tries)} tries, and an answer to number {at + 1}",
        next_step="Return in the loop, as soon as there is an answer that says what came of the import.",
    )


def _other_value(evidence: Evidence) -> Verdict | None:
    last, value = batches(evidence)[-1], evidence.value
    actual = None if _failed(last) else last.response and last.response.json()
    if same(value, actual):
        return None
    if actual is None:
        cause = f"All {TRIES} tries failed, and you returned something that is not None."
        step = "What has come of the import nobody knows: a problem that explains a 503 does not tell."
    elif value is None:
        cause, step = "Your function returned nothing, although there was an answer.", "Return `answer.json()`."
    else:
        cause = "What you returned is not what the service said of the import."
        step = "Return the JSON of the answer as it is, all its members: `answer.json()`."
    return wrong(cause, last, expected=value_text(actual), seen=value_text(value), next_step=step)


IMPORT_ONCE = Exercise(
    "batch.import_once",
    "Import once, over a bad line",
    4,
    (
        "When the line breaks, you cannot know whether the import was stored. What lets you ask again without harm, "
        "and get the answer that was lost?",
        "A header field, Idempotency-Key, with a value that no other import has: `str(uuid.uuid4())`, in quotation "
        "marks. It is made once and goes with each try.",
        "`for _ in range(5):` in it `try: answer = requests.post(…)`, `except requests.ConnectionError: continue`, and "
        "`if answer.status_code != 503: return answer.json()`. Key and content are made before the loop. After five "
        "tries the loop is over: `return None`.",
    ),
    _scenes,
    _judge,
)
