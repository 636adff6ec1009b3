"""The batch door of the bookshop: a stocktaking in one request, and a finding for each line that could not be taken."""

import asyncio
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content
from course_support.backends.members import checked
from course_support.backends.problem import Problem
from course_support.backends.shelf import RULES, Shelf
from course_support.backends.shop_access import UNKNOWN, authorize, body, shelf, shown, trace

BATCH = "/api/v1/books/batch"
MOST = 10_000  # updates in one request
GROUP = 100  # updates after which everybody else gets a turn
KEPT = 1000  # keys


@dataclass
class First:
    """The first request with a key: what it asked for, and its answer once there is one."""

    fingerprint: bytes
    answer: Response | None = None


class Keys:
    """What was done under which Idempotency-Key, the newest 1000 of them: lesson 6 has all of it, in its database."""

    def __init__(self) -> None:
        self._first: OrderedDict[tuple[str, str], First] = OrderedDict()

    def begin(self, key: tuple[str, str], fingerprint: bytes) -> Response | None:
        """The answer of the first request with this key; None if this is the first. Raises a Problem 409 or 422."""
        first = self._first.get(key)
        if first is None:
            self._first[key] = First(fingerprint)
            if len(self._first) > KEPT:
                self._first.popitem(last=False)
            return None
        if first.fingerprint != fingerprint:
            raise Problem(422, "Send a new Idempotency-Key with another payload: this one is taken.")
        if first.answer is None:
            raise Problem(409, "Wait for the answer: the first request with this Idempotency-Key is still at work.")
        return first.answer

    def finish(self, key: tuple[str, str], answer: Response | None) -> None:
        """Keep the answer; None forgets the key, so that a corrected request may use it."""
        if answer is None:
            self._first.pop(key, None)
        elif key in self._first:
            self._first[key].answer = answer


def key_of(request: Request) -> str | None:
    """The Idempotency-Key without its quotes (draft-ietf-httpapi-idempotency-key-header); a bare token is taken too."""
    sent = request.headers.get("idempotency-key")
    key = None if sent is None else sent.strip().removeprefix('"').removesuffix('"')
    if key is not None and not 1 <= len(key) <= 255:
        raise Problem(400, "Send an Idempotency-Key of 1 to 255 characters in quotes, such as a new UUID.")
    return key


def fault(item: Any, books: Shelf) -> tuple[str, str] | None:
    """The code and the sentence for the first fault of an item; None for a good one."""
    if not isinstance(item, dict):
        return "not_an_object", 'Send an object, such as {"isbn": "9780000000019", "stock": 7}.'
    if unknown := next((name for name in item if name not in RULES), None):
        return "unknown_member", f"Leave out {unknown[:40]}: an update has isbn, stock and note."
    for name, rule in RULES.items():
        if (name in item or name != "note") and (advice := rule(item.get(name))):
            return f"invalid_{name}", advice
    return None if books.get(item["isbn"]) else ("unknown_isbn", UNKNOWN)


def updates_of(sent: Any) -> list[Any]:
    def operation(value: Any) -> str | None:
        return None if value == "update" else 'Send "update": this door knows no other operation.'

    def updates(value: Any) -> str | None:
        return None if isinstance(value, list) else "Send a list of updates, each with isbn, stock and note."

    found: list[Any] = checked(sent, {"operation": operation, "updates": updates})["updates"]
    if len(found) > MOST:
        raise Problem(413, f"Send at most {MOST} updates at once, and the others after them.")
    return found


async def applied(updates: list[Any], books: Shelf, trace: str) -> Response:
    errors = []
    for index, item in enumerate(updates):
        if found := fault(item, books):
            named = item.get("isbn") if isinstance(item, dict) and isinstance(item.get("isbn"), str) else None
            errors.append({"index": index, "isbn": named, "code": found[0], "message": found[1]})
        else:
            books.change(**item, trace=trace, by="batch")
        if index % GROUP == GROUP - 1:
            await asyncio.sleep(0)
    return shown({"processed": len(updates), "updated": len(updates) - len(errors), "errors": errors})


async def update_books(request: Request) -> Response:
    """Set the stock of many books at once: what can be done is done, and the rest is listed by its index."""
    label = authorize(request, "write")
    content.require_acceptable(request)
    key, sent = key_of(request), await body(request)
    if key is None:
        return await applied(updates_of(content.parse(sent)), shelf(request), trace(request))
    keys: Keys = request.app.state.keys
    if known := keys.begin((label, key), hashlib.sha256(sent).digest()):
        return Response(known.body, known.status_code, {**known.headers, "Idempotency-Replayed": "true"})
    answer = None
    try:
        answer = await applied(updates_of(content.parse(sent)), shelf(request), trace(request))
    finally:
        keys.finish((label, key), answer)
    return answer


ROUTES = [Route(BATCH, update_books, methods=["POST"])]
