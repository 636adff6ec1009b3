"""Clients of a learner's application who join, speak and leave, and what each of them has to hear by that."""

from __future__ import annotations

import contextlib
import random
import select
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from time import sleep

from websocket import ABNF, WebSocketException, WebSocketTimeoutException

from course_support.connection import Connection
from course_support.exercise import Client
from course_support.exercises.websocket.rooms import PATH

PATIENCE = 3.0  # seconds that a client waits for a message
SETTLED = 0.05  # seconds in which an application has seated a guest, or noticed that one has left
LITTLE = 2048  # bytes of a buffer that is soon full
HEAD = 60  # characters by which a text is known
WORDS = ("Hello!", "Zoë, are you there?", '{"type": "cursor_move"}', "🎂", "Yes.", "[1, 2]", "Tea?", "true", "null")
Table = dict[str, Connection]


@dataclass(slots=True)
class Guest:
    """Somebody who joins, in which document, and the beginnings of the texts that they have to hear, in order."""

    name: str
    document: str
    slow: bool = False
    hears: list[str] = field(default_factory=list)


class Party:
    """Says in advance who joins, speaks and leaves, in this order; `play` lets it happen.

    `guests` come in the order in which they join. `said` has the beginning of each text, and who says it.
    """

    def __init__(self, draw: random.Random, documents: list[str]) -> None:
        self.guests: list[Guest] = []
        self.said: dict[str, str] = {}
        self._draw = draw
        self._documents = documents
        self._here: list[Guest] = []
        self._steps: list[Callable[[Client, Table], None]] = []

    def join(self, *names: str, room: int = 0, slow: bool = False) -> None:
        for name in names:
            guest = Guest(name, self._documents[room], slow)
            self._here.append(guest)
            self.guests.append(guest)
            self._steps.append(partial(_join, guest))
        self._steps.append(_settle)

    def say(self, name: str, times: int = 1, filling: str = "") -> None:
        """Several texts at once; nobody goes on before all have heard them, but for those who are slow."""
        speaker = self._guest(name)
        hearers = [it for it in self._here if it.document == speaker.document and it is not speaker]
        texts = [
            f"{self._draw.choice(WORDS)} ({name} {len(self.said) + number}) {filling}" for number in range(1, times + 1)
        ]
        self.said |= {head(text): name for text in texts}
        for hearer in hearers:
            hearer.hears += map(head, texts)
        self._steps.append(partial(_say, name, texts, [it.name for it in hearers if not it.slow]))

    def leave(self, name: str) -> None:
        self._here.remove(self._guest(name))
        self._steps += [partial(_leave, name), _settle]

    def read_on(self, name: str) -> None:
        """The slow one reads at last: to the goodbye, or to the end of all that has been said."""
        self._steps.append(partial(_read_on, name, self._guest(name).hears[-1]))

    def excuse(self, name: str) -> None:
        """From here on this one need not hear anything."""
        self._here.remove(self._guest(name))

    def play(self, client: Client) -> None:
        """Raises an OSError or a WebSocketException where the application gives up, or keeps somebody waiting."""
        table: Table = {}
        for step in self._steps:
            step(client, table)

    def _guest(self, name: str) -> Guest:
        return next(guest for guest in self._here if guest.name == name)


def head(text: str) -> str:
    return text[:HEAD].strip(". ")


def _join(guest: Guest, client: Client, table: Table) -> None:
    table[guest.name] = seat = client.connect(PATH + guest.document, recv_buffer=LITTLE if guest.slow else None)
    if not seat.connected:
        raise WebSocketException("nobody lets us in")
    seat.settimeout(PATIENCE)
    seat.cont_frame.skip_utf8_validation = True  # which takes 20 ms for each of the long texts


def _settle(client: Client, table: Table) -> None:
    """Give the application a moment, and see that nobody has been left by it."""
    sleep(SETTLED)
    for seat in table.values():
        if seat.sock and _at_its_end(seat.sock):
            seat.recv_data()  # raises


def _at_its_end(line: socket.socket) -> bool:
    """Looked at without the connection's own recv, which records."""
    return bool(select.select([line], [], [], 0)[0]) and not socket.socket.recv(line, 1, socket.MSG_PEEK)


def _say(name: str, texts: list[str], hearers: list[str], client: Client, table: Table) -> None:
    for text in texts:
        table[name].send(text)
    for hearer in hearers:
        for _ in texts:
            table[hearer].recv_data()


def _leave(name: str, client: Client, table: Table) -> None:
    table.pop(name).leave()


def _read_on(name: str, last: str, client: Client, table: Table) -> None:
    slow = table[name]
    if slow.sock:
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
    opcode, data = None, b""
    with contextlib.suppress(WebSocketTimeoutException):
        while opcode != ABNF.OPCODE_CLOSE and not data.startswith(last.encode()):
            opcode, data = slow.recv_data(control_frame=True)
