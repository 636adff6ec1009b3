"""The exercise that keeps a copy of a document up to date while others write."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from typing import Any

from course_support.backends.documents import FESTIVE
from course_support.backends.edits import Edit, apply
from course_support.backends.rooms import shown
from course_support.evidence import Evidence, first_of
from course_support.exercise import Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import JOINED, Company, closed_by, service, sockets, write
from course_support.verdict import Verdict, value_text, wrong

WORDS = ("soon ", "Grüße ", "no ", "🎈 ", "perhaps ", "né ", "really ", "🍎🍏 ", "again ")
READ_ON = 4000  # a code of the check's own, for whoever still reads when nothing more is to come
PATIENCE = 1.5  # seconds before that
BEFORE, ASKED, LATER = 3, 7, 3  # updates before somebody joins, then up to the one that is asked for, and after it
# All of the talk fits into the queue of 16 messages that `websockets` has: with a full one it is slow to say goodbye.


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    backend, arguments = service(draw)
    name = arguments["document"]
    write(backend, name, 0, f"{FESTIVE} ")  # the first update
    texts = [backend.state.documents[name].text]
    edits = list(_drawn_edits(draw, texts))  # which adds to the texts
    for edit in edits[: BEFORE - 1]:
        write(backend, name, edit.position, edit.content, edit.remove)
    other, cursor = draw.choice(["grace", "alan"]), draw.randrange(20)

    def act(opened_before: int) -> None:
        if not opened_before:
            _talk(backend, name, edits[BEFORE - 1 :], other, cursor)

    return Scene(Company(backend, act), arguments | {"until": BEFORE + ASKED}, {"texts": texts, "edits": edits})


def _drawn_edits(draw: random.Random, texts: list[str]) -> Iterator[Edit]:
    """Insertions and removals before the end of the text; what comes of each is added to the texts."""
    for removals, count in ((0, BEFORE - 1), (3, ASKED), (1, LATER)):
        kinds = [number < removals for number in range(count)]
        draw.shuffle(kinds)
        for removes in kinds:
            place = draw.randrange(2, len(texts[-1]) - 12)
            edit = Edit(place, remove=draw.randint(2, 9)) if removes else Edit(place, draw.choice(WORDS))
            texts.append(apply(texts[-1], edit))
            yield edit


def _talk(backend: Any, name: str, edits: list[Edit], user: str, cursor: int) -> None:
    """What reaches whoever has joined: the updates, other messages between, and at last a goodbye."""
    room = backend.state.rooms[name]
    room.tell([{"type": "user_joined", "user": shown(user)}])
    for number, edit in enumerate(edits):
        write(backend, name, edit.position, edit.content, edit.remove, user)
        if number % 3 == 1:
            room.tell([{"type": "cursor_move", "userId": user, "position": cursor + number}])
    room.tell([{"type": "user_left", "user": shown(user)}])
    goodbye = "Nothing more is to come: which update was asked for?"
    asyncio.get_running_loop().call_later(PATIENCE, backend.state.rooms.close_all, READ_ON, goodbye)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, *JOINED, _read_on, of_type(str, "the text after an update"), _other_text)


def _read_on(evidence: Evidence) -> Verdict | None:
    """Reading went on until the check said goodbye."""
    socket, until = sockets(evidence)[-1], evidence.arguments["until"]
    goodbyes = [message.sender for message in socket.messages if message.opcode == "close"]
    if evidence.value not in (None, "") or goodbyes[:1] != ["server"] or closed_by(socket, "server") != READ_ON:
        return None
    return wrong(
        f"You read on after the update number {until}, and nothing more came.",
        socket,
        expected=f"the text after the update whose seq is {until}",
        seen="a function that waits for one more message",
        next_step=SEQ,
    )


def _other_text(evidence: Evidence) -> Verdict | None:
    value, right = evidence.value, evidence.expected["texts"][evidence.arguments["until"] - 1]
    if value == right:
        return None
    cause, step = _diagnosis(value, evidence.expected["texts"], evidence.expected["edits"])
    return wrong(cause, sockets(evidence)[-1], expected=value_text(right), seen=value_text(value), next_step=step)


def _diagnosis(value: str, texts: list[str], edits: list[Edit]) -> tuple[str, str]:
    """The cause, and what to do about it. Text number n is the one after the update n + 1."""
    joined, asked = texts[BEFORE - 1], edits[BEFORE - 1 : BEFORE - 1 + ASKED]
    if value == joined:
        return "You returned the text as it was when you joined.", "Apply each text_update that comes after it."
    if value in texts:
        seq = texts.index(value) + 1
        when = "stopped too early" if seq < BEFORE + ASKED else "went on too long"
        return f"You {when}: this is the text after the update number {seq}.", SEQ
    known = (mistake for mistake, text in _mistakes(joined, asked) if value == text)
    return next(known, ANOTHER)


def _mistakes(text: str, edits: list[Edit]) -> Iterator[tuple[tuple[str, str], str]]:
    """What beginners make of the text, each after its cause and what to do about it."""
    yield REMOVED_NOTHING, apply(text, *(Edit(it.position, it.content) for it in edits))
    yield INSERTED_NOTHING, apply(text, *(Edit(it.position, remove=it.remove) for it in edits))
    yield OVERWRITTEN, apply(text, *(Edit(it.position, it.content, it.remove or len(it.content)) for it in edits))
    yield AT_THE_END, text + "".join(it.content for it in edits)
    yield ALONE, "".join(it.content for it in edits)
    yield IN_BYTES, _in_units(text, edits, "utf-8", 1)
    yield IN_UTF_16, _in_units(text, edits, "utf-16-le", 2)


def _in_units(text: str, edits: list[Edit], code: str, size: int) -> str:
    """The text where positions count units of another code than characters."""
    data = text.encode(code)
    for edit in edits:
        place = edit.position * size
        data = data[:place] + edit.content.encode(code) + data[place + edit.remove * size :]
    return data.decode(code, "replace")


SEQ = (
    "Each text_update has its own `seq`, and so has the document that you were given first: compare these with `until`."
)
REMOVED_NOTHING = (
    "You inserted, and removed nothing.",
    "Where `remove` is not 0, so many characters go from `position` on.",
)
INSERTED_NOTHING = ("You removed, and inserted nothing.", "Where `content` is not empty, it goes in at `position`.")
OVERWRITTEN = (
    "You wrote each content over what stood at its place.",
    "An insertion removes nothing: what stood at `position` moves to the right.",
)
AT_THE_END = (
    "You put each content at the end of the text.",
    "It goes in at `position`: between what is before and after.",
)
ALONE = (
    "You returned what was inserted, and not the text that it was inserted into.",
    "Begin with the text of the first message, whose type is document.",
)
IN_BYTES = ("You counted bytes.", "Positions count characters (code points), as `str` does: do not encode the text.")
IN_UTF_16 = (
    "You counted UTF-16 code units.",
    "Positions count characters (code points), and some of them are two units of UTF-16.",
)
ANOTHER = (
    "You returned another text than the one after that update.",
    "What stays of `text` is `text[:position]`, and what comes behind as many characters as `remove` says; `content` "
    "goes between. The updates apply in the order in which they come.",
)

READ_ALONG = Exercise(
    "websocket.read_along",
    "Read along",
    2,
    (
        "The first message has the text and its seq. Then messages of several types come: which of them change a text?",
        "Loop while the seq that you know is smaller than `until`: take a message, and if its type is text_update, "
        "change the text and keep its seq.",
        '`place = message["position"]`, and then '
        '`text = text[:place] + message["content"] + text[place + message["remove"]:]`.',
    ),
    _scenes,
    _judge,
)
