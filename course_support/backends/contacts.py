"""The contacts of a CRM: what is stored, and what the database itself says of a contact that it must not hold twice."""

import json
import random
import sqlite3
from dataclasses import dataclass
from typing import Any

from course_support.backends.contacts_database import Database
from course_support.backends.contacts_rules import LARGEST_ID, Faulty

FIRST, COUNT = 101, 40  # ids 101 to 140: 123, 124 and 125 are always among them
# In every seed, as the spreadsheets of the lesson hold them too.
KNOWN = [
    ("Ada Winter", "ada.winter@harbour-lights.example", "Harbour Lights"),
    ("Milan Kovac", "milan.kovac@harbour-lights.example", "Harbour Lights"),
    ("Ines Duarte", "ines.duarte@paper-boats.example", "Paper Boats"),
    ("Jonas Lindqvist", "jonas.lindqvist@paper-boats.example", "Paper Boats"),
    ("Noor Haddad", "noor.haddad@north-quay.example", "North Quay"),
]
FIRST_NAMES = ["Alma", "Bruno", "Carla", "David", "Elif", "Felix", "Greta", "Hugo", "Iris", "Jakub", "Kaya", "Luis"]
LAST_NAMES = ["Adler", "Berg", "Costa", "Dahl", "Engel", "Falk", "Garcia", "Horvat", "Ito", "Jensen", "Kaplan", "Lund"]
COMPANIES = ["Amber Mills", "Blue Kettle", "Copper Lane", "Dune Works", "Early Bird", "Fern Valley", "Glass Owl"]


@dataclass(frozen=True)
class Contact:
    id: int
    name: str
    email: str
    company: str | None
    status: str
    tags: list[str]

    @property
    def representation(self) -> dict[str, Any]:
        """What clients see of it."""
        return vars(self)


def seeded(seed: int) -> list[tuple[str, str, str]]:
    """Name, e-mail address and company of the contacts that are there from the start."""
    draw = random.Random(f"contacts {seed}")
    names = draw.sample([(first, last) for first in FIRST_NAMES for last in LAST_NAMES], COUNT - len(KNOWN))
    return KNOWN + [_drawn(first, last, draw.choice(COMPANIES)) for first, last in names]


def _drawn(first: str, last: str, company: str) -> tuple[str, str, str]:
    host = company.lower().replace(" ", "-")
    return f"{first} {last}", f"{first}.{last}@{host}.example".lower(), company


class Contacts:
    """The table. A change belongs into `database.transaction()`, which the caller opens around as many as he wants."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        with database.transaction():
            for id, (name, email, company) in enumerate(seeded(seed), FIRST):
                columns = "INSERT INTO contacts (id, name, email, company) VALUES (?, ?, ?, ?)"
                database.insert(columns, id, name, email, company)

    def get(self, id: int) -> Contact | None:
        found = self._contacts("WHERE id = ?", id)
        return found[0] if found else None

    def page(self, after: int, limit: int, email: str | None = None) -> list[Contact]:
        """At most `limit` contacts in the order of their ids, from the first id above `after` on."""
        chosen = "WHERE id > ? AND (? IS NULL OR email = ?) ORDER BY id LIMIT ?"
        return self._contacts(chosen, after, email, email, limit)

    def total(self, email: str | None = None) -> int:
        return self._number("SELECT count(*) FROM contacts WHERE ? IS NULL OR email = ?", email, email)

    def welcomed(self) -> int:
        """How many welcome mails have gone out."""
        return self._number("SELECT count(*) FROM outbox")

    def create(self, *, name: str, email: str, company: str | None = None, welcome: bool = False) -> int:
        """The id of the new contact. Raises Faulty if another one has the e-mail address.

        That is for the UNIQUE of the table to say: between a check of ours and the insert another writer could come.
        """
        with self.database.savepoint():
            try:
                id = self.database.insert(
                    "INSERT INTO contacts (name, email, company) VALUES (?, ?, ?)", name, email, company
                )
            except sqlite3.IntegrityError:
                raise self._duplicate(email) from None
            if welcome:
                self.database.insert("INSERT INTO outbox VALUES (?)", id)
            return id

    def update(self, *, id: int, **changes: Any) -> int:
        """Its id. Raises Faulty if there is no such contact, or if another one has the new e-mail address."""
        values = [json.dumps(value) if column == "tags" else value for column, value in changes.items()]
        columns = ", ".join(f"{column} = ?" for column in changes)
        if not 0 < id <= LARGEST_ID:
            raise _not_found(id)
        with self.database.savepoint():
            try:
                found = self.database.rows(f"UPDATE contacts SET {columns} WHERE id = ? RETURNING id", *values, id)
            except sqlite3.IntegrityError:
                other = self._duplicate(changes["email"])
                raise Faulty(other.code, other.message, id) from None
        if not found:
            raise _not_found(id)
        return id

    def _duplicate(self, email: str) -> Faulty:
        id = self._number("SELECT id FROM contacts WHERE email = ?", email)
        return Faulty("duplicate", f"Contact {id} has this e-mail address: change that one, or send another.", id)

    def _contacts(self, chosen: str, *values: Any) -> list[Contact]:
        rows = self.database.rows(f"SELECT id, name, email, company, status, tags FROM contacts {chosen}", *values)
        return [
            Contact(id, name, email, company, status, json.loads(tags))
            for id, name, email, company, status, tags in rows
        ]

    def _number(self, statement: str, *values: Any) -> int:
        number: int = self.database.rows(statement, *values)[0][0]
        return number


def _not_found(id: int) -> Faulty:
    return Faulty("not_found", "Take the id from the list of contacts: there is none with this one.", id)
