"""The documents of the editor: each a text with the log of its updates, where a late update finds its place.

It is the server's half of operational transform; the client's is replica.py.
"""

import random
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from course_support.backends.edits import Edit, apply, rebase
from course_support.backends.problem import Problem

LARGEST = 200 * 1024  # bytes of a document in UTF-8
REMEMBERED = 10_000  # ids of updates, longer than the log, so that none is applied a second time
SENTENCES = [
    "The meeting starts at nine.",
    "Bring your notes and a pencil.",
    "We will look at the plan for spring.",
    "Tea is in the kitchen.",
    "Last time we left the third point open.",
    "Whoever comes late closes the door quietly.",
    "The window stays open until it rains.",
    "A short walk comes before lunch.",
]
FESTIVE = "Zoë brings the cake 🎂 at four."  # in every other document: its code points, UTF-16 units and bytes differ


@dataclass(frozen=True, slots=True)
class Update:
    """An edit as the log has it. `seq` counts 1, 2, 3 … for each document, without a gap."""

    seq: int
    edit: Edit
    user: str
    timestamp: str
    id: str | None = None

    @property
    def message(self) -> dict[str, Any]:
        """What clients see of it."""
        edit, named = self.edit, {} if self.id is None else {"id": self.id}
        shown = {"position": edit.position, "content": edit.content, "timestamp": self.timestamp, "userId": self.user}
        return {"type": "text_update", **shown, "remove": edit.remove, "seq": self.seq, **named}


class Document:
    """A text and its newest `keep` updates. It belongs to the server's thread; others may look at `text` and `seq`."""

    def __init__(self, id: str, text: str, keep: int) -> None:
        self.id = id
        self.text = text
        self.seq = 0
        self._log: deque[Update] = deque(maxlen=keep)
        self._seqs: OrderedDict[tuple[str, str], range] = OrderedDict()

    @property
    def representation(self) -> dict[str, Any]:
        """What clients see of it."""
        return {"id": self.id, "text": self.text, "seq": self.seq}

    def reaches(self, seq: int) -> bool:
        """Whether the log still has every update after this one; not for a seq that is yet to come."""
        return self.seq - len(self._log) <= seq <= self.seq

    def since(self, seq: int) -> list[Update]:
        """The updates after this one, if the log reaches back that far."""
        return [self._log[place] for place in range(len(self._log) - (self.seq - seq), len(self._log))]

    def length_at(self, seq: int) -> int:
        """How many code points the text had right after this update, if the log reaches back that far."""
        later = (update.edit for update in self.since(seq))
        return len(self.text) - sum(len(edit.content) - edit.remove for edit in later)

    def known(self, user: str, id: object) -> list[Update]:
        """What the log made of the user's update of this id before; where it has gone, an update that does nothing."""
        if not isinstance(id, str):
            return []
        oldest = self.seq - len(self._log) + 1
        gone = Update(0, Edit(0), user, "", id)
        seqs = self._seqs.get((user, id), range(0))
        return [self._log[seq - oldest] if seq >= oldest else replace(gone, seq=seq) for seq in seqs]

    def add(self, edit: Edit, base: int, user: str, timestamp: str, id: str | None = None) -> list[Update]:
        """Apply an edit that was made on the text as it was right after `base`: the updates that it becomes.

        Raises a Problem 409 if the document would grow too large.
        """
        return self._append(rebase([edit], [update.edit for update in self.since(base)])[0], user, timestamp, id)

    def add_as_it_stands(self, edit: Edit, user: str, timestamp: str, id: str | None = None) -> list[Update]:
        """Apply an edit at its position whatever has happened since, or at the end if that is nearer: the naive way."""
        start, end = (min(place, len(self.text)) for place in (edit.position, edit.position + edit.remove))
        return self._append([Edit(start, edit.content, end - start)], user, timestamp, id)

    def replace(self, text: str, user: str, timestamp: str) -> list[Update]:
        """Remove the whole text and insert another: the updates that this takes, at most two."""
        removal = [Edit(0, remove=len(self.text))] if self.text else []
        return self._append(removal + ([Edit(0, text)] if text else []), user, timestamp, None)

    def _append(self, edits: Iterable[Edit], user: str, timestamp: str, id: str | None) -> list[Update]:
        edits = list(edits)
        text = apply(self.text, *edits)
        if len(text) > len(self.text) and len(text.encode()) > LARGEST:
            raise Problem(409, f"Remove something first: a document has at most {LARGEST} bytes.")
        updates = [Update(self.seq + n, edit, user, timestamp, id) for n, edit in enumerate(edits, 1)]
        self.text, self.seq = text, self.seq + len(updates)
        self._log.extend(updates)
        if id is not None:
            self._seqs[user, id] = range(self.seq - len(updates) + 1, self.seq + 1)
            if len(self._seqs) > REMEMBERED:
                self._seqs.popitem(last=False)
        return updates


def seeded(seed: int, keep: int) -> dict[str, Document]:
    """The same six documents for the same seed, by id; document-123 is always among them."""
    draw = random.Random(f"documents {seed}")
    numbers = sorted([123, *draw.sample([*range(2, 123), *range(124, 200)], 5)])
    texts = {number: draw.sample(SENTENCES, 3) + ([] if number == 123 else [FESTIVE]) for number in numbers}
    documents = (Document(f"document-{number}", " ".join(text), keep) for number, text in texts.items())
    return {document.id: document for document in documents}
