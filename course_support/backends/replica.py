"""An editor's own copy of a document: shows what is typed at once, and ends up with the text that all others have.

It is the client's half of operational transform (the server's is documents.py), without any transport: what is to be
sent is returned, and whatever the server sends goes into `receive`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from course_support.backends.edits import Edit, apply, rebase

LONGEST = 1000  # code points in one update: even if each is escaped, the message stays under the server's 16 KiB

Message = dict[str, Any]


class Replica:
    """The text as its editor sees it, and `seq`, the newest update of the server that it contains.

    One update is under way at a time; later ones wait, and are moved along by what the others do meanwhile.
    """

    def __init__(self, text: str, seq: int, *, name: str = "", user: str = "", transform: bool = True) -> None:
        """`name` begins the ids of the updates and belongs to this copy alone; by default it is random.

        With `user`, the `userId` that the server knows this editor by, an update of the same id that is another user's
        is not taken for this copy's own: the server keeps the ids of each user apart.

        Without `transform` nothing is moved along, which shows why it is needed: copies diverge.
        """
        self.text = text
        self.seq = seq
        self.transform = transform
        self._name = name or uuid4().hex
        self._user = user
        self._number = 0  # of the update under way
        self._sent: list[Edit] = []  # the update under way: several edits if another's insertion has split it
        self._waiting: list[Edit] = []
        self._live = True

    @property
    def unconfirmed(self) -> int:
        """How many edits of this copy the server has not confirmed yet."""
        return len(self._sent) + len(self._waiting)

    def edit(self, position: int, content: str = "", remove: int = 0) -> list[Message]:
        """Remove so many code points at the position, then insert the content there: the messages to send now.

        Raises ValueError for a place outside the text.
        """
        if not 0 <= position <= position + remove <= len(self.text):
            raise ValueError(f"Edit between 0 and {len(self.text)}: the text has no {position} to {position + remove}.")
        edits = [Edit(position, remove=remove)] if remove else []
        for start in range(0, len(content), LONGEST):
            edits.append(Edit(position + start, content[start : start + LONGEST]))
        self.text = apply(self.text, *edits)
        self._waiting += edits
        return self._next()

    def receive(self, message: Mapping[str, Any]) -> list[Message]:
        """Take in any message of the server: the messages to send now.

        Raises ValueError if updates are missing before this one: connect again with `?after=` and the `seq`.
        """
        match message:
            case {"type": "text_update", "seq": int(seq)} if seq > self.seq:
                if seq != self.seq + 1:
                    raise ValueError(f"Resume after {self.seq}: update {seq} came, and those between are missing.")
                self.seq = seq
                self._take(message)
                return self._next()
            case {"type": "text_update"} if self._is_mine(message):
                self._retract()  # sent again, and the server had it already: it is in the document that came
                return self._next()
            case {"type": "resumed"}:
                return self.resumed()
            case {"type": "document", "text": str(text), "seq": int(seq)}:
                self._start_over(text, seq)
                return self.resumed()
        return []

    def lost(self) -> None:
        """The connection is lost: nothing is to be sent until a new one has brought what was missed.

        For without this call, an update that was confirmed among these would have the next one sent twice: at once,
        and again by `resumed`.
        """
        self._live = False

    def resumed(self) -> list[Message]:
        """What to send again on a new connection, once the missed updates are in (`receive` calls this by itself)."""
        self._live = True
        if not self._sent:
            return self._next()
        # One message tells of one edit; a second part goes as an update of its own. It can only be a removal, and
        # a removal that happens twice removes once.
        self._waiting = self._sent[1:] + self._waiting
        del self._sent[1:]
        return [self._message()]

    @property
    def _id(self) -> str:
        return f"{self._name}-{self._number}"

    def _is_mine(self, message: Mapping[str, Any]) -> bool:
        """Whether it tells of the update under way."""
        by_another = self._user and message.get("userId", self._user) != self._user
        return bool(self._sent) and message.get("id") == self._id and not by_another

    def _message(self) -> Message:
        edit = self._sent[0]
        what = {"position": edit.position, "content": edit.content, "remove": edit.remove}
        return {"type": "text_update", **what, "base": self.seq, "id": self._id}

    def _next(self) -> list[Message]:
        """Start the next update, unless one is under way or the connection is lost."""
        while self._live and self._waiting and not self._sent:
            edit = self._waiting.pop(0)
            if edit.content or edit.remove:  # others may have left it nothing to remove
                self._number += 1
                self._sent = [edit]
                return [self._message()]
        return []

    def _take(self, message: Mapping[str, Any]) -> None:
        if self._is_mine(message):
            del self._sent[0]  # our own, confirmed: the text has it already
            return
        theirs = [Edit(message["position"], message["content"], message["remove"])]
        if self.transform:
            self._sent, theirs = rebase(self._sent, theirs)
            self._waiting, theirs = rebase(self._waiting, theirs)
        self.text = apply(self.text, *theirs)

    def _retract(self) -> None:
        """Take the update under way out of the text, where it stands twice."""
        sent, self._sent = self._sent[0], []
        undo = [Edit(sent.position, remove=len(sent.content))]
        self._waiting, undo = rebase(self._waiting, undo)
        self.text = apply(self.text, *undo)

    def _start_over(self, text: str, seq: int) -> None:
        """Go on from a whole document: insertions are kept, removals given up, as what they meant is not known."""
        end = len(text)
        self._sent = [Edit(min(edit.position, end), edit.content) for edit in self._sent if edit.content]
        self._waiting = [Edit(edit.position, edit.content) for edit in self._waiting if edit.content]
        self.text, self.seq = text, seq
        self.text = apply(text, *self._sent)
        for number, edit in enumerate(self._waiting):
            self._waiting[number] = Edit(min(edit.position, len(self.text)), edit.content)
            self.text = apply(self.text, self._waiting[number])
