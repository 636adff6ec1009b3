"""Preconditions as a table: RFC 9110, section 13."""

import pytest
from starlette.datastructures import Headers

from course_support.backends.conditional import etag, precondition

TAG, MODIFIED = '"a"', "Mon, 02 Mar 2026 09:00:00 GMT"
BEFORE, AFTER = "Mon, 02 Mar 2026 08:59:59 GMT", "Mon, 02 Mar 2026 09:00:01 GMT"

TABLE: list[tuple[str, dict[str, str], int]] = [
    ("GET", {}, 200),
    # If-Match compares strongly.
    ("PUT", {"If-Match": '"a"'}, 200),
    ("PUT", {"If-Match": '"b"'}, 412),
    ("PUT", {"If-Match": 'W/"a"'}, 412),
    ("PUT", {"If-Match": '"b", W/"a" ,"a"'}, 200),
    ("PUT", {"If-Match": "*"}, 200),
    ("PUT", {"If-Match": ""}, 412),
    ("PUT", {"If-Match": "a"}, 412),
    ("PUT", {"If-Match": '"a'}, 412),
    ("GET", {"If-Match": '"b"'}, 412),
    # If-None-Match compares weakly.
    ("GET", {"If-None-Match": '"a"'}, 304),
    ("HEAD", {"If-None-Match": 'W/"a"'}, 304),
    ("GET", {"If-None-Match": '"b","a"'}, 304),
    ("GET", {"If-None-Match": "*"}, 304),
    ("GET", {"If-None-Match": '"b"'}, 200),
    ("GET", {"If-None-Match": "a"}, 200),
    ("GET", {"If-None-Match": '"x,"a'}, 200),
    ("PUT", {"If-None-Match": "*"}, 412),
    ("PUT", {"If-None-Match": 'W/"a"'}, 412),
    ("PUT", {"If-None-Match": '"b"'}, 200),
    # Dates, in each of their three forms; what is no date is ignored.
    ("GET", {"If-Modified-Since": MODIFIED}, 304),
    ("GET", {"If-Modified-Since": AFTER}, 304),
    ("GET", {"If-Modified-Since": BEFORE}, 200),
    ("GET", {"If-Modified-Since": "Monday, 02-Mar-26 09:00:00 GMT"}, 304),
    ("GET", {"If-Modified-Since": "Mon Mar  2 09:00:00 2026"}, 304),
    ("GET", {"If-Modified-Since": "today"}, 200),
    ("GET", {"If-Modified-Since": "Mon, 02 Mar 99999 09:00:00 GMT"}, 200),
    ("PUT", {"If-Modified-Since": MODIFIED}, 200),
    ("PUT", {"If-Unmodified-Since": MODIFIED}, 200),
    ("PUT", {"If-Unmodified-Since": AFTER}, 200),
    ("PUT", {"If-Unmodified-Since": BEFORE}, 412),
    ("PUT", {"If-Unmodified-Since": "today"}, 200),
    # Precedence: tags over dates, and the two kinds of fields one after the other.
    ("GET", {"If-None-Match": '"b"', "If-Modified-Since": MODIFIED}, 200),
    ("GET", {"If-None-Match": '"a"', "If-Modified-Since": BEFORE}, 304),
    ("PUT", {"If-Match": '"a"', "If-Unmodified-Since": BEFORE}, 200),
    ("PUT", {"If-Match": '"b"', "If-Unmodified-Since": AFTER}, 412),
    ("GET", {"If-Match": '"a"', "If-None-Match": '"a"'}, 304),
    ("GET", {"If-Match": '"b"', "If-None-Match": '"a"'}, 412),
    ("PUT", {"If-Match": '"a"', "If-None-Match": '"a"'}, 412),
]


@pytest.mark.parametrize(("method", "sent", "status"), TABLE)
def test_precondition(method: str, sent: dict[str, str], status: int) -> None:
    assert precondition(method, Headers(sent), TAG, MODIFIED) == status


def test_a_field_may_stand_on_several_lines() -> None:
    lines = Headers(raw=[(b"if-match", b'"b"'), (b"if-match", b'"a"')])
    assert precondition("PUT", lines, TAG) == 200


@pytest.mark.parametrize("field", ["If-Modified-Since", "If-Unmodified-Since"])
def test_without_a_modification_date_dates_are_ignored(field: str) -> None:
    assert precondition("GET", Headers({field: BEFORE}), TAG) == 200


def test_a_tag_follows_the_bytes() -> None:
    assert etag(b"one") == etag(b"o", b"ne") != etag(b"two")
    assert etag(b"one").startswith('"')
