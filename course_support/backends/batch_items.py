"""A batch on its way into the table, item by item: one that is at fault does not stop the others."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from course_support.backends.contacts import Contacts
from course_support.backends.contacts_rules import Faulty, checked_contact, checked_update


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item; `index` counts from 0 in the order in which they were sent.

    `status`: 201 created, 200 updated or skipped, otherwise what was wrong, as of a request for this item alone.
    `id` is the contact concerned: of a duplicate the one that was there before. Without a fault, `code` is None.
    """

    index: int
    status: int
    id: int | None
    code: str | None = None
    message: str | None = None

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def error(self) -> dict[str, Any]:
        return {"index": self.index, "id": self.id, "code": self.code, "message": self.message}

    @property
    def item(self) -> dict[str, Any]:
        return {"index": self.index, "status": self.status, **self.error}


class Batch:
    """One batch. It remembers which contacts are its own, to tell an e-mail address that it holds twice."""

    def __init__(self, contacts: Contacts, options: Mapping[str, bool]) -> None:
        self.contacts = contacts
        self.skip_duplicates = options.get("skip_duplicates", True)
        self.welcome = options.get("send_welcome_email", False)
        self.atomic = options.get("atomic", False)
        self._created: set[int | None] = set()

    def create(self, items: Iterable[Any], start: int = 0) -> list[Outcome]:
        """Belongs into a transaction. `start` is the index of the first item in the whole batch."""
        return [self._outcome(index, item, self._create) for index, item in enumerate(items, start)]

    def update(self, items: Iterable[Any]) -> list[Outcome]:
        """Belongs into a transaction."""
        return [self._outcome(index, item, self._update) for index, item in enumerate(items)]

    def _outcome(self, index: int, item: Any, work: Callable[[int, Any], Outcome]) -> Outcome:
        try:
            return work(index, item)
        except Faulty as fault:
            return Outcome(index, fault.status, fault.id, fault.code, fault.message)

    def _create(self, index: int, item: Any) -> Outcome:
        try:
            id = self.contacts.create(**checked_contact(item), welcome=self.welcome)
        except Faulty as fault:
            if fault.code != "duplicate":
                raise
            return self._duplicate(index, fault)
        self._created.add(id)
        return Outcome(index, 201, id)

    def _duplicate(self, index: int, fault: Faulty) -> Outcome:
        status = 200 if self.skip_duplicates else fault.status
        if fault.id not in self._created:
            return Outcome(index, status, fault.id, fault.code, fault.message)
        message = "Send each e-mail address once: an item before this one has it too."
        id = None if self.atomic else fault.id  # the contact of that item may not stay
        return Outcome(index, status, id, "duplicate_in_batch", message)

    def _update(self, index: int, item: Any) -> Outcome:
        return Outcome(index, 200, self.contacts.update(**checked_update(item)))


def failed(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """The faults alone, as clients see them."""
    return [outcome.error for outcome in outcomes if outcome.failed]


def created(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many contacts are new, and how many were known and left as they are."""
    statuses = [outcome.status for outcome in outcomes]
    return {"processed": len(statuses), "created": statuses.count(201), "skipped": statuses.count(200)}


def updated(outcomes: Iterable[Outcome]) -> dict[str, int]:
    statuses = [outcome.status for outcome in outcomes]
    return {"processed": len(statuses), "updated": statuses.count(200)}
