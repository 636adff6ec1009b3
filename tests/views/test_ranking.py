from __future__ import annotations

import pytest

from course_support.choosing import STYLES, Ranking, rank
from course_support.views.ranking import COLUMNS, ranking_html
from tests.views.pages import Page

RANKINGS = [rank(), rank("strict validation", ("bulk", "event notices"), "caching", ("HTTP", "XML"))]


@pytest.mark.parametrize("ranking", RANKINGS, ids=["unanswered", "answered"])
def test_html_says_what_the_text_says(ranking: Ranking) -> None:
    page = Page(ranking_html(ranking))
    assert [text for text in page.within("b") if text in STYLES] == [place.style for place in ranking.places]
    for line in ranking.text.splitlines():
        said = line.strip(" +–").partition(": ")[2] or ranking.verdict
        assert said in page.text


def test_it_is_a_table_with_a_caption_and_heads() -> None:
    page = Page(ranking_html(rank(team="XML")))
    assert page.within("caption") == ["Ranking of the styles"]
    assert tuple(page.within("th")) == COLUMNS
    assert [text.strip() for text in page.within("td") if text[0].isdigit()][:4] == ["1.", "1 point", "2=", "0 points"]
