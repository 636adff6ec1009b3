"""Shows a ranking of styles as a table of places, points and reasons; the ranking's own text says the same."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from course_support.choosing import Place, Ranking, Reason
from course_support.views.quantity import count_text
from course_support.views.style import table, view

COLUMNS = ("place", "for it", "against it")


def ranking_html(ranking: Ranking) -> str:
    rows = [_row(place) for place in ranking.places]
    verdict = f"<p>{escape(ranking.verdict)}</p>"
    return view("Ranking", verdict, table("Ranking of the styles", COLUMNS, rows))


def _row(place: Place) -> list[str]:
    number = f"{place.number}{'=' if place.tied else '.'}"
    reasons = map(_reasons, (place.reasons_for, place.reasons_against))
    return [f"{number} <b>{place.style}</b><br>{count_text(place.points, 'point')}", *reasons]


def _reasons(reasons: Sequence[Reason]) -> str:
    return "<br>".join(f"<b>{escape(it.option)}:</b> {escape(it.sentence)}" for it in reasons) or "–"
