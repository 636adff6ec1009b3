"""The exercise that joins a list and a line to a copy without a gap."""

from __future__ import annotations

import random

from course_support.backends.bookshop import app
from course_support.backends.shop_live import LIVE
from course_support.backends.shop_rest import BOOKS
from course_support.evidence import Evidence, first_of
from course_support.exercise import URL, Exercise, Scene
from course_support.exercises.choosing.line import FOLLOWED, lines
from course_support.exercises.choosing.moments import READ_ON, Moments, Story, drawn_story
from course_support.exercises.rules import json_object, of_type
from course_support.exercises.websocket.rooms import closed_by, said
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    shop = app(draw.randrange(2**32))
    story = drawn_story(shop, draw)
    last = {isbn: states[0 if isbn == story.parts["after"] else -1][1] for isbn, states in story.states.items()}
    right = {book.isbn: last.get(book.isbn, book.stock) for book in shop.state.shelf.books}
    token = shop.state.credentials[draw.choice(("shop", "partner"))]
    arguments = {"url": URL, "token": token, "until": story.parts["until"]}
    return Scene(Moments(shop, story), arguments, {"right": right, "story": story})


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence,
        *FOLLOWED,
        _read_on,
        of_type(dict, '{"9780000000019": 12, …}'),
        _other_books,
        _no_stocks,
        _other_stocks,
    )


def _read_on(evidence: Evidence) -> Verdict | None:
    """Reading went on until the check said goodbye."""
    line = lines(evidence)[-1]
    goodbyes = [message.sender for message in line.messages if message.opcode == "close"]
    if evidence.value not in (None, "") or goodbyes[:1] != ["server"] or closed_by(line, "server") != READ_ON:
        return None
    told = any(it.get("isbn") == evidence.arguments["until"] for it in said(line, "server", "stock"))
    return wrong(
        "You read on after the book `until` had changed, and nothing more came."
        if told
        else "You opened your last WebSocket when all changes had been told, and nothing more came.",
        line,
        expected=f"the copy as it is when {LIVE} tells of {evidence.arguments['until']}",
        seen="a function that waits for one more message",
        next_step="Compare the isbn of each message with `until`: both are text. One WebSocket, kept open, is enough.",
    )


def _other_books(evidence: Evidence) -> Verdict | None:
    """Not the books of the list."""
    value, right = evidence.value, evidence.expected["right"]
    if value.keys() == right.keys():
        return None
    missing = [isbn for isbn in right if isbn not in value]
    told = {it.get("isbn") for it in said(lines(evidence)[-1], "server", "stock")}
    if not missing:
        odd = next(name for name in value if name not in right)
        cause, seen = (
            f"Your copy has {value_text(odd, 60)} in it, which is the ISBN of none of the books.",
            value_text(odd),
        )
        step = "What you take in has to be one book: its `isbn`, and its `stock`."
    elif value and value.keys() <= told:
        cause, seen = f"Your copy has only the books of which {LIVE} has told.", f"{len(value)} books"
        step = f"Whatever has not changed stands in the list alone: GET {BOOKS}."
    else:
        cause, seen = f"Your copy lacks {len(missing)} of the {len(right)} books.", value_text(value, 200)
        step = f"Begin with all books of the list, GET {BOOKS}: it has no second page."
    return wrong(cause, _shown(evidence), expected=f"{len(right)} books by ISBN", seen=seen, next_step=step)


def _no_stocks(evidence: Evidence) -> Verdict | None:
    odd = next((it for it in evidence.value.items() if type(it[1]) is not int), None)
    if not odd:
        return None
    return wrong(
        "Your copy has something else than a stock behind an ISBN.",
        _shown(evidence),
        expected=f"{{{odd[0]!r}: {evidence.expected['right'][odd[0]]}, …}}",
        seen=f"{{{odd[0]!r}: {value_text(odd[1], 100)}, …}}",
        next_step="What else you need to know of a book, its version for example, has to go before you return.",
    )


def _shown(evidence: Evidence) -> Exchange:
    return lines(evidence)[-1]


# --- Which stock of which book is not right, and what that tells ------------------------------------------------------


def _other_stocks(evidence: Evidence) -> Verdict | None:
    right, value = evidence.expected["right"], evidence.value
    odd = [isbn for isbn in right if value[isbn] != right[isbn]]
    if not odd:
        return None
    part, exchange, cause, step = _diagnosis(evidence, evidence.expected["story"])
    isbn = evidence.expected["story"].parts.get(part)
    isbn = isbn if isbn in odd else odd[0]
    return wrong(
        cause.format(isbn=isbn, old=_version_of(evidence, isbn, value[isbn]), known=_known(evidence, isbn)),
        exchange,
        expected=_state(evidence, isbn, right[isbn]),
        seen=_state(evidence, isbn, value[isbn]),
        next_step=step,
    )


def _state(evidence: Evidence, isbn: str, stock: int) -> str:
    """`9780000000019: 12, which is version 3`."""
    version = _version_of(evidence, isbn, stock)
    return f"{isbn}: {stock}, which is {version.removesuffix(' of ')}" if version else f"{isbn}: {stock}"


def _version_of(evidence: Evidence, isbn: str, stock: int) -> str:
    """`version 3 of `, or nothing where the book never had this stock."""
    states = evidence.expected["story"].states.get(isbn, [])
    return next((f"version {version} of " for version, known in states if known == stock), "")


def _known(evidence: Evidence, isbn: str) -> str:
    """Which version of a book the last list had: it is far down in the exchange, if that shows it at all."""
    lists = [json_object(e).get("books") for e in evidence.sent("GET", BOOKS)]
    books = [it for books in lists if isinstance(books, list) for it in books if isinstance(it, dict)]
    versions = [it.get("version") for it in books if it.get("isbn") == isbn]
    return f"your list had version {value_text(versions[-1], 20)}" if versions else "you had a newer version"


Diagnosis = tuple[str, Exchange, str, str]
"""The part that shows it, the exchange that does, a cause with a place for the book, and a next step."""


def _diagnosis(evidence: Evidence, story: Story) -> Diagnosis:
    line = lines(evidence)[-1]
    lists = [e for e in evidence.sent("GET", BOOKS) if e.status in (200, 304)]
    has = {name: _has(evidence, story, name) for name in story.parts}
    if has["after"] == 1:
        until = _told_at(line, story.parts["until"])
        late = next((e for e in lists if until and e.started > until), None)
        return "after", *((late, *LATE) if late else (line, *TOO_LONG))
    if not (has["until"] or has["between"] or has["falling"]):
        return "until", line, *UNTOLD
    if has["until"] == 0:
        return "until", line, *WITHOUT_UNTIL
    if has["falling"] == 0 and has["swapped"] == has["early"] == 1:
        return "falling", line, *GREATEST
    if has["between"] == 0 and lists and lists[-1].started < line.started:
        return "between", lists[-1], *GAP
    if has["between"] == 0 or has["falling"] == 0:
        return "between" if has["between"] == 0 else "falling", lists[-1] if lists else line, *OVERWRITTEN
    if has["early"] == 1:
        return "early", line, *(BACKWARDS if has["swapped"] == 1 else AMONG_MESSAGES)
    if has["swapped"] == 1:
        return "swapped", line, *AGAINST_LIST
    return "", line, *ANOTHER


def _has(evidence: Evidence, story: Story, name: str) -> int | None:
    """Which of its states, from 0 on, the book of this part has in the copy, or None for another one."""
    stocks = [stock for _, stock in story.part(name)]
    value = evidence.value[story.parts[name]]
    return stocks.index(value) if value in stocks else None


def _told_at(line: Exchange, isbn: str) -> float | None:
    """When the line told of a book. All of a scene's exchanges are on one clock."""
    for message in line.messages:
        told = message.json()
        if message.sender == "server" and isinstance(told, dict) and told.get("isbn") == isbn:
            return message.at
    return None


LATE = (
    "You read the list after the book `until` had changed, so it has a change that came later still.",
    "Open the line, read the list at once, and then watch: what the line tells meanwhile waits for you.",
)
TOO_LONG = (
    "You went on after the book `until` had changed, and took in one change more.",
    "Return as soon as a message has the isbn that is `until`.",
)
UNTOLD = (
    f"Your copy is the list as it was read: nothing of what {LIVE} told is in it.",
    "Each message of the type stock has an isbn, and its stock from then on: where the message is newer than what you "
    "have, put it into the copy.",
)
WITHOUT_UNTIL = (
    "The change of `until` itself is not in your copy.",
    "Take a message in before you look whether it was the last one.",
)
GREATEST = (
    "You kept the greatest stock of each book, and not the newest.",
    "What says which of two is newer is `version`; in a comparison of pairs it has to come first.",
)
GAP = (
    "Between your list and the opening of your line {isbn} changed: {known} of it, and neither tells of the next.",
    f"Turn it round: open {LIVE} and wait for its first message, and only then read the list.",
)
OVERWRITTEN = (
    "Your copy has the stock of {isbn} from the list, where the line has told of a newer one.",
    "The list was made before it reached you, and may be older: compare its `version` with what you have, too.",
)
BACKWARDS = (
    f"You took in each message as it came, but when {LIVE} told of {{old}}{{isbn}}, {{known}} of it already.",
    "Keep the version with each stock, and take in only what has a greater one.",
)
AMONG_MESSAGES = (
    "You compared messages with one another, but of {isbn} {known}, newer than all of them.",
    "The books of the list have a `version` as well: begin with that.",
)
AGAINST_LIST = (
    "You compared each message with the list, but a message before it had told something newer of {isbn}.",
    "When you take in a message, keep its version: the next is compared with that.",
)
ANOTHER = (
    "The stock of a book is not the newest that you were told.",
    "Of all that list and line tell of a book until `until` has changed, the greatest version counts.",
)

LIVE_COPY = Exercise(
    "choosing.live_copy",
    "A live copy without a gap",
    3,
    (
        "A book may change when you have the list and the line is not open yet. Which of the two must come first?",
        f"Open {LIVE} and wait for its first message, then read the list: what is told meanwhile waits in the line. "
        "So some messages are older than your list; each book has a `version`, in both.",
        'Keep pairs: `copy = {book["isbn"]: (book["version"], book["stock"]) for book in books}`. For each message of '
        "the type stock take the greater of two pairs, `max(…)`; after the one of `until` return the stocks alone.",
    ),
    _scenes,
    _judge,
)
