"""The database under the batch lesson: SQLite with one connection, which its threads take in turn.

Who writes does so in a transaction, so that whatever goes wrong on the way, nothing is left half done.
"""

import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TABLES = """
CREATE TABLE contacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    company TEXT,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive')),
    tags TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE outbox (contact INTEGER NOT NULL REFERENCES contacts);
CREATE TABLE keys (
    owner TEXT, key TEXT, fingerprint TEXT NOT NULL, expires INTEGER NOT NULL,
    status INTEGER NOT NULL, fields TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (owner, key)
);
"""


class Database:
    """In memory. Any thread may call it at any time; one that has begun a transaction keeps the others waiting."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        weakref.finalize(self, self._db.close)
        self._db.executescript(TABLES)

    def rows(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def insert(self, statement: str, *values: Any) -> int:
        """The id of the new row. Raises sqlite3.IntegrityError if a constraint of the table forbids it."""
        with self._lock:
            return self._db.execute(statement, values).lastrowid or 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done in it is committed, or after any exception nothing."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that after an exception is taken back alone: the rest goes on."""
        self._db.execute("SAVEPOINT item")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK TO item")
            raise
        finally:
            self._db.execute("RELEASE item")
