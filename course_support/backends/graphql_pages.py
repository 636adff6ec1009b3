"""Long lists in pages: a cursor names the place after which the next page starts, so that no insertion shifts it."""

import base64
import re
from collections.abc import Sequence
from typing import Annotated

import strawberry

from course_support.backends.graphql_context import refusal

First = Annotated[int | None, strawberry.argument(description="How many at most, from 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page starts.")]


@strawberry.type(description="Where a page starts and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


def cursor(place: int) -> str:
    """Opaque to clients, who would otherwise count on what it means."""
    return base64.urlsafe_b64encode(place.to_bytes(6, "big")).decode()


def place(cursor: str | None) -> int | None:
    """The place that the cursor names: 0, before the first one, without a cursor, and None if it is none of ours."""
    if cursor is None:
        return 0
    return int.from_bytes(base64.urlsafe_b64decode(cursor), "big") if re.fullmatch("[A-Za-z0-9_-]{8}", cursor) else None


def requested(first: int | None, after: str | None) -> tuple[int, int]:
    """How many, and the place that the page starts after. Raises a GraphQLError for what cannot be."""
    size = 10 if first is None else first
    if not 1 <= size <= 100:
        raise refusal("BAD_USER_INPUT", "Set first to a whole number from 1 to 100.")
    if (start := place(after)) is None:
        advice = "Take the cursor from an edge or from pageInfo, or leave it out to start at the first page."
        raise refusal("BAD_USER_INPUT", advice)
    return size, start


def page_info(places: Sequence[int], first: int, start: int) -> PageInfo:
    """Of a page that was looked up with one too many, which tells that there is a next page."""
    shown = places[:first]
    return PageInfo(
        has_next_page=len(places) > first,
        has_previous_page=start > 0,
        start_cursor=cursor(shown[0]) if shown else None,
        end_cursor=cursor(shown[-1]) if shown else None,
    )
