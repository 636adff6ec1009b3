"""Writes an exchange as a curl command, so that a reader can send the same request from a terminal.

A secret becomes a shell variable: the command can be shown, saved and shared.
"""

from __future__ import annotations

import re
import shlex

from course_support.views import redact
from course_support.views.quantity import bytes_text
from course_support.wire import Exchange, Request

MAX_CONTENT = 20_000  # characters; far below what a shell takes on one line
_BY_CURL = {"host", "user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding", "expect"}
_MARK = "\ue000"  # private use: no text on the wire has a reason to hold it

_CONTROLS = [*range(9), 11, 12, *range(14, 32), *range(127, 160)]
_NO_CONTROLS = dict.fromkeys(_CONTROLS, "\N{REPLACEMENT CHARACTER}")  # no part of valid HTTP, yet a terminal obeys them


def curl(exchange: Exchange, base_url: str = "") -> str:
    """A command for a POSIX shell that sends this request again, to `base_url` or to where it went.

    Secrets are read from `$TOKEN` (Authorization) and from `$MY_…` (all others). Content that is no text, or longer
    than 20,000 characters, is read from a file `content.bin`, as a first line says.
    """
    request = exchange.request
    base = base_url.rstrip("/") or f"http://{request.fields.get('Host') or '127.0.0.1'}"
    note, content = _content(request)
    words = [["curl", *_method(request, content), *_target(request, base)], *_fields(request), *content]
    if exchange.response and "Content-Encoding" in exchange.response.fields:
        words.append(["--compressed"])
    return note + " \\\n  ".join(" ".join(map(_quoted, group)) for group in words).translate(_NO_CONTROLS)


def variables(command: str) -> list[str]:
    """The shell variables that a command made by `curl` reads, in the order of their first use."""
    return list(dict.fromkeys(re.findall(r'"\$(TOKEN|MY_[A-Z0-9_]+)"', command)))


def _method(request: Request, content: list[list[str]]) -> list[str]:
    match request.method:
        case "GET" if not content:
            return ["-i"]
        case "HEAD":  # after `-X HEAD`, curl waits for content that never comes
            return ["--head"]
        case method:
            return ["-i", "-X", method]


def _target(request: Request, base: str) -> list[str]:
    target = redact.target(request.target, _variable)
    if not target.startswith("/") or "#" in target:  # `OPTIONS *`, or what curl would keep for itself
        return ["--request-target", target, base + "/"]
    options = {"--globoff": re.search(r"[\[\]{}]", target), "--path-as-is": "/." in target}
    return [*(option for option, needed in options.items() if needed), base + target]


def _fields(request: Request) -> list[list[str]]:
    fields = [(name, value) for name, value in request.fields if name.lower() not in _BY_CURL or value == "Upgrade"]
    lines = [_field(name, redact.field(name, value, _variable)) for name, value in fields if (name, value) != _DEFAULT]
    if request.body and "Content-Type" not in request.fields:
        lines.append("Content-Type:")  # or curl would call it a form
    return [["-H", line] for line in lines]


_DEFAULT = ("Accept", "*/*")


def _field(name: str, value: str) -> str:
    return f"{name}: {value}" if value else f"{name};"  # curl's way to send an empty value


def _content(request: Request) -> tuple[str, list[list[str]]]:
    if not request.body:
        return "", []
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        text = "\0"
    if len(text) > MAX_CONTENT or {*map(chr, _CONTROLS), _MARK} & {*text}:
        note = f"# the content, {bytes_text(len(request.body))}, is not for a command line: put it in content.bin\n"
        return note, [["--data-binary", "@content.bin"]]
    return "", [["--data-raw", redact.content(text, request.media_type, _variable)]]


def _variable(name: str) -> str:
    # MY_: a parameter called pwd must not read the shell's own $PWD
    plain = re.sub(r"\W", "_", name, flags=re.ASCII).upper()
    return f"{_MARK}{plain if plain == 'TOKEN' else f'MY_{plain}'}{_MARK}"


def _quoted(word: str) -> str:
    parts = word.split(_MARK)
    return "".join(f'"${part}"' if odd else shlex.quote(part) * bool(part) for odd, part in _alternating(parts)) or "''"


def _alternating(parts: list[str]) -> list[tuple[int, str]]:
    return [(index % 2, part) for index, part in enumerate(parts)]
