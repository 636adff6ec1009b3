"""Idempotency keys: a request that is sent again, as its answer got lost, is answered again and not done again.

After draft-ietf-httpapi-idempotency-key-header-07. Key and answer are kept in the transaction of the work itself:
whatever breaks, there is never the one without the other.
"""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from course_support.backends.clock import Clock
from course_support.backends.contacts_database import Database
from course_support.backends.problem import Problem

KEPT = timedelta(hours=24)
REPLAYED = {"Idempotency-Replayed": "true"}  # ours: the draft has no field that tells an answer is one of before
KEPT_FIELDS = ("content-type", "location", "preference-applied", "retry-after", "cache-control")


@dataclass(frozen=True)
class Key:
    """A key belongs to the token that it came with: two clients may choose the same."""

    owner: str
    text: str
    fingerprint: str  # of the request that came with it


def key_of(request: Request, owner: str, body: bytes) -> Key | None:
    """The key of the request, if it has one. Raises a Problem 400 for a field that is none.

    The draft wants a String of RFC 9651, in quotation marks; clients that leave them out are common, and understood.
    """
    sent = request.headers.getlist("idempotency-key")
    if not sent:
        return None
    found = re.fullmatch(r'"((?:[ !#-\[\]-~]|\\["\\])*)"|([!#-~]*)', sent[0].strip()) if len(sent) == 1 else None
    text = re.sub(r"\\(.)", r"\1", found[1]) if found and found[1] is not None else (found[2] if found else "")
    if not 1 <= len(text) <= 255:
        raise Problem(400, 'Send one Idempotency-Key of 1 to 255 printable characters, such as "8e03978e-40d5".')
    head = f"{request.method} {request.url.path}\n".encode()
    return Key(owner, text, hashlib.sha256(head + body).hexdigest())


class Keys:
    """The keys of a day, by the clock of the service."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._at_work: dict[tuple[str, str], str] = {}

    def once(self, key: Key | None, work: Callable[[], Response]) -> Response:
        """What the work answers, or has answered before. It is done in a transaction, which an exception undoes.

        Raises a Problem: 422 if the key came with another request before, 409 if that is still at work.
        """
        if not key:
            with self._database.transaction():
                return work()
        with self._claimed(key), self._database.transaction():
            return self._kept(key) or self._keep(key, work())

    @contextmanager
    def _claimed(self, key: Key) -> Iterator[None]:
        name = key.owner, key.text
        with self._lock:
            same(key, self._at_work.get(name, key.fingerprint))
            if name in self._at_work:
                raise at_work()
            self._at_work[name] = key.fingerprint
        try:
            yield
        finally:
            with self._lock:
                del self._at_work[name]

    def _kept(self, key: Key) -> Response | None:
        self._database.rows("DELETE FROM keys WHERE expires <= ?", self._clock.seconds)
        columns = "SELECT fingerprint, status, fields, body FROM keys WHERE owner = ? AND key = ?"
        for fingerprint, status, fields, body in self._database.rows(columns, key.owner, key.text):
            same(key, fingerprint)
            return Response(body, status, json.loads(fields) | REPLAYED)
        return None

    def _keep(self, key: Key, answer: Response) -> Response:
        fields = json.dumps({name: answer.headers[name] for name in KEPT_FIELDS if name in answer.headers})
        expires = self._clock.seconds + int(KEPT.total_seconds())
        values = (key.owner, key.text, key.fingerprint, expires, answer.status_code, fields, bytes(answer.body))
        self._database.insert("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)", *values)
        return answer


def same(key: Key, fingerprint: str) -> None:
    """Raises a Problem 422 if the first request with this key, whose fingerprint it is, was another one."""
    if key.fingerprint != fingerprint:
        raise Problem(422, "Take a new Idempotency-Key: this one came with another request before.")


def at_work() -> Problem:
    return Problem(
        409, "Wait, then ask again: the first request with this key is at work.", headers={"Retry-After": "1"}
    )
