"""The exercise that moves an insertion past what the service has put in front of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from course_support.backends.editor import PROTOCOL
from course_support.backends.editor_http import DOCUMENTS
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import PATH, said, service
from course_support.verdict import Verdict, value_text, wrong

MINE = "insertion"  # the id of the one that is moved
WORDS = ("really ", "Well, ", "and so on ", "perhaps ", "Zoë, ")
Updates = list[dict[str, Any]]


def _scenes(draw: random.Random) -> list[Scene]:
    position, number = draw.randint(30, 40), draw.randint(4, 8)
    one, two, cake = draw.choice(WORDS), draw.choice(WORDS), f"{draw.choice(WORDS)}🎂 "
    return [
        _scene(draw, position, _insert(number, cake), _insert(position + 9 + len(cake), two)),
        _scene(draw, position, _insert(position, one)),
        _scene(draw, position, _insert(number, one), _insert(position + len(one) - 2, two)),
        _scene(draw, position, _insert(number, one), _remove(1, draw.randint(3, 9)), _remove(position + 15, 4)),
        _scene(draw, position, _insert(number, one), _remove(position + len(one) - 4, 4 + draw.randint(3, 6))),
        _scene(draw, position, _insert(5, one), _remove(position, 2 * len(one)), _insert(position - 9, two)),
        _scene(draw, position, *_some(draw, position)),
    ]


def _insert(position: int, content: str) -> dict[str, Any]:
    return {"position": position, "content": content, "remove": 0}


def _remove(position: int, count: int) -> dict[str, Any]:
    return {"position": position, "content": "", "remove": count}


def _some(draw: random.Random, position: int) -> Updates:
    """Six updates around the position."""
    places = [draw.randint(position - 20, position + 10) for _ in range(6)]
    return [
        _insert(it, draw.choice(WORDS)) if draw.random() < 0.6 else _remove(it, draw.randint(2, 6)) for it in places
    ]


def _scene(draw: random.Random, position: int, *updates: dict[str, Any]) -> Scene:
    backend, drawn = service(draw)
    document, token = drawn["document"], drawn["token"]
    mine = {"type": "text_update", "id": MINE, "position": position, "content": "NEW ", "base": 0}

    def show(client: Client) -> None:
        socket = client.connect(PATH + document, token, [PROTOCOL])
        socket.recv()
        for update in updates:
            client.send("POST", f"{DOCUMENTS}/{document}/updates", token, {"type": "text_update", **update})
            socket.recv()
        socket.send(json.dumps(mine))
        socket.recv()

    return Scene(backend, {"position": position, "updates": list(updates)}, afterwards=show)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(int, "a position such as 17"), _other_place)


def _other_place(evidence: Evidence) -> Verdict | None:
    socket, value = evidence.afterwards[0], evidence.value
    echoes = [it.get("position") for it in said(socket, "server", "text_update") if it.get("id") == MINE]
    actual = echoes[0] if echoes else None
    if value == actual:
        return None
    position, updates = evidence.arguments["position"], evidence.arguments["updates"]
    known = (
        (cause, step) for mistaken, cause, step in MISTAKES if _moved(position, updates, mistaken, position) == value
    )
    cause, step = next(known, OTHER)
    return wrong(
        cause,
        socket,
        expected=f"{actual}, as in the service's text_update for the insertion",
        seen=value_text(value),
        next_step=step,
    )


Move = Callable[[int, dict[str, Any], int], int]


def _moved(position: int, updates: Updates, move: Move, first: int) -> int:
    for update in updates:
        position = move(position, update, first)
    return position


def _left(position: int, update: dict[str, Any]) -> int:
    """How many of the removed characters stood left of the position."""
    left: int = max(0, min(update["remove"], position - update["position"]))
    return left


MISTAKES: tuple[tuple[Move, str, str], ...] = (
    (
        lambda at, it, _: at + len(it["content"]) - _left(at, it) if it["position"] < at else at,
        "You stay left of an insertion at the same place, which came before yours.",
        "The service has put it in front of yours: an update at the position itself moves you, too.",
    ),
    (
        lambda at, it, _: (
            at + len(it["content"]) - (it["remove"] if it["position"] + it["remove"] <= at else 0)
            if it["position"] <= at
            else at
        ),
        "You keep a place that has been removed.",
        "Where the place itself was removed, you belong where the removal began.",
    ),
    (
        lambda at, it, _: at + len(it["content"]) - it["remove"] if it["position"] <= at else at,
        "You subtract all that is removed, although some of it stood behind your place.",
        "Only what is removed left of you moves you: at most as many as stand between its position and yours.",
    ),
    (
        lambda at, it, _: at,
        "You return the position as it was.",
        "What is inserted before a place moves it to the right, and what is removed before it to the left.",
    ),
    (
        lambda at, it, _: at + len(it["content"]) - it["remove"],
        "You let all updates move your insertion, those behind it too.",
        "Compare: an update at a higher position than yours changes nothing for you.",
    ),
    (
        lambda at, it, _: at + len(it["content"].encode()) - _left(at, it) if it["position"] <= at else at,
        "You count the bytes of what is inserted.",
        "Positions count characters, as `len` of a text does; some take two or four bytes in UTF-8.",
    ),
    (
        lambda at, it, _: at + (1 if it["content"] else -1) if it["position"] <= at else at,
        "You move by one for each update, whatever its length.",
        "An insertion moves what is behind it by the length of its `content`.",
    ),
    (
        lambda at, it, first: (
            at + len(it["content"]) - min(it["remove"], abs(first - it["position"])) if it["position"] <= first else at
        ),
        "You compare each update with the position that you began with.",
        "Each update was made on the text as those before it left it: compare with where you are by then.",
    ),
    (
        lambda at, it, _: at + len(it["content"]) if it["position"] <= at else at,
        "You do not heed what is removed before your place.",
        "An update with `remove` takes characters away, and what is behind them moves to the left.",
    ),
    (
        lambda at, it, _: at + len(it["content"]) + _left(at, it) if it["position"] <= at else at,
        "You move to the right where something is removed.",
        "What is removed before a place moves it to the left.",
    ),
)
OTHER = (
    "Your insertion belongs to another place.",
    "Go through the updates one by one, and note the position after each.",
)


NEW_POSITION = Exercise(
    "websocket.new_position",
    "Move an insertion",
    2,
    (
        "Take one update after the other. Does it begin at or before where you are by then? Then it moves you: by how "
        "much, if it inserts, and by how much, if it removes?",
        "For each update whose `position` is at most yours: add the length of its `content`, and subtract "
        "`min(remove, yours - position)`.",
    ),
    _scenes,
    _judge,
)
