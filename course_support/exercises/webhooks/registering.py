"""The exercise that registers a webhook: what to tell, where, and by what the shop will know that it is true."""

from __future__ import annotations

import random

from course_support.backends.webhooks import WEBHOOKS, app
from course_support.evidence import Evidence, first_of, same
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.rules import (
    json_object,
    not_found,
    not_let_in,
    of_type,
    refused,
    sent_nothing,
    wrong_media_type,
)
from course_support.exercises.webhooks import deliveries
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

REGISTER_AT = f"{WEBHOOKS}/register"
WANTED = {"payment.completed", "payment.disputed"}
FORM = '{"event_types": ["payment.completed", …], "target_url": "https://…", "secret": "whsec_…"}'


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw, others) for others in (0, 2)]


def _scene(draw: random.Random, others: int) -> Scene:
    processor = app(draw.randrange(2**32))
    state = processor.state
    for number in range(others):  # so that the first in a list is another one
        target = f"https://yourstore.com/webhooks/old-{number}"
        state.subscriptions.add("yourstore", ["payment.failed"], target, deliveries.secret(draw), state.clock.now)
    arguments = {
        "url": URL,
        "api_key": state.credentials["yourstore"],
        "target_url": f"https://yourstore.com/webhooks/payments?shop={draw.randint(10, 999)}",
        "secret": deliveries.secret(draw),
    }
    return Scene(processor, arguments)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        sent_nothing,
        not_let_in,
        _other_address,
        not_found,
        wrong_media_type,
        _not_understood,
        _not_registered,
        _other_events,
        _other_members,
        of_type(str, 'a text such as "wh_0123456789abcdef"'),
        _other_id,
    )


def _registered(evidence: Evidence) -> list[Exchange]:
    return [e for e in evidence.sent("POST", REGISTER_AT) if e.status == 201]


def _other_address(evidence: Evidence) -> Verdict | None:
    """No POST to where webhooks are registered."""
    last = evidence.last
    if not last or evidence.sent("POST", REGISTER_AT):
        return None
    right = last.request.path == REGISTER_AT
    cause = f"You sent a {last.request.method} to {last.request.path}, and that registers nothing."
    return wrong(
        cause,
        last,
        expected=f"POST {REGISTER_AT}",
        seen=f"{last.request.method} {last.request.target}",
        next_step="What is to be made is sent with POST."
        if right
        else "The processor's card lists its routes: one of them registers a webhook.",
    )


def _not_understood(evidence: Evidence) -> Verdict | None:
    """The members of a registration were refused: the answer says which, and what to do."""
    exchange = evidence.sent("POST", REGISTER_AT)[-1]
    errors = json_object(exchange).get("errors")
    faults = [it for it in errors if isinstance(it, dict)] if isinstance(errors, list) else []
    if _registered(evidence) or exchange.status != 422 or not faults:
        return None if _registered(evidence) else refused(evidence)
    member = value_text(faults[0].get("pointer"), 60).strip("'").removeprefix("#/")
    return wrong(
        f"The processor refused your registration because of its {'content' if member == '#' else member}.",
        exchange,
        expected=FORM,
        seen=value_text(faults[0].get("detail")).strip("'"),
        next_step="Compare the members of your JSON with those of the lesson's: their names, and lists as lists.",
    )


def _not_registered(evidence: Evidence) -> Verdict | None:
    made = _registered(evidence)
    if len(made) == 1:
        return None
    return wrong(
        f"You registered {len(made)} webhooks instead of one." if made else "You registered no webhook.",
        made[-1] if made else evidence.last,
        expected=f"one POST to {REGISTER_AT}, answered with 201 Created",
        seen=f"{len(made)} of them",
        next_step="One subscription can be for several types of events: `event_types` is a list.",
    )


def _other_events(evidence: Evidence) -> Verdict | None:
    exchange = _registered(evidence)[-1]
    given = _sent(exchange).get("event_types")
    types = {it for it in given if isinstance(it, str)} if isinstance(given, list) else set()
    if types == WANTED:
        return None
    more, less = sorted(types - WANTED), sorted(WANTED - types)
    cause = f"You did not register for {less[0]}." if less else f"You registered for {more[0]} as well." if more else ""
    return wrong(
        cause or "You registered for no event.",
        exchange,
        expected=sorted(WANTED),
        seen=value_text(given),
        next_step="What is registered is sent, needed or not, and wants an answer: name the two that the shop needs.",
    )


def _other_members(evidence: Evidence) -> Verdict | None:
    exchange = _registered(evidence)[-1]
    sent = _sent(exchange)
    for name, cause, step in (
        ("target_url", "You registered another address than the one of the shop.", "Send `target_url` as it is."),
        (
            "secret",
            "You registered another secret than the one that the shop verifies with.",
            "Send `secret` as it is: the shop does not know any other.",
        ),
    ):
        if same(sent.get(name), evidence.arguments[name]):
            continue
        if name not in sent:
            cause = "You sent no secret, so the processor made one up that the shop does not know."
        shown = {"expected": evidence.arguments[name], "seen": value_text(sent.get(name))}
        if name == "secret":
            shown = {
                "expected": "the secret that your function is given",
                "seen": "another one" if name in sent else "none",
            }
        return wrong(cause, exchange, next_step=step, **shown)
    return None


def _sent(exchange: Exchange) -> dict[str, object]:
    content = exchange.request.json()
    return content if isinstance(content, dict) else {}


def _other_id(evidence: Evidence) -> Verdict | None:
    exchange = _registered(evidence)[-1]
    id, value = json_object(exchange).get("id"), evidence.value
    if same(value, id):
        return None
    elsewhere = [e for e in evidence.exchanges if e.response and e is not exchange and value in e.response.text]
    if value and value == (exchange.response and exchange.response.fields.get("Location")):
        cause, step = "You returned the path of the new subscription.", "The id is its last part, and in the content."
    elif value and elsewhere:
        cause = "You returned the id of another subscription."
        step = "The answer to your POST is the new subscription itself: its `id` is there."
    else:
        cause, step = "What you returned is not the id of the new subscription.", 'It is `answer.json()["id"]`.'
    return wrong(cause, exchange, expected=value_text(id), seen=value_text(value), next_step=step)


REGISTER = Exercise(
    "webhooks.register",
    "Register",
    1,
    (
        f"One POST to {REGISTER_AT}, with a JSON object of three members: the lesson shows one.",
        '`requests.post(f"{url}/api/webhooks/register", json={"event_types": ["payment.completed", '
        '"payment.disputed"], "target_url": target_url, "secret": secret}, headers={"Authorization": '
        'f"Bearer {api_key}"})`; the answer is the subscription, and `.json()["id"]` its id.',
    ),
    _scenes,
    _judge,
)
