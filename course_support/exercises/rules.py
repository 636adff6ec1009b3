"""Rules that the judges of several exercises share, and the other client that some scenes play."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from course_support.evidence import Evidence, Rule
from course_support.verdict import Verdict, value_text, wrong
from course_support.wire import Exchange

NAMES = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "a dict"}


def sent_nothing(evidence: Evidence) -> Verdict | None:
    """The service was never asked."""
    if evidence.exchanges:
        return None
    return wrong(
        "No request of yours reached the service that the check has started.",
        expected="at least one request to the URL that your function is given",
        seen="none",
        next_step="Build the address from the `url` argument: the lesson's own `backend` and `service` are others.",
    )


def not_let_in(evidence: Evidence) -> Verdict | None:
    """A request without a token that the service knows (RFC 6750, section 2.1)."""
    if not (refused := unmended(evidence, 401)):
        return None
    field = refused.request.fields.get("Authorization") or ""
    scheme, _, credential = field.partition(" ")
    step = "The WWW-Authenticate field of the answer names the scheme; your function is given the token."
    if not field:
        cause, seen = "Your request does not say who asks, so the service answered 401.", "no Authorization field"
    elif scheme.lower() != "bearer":
        cause = "Your Authorization field does not begin with the scheme Bearer, so the service answered 401."
        seen = f"Authorization: {scheme} …" if credential else "Authorization: one word, and no scheme"
    else:
        cause, seen = "The service does not know the token that you sent.", "Authorization: Bearer <another token>"
        braces = 'There are braces in it: does your string begin with f, as in f"Bearer {token}"?'
        step = braces if "{" in credential else "Send the token that your function is given, as it is."
    return wrong(cause, refused, expected="Authorization: Bearer <token>", seen=seen, next_step=step)


def not_found(evidence: Evidence) -> Verdict | None:
    """The last request went to an address that the service does not have."""
    missed = evidence.last
    if not missed or missed.status != 404:
        return None
    return wrong(
        "The service has nothing at the address that you asked for.",
        missed,
        expected="a target that the service has",
        seen=missed.request.target,
        next_step="Compare the target in the request's first line with the routes that the backend shows.",
    )


def wrong_media_type(evidence: Evidence) -> Verdict | None:
    """Content that the service does not take, by its label (RFC 9110, section 15.5.16; RFC 5789, section 2.2)."""
    refused = unmended(evidence, 415)
    if not refused or not refused.response:
        return None
    method, fields = refused.request.method, refused.response.fields
    return wrong(
        f"The service does not take this media type in a {method}, and answered 415.",
        refused,
        expected=f"Content-Type: {fields.get('Accept-Patch') or fields.get('Accept', 'another')}",
        seen=f"Content-Type: {refused.request.fields.get('Content-Type', 'not said')}",
        next_step="The content of a PATCH describes a change, and has a media type of its own: send it as Content-Type."
        if method == "PATCH"
        else "With requests, `json=` encodes and labels the content as JSON; `data=` sends a form.",
    )


def refused(evidence: Evidence) -> Verdict | None:
    """The last request was refused, whatever the reason."""
    last = evidence.last
    if not last or not last.response or last.response.status < 400:
        return None
    detail = json_object(last).get("detail")
    return wrong(
        f"The service refused your last request with {last.response.status} {last.response.reason}.",
        last,
        expected="a request that the service takes",
        seen=detail if isinstance(detail, str) else "a refusal",
        next_step="Read the problem in the content of the answer: its detail says what to do.",
    )


def created_in(evidence: Evidence) -> list[Exchange]:
    """The exchanges that created something."""
    return [e for e in evidence.exchanges if e.status == 201]


def not_one_created(evidence: Evidence) -> Verdict | None:
    """Nothing was created, or more than was asked for."""
    created = created_in(evidence)
    if len(created) == 1:
        return None
    return wrong(
        f"You created {len(created)} playlists instead of one." if created else "You created no playlist.",
        created[-1] if created else evidence.last,
        expected="one POST to /api/v1/playlists, answered with 201 Created",
        seen=f"{len(created)} of them",
        next_step="Send the POST once: each of them creates."
        if created
        else "Read the first line of the request: does its method create, and does its target hold playlists?",
    )


def of_type(kind: type, example: str) -> Rule:
    """The rule that the value is of this type; `example` shows one that is."""

    def rule(evidence: Evidence) -> Verdict | None:
        if type(evidence.value) is kind:
            return None
        return wrong(
            f"Your function returned {named(evidence.value)}, where {_asked(kind)} is asked for.",
            evidence.last,
            expected=example,
            seen=value_text(evidence.value),
            next_step="Check what the last line of your function returns.",
        )

    return rule


def of_form(example: dict[str, Any]) -> Rule:
    """The rule that the value is a dict with the members of the example, and of their types."""

    def rule(evidence: Evidence) -> Verdict | None:
        if not (cause := _odd_form(evidence.value, example)):
            return None
        form = f"a dict such as {example}"
        step = "The docstring shows the form that is asked for."
        return wrong(cause, evidence.last, expected=form, seen=value_text(evidence.value), next_step=step)

    return rule


def _odd_form(value: object, example: dict[str, Any]) -> str:
    """What is odd about the value, in a sentence; nothing for one of the example's form."""
    if not isinstance(value, dict):
        return f"Your function returned {named(value)}, where a dict is asked for."
    for name, member in example.items():
        if name not in value:
            return f"Your dict has no member {name!r}."
        if type(value[name]) is not type(member):
            return f"The member {name!r} of your dict is {named(value[name])}, not {_asked(type(member))}."
    more = [name for name in value if name not in example]
    return f"Your dict has a member {value_text(more[0], 60)} that nobody asked for." if more else ""


def _asked(kind: type) -> str:
    return "True or False" if kind is bool else NAMES[kind]


def named(value: object) -> str:
    """What kind of value it is, in a word or two."""
    return "nothing (None)" if value is None else str(value) if isinstance(value, bool) else NAMES[type(value)]


def unmended(evidence: Evidence, status: int) -> Exchange | None:
    """The first exchange with this status that was not tried again, at the same address, with another outcome."""

    def mended(exchange: Exchange) -> bool:
        again = evidence.sent(exchange.request.method, exchange.request.path)
        return any(e.number > exchange.number and e.status not in (status, None) for e in again)

    return next((e for e in evidence.exchanges if e.status == status and not mended(e)), None)


class Meanwhile:
    """ASGI middleware: while the answer to the first GET of `path` is on its way, another client changes the data.

    The change happens when the answer has been made and before its first byte is out, so that each run is the same.
    """

    def __init__(self, app: ASGIApp, path: str, change: Callable[[], object]) -> None:
        self._app = app
        self._path = path
        self._change: Callable[[], object] | None = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_after_change(message: Message) -> None:
            if self._change and scope["method"] == "GET" and scope["path"] == self._path:
                self._change()
                self._change = None
            await send(message)

        await self._app(scope, receive, send_after_change if scope["type"] == "http" else send)


def requested(exchanges: Iterable[Exchange]) -> str:
    """The method and the target of each: `GET /api/v1/playlists, DELETE /api/v1/playlists/123`."""
    return ", ".join(f"{e.request.method} {e.request.target}" for e in exchanges)


def json_object(exchange: Exchange) -> dict[str, Any]:
    """The JSON object in a response's content; an empty one where there is none."""
    content = exchange.response.json() if exchange.response else None
    return content if isinstance(content, dict) else {}


def next_link(exchange: Exchange) -> str | None:
    """The target of `rel="next"` in a response's Link field (RFC 8288), or None."""
    links = (exchange.response.fields.get("Link") or "") if exchange.response else ""
    parts = [link.partition(">") for link in links.split(",") if 'rel="next"' in link]
    return parts[0][0].strip(" <") if parts else None
