"""A live table of what a backend was sent and answered, which fills while a cell is still running."""

from __future__ import annotations

import threading
from collections import deque
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from course_support.recorder import Recording
from course_support.server import Server
from course_support.views.curl import curl, variables
from course_support.views.exchange import exchange_html, is_repeatable, request_title, status_text
from course_support.widgets.pulse import Pulse
from course_support.wire import Exchange

HERE = Path(__file__).parent
UNASKED_ROWS = 500

Row = list[int | float | str | None]


class LiveTraffic(anywidget.AnyWidget):
    """The exchanges of one backend, newest last. All that it shows is in `server.traffic`."""

    _esm = HERE / "traffic.js"
    _css = HERE / "traffic.css"
    url = traitlets.Unicode().tag(sync=True)

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._pulse = Pulse(self._send_fresh)
        self._fresh: deque[Recording] = deque()
        self._newest: deque[Row] = deque(maxlen=UNASKED_ROWS)
        self._asked = False
        self._lock = threading.Lock()
        self.on_msg(lambda _, message, buffers: self._answer(message))
        self.watch(server)

    def __repr__(self) -> str:
        return f"Live traffic of {self.url}: its server has the same as text in .traffic"

    def watch(self, server: Server) -> None:
        """Show this backend's exchanges from here on, those of the past included."""
        self._stop_watching()
        self._server = server
        self.url = server.url
        self._unsubscribe = server.recorder.subscribe(self._note)
        with self._lock:
            self._newest.extend(map(row, server.recorder.exchanges[-UNASKED_ROWS:]))
        self._send_all()

    def close(self) -> None:
        self._stop_watching()
        _live.pop(self.url, None)
        super().close()

    def _stop_watching(self) -> None:
        if hasattr(self, "_server"):
            self._unsubscribe()
        with self._lock:
            self._newest.clear()
            self._fresh.clear()

    def _note(self, recording: Recording) -> None:
        self._fresh.append(recording)
        self._pulse.beat()

    def _send_fresh(self) -> None:
        with self._lock:  # two pulses can overlap where a batch takes long
            # a WebSocket comes once for each message, and one row shows them all
            fresh = dict.fromkeys(self._fresh.popleft() for _ in range(len(self._fresh)))
            rows = [row(recording.exchange) for recording in fresh]
            self._newest.extend(rows)
            # what is sent before the view has rendered is lost: until it has asked, each batch brings the newest again
            self.send({"type": "rows", "rows": rows if self._asked else list(self._newest)})

    def _send_all(self) -> None:
        self.send({"type": "all", "rows": [row(exchange) for exchange in self._server.recorder.exchanges]})

    def _answer(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "backlog"}:
                self._asked = True
                self._send_all()
            case {"type": "show", "number": int(number)}:
                self.send({"type": "exchange", "number": number, **self._shown(number)})
            case {"type": "clear"}:
                self._server.recorder.clear()
                self._newest.clear()
                self._send_all()

    def _shown(self, number: int) -> dict[str, str]:
        found = (exchange for exchange in self._server.recorder.exchanges if exchange.number == number)
        if exchange := next(found, None):
            command = curl(exchange, self.url) if is_repeatable(exchange) else ""
            names = " and ".join(f"${name}" for name in variables(command))
            hint = f"Set {names} in the terminal first." if names else ""
            return {"html": exchange_html(exchange), "curl": command, "hint": hint}
        return {"html": f"<p>Exchange {number} is no longer kept.</p>", "curl": "", "hint": ""}


_live: dict[str, LiveTraffic] = {}


def traffic(server: Server) -> LiveTraffic:
    """A live table of the exchanges of `server`. Called again for the same address, it is the same table.

    In Python without the table: `server.traffic`, `server.last`, `server.recorder.clear()`.
    """
    widget = _live.get(server.url)
    if widget is None:
        widget = _live[server.url] = LiveTraffic(server)
    else:
        widget.watch(server)
    return widget


def row(exchange: Exchange) -> Row:
    """Number, request, status code or None, status in words, bytes sent, bytes received, milliseconds, note."""
    return [
        exchange.number,
        request_title(exchange.request),
        exchange.status,
        status_text(exchange),
        exchange.request_bytes,
        exchange.response_bytes,
        exchange.duration * 1000,
        exchange.note,
    ]
