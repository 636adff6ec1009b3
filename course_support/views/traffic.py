"""A sequence of exchanges that shows itself as a list with totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import overload

from course_support.views.diagram import diagram
from course_support.views.exchange import request_title, status_text
from course_support.views.quantity import TIME_WIDTH, bytes_text, count_text, seconds_text
from course_support.views.sequence import Diagram
from course_support.views.style import code, pill, table, view
from course_support.views.table import text_table
from course_support.wire import Exchange

MAX_ROWS = 200
EDGE_ROWS = 20  # shown from each end where there are more
COLUMNS = ("#", "request", "status", "sent", "received", "time")
FIGURES = (0, 3, 4, 5)  # columns set to the right
EMPTY = "No exchanges yet: send a request, then look here again."


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

    @property
    def sent(self) -> int:
        """Bytes that clients sent, heads and framing included."""
        return sum(exchange.request_bytes for exchange in self)

    @property
    def received(self) -> int:
        """Bytes that clients received, heads and framing included."""
        return sum(exchange.response_bytes for exchange in self)

    @property
    def seconds(self) -> float:
        """The durations of all exchanges added up; exchanges at the same time count each."""
        return sum(exchange.duration for exchange in self)

    @property
    def statuses(self) -> dict[int | None, int]:
        """How often each status code came back; None counts exchanges without a response."""
        return dict(Counter(exchange.status for exchange in self))

    @property
    def text(self) -> str:
        if not self:
            return EMPTY
        first, left_out, last = self._parts()
        rows = [COLUMNS, *map(_row, first), *map(_row, last), self._totals()]
        head, *lines, totals = text_table(rows, ">" + "<<" + ">>>", (0, 0, 0, 0, 0, TIME_WIDTH))
        if left_out:
            lines.insert(len(first), left_out)
        return "\n".join([head, *lines, "─" * len(head), totals])

    @property
    def html(self) -> str:
        if not self:
            return view("Traffic", f'<p class="api-remark">{EMPTY}</p>')
        first, left_out, last = self._parts()
        rows = [*map(_html_row, first), *([[left_out]] if left_out else []), *map(_html_row, last)]
        _, count, _, *figures = self._totals()
        return view("Traffic", table(f"Traffic: {count}", COLUMNS, rows, [f"Total of {count}", *figures], FIGURES))

    def diagram(self, client: str = "client", server: str = "server", title: str = "What happened") -> Diagram:
        """These exchanges as a sequence diagram; a request's `Client-Name` field names its participant."""
        return diagram(self, client, server, title)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/html": self.html}

    def _parts(self) -> tuple[Traffic, str, Traffic]:
        """The first rows, a sentence on what is left out, the last rows."""
        if len(self) <= MAX_ROWS:
            return self, "", self[:0]
        return self[:EDGE_ROWS], f"… {len(self) - 2 * EDGE_ROWS:,} exchanges between are not shown …", self[-EDGE_ROWS:]

    def _totals(self) -> tuple[str, ...]:
        count = count_text(len(self), "exchange")
        return ("", count, "", bytes_text(self.sent), bytes_text(self.received), seconds_text(self.seconds))


def _row(exchange: Exchange) -> tuple[str, ...]:
    return (
        str(exchange.number),
        request_title(exchange.request, 60),
        status_text(exchange),
        bytes_text(exchange.request_bytes),
        bytes_text(exchange.response_bytes),
        seconds_text(exchange.duration),
    )


def _html_row(exchange: Exchange) -> Sequence[str]:
    number, request, status, *figures = _row(exchange)
    return (number, code(request), pill(exchange.status, status), *figures)
