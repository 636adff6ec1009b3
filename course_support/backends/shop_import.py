"""The batch door of the bookshop: a stocktaking in one request, and a finding for each line that could not be taken."""

import asyncio
from collections import OrderedDict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from course_support.backends import content
from course_support.backends.idempotency import REPLAYED, Key, at_work, key_of, same
from course_support.backends.members import checked
from course_support.backends.problem import Problem
from course_support.backends.shelf import RULES, Shelf, isbn_advice
from course_support.backends.shop_access import LARGEST, UNKNOWN, authorize, shelf, shown, trace

BATCH = "/api/v1/books/batch"
MOST = 10_000  # updates in one request
GROUP = 100  # updates after which everybody else gets a turn
KEPT = 1000  # keys


class Keys:
    """The newest 1000 keys, each with the request that it came with, and the answer once there is one.

    In memory, as the shelf is: lesson 6 keeps them for a day, in the transaction of the work itself.
    """

    def __init__(self) -> None:
        self._first: OrderedDict[tuple[str, str], tuple[str, Response | None]] = OrderedDict()

    def begin(self, key: Key) -> Response | None:
        """The answer of the first request with this key; None if this is the first. Raises a Problem 409 or 422."""
        first = self._first.get((key.owner, key.text))
        if first is None:
            self._first[key.owner, key.text] = key.fingerprint, None
            return None
        fingerprint, answer = first
        same(key, fingerprint)
        if answer is None:
            raise at_work()
        return answer

    def finish(self, key: Key, answer: Response | None) -> None:
        """Keep the answer; None forgets the key, so that a corrected request may use it."""
        self._first.pop((key.owner, key.text), None)
        if answer:
            self._first[key.owner, key.text] = key.fingerprint, answer
            if len(self._first) > KEPT:
                self._first.popitem(last=False)


def fault(item: Any, books: Shelf) -> tuple[str, str] | None:
    """The code and the sentence for the first fault of an item; None for a good one."""
    if not isinstance(item, dict):
        return "not_an_object", 'Send an object, such as {"isbn": "9780000000019", "stock": 7}.'
    if not item.keys() <= RULES.keys():
        return "unknown_member", "Leave out what is none of isbn, stock and note."
    for name, rule in RULES.items():
        if (name in item or name != "note") and (advice := rule(item.get(name))):
            return f"invalid_{name}", advice
    return None if books.get(item["isbn"]) else ("unknown_isbn", UNKNOWN)


def isbn_of(item: Any) -> str | None:
    """The ISBN of an item, if it has one: what is none is not repeated."""
    isbn = item.get("isbn") if isinstance(item, dict) else None
    return None if isbn_advice(isbn) else str(isbn)


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
            errors.append({"index": index, "isbn": isbn_of(item), "code": found[0], "message": found[1]})
        else:
            books.change(**item, trace=trace, by="batch")
        if index % GROUP == GROUP - 1:
            await asyncio.sleep(0)
    return shown({"processed": len(updates), "updated": len(updates) - len(errors), "errors": errors})


async def update_books(request: Request) -> Response:
    """Set the stock of many books at once: what can be done is done, and the rest is listed by its index."""
    label = authorize(request, "write")
    content.require_acceptable(request)
    sent = await content.read(request, largest=LARGEST)
    key, keys = key_of(request, label, sent), request.app.state.keys
    if key and (known := keys.begin(key)):
        return Response(known.body, known.status_code, {**known.headers, **REPLAYED})
    answer = None
    try:
        answer = await applied(updates_of(content.parse(sent)), shelf(request), trace(request))
    finally:
        if key:
            keys.finish(key, answer)
    return answer


ROUTES = [Route(BATCH, update_books, methods=["POST"])]
