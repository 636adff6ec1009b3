"""Shows one exchange: what was sent, what came back, what it cost; as text in the manner of `curl -v`, and as HTML."""

from __future__ import annotations

import re
from html import escape

from course_support.views import content, messages, redact
from course_support.views.content import visible
from course_support.views.curl import curl, variables
from course_support.views.quantity import bytes_text, seconds_text
from course_support.views.style import code, pill, table, title, view
from course_support.wire import Exchange, Fields, Request, Response, Sender

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2


def exchange_text(exchange: Exchange) -> str:
    """A heading with the cost, then `>` before each line sent, `<` before each received, `*` before our own words."""
    lines = [heading(exchange), *_request(exchange.request)]
    if response := exchange.response:
        lines += ["", *_message("<", _head(status_line(response), response.fields), response), *_said(exchange)]
    return "\n".join([*lines, *(f"* {sentence}" for sentence in outcome(exchange))])


def exchange_html(exchange: Exchange) -> str:
    """The same beside each other: the request on the left, the response on the right, and a curl command to copy."""
    request, response = exchange.request, exchange.response
    spent = f'<span class="api-quiet">{cost(exchange)}</span>'
    top = title(
        f"#{exchange.number}", code(request_title(request)), pill(exchange.status, status_text(exchange)), spent
    )
    first = request_line(request) if is_http(request) else ""
    remarks = "".join(map(_remark, outcome(exchange)))
    answer = _message_html(status_line(response), response) + remarks if response else remarks
    sides = _side("Request", _message_html(first, request)) + _side("Response", answer)
    label = f"Exchange {exchange.number}: {request_title(request)}, {status_text(exchange)}"
    return view(label, top, f'<div class="api-sides">{sides}</div>', _said_html(exchange), _curl(exchange))


def heading(exchange: Exchange) -> str:
    """`#3 PUT /api/v1/playlists/123 → 200 OK   sent 213 B, received 342 B, 1.3 ms, first byte after 1.1 ms`."""
    return f"#{exchange.number} {request_title(exchange.request)} → {status_text(exchange)}   {cost(exchange)}"


def request_title(request: Request, longest: int = 100) -> str:
    """Method and target, or a sentence for what is not HTTP."""
    if not is_http(request):
        return "not an HTTP request"
    return f"{request.method} {short_target(request, longest)}"


def short_target(request: Request, longest: int = 100) -> str:
    target = visible(redact.target(request.target))
    return target if len(target) <= longest else target[: longest - 1] + "…"


def status_text(exchange: Exchange) -> str:
    """`200 OK`, or `101 Switching Protocols, 5 messages`, or `no response`."""
    if not exchange.response:
        return "no response"
    text = status(exchange.response)
    return f"{text}, {messages.count(exchange)}" if messages.is_websocket(exchange) else text


def status(response: Response) -> str:
    """`200 OK`."""
    return visible(f"{response.status} {response.reason}".rstrip())


def cost(exchange: Exchange) -> str:
    """What the exchange cost in bytes on the socket and in time."""
    sent, received = bytes_text(exchange.request_bytes), bytes_text(exchange.response_bytes)
    spent = f"sent {sent}, received {received}, {seconds_text(exchange.duration)}"
    if exchange.first_byte is None:
        return spent
    return f"{spent}, first byte after {seconds_text(exchange.first_byte - exchange.started)}"


def outcome(exchange: Exchange) -> tuple[str, ...]:
    """What the two messages cannot show, in sentences."""
    if not exchange.response:
        return (f"no response: {visible(exchange.note) or 'the connection ended without one'}",)
    cut = () if exchange.response.complete else ("the connection ended before the content was complete",)
    return (*cut, *([visible(exchange.note)] if exchange.note else []))


def is_repeatable(exchange: Exchange) -> bool:
    """Whether curl can do it again."""
    return is_http(exchange.request) and not messages.is_websocket(exchange)


def is_http(request: Request) -> bool:
    return bool(_TOKEN.fullmatch(request.method)) and (len(request.fields) > 0 or not request.body)


def request_line(request: Request) -> str:
    return visible(f"{request.method} {redact.target(request.target)} HTTP/{request.http_version}")


def status_line(response: Response) -> str:
    return visible(f"HTTP/{response.http_version} {response.status} {response.reason}".rstrip())


def shown_fields(fields: Fields) -> list[tuple[str, str]]:
    """Names and values as they are shown."""
    return [(visible(name), content.short(visible(redact.field(name, value)))) for name, value in fields]


def _head(first: str, fields: Fields) -> list[str]:
    return [first, *(f"{name}: {value}" for name, value in shown_fields(fields))]


def _request(request: Request) -> list[str]:
    head = _head(request_line(request), request.fields) if is_http(request) else []
    return _message(">", head, request)


def _message(mark: str, head: list[str], message: Request | Response) -> list[str]:
    shown = content.shown(message)
    lines = [*head, "", *shown.lines] if head and shown.lines else [*head, *shown.lines]
    return [
        *(f"{mark} {line}".rstrip() for line in lines),
        *(f"* {remark}" for remark in shown.remarks),
        *(f"* {line}" for sentence, again in shown.unfolded for line in (f"{sentence}:", *(f"  {it}" for it in again))),
    ]


def _said(exchange: Exchange) -> list[str]:
    first, left_out, last = messages.lines(exchange)
    lines = [[messages.text_line(*line) for line in part] for part in (first, last)]
    return ["", *lines[0], *([f"* {left_out}"] if left_out else []), *lines[1]] if first else []


def _said_html(exchange: Exchange) -> str:
    first, left_out, last = messages.lines(exchange)
    rows = [
        *(_said_row(*line) for line in first),
        *([[left_out]] if left_out else []),
        *(_said_row(*it) for it in last),
    ]
    return table("Messages in the order in which they passed", ("from", "kind", "content"), rows) if rows else ""


def _said_row(sender: Sender, opcode: str, said: str) -> list[str]:
    return [f"{sender} →" if sender == "client" else f"← {sender}", opcode, code(said)]


# on nearly every message and seldom what it is about
ROUTINE = {
    "host", "user-agent", "accept-encoding", "accept-language", "connection", "content-length", "transfer-encoding",
    "date", "server", "origin", "referer",
}  # fmt: skip
ROUTINE_PREFIXES = ("sec-ch-", "sec-fetch-", "x-forwarded-", "x-proxy")  # what a browser and a proxy add


def _side(name: str, html: str) -> str:
    return f'<div class="api-side"><div class="api-label" role="heading" aria-level="5">{name}</div>{html}</div>'


def _message_html(first: str, message: Request | Response) -> str:
    shown = content.shown(message)
    return (
        (f'<div class="api-first">{escape(first)}</div>' if first else "")
        + (f"<dl>{''.join(map(_field, shown_fields(message.fields)))}</dl>" if message.fields else "")
        + _pre(shown.lines)
        + "".join(map(_remark, shown.remarks))
        + "".join(_remark(f"{sentence}:") + _pre(lines) for sentence, lines in shown.unfolded)
    )


def _field(field: tuple[str, str]) -> str:
    name, value = field
    plain = name.lower() in ROUTINE or name.lower().startswith(ROUTINE_PREFIXES) or value == "*/*"
    routine = ' class="api-routine"' if plain else ""
    return f"<div{routine}><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"


def _pre(lines: tuple[str, ...]) -> str:
    return f"<pre>{''.join(map(_line, lines))}</pre>" if lines else ""


def _line(line: str) -> str:
    """A line that, where it is too long for the page, goes on below its own beginning."""
    indent = min(len(line) - len(line.lstrip(" ")), 24)
    return f'<span class="api-code" style="--indent: {indent + 2}ch">{escape(line)}\n</span>'


def _remark(sentence: str) -> str:
    return f'<p class="api-remark">{escape(sentence)}</p>'


def _curl(exchange: Exchange) -> str:
    if not is_repeatable(exchange):
        return ""
    command = curl(exchange)
    names = " and ".join(code(f"${name}") for name in variables(command))
    hint = f'<p class="api-remark">Set {names} in the terminal first.</p>' if names else ""
    button = f'<button type="button" onclick="{_COPY}">Copy</button>'
    return f"<details><summary>Copy as curl</summary><div><pre>{escape(command)}</pre>{button}</div>{hint}</details>"


_COPY = (
    "navigator.clipboard.writeText(this.parentNode.querySelector('pre').textContent)"
    ".then(() =&gt; this.textContent = 'Copied')"
)
