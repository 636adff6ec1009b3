"""The events of the GraphQL lesson in SQLite: what is stored, what can be asked, and who is told of changes."""

import asyncio
import contextlib
import json
import re
import sqlite3
import weakref
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, TypeVar

from course_support.backends import statements
from course_support.backends.events_data import seeded
from course_support.backends.events_records import Attendee, Event, Refusal, Session, Speaker, is_text

T = TypeVar("T")
TABLES = """
CREATE TABLE events (number INTEGER PRIMARY KEY, id TEXT UNIQUE, name TEXT, description TEXT, date TEXT, capacity INT,
                     address TEXT, city TEXT, latitude REAL, longitude REAL);
CREATE TABLE speakers (id TEXT PRIMARY KEY, name TEXT, bio TEXT, photo TEXT);
CREATE TABLE sessions (id TEXT PRIMARY KEY, event TEXT, title TEXT, time TEXT);
CREATE TABLE talks (session TEXT, speaker TEXT, PRIMARY KEY (session, speaker));
CREATE TABLE attendees (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT, name TEXT, email TEXT COLLATE NOCASE,
                        UNIQUE (event, email));
"""
# One statement asks for any number of keys: they travel as one JSON list.
THESE = "IN (SELECT value FROM json_each(?))"


class Events:
    """The events. The methods in the plural take many keys, run one SQL statement, and answer in the order of the keys.

    A method that only reads may be called from any thread. `register` and `cancel` tell whoever follows the event.
    """

    def __init__(self, seed: int) -> None:
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._followers: set[tuple[str, Callable[[int], object]]] = set()
        weakref.finalize(self, self._db.close)
        self._db.executescript(TABLES)
        rows = seeded(seed)
        for table in ("events", "speakers", "sessions", "talks"):
            self._fill(table, getattr(rows, table))
        self._fill("attendees (event, name, email)", rows.attendees)

    # --- One at a time -----------------------------------------------------------------------------------------------

    def ids(self) -> list[str]:
        """Of all events, in the order of their dates."""
        return [row[0] for row in self._query("SELECT id FROM events ORDER BY number")]

    def event(self, id: str) -> Event | None:
        return self.events([id])[0]

    def speaker(self, id: str) -> Speaker | None:
        return next((Speaker(*row) for row in self._query(f"SELECT * FROM speakers WHERE id {THESE}", [id])), None)

    def speakers_of(self, event_id: str) -> list[Speaker]:
        return self.speakers_of_events([event_id])[0]

    def sessions_of(self, speaker_id: str) -> list[Session]:
        return self.sessions_of_speakers([speaker_id])[0]

    def attendee_count(self, event_id: str) -> int:
        return self.attendee_counts([event_id])[0]

    def page(self, after: int, limit: int) -> list[Event]:
        """At most `limit` events in the order of their dates, from the first number above `after` on."""
        page = "SELECT * FROM events WHERE number > ? ORDER BY number LIMIT ?"
        return [Event.of(*row) for row in self._query(page, after, limit)]

    def total(self) -> int:
        count: int = self._query("SELECT count(*) FROM events")[0][0]
        return count

    def attendees(self, event_id: str, after: int = 0, limit: int = -1) -> list[Attendee]:
        """At most `limit` attendees in the order in which they registered, from the first id above `after` on."""
        page = "SELECT * FROM attendees WHERE event = ? AND id > ? ORDER BY id LIMIT ?"
        return [Attendee(*row) for row in self._query(page, event_id, after, limit)]

    # --- Many at a time ----------------------------------------------------------------------------------------------

    def events(self, ids: Sequence[str]) -> list[Event | None]:
        rows = self._query(f"SELECT * FROM events WHERE id {THESE}", ids)
        found = {event.id: event for event in (Event.of(*row) for row in rows)}
        return [found.get(id) for id in ids]

    def speakers_of_events(self, event_ids: Sequence[str]) -> list[list[Speaker]]:
        """Who speaks there, each speaker once, by name."""
        speakers = (
            "SELECT DISTINCT sessions.event, speakers.* FROM sessions JOIN talks ON talks.session = sessions.id"
            f" JOIN speakers ON speakers.id = talks.speaker WHERE sessions.event {THESE} ORDER BY name, speakers.id"
        )
        return self._grouped(speakers, event_ids, Speaker)

    def sessions_of_events(self, event_ids: Sequence[str]) -> list[list[Session]]:
        sessions = f"SELECT event, * FROM sessions WHERE event {THESE} ORDER BY time, id"
        return self._grouped(sessions, event_ids, Session.of)

    def sessions_of_speakers(self, speaker_ids: Sequence[str]) -> list[list[Session]]:
        """Their sessions at all events, by time."""
        sessions = (
            "SELECT talks.speaker, sessions.* FROM talks JOIN sessions ON sessions.id = talks.session"
            f" WHERE talks.speaker {THESE} ORDER BY time, id"
        )
        return self._grouped(sessions, speaker_ids, Session.of)

    def speakers_of_sessions(self, session_ids: Sequence[str]) -> list[list[Speaker]]:
        speakers = (
            "SELECT talks.session, speakers.* FROM talks JOIN speakers ON speakers.id = talks.speaker"
            f" WHERE talks.session {THESE} ORDER BY name, id"
        )
        return self._grouped(speakers, session_ids, Speaker)

    def attendee_counts(self, event_ids: Sequence[str]) -> list[int]:
        counts = dict(
            self._query(f"SELECT event, count(*) FROM attendees WHERE event {THESE} GROUP BY event", event_ids)
        )
        return [counts.get(id, 0) for id in event_ids]

    # --- Changes -----------------------------------------------------------------------------------------------------

    def register(self, event_id: str, name: str, email: str) -> Attendee | list[Refusal]:
        """The new attendee, or every reason why there is none."""
        faults = [Refusal.NAME_REQUIRED] if not is_text(name.strip(), 100) else []
        if not is_text(email, 254) or not re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)*", email):
            faults.append(Refusal.INVALID_EMAIL)
        if not (event := self.event(event_id)):
            faults.append(Refusal.NO_SUCH_EVENT)
        if faults or not event:
            return faults
        # Room is looked for in the statement that takes it: between two statements somebody else could.
        insert = (
            "INSERT INTO attendees (event, name, email) SELECT ?, ?, ?"
            " WHERE (SELECT count(*) FROM attendees WHERE event = ?) < ? ON CONFLICT DO NOTHING RETURNING *"
        )
        if added := self._query(insert, event_id, name.strip(), email, event_id, event.capacity):
            self._tell(event_id)
            return Attendee(*added[0])
        taken = self._query("SELECT id FROM attendees WHERE event = ? AND email = ?", event_id, email)
        return [Refusal.EMAIL_TAKEN if taken else Refusal.EVENT_FULL]

    def cancel(self, attendee_id: int) -> Attendee | None:
        """The attendee that is no more; None if there was none."""
        removed = self._query("DELETE FROM attendees WHERE id = ? RETURNING *", attendee_id)
        if not removed:
            return None
        attendee = Attendee(*removed[0])
        self._tell(attendee.event_id)
        return attendee

    async def follow(self, event_id: str) -> AsyncGenerator[int, None]:
        """The number of attendees now, and again after each change, from whichever thread it comes."""
        loop, changes = asyncio.get_running_loop(), asyncio.Queue[int]()
        follower = (event_id, lambda count: loop.call_soon_threadsafe(changes.put_nowait, count))
        self._followers.add(follower)  # before the first count, so that no change falls between
        try:
            yield self.attendee_count(event_id)
            while True:
                yield await changes.get()
        finally:
            self._followers.discard(follower)

    def _tell(self, event_id: str) -> None:
        followers = [tell for followed, tell in list(self._followers) if followed == event_id]
        if followers:
            count = self.attendee_count(event_id)
            for tell in followers:
                with contextlib.suppress(RuntimeError):  # its server has been closed
                    tell(count)

    # --- SQLite ------------------------------------------------------------------------------------------------------

    def _grouped(self, statement: str, keys: Sequence[str], make: Callable[..., T]) -> list[list[T]]:
        """For each key the rows that start with it, made into what they stand for."""
        groups: dict[str, list[T]] = {key: [] for key in keys}
        for key, *row in self._query(statement, keys):
            groups[key].append(make(*row))
        return [groups[key] for key in keys]

    def _query(self, statement: str, *values: Any) -> list[Any]:
        statements.count()
        given = [value if isinstance(value, str | int) else json.dumps(value) for value in values]
        return self._db.execute(statement, given).fetchall()

    def _fill(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        self._db.execute("COMMIT")
