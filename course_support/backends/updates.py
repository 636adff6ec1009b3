"""What a client may ask of a document, and what is wrong with it otherwise: one rule for WebSocket and for HTTP."""

import re
from dataclasses import dataclass
from typing import Any

from course_support.backends.documents import Document
from course_support.backends.edits import Edit
from course_support.backends.problem import invalid, pointer

OWN = "Leave it out or send your own: the token says who you are."
EXAMPLE = '{"type": "text_update", "position": 0, "content": "Hi"}'


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text_update that keeps the rules. `timestamp` and `id` are None if the client left them out."""

    edit: Edit
    base: int
    timestamp: str | None
    id: str | None


def checked(sent: Any, user: str, document: Document, *, transform: bool = True) -> Wanted:
    """The update that the user sent, or a Problem 422 that lists all faults at once.

    Without `transform` any position will do, however short the text.
    """
    if not isinstance(sent, dict):
        raise invalid({pointer(): f"Send a JSON object, such as {EXAMPLE}."})
    members = {"position": None, "content": "", "remove": 0, "base": document.seq, "userId": user, **sent}
    faults = dict(_faults(members, user))
    if not faults:
        faults = dict(_misplaced(members, document, transform))
    if faults:
        raise invalid({pointer(member): advice for member, advice in faults.items()})
    edit = Edit(members["position"], members["content"], members["remove"])
    return Wanted(edit, members["base"], members.get("timestamp"), members.get("id"))


def checked_cursor(sent: dict[str, Any], user: str, document: Document) -> int:
    """Where the user's cursor is, at most at the end of the text; a Problem 422 if it is no place, or another's."""
    position = sent.get("position")
    if type(position) is not int or position < 0:
        raise invalid({pointer("position"): "Send how many code points stand before the cursor."})
    if sent.get("userId", user) != user:
        raise invalid({pointer("userId"): OWN})
    return min(position, len(document.text))


def checked_text(sent: Any) -> str:
    """The whole text that is to replace a document's, or a Problem 422."""
    if not isinstance(sent, dict):
        raise invalid({pointer(): 'Send a JSON object, such as {"text": "Hi"}.'})
    if not is_text(sent.get("text")):
        raise invalid({pointer("text"): "Send the whole new text as a string."})
    text: str = sent["text"]
    return text


def is_text(value: Any, shortest: int = 0, longest: int | None = None) -> bool:
    """A lone surrogate can be escaped in JSON, but it is half a character, and no UTF-8 can hold it."""
    if not isinstance(value, str) or re.search("[\ud800-\udfff]", value):
        return False
    return shortest <= len(value) and (longest is None or len(value) <= longest)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0  # JSON's true is an int to Python, and no number


def _faults(sent: dict[str, Any], user: str) -> list[tuple[str, str]]:
    """What is wrong with the members, whatever the document is."""
    rules = [
        ("type", sent.get("type") == "text_update", "Send text_update: nothing else changes a document."),
        ("position", _is_count(sent["position"]), "Send how many code points stand before the edit."),
        ("content", is_text(sent["content"]), "Send the text to insert as a string."),
        ("remove", _is_count(sent["remove"]), "Send how many code points to remove, as a whole number."),
        ("base", _is_count(sent["base"]), "Send the seq of the newest update that your text contains."),
        ("userId", sent["userId"] == user, OWN),
        ("timestamp", is_text(sent.get("timestamp", "-"), 1, 40), "Send ISO 8601 in at most 40 characters."),
        ("id", is_text(sent.get("id", "-"), 1, 64), "Send a string of 1 to 64 characters."),
    ]
    return [(member, advice) for member, kept, advice in rules if not kept]


def _misplaced(sent: dict[str, Any], document: Document, transform: bool) -> list[tuple[str, str]]:
    """What is wrong with it for this document."""
    if sent["content"] and sent["remove"]:
        return [("remove", "Insert or remove: send two updates to do both.")]
    if not sent["content"] and not sent["remove"]:
        return [("content", "Send some content to insert, or how much to remove.")]
    if not transform:
        return []
    if not document.reaches(sent["base"]):
        return [("base", "Read the document again: no update since then is at hand.")]
    length = document.length_at(sent["base"])
    if sent["position"] + sent["remove"] > length:
        return [("position", f"Stay within the text: at seq {sent['base']} it has {length} code points.")]
    return []
