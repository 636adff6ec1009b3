"""The way from the processor to a shop: one POST over a real connection, and the mischief that a network can do to it.

The mischief is switched, never random, so that a lesson shows the same each time it is run.
"""

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, NewConnectionError
from urllib3.exceptions import TimeoutError as TimeoutTrouble

from course_support.backends.clock import Clock
from course_support.backends.targets import LOOPBACK, Refused, Resolve, Target, target

MOST = 64 * 1024  # bytes of an answer that are read: only its status counts


@dataclass(frozen=True)
class Sending:
    """A request as it leaves the processor."""

    url: str
    fields: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """The status that a shop answered with, or why there is none. Its content is not kept.

    Who could read that in the log could register an address to see what answers there.
    """

    status: int | None = None
    error: str | None = None
    retry_after: str | None = None

    @property
    def delivered(self) -> bool:
        """Only a 2xx says so: a redirect is not followed, and is a failure (Standard Webhooks, delivery success)."""
        return self.status is not None and 200 <= self.status <= 299


class Network:
    """Carries requests to shops, and meddles with them as its switches say:

    - `tamper`: one digit of the amount is another one when the request arrives;
    - `duplicate`: each request arrives twice, and the first answer is the one that comes back;
    - `hold`: each request takes this long, by the processor's clock;
    - `reorder`: of two requests, the second arrives first (`Deliveries` keeps the first back).
    """

    def __init__(self, clock: Clock, resolve: Resolve, timeout: float) -> None:
        self.tamper = self.duplicate = self.reorder = False
        self.hold = timedelta()
        self.timeout = timeout  # real seconds that connection, request and answer may take together
        self._clock = clock
        self._resolve = resolve
        self._overheard: Sending | None = None

    def carry(self, sending: Sending) -> Outcome:
        """What came of the request."""
        self._clock.advance(self.hold)
        arriving = replace(sending, body=tampered(sending.body)) if self.tamper else sending
        outcome = self._send(arriving)
        if self.duplicate:
            self._send(arriving)
        if outcome.delivered:
            self._overheard = arriving
        return outcome

    def replay(self) -> Outcome:
        """Send the last delivered request again, byte for byte: anybody who overheard it could.

        Raises LookupError if none has been delivered yet.
        """
        if not self._overheard:
            raise LookupError("Let a delivery succeed first: there is none yet that somebody could have overheard.")
        return self._send(self._overheard)

    def _send(self, sending: Sending) -> Outcome:
        try:  # again, although it was checked at the registration: a name may lead elsewhere by now (DNS rebinding)
            return post(target(sending.url, self._resolve), sending, self.timeout)
        except Refused as refused:
            return Outcome(error=f"refused: {refused}")


def tampered(body: bytes) -> bytes:
    """Another first digit of the amount: still JSON, still plausible, and no longer what was signed."""
    return re.sub(rb'(?<="amount":")[0-9]', lambda digit: b"1" if digit[0] == b"9" else b"9", body)


def post(to: Target, sending: Sending, timeout: float) -> Outcome:
    """POST to the address that was checked, whatever the name means by now: no proxy, no redirect, no second look-up.

    `timeout` is in seconds, for all of it.
    """
    if to.address != LOOPBACK:  # a course has no way outside
        return Outcome(error="unreachable")
    line, late, started = _connection(to, timeout), threading.Event(), time.monotonic()
    try:
        line.connect()
        rest = timeout - (time.monotonic() - started)
        with _cut_after(rest, line.sock, late):
            return _exchange(line, to, sending)
    except NewConnectionError:
        return Outcome(error="no connection")
    except (OSError, HTTPException, HTTPError, ValueError) as error:
        slow = late.is_set() or isinstance(error, TimeoutError | TimeoutTrouble)
        return Outcome(error="timeout" if slow else "broken connection")
    finally:
        line.close()


def _connection(to: Target, timeout: float) -> HTTPConnection:
    if to.scheme == "https":
        return HTTPSConnection(to.address, to.port, timeout=timeout, server_hostname=to.host, assert_hostname=to.host)
    return HTTPConnection(to.address, to.port, timeout=timeout)


def _exchange(line: HTTPConnection, to: Target, sending: Sending) -> Outcome:
    fields = {"Host": to.authority, "User-Agent": "payment-processor", "Connection": "close", **sending.fields}
    line.request("POST", to.path, sending.body, fields, preload_content=False, decode_content=False)
    answer = line.getresponse()
    try:
        rest = MOST
        while rest and (chunk := answer.read(rest, decode_content=False)):  # one that breaks off shows at the next
            rest -= len(chunk)
        return Outcome(answer.status, retry_after=answer.headers.get("Retry-After"))
    finally:
        answer.close()


@contextlib.contextmanager
def _cut_after(seconds: float, line: socket.socket, late: threading.Event) -> Iterator[None]:
    """Cut the line when the time is up: a timeout of the socket would start anew with each byte that trickles in."""

    def cut() -> None:
        late.set()
        with contextlib.suppress(OSError):  # the shop has closed it just now
            line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
        if late.is_set():  # a cut looks like the end of an answer that does not tell its length
            raise TimeoutError
    finally:
        timer.cancel()
