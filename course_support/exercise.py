"""An exercise as the examiner knows it: scenes to play, evidence to gather, a judge to decide.

All of it stays on the examiner's side. The learner's kernel gets arguments and gives back plain JSON; expected values,
seeds and judges never cross.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import requests
from starlette.types import ASGIApp

from course_support import connection
from course_support.attempts import crashed, crashed_serving, endless, unattempted, unusable
from course_support.connection import LINGER, Connection
from course_support.evidence import JSON, Evidence, Rule, first_of
from course_support.evidence import URL as URL  # part of what a scene is written with
from course_support.faults import Fault
from course_support.recorder import Recorder
from course_support.verdict import Verdict
from course_support.wire import Exchange, Message


@dataclass(frozen=True, slots=True)
class Scene:
    """One call of the learner's function, beside one fresh backend.

    `arguments` are handed over in their order, `URL` among them as the backend's address. `expected` is what the judge
    will want to know of this scene. `faults` are scripted for the first requests. `afterwards` runs on the examiner's
    side when the answer is in, with a client of its own: it asks what became of the backend, or shows what a
    prediction was about. It may end with the OSError or WebSocketException of a connection that broke: the exchanges
    show what happened. With `serves` the learner's function writes the server's half: it returns an ASGI
    application, `check` serves it beside the backend, and `afterwards` is its client.
    """

    app: ASGIApp
    arguments: dict[str, JSON] = field(default_factory=dict)
    expected: dict[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    afterwards: Callable[[Client], None] | None = None
    serves: bool = False


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is asked, and how an answer is judged.

    `name` is `lesson.exercise`. `hints` go from a nudge to nearly the answer. `scenes` draws fresh values from the
    random source that it is given. `judge` is pure: the same evidence gives the same verdict. It is asked only once
    the answer has been attempted, has not crashed, and is plain JSON. `early` rules are asked before, crashed or not:
    they tell what is worth more than the crash, or say of it what only this exercise knows.
    """

    name: str
    title: str
    points: int
    hints: tuple[str, ...]
    scenes: Callable[[random.Random], Sequence[Scene]]
    judge: Callable[[Evidence], Verdict]
    early: tuple[Rule, ...] = ()

    def verdict(self, evidence: Evidence) -> Verdict:
        """The verdict on one scene: attempted, with an end, not crashed, plain JSON, and then what the judge says."""
        crashes = (*self.early, self._refused, crashed, crashed_serving)
        return first_of(evidence, unattempted, endless, *crashes, unusable, self.judge)

    def _refused(self, evidence: Evidence) -> Verdict | None:
        """What the judge says of the refusal that an error came of: that is what there is to mend."""
        failure = evidence.failure
        refusals = [e for e in evidence.exchanges if (e is evidence.last or e.messages) and _is_refusal(e)]
        if not failure or failure.type == "KeyboardInterrupt" or not refusals:
            return None
        verdict, other = (self.judge(replace(evidence, failure=None, value=value)) for value in (None, ""))
        if verdict.passed or not any(verdict.exchange is e for e in refusals) or verdict != other:
            return None  # it is about something else, or about a value that was never returned
        return replace(verdict, cause=f"{verdict.cause.removesuffix('.')}; that caused the {failure.type}.")


# The request is at fault; what 403, 412 or 503 says may be foreseen.
REFUSALS = (400, 401, 404, 405, 406, 415, 422, 426)


def _is_refusal(exchange: Exchange) -> bool:
    """By its status; a SOAP fault comes with a 500, GraphQL's errors with a 200, and on a WebSocket in messages.

    The errors of a batch that was processed are none: they are about items, and stand beside what was done.
    """
    content = exchange.response.json() if exchange.response else None
    if isinstance(content, dict) and "errors" in content and "processed" not in content:
        return True
    return exchange.status in (*REFUSALS, 500) or any(map(_refuses, exchange.messages))


def _refuses(message: Message) -> bool:
    """An error of graphql-transport-ws, or a close code that finds fault with what was sent (RFC 6455, section 7.4)."""
    content, code = message.json(), message.close_code or 0
    error = isinstance(content, dict) and content.get("type") == "error"
    return message.sender == "server" and (error or code in (1003, 1007, 1008, 1009) or code >= 4000)


class Client:
    """The examiner's own client: `client.send("GET", "/api/v1/playlists/123", token)`. `url` is where it sends to.

    It follows no redirect and unpacks nothing: what answers may be a learner's, and lead anywhere or to any size.
    WebSockets go straight to the server at `direct`, with `recorder` on the client's side, where these are given.
    """

    def __init__(self, url: str, direct: str = "", recorder: Recorder | None = None) -> None:
        self.url = url
        self._direct = direct or url
        self._recorder = recorder or Recorder()
        self._connections: list[Connection] = []
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.hooks["response"].append(_leave_packed)

    def send(self, method: str, target: str, token: str = "", content: JSON = None, **fields: str) -> requests.Response:
        """Send one request, bytes as they are and any other content as JSON.

        Keywords are header fields, where `_` stands for `-`.
        """
        kind = "data" if isinstance(content, bytes) else "json"
        return self._session.request(
            method,
            self.url + target,
            headers=_fields(token, fields),
            timeout=10,
            allow_redirects=False,
            **{kind: content},
        )

    def connect(
        self,
        target: str,
        token: str = "",
        subprotocols: Sequence[str] = (),
        recv_buffer: int | None = None,
        **fields: str,
    ) -> Connection:
        """Open a WebSocket, with header fields as in `send`; `close` closes it.

        Where the handshake is refused, the exchange shows it and the connection is not `connected`. With a small
        `recv_buffer` in bytes, a client that does not read soon makes the server wait.
        """
        opened = connection.connect(
            self._direct, target, self._recorder, subprotocols, recv_buffer, _fields(token, fields)
        )
        self._connections.append(opened)
        return opened

    def close(self) -> None:
        """Say goodbye on every WebSocket and close it."""
        until = monotonic() + LINGER
        for opened in self._connections:
            opened.leave(max(0.0, until - monotonic()))
        self._session.close()


def _fields(token: str, named: dict[str, str]) -> dict[str, str]:
    fields = {name.replace("_", "-"): value for name, value in named.items()}
    return {"User-Agent": "examiner", **fields} | ({"Authorization": f"Bearer {token}"} if token else {})


def _leave_packed(response: requests.Response, **_: object) -> None:
    response.raw.headers.pop("Content-Encoding", None)
