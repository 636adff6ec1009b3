"""Conditional requests (RFC 9110, section 13): what makes caching cheap and lost updates visible."""

import hashlib
import re
from collections.abc import Iterable
from typing import Literal

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from course_support.backends.clock import parse_http_date
from course_support.backends.problem import Problem


def etag(*parts: bytes) -> str:
    """A strong entity tag: other bytes, other tag (RFC 9110, section 8.8.3)."""
    return f'"{hashlib.sha256(b"".join(parts)).hexdigest()[:16]}"'


def precondition(method: str, sent: Headers, tag: str, modified: str | None = None) -> Literal[200, 304, 412]:
    """200 to go on, 304 or 412 to stop, in the order of RFC 9110, section 13.2.2.

    `tag` and `modified` are the `ETag` and `Last-Modified` that a GET would show now.
    """
    reading = method in ("GET", "HEAD")
    if "if-match" in sent:
        if not _listed(tag, sent.getlist("if-match"), weakly=False):
            return 412
    elif _changed_since(modified, sent.get("if-unmodified-since")) is True:
        return 412
    if "if-none-match" in sent:
        if _listed(tag, sent.getlist("if-none-match"), weakly=True):
            return 304 if reading else 412
    elif reading and _changed_since(modified, sent.get("if-modified-since")) is False:
        return 304
    return 200


def conditional(request: Request, current: Response) -> Response:
    """What a GET would answer now, or the 304 that spares it; raises a Problem 412 if a precondition fails."""
    fields = current.headers
    status = precondition(request.method, request.headers, fields["ETag"], fields.get("Last-Modified"))
    if status == 412:
        raise Problem(412, "Read the resource again, redo your change on what you find, and send its new ETag.")
    if status == 304:
        kept = {name: fields[name] for name in ("ETag", "Cache-Control", "Vary") if name in fields}
        return Response(status_code=304, headers=kept)
    return current


def _listed(tag: str, values: Iterable[str], *, weakly: bool) -> bool:
    """Whether the tag is in the list. Ours are strong: a weak one equals it only in a weak comparison (8.8.3.2)."""
    text = ",".join(values)
    listed: list[tuple[str, str]] = re.findall(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")', text)
    return text.strip() == "*" or any(value == tag and (weakly or not weak) for weak, value in listed)


def _changed_since(modified: str | None, sent: str | None) -> bool | None:
    """None if either side has no date that can be read: then the field is ignored (13.1.3, 13.1.4)."""
    changed, date = (parse_http_date(text or "") for text in (modified, sent))
    return None if changed is None or date is None else changed > date
