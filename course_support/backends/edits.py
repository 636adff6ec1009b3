"""Edits of one text that several people change at once, and what becomes of an edit when another was faster.

Operational transform and no CRDT such as pycrdt: the messages of the editor are positions and contents, which
operational transform moves as they stand, while a CRDT needs messages of its own that nobody can read on the wire.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """Inserts `content` at `position`, or removes so many code points there; one of the two is always "" or 0.

    Positions count Unicode code points from 0, as Python's `str` does; JavaScript's strings count UTF-16 code units.
    """

    position: int
    content: str = ""
    remove: int = 0


def apply(text: str, *edits: Edit) -> str:
    """The text after these edits, one after the other. A position behind the end means the end."""
    for edit in edits:
        text = text[: edit.position] + edit.content + text[edit.position + edit.remove :]
    return text


def transform(edit: Edit, over: Edit, *, earlier: bool = False) -> list[Edit]:
    """What `edit` becomes on a text in which `over` has been applied: edits to apply one after the other.

    Both were made on the same text. Of two insertions at one place, the one that is earlier in the log stays left:
    that is `over`, or with `earlier` it is `edit`. What was inserted survives a removal around it, which splits in two.
    Two removals remove what is left: possibly nothing, and an edit that does nothing stays an edit.
    """
    if over.content:
        return _past_insertion(edit, over.position, len(over.content), earlier)
    return [_past_removal(edit, over.position, over.position + over.remove)]


def _past_insertion(edit: Edit, at: int, length: int, earlier: bool) -> list[Edit]:
    start, end = edit.position, edit.position + edit.remove
    stays_left = edit.content and earlier
    if at < start or (at == start and not stays_left):
        return [Edit(start + length, edit.content, edit.remove)]
    if at >= end:
        return [edit]
    return [Edit(start, remove=at - start), Edit(start + length, remove=end - at)]


def _past_removal(edit: Edit, first: int, last: int) -> Edit:
    def moved(position: int) -> int:
        return position if position <= first else max(first, position - (last - first))

    start, end = moved(edit.position), moved(edit.position + edit.remove)
    return Edit(start, edit.content, end - start)


def rebase(later: Sequence[Edit], earlier: Sequence[Edit]) -> tuple[list[Edit], list[Edit]]:
    """Two series of edits that start from the same text: each of them as it is to be applied after the other.

    Whichever goes first, both ways end with the same text. `earlier` is the series that comes first in the log.
    """
    if not later or not earlier:
        return list(later), list(earlier)
    if len(later) > 1:  # in halves, so that a long series does not become a deep recursion
        half = len(later) // 2
        first, earlier = rebase(later[:half], earlier)
        second, earlier = rebase(later[half:], earlier)
        return first + second, list(earlier)
    if len(earlier) > 1:
        half = len(earlier) // 2
        later, first = rebase(later, earlier[:half])
        later, second = rebase(later, earlier[half:])
        return list(later), first + second
    return transform(later[0], earlier[0]), transform(earlier[0], later[0], earlier=True)
