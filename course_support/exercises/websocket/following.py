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
from course_support.exercises.websocket.rooms import JOINED, Company, closed_by, said, service, sockets, write
from course_support.verdict import Verdict, value_text, wrong

WORDS = ("soon ", "Grüße ", "no ", "🎈 ", "perhaps ", "né ", "really ", "🍎🍏 ", "again ")
READ_ON = 4000  # a code of the check's own, for whoever still reads when nothing more is to come
PATIENCE = 1.5  # seconds before that
LATER = 3  # updates after the one that is asked for
# All of the talk fits into the queue of 16 messages that `websockets` has: with a full one it is slow to say goodbye.


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    backend, arguments = service(draw)
    name = arguments["document"]
    start, asked, others = _drawn_numbers(draw)
    write(backend, name, 0, f"{FESTIVE} ")  # the first update
    texts = [backend.state.documents[name].text]
    edits = list(_drawn_edits(draw, texts, start, asked))  # which adds to the texts
    for edit in edits[: start - 1]:
        write(backend, name, edit.position, edit.content, edit.remove)
    user, talk = draw.choice(["grace", "alan"]), edits[start - 1 :]
    cursors = [draw.randrange(asked - 2) for _ in range(others - 1)]  # the last before the one asked for are updates

    def act(opened_before: int) -> None:
        if not opened_before:
            _talk(backend, name, talk, user, cursors)

    expected = {"texts": texts, "edits": edits, "start": start}
    return Scene(Company(backend, act), arguments | {"until": start + asked}, expected)


def _drawn_numbers(draw: random.Random) -> tuple[int, int, int]:
    """The `seq` at which somebody joins, how many updates later is asked for, and how many other messages come before.

    Were there as many others as the `seq`, or one less, then the message number `until` would be that update.
    """
    others = draw.randint(2, 5)
    start = draw.choice([seq for seq in range(1, others + 5) if seq - others not in (-1, 0, 1, 2)])
    return start, draw.randint(5, 6), others


def _drawn_edits(draw: random.Random, texts: list[str], start: int, asked: int) -> Iterator[Edit]:
    """Insertions and removals before the end of the text; what comes of each is added to the texts."""
    for removals, count in ((0, start - 1), (2, asked), (1, LATER)):
        removing = draw.sample(range(1, count - 1), removals)  # so that to leave these out gives no text of the log
        for number in range(count):
            place = draw.randrange(2, len(texts[-1]) - 12)
            edit = Edit(place, remove=draw.randint(2, 9)) if number in removing else Edit(place, draw.choice(WORDS))
            texts.append(apply(texts[-1], edit))
            yield edit


def _talk(backend: Any, name: str, edits: list[Edit], user: str, cursors: list[int]) -> None:
    """What reaches whoever has joined: the updates, other messages between, and at last a goodbye.

    `cursors` says before which of the updates a cursor moves.
    """
    room = backend.state.rooms[name]
    room.tell([{"type": "user_joined", "user": shown(user)}])
    for number, edit in enumerate(edits):
        for _ in range(cursors.count(number)):
            room.tell([{"type": "cursor_move", "userId": user, "position": edit.position}])
        write(backend, name, edit.position, edit.content, edit.remove, user)
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
    cause, step = _diagnosis(evidence)
    return wrong(cause, sockets(evidence)[-1], expected=value_text(right), seen=value_text(value), next_step=step)


def _diagnosis(evidence: Evidence) -> tuple[str, str]:
    """The cause, and what to do about it. Text number n is the one after the update n + 1."""
    value, until = evidence.value, evidence.arguments["until"]
    texts, start = evidence.expected["texts"], evidence.expected["start"]
    if value == texts[start - 1]:
        return "You returned the text as it was when you joined.", "Apply each text_update that comes after it."
    if value in texts:
        seq = texts.index(value) + 1
        when = "stopped too early" if seq < until else "went on too long"
        return (
            COUNTED
            if seq in _counted(evidence)
            else (f"You {when}: this is the text after the update number {seq}.", SEQ)
        )
    known = (mistake for mistake, text in _mistakes(texts[start - 1], _asked(evidence)) if value == text)
    return next(known, ANOTHER)


def _asked(evidence: Evidence) -> list[Edit]:
    start, edits = evidence.expected["start"], evidence.expected["edits"]
    return list(edits[start - 1 : evidence.arguments["until"] - 1])


def _counted(evidence: Evidence) -> set[int]:
    """The last `seq` that is seen by who takes so many messages, or so many less the first `seq`."""
    until, start = evidence.arguments["until"], evidence.expected["start"]
    messages = said(sockets(evidence)[-1], "server")
    taken = [messages[: count + more] for count in (until, until - start) for more in (0, 1)]
    return {max((seq for it in some if type(seq := it.get("seq")) is int), default=0) for some in taken}


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
COUNTED = (
    "You counted messages.",
    "`until` is a `seq`: cursors and joins have none, and the document that you were given had one already.",
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
