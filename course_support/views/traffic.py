"""A sequence of exchanges that shows itself as a list with totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from course_support.wire import Exchange


class Traffic(Sequence[Exchange]):
    """Exchanges in the order of their numbers; a slice is a Traffic again."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._exchanges = tuple(exchanges)

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> Traffic: ...
    def __getitem__(self, index: int | slice) -> Exchange | Traffic:
        found = self._exchanges[index]
        return found if isinstance(found, Exchange) else Traffic(found)

    def __len__(self) -> int:
        return len(self._exchanges)
