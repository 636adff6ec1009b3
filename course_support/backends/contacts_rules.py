"""What an item of a batch must hold to become a contact, and what is said of one that does not.

Only the first fault of an item is told: with thousands of items a list of all would help nobody.
"""

import re
from collections.abc import Callable
from typing import Any

from course_support.backends.playlists import is_text

STATUSES = {"duplicate": 409, "duplicate_in_batch": 409, "not_found": 404}  # of the other codes: 422
LONGEST = 200  # characters of a name or a company
LONGEST_EMAIL = 254  # characters that fit between the angle brackets of SMTP (RFC 5321, 4.5.3.1.3)
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LARGEST_ID = 2**63 - 1  # what SQLite can hold


class Faulty(Exception):
    """Why an item is not stored: a code for programs, a sentence for people, the id of the contact concerned if any."""

    def __init__(self, code: str, message: str, id: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.id = id

    @property
    def status(self) -> int:
        """What a request for this item alone would be answered with."""
        return STATUSES.get(self.code, 422)


def checked_contact(item: Any) -> dict[str, Any]:
    """The item, once it can become a contact; otherwise raises Faulty."""
    members = _object(item, {"name", "email", "company"})
    for member in ("name", "email"):
        RULES[member](members.get(member))
    _company(members.get("company"))
    return members


def checked_update(item: Any) -> dict[str, Any]:
    """The item, once it names a contact and what to change of it; otherwise raises Faulty. null removes a company."""
    members = _object(item, {"id", *RULES})
    id = members.get("id")
    if type(id) is not int:
        raise Faulty("invalid_member", "Send the id of the contact as a whole number.")
    try:
        _changes(members)
    except Faulty as fault:
        fault.id = id
        raise
    return members


def _changes(members: dict[str, Any]) -> None:
    if len(members) == 1:
        raise Faulty("invalid_member", f"Send what to change beside the id: {', '.join(RULES)}.")
    for member, rule in RULES.items():  # in their order, so that the first fault is always the same one
        if member in members:
            rule(members[member])


def _object(item: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise Faulty("not_an_object", "Send a JSON object for each contact.")
    if unknown := sorted(item.keys() - known):
        id = item.get("id") if "id" in known and type(item.get("id")) is int else None
        shown = unknown[0].encode(errors="replace").decode()[:50]
        raise Faulty("unknown_member", f"Leave out {shown}: send only {', '.join(sorted(known))}.", id)
    return item


def _name(value: Any) -> None:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Faulty("missing_name", "Send a name.")
    if not is_text(value, 1, LONGEST):
        raise Faulty("invalid_member", f"Send the name as a string of 1 to {LONGEST} characters.")


def _email(value: Any) -> None:
    if not is_text(value, 1, LONGEST_EMAIL) or not EMAIL.fullmatch(value):
        raise Faulty("invalid_email", "Send an e-mail address such as ada@example.com.")


def _company(value: Any) -> None:
    if value is not None and not is_text(value, 0, LONGEST):
        raise Faulty("invalid_member", f"Send the company as a string of at most {LONGEST} characters.")


def _status(value: Any) -> None:
    if value not in ("active", "inactive"):
        raise Faulty("invalid_member", 'Send "active" or "inactive" as the status.')


def _tags(value: Any) -> None:
    if not isinstance(value, list) or len(value) > 20 or not all(is_text(tag, 1, 50) for tag in value):
        raise Faulty("invalid_member", "Send the tags as a list of at most 20 strings of 1 to 50 characters.")


RULES: dict[str, Callable[[Any], None]] = {
    "name": _name,
    "email": _email,
    "company": _company,
    "status": _status,
    "tags": _tags,
}
