"""Exercises that predict: the learner's function says what will happen, and then it is made to happen."""

from __future__ import annotations

import random
from typing import Any

import requests

from course_support.backends.rest import COLLECTION, app
from course_support.evidence import JSON, Evidence, first_of, same
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import json_object, of_form, of_type
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

# --- predict_put -----------------------------------------------------------------------------------------------------


def _put_scenes(draw: random.Random) -> list[Scene]:
    name, text = f"Mix {draw.randrange(1000)}", f"Take {draw.randrange(1000)}"
    cases: list[tuple[str, dict[str, Any]]] = [
        ("PUT", {"name": name}),
        ("PATCH", {"name": name}),
        ("PUT", {"name": name, "description": text}),
        ("PATCH", {"description": None}),
    ]
    return [_put_scene(draw, method, content) for method, content in cases]


def _put_scene(draw: random.Random, method: str, content: dict[str, Any]) -> Scene:
    service = app(draw.randrange(2**32))
    playlist = draw.choice(service.state.library.page(1, 40))
    target, token = f"{COLLECTION}/{playlist.id}", service.state.credentials["listener"]

    def show(client: Client) -> None:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        client.send(method, target, token, content, Content_Type=kind)
        client.send("GET", target, token)

    return Scene(service, {"method": method, "playlist": playlist.representation, "content": content}, afterwards=show)


def _judge_put(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(dict, "the playlist after the change, as a dict"), _other_playlist)


def _other_playlist(evidence: Evidence) -> Verdict | None:
    change, read = evidence.afterwards
    actual, value = json_object(read), evidence.value
    if same(value, actual):
        return None
    method = evidence.arguments["method"]
    odd = [
        name for name in (*actual, *value) if not (name in actual and name in value and same(actual[name], value[name]))
    ]
    return wrong(
        f"We sent this {method} to a fresh service, and {_comparison(odd[0], actual, value)}.",
        change,
        expected=actual,
        seen=value_text(value),
        next_step=_meaning(method, odd[0], evidence.arguments["content"]),
    )


def _comparison(name: str, actual: dict[str, JSON], value: dict[str, JSON]) -> str:
    if name not in value:
        return f"the playlist still has the member {name!r}, which your prediction has not"
    if name not in actual:
        return f"the playlist has no member {value_text(name, 60)}"
    return f"the {name} is then {value_text(actual[name], 60)}, not {value_text(value[name], 60)}"


def _meaning(method: str, name: str, content: dict[str, JSON]) -> str:
    if name not in ("name", "description"):
        return "A client sets only the name and the description; the other members are the service's own."
    if method == "PUT":
        return "A PUT replaces all that a client may set here, name and description. What becomes of the one left out?"
    if None in content.values():
        return "In a merge patch null removes a member (RFC 7396, section 1): for this service it is then empty."
    return "A merge patch changes the members that it names, and leaves the others (RFC 7396, section 1)."


PREDICT_PUT = Exercise(
    "rest.predict_put",
    "Predict what PUT and PATCH leave behind",
    2,
    (
        "Start from what a PUT means: the content is the new playlist. What then is the description, if the content "
        "has none? And for a PATCH?",
        "For PUT: `id` and `songs` are the service's and stay, `name` comes from the content, `description` too, or "
        'is `""`. For PATCH: `playlist | content`, where `None` makes the description `""`.',
    ),
    _put_scenes,
    _judge_put,
)

# --- predict_repeat --------------------------------------------------------------------------------------------------


def _repeat_scenes(draw: random.Random) -> list[Scene]:
    methods = ["DELETE", "POST", "PUT", "GET"]
    draw.shuffle(methods)
    return [_repeat_scene(draw, method) for method in methods]


def _repeat_scene(draw: random.Random, method: str) -> Scene:
    service = app(draw.randrange(2**32))
    playlist = draw.choice(service.state.library.page(1, 40))
    token = service.state.credentials["listener"]
    target = COLLECTION if method == "POST" else f"{COLLECTION}/{playlist.id}"
    content = {"name": "Road Trip Hits"} if method in ("POST", "PUT") else None

    def show(client: Client) -> None:
        for _ in range(2):
            client.send(method, target, token, content)
            client.send("GET", f"{COLLECTION}?limit=100", token)

    return Scene(service, {"method": method}, afterwards=show)


def _judge_repeat(evidence: Evidence) -> Verdict:
    example = {"first": 200, "second": 200, "idempotent": True}
    return first_of(evidence, of_form(example), _other_outcome)


def _other_outcome(evidence: Evidence) -> Verdict | None:
    first, once, second, twice = evidence.afterwards
    method, value = evidence.arguments["method"], evidence.value
    idempotent = _content(once) == _content(twice)
    actual = {"first": first.status, "second": second.status, "idempotent": idempotent}
    odd = next((name for name in ("idempotent", "first", "second") if value[name] != actual[name]), None)
    if not odd:
        return None
    if odd == "idempotent":
        cause = f"{method} is{'' if idempotent else ' not'} idempotent, and you said the opposite."
        step = (
            "Idempotent speaks of the effect: the service is in the same state after one request as after two. "
            "The answers may differ (RFC 9110, section 9.2.2)."
        )
    else:
        cause = f"The {odd} {method} was answered with {actual[odd]}, not with {value_text(value[odd], 20)}."
        step = "What does the service find when this request arrives?"
    return wrong(cause, first if odd == "first" else second, expected=actual, seen=value, next_step=step)


def _content(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


PREDICT_REPEAT = Exercise(
    "rest.predict_repeat",
    "Predict a request that is sent twice",
    2,
    (
        "What is there for the second DELETE to find? And how many playlists are there after two POSTs?",
        "The second DELETE answers 404, and nothing has changed since the first: that is idempotent. "
        "POST is the only one of the four that is not.",
    ),
    _repeat_scenes,
    _judge_repeat,
)

# --- predict_conflict ------------------------------------------------------------------------------------------------


def _conflict_scenes(draw: random.Random) -> list[Scene]:
    cases = [(True, False), (False, False), (False, True), (True, True)]
    draw.shuffle(cases)
    return [_conflict_scene(draw, if_match, strict) for if_match, strict in cases]


def _conflict_scene(draw: random.Random, if_match: bool, strict: bool) -> Scene:
    service = app(draw.randrange(2**32))
    playlist = draw.choice(service.state.library.page(1, 40))
    ann, ben = (f"{who} {draw.randrange(1000)}" for who in ("Ann's Mix", "Ben's Mix"))
    target, token = f"{COLLECTION}/{playlist.id}", service.state.credentials["listener"]

    def put(client: Client, name: str, tag: str, locked: bool) -> requests.Response:
        return client.send("PUT", target, token, {"name": name}, **({"If_Match": tag} if locked else {}))

    def show(client: Client) -> None:
        tag = client.send("GET", target, token).headers["ETag"]
        put(client, ann, tag, True)
        put(client, ben, tag, if_match)
        client.send("GET", target, token)

    service.state.strict = strict
    return Scene(service, {"ann": ann, "ben": ben, "if_match": if_match, "strict": strict}, afterwards=show)


def _judge_conflict(evidence: Evidence) -> Verdict:
    example = {"status": 200, "name": "Ann's Mix"}
    return first_of(evidence, of_form(example), _other_conflict)


STEPS = {
    200: "Nothing in this PUT says what Ben believes the playlist to be, so the service sees no conflict.",
    412: "Ben's If-Match names the ETag that he saw. Ann has changed the playlist: has it still that tag?",
    428: "A strict service does not take a change that comes without a condition (RFC 6585, section 3).",
}


def _other_conflict(evidence: Evidence) -> Verdict | None:
    _, _, ben, read = evidence.afterwards
    actual, value = {"status": ben.status, "name": json_object(read).get("name")}, evidence.value
    if same(value, actual):
        return None
    sent = "with If-Match" if evidence.arguments["if_match"] else "without a condition"
    service = "a strict service" if evidence.arguments["strict"] else "this service"
    if value["status"] != ben.status:
        cause = f"Ben's PUT {sent} gets a {ben.status} from {service}, not a {value_text(value['status'], 20)}."
        step = STEPS.get(ben.status or 0, "Read what the service says in the content of its answer.")
    else:
        cause = f"Ben's PUT {sent} gets a {ben.status}, and the name that stays is another than you said."
        step = "A refused change changes nothing; a change that is not refused replaces what was there."
    return wrong(cause, ben, expected=actual, seen=value, next_step=step)


PREDICT_CONFLICT = Exercise(
    "rest.predict_conflict",
    "Predict who wins",
    2,
    (
        "Take the four cases one by one. Only one of them ends with Ben's name, and nobody is told.",
        "With `if_match` Ben gets 412 and Ann's name stays. Without it a strict service answers 428, Ann's name "
        "stays; one that is not strict answers 200, and Ann's change is lost.",
    ),
    _conflict_scenes,
    _judge_conflict,
)
