"""The playlists of the REST lesson: what is stored, and what a client may ask of it."""

import random
import re
import sqlite3
import weakref
from dataclasses import astuple, dataclass
from typing import Any

from course_support.backends.clock import START, Clock
from course_support.backends.problem import invalid, pointer

LENGTHS = {"name": (1, 100), "description": (0, 500)}
STYLES = ["Blues", "Bossa Nova", "Chansons", "Disco", "Folk", "Funk", "Hip-Hop", "House", "Indie", "Jazz", "Soul"]
OCCASIONS = {
    "Sunrise": "to wake up with",
    "Café": "for the second cup",
    "Deep Focus": "that nobody sings along to",
    "Kitchen": "to cook and dance to",
    "Commute": "between two stations",
    "Rainy Day": "for grey afternoons",
    "Garden": "for long evenings outside",
    "Late Night": "for the small hours",
}
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Playlist:
    id: int
    name: str
    description: str
    songs: int
    modified: int  # Unix time in whole seconds

    @property
    def representation(self) -> dict[str, Any]:
        """What clients see of it."""
        return {"id": self.id, "name": self.name, "description": self.description, "songs": self.songs}


def seeded(seed: int) -> list[Playlist]:
    """The same 47 playlists for the same seed; 1 and 123 are always among them."""
    draw, opening = random.Random(seed), int(START.timestamp())
    ids = sorted([123, *draw.sample([*range(2, 123), *range(124, 200)], 45)])
    names = draw.sample([(occasion, style) for occasion in OCCASIONS for style in STYLES], 46)
    return [Playlist(1, "Workout Mix", "Songs that keep you moving", 12, opening - DAY)] + [
        Playlist(
            id,
            name=f"{occasion} {style}",
            description=f"{style} {OCCASIONS[occasion]}",
            songs=draw.randint(8, 90),
            modified=opening - draw.randrange(DAY, 90 * DAY),
        )
        for id, (occasion, style) in zip(ids, names, strict=True)
    ]


class Library:
    """The playlists. Each method runs one SQL statement, so any thread may call it at any time."""

    def __init__(self, database: str, seed: int, clock: Clock) -> None:
        self.clock = clock
        self._db = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)
        if not self._query("SELECT name FROM sqlite_master"):
            # AUTOINCREMENT: the id of a deleted playlist is never given to another one.
            columns = "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, description TEXT, songs INT, modified INT"
            self._query("BEGIN")
            self._query(f"CREATE TABLE playlists ({columns})")
            self._db.executemany("INSERT INTO playlists VALUES (?, ?, ?, ?, ?)", map(astuple, seeded(seed)))
            self._query("COMMIT")
        clock.catch_up(self._query("SELECT coalesce(max(modified), 0) FROM playlists")[0][0])

    def page(self, after: int, limit: int) -> list[Playlist]:
        """At most `limit` playlists in the order of their ids, from the first id above `after` on."""
        return self._playlists("SELECT * FROM playlists WHERE id > ? ORDER BY id LIMIT ?", after, limit)

    def get(self, id: int) -> Playlist | None:
        return self._playlist("SELECT * FROM playlists WHERE id = ?", id)

    def create(self, *, name: str, description: str) -> Playlist:
        insert = "INSERT INTO playlists (name, description, songs, modified) VALUES (?, ?, 0, ?) RETURNING *"
        return self._playlists(insert, name, description, self.clock.seconds)[0]

    def update(self, id: int, *, name: str | None = None, description: str | None = None) -> Playlist | None:
        """The playlist as it is now; what is None stays as it was."""
        new = "name = coalesce(?, name), description = coalesce(?, description), modified = ?"
        change = f"UPDATE playlists SET {new} WHERE id = ? RETURNING *"
        return self._playlist(change, name, description, self.clock.seconds, id)

    def delete(self, id: int) -> Playlist | None:
        """The playlist that is no more."""
        return self._playlist("DELETE FROM playlists WHERE id = ? RETURNING *", id)

    def _playlists(self, statement: str, *values: Any) -> list[Playlist]:
        return [Playlist(*row) for row in self._query(statement, *values)]

    def _playlist(self, statement: str, *values: Any) -> Playlist | None:
        return next(iter(self._playlists(statement, *values)), None)

    def _query(self, statement: str, *values: Any) -> list[Any]:
        return self._db.execute(statement, values).fetchall()


def checked(sent: Any, current: Playlist | None = None) -> dict[str, str]:
    """The name and description that were sent, or a 422 that lists all faults at once."""
    if not isinstance(sent, dict):
        raise invalid({pointer(): 'Send a JSON object, such as {"name": "Road Trip Hits"}.'})
    kept = current.representation if current else {}
    members: dict[str, Any] = {"name": None, **sent}
    faults = {}
    for member, value in members.items():
        if member in LENGTHS:
            if not is_text(value, *LENGTHS[member]):
                faults[pointer(member)] = "Send a string of {} to {} characters.".format(*LENGTHS[member])
        elif member not in ("id", "songs"):
            faults[pointer(member)] = "Leave this out: a client sets only the name and the description of a playlist."
        elif type(value) is not int or value != kept.get(member):
            faults[pointer(member)] = "Leave this out: only the service sets it."
    if faults:
        raise invalid(faults)
    return {"name": members["name"], "description": members.get("description", "")}


def is_text(value: Any, shortest: int, longest: int) -> bool:
    """A lone surrogate can be escaped in JSON, but it is half a character, and no UTF-8 can hold it."""
    return isinstance(value, str) and shortest <= len(value) <= longest and not re.search("[\ud800-\udfff]", value)


def merged(current: Playlist, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): what is sent replaces, null removes. A removed description is an empty one."""
    if not isinstance(patch, dict):
        return patch
    return current.representation | patch | ({"description": ""} if patch.get("description", "") is None else {})
