import re

import pytest

from course_support.views.traffic import EDGE_ROWS, MAX_ROWS, Traffic
from course_support.wire import Exchange
from tests.factories import exchange, message, websocket
from tests.views.pages import Page

THREE = Traffic(
    [
        exchange(number=1),
        exchange("PUT", "/api/v1/playlists/123", status=412, number=2, request_bytes=1200),
        exchange("DELETE", "/api/v1/playlists/123", status=None, number=3, note="the server dropped the connection"),
    ]
)


def test_text_is_a_table_with_totals() -> None:
    assert THREE.text.splitlines() == [
        "#  request                       status                      sent  received       time",
        "1  GET /api/v1/playlists         200 OK                     213 B     342 B     1.3 ms",
        "2  PUT /api/v1/playlists/123     412 Precondition Failed  1,200 B     342 B     1.3 ms",
        "3  DELETE /api/v1/playlists/123  no response                213 B       0 B     1.3 ms",
        "─" * 86,
        "   3 exchanges                                            1,626 B     684 B     3.9 ms",
    ]


def test_totals() -> None:
    assert (THREE.sent, THREE.received) == (1626, 684)
    assert THREE.seconds == pytest.approx(0.0039)
    assert THREE.statuses == {200: 1, 412: 1, None: 1}


def test_it_is_a_sequence_whose_slices_are_traffic() -> None:
    assert [one.number for one in THREE] == [1, 2, 3]
    assert THREE[-1].number == 3
    assert isinstance(THREE[1:], Traffic)
    assert THREE[1:].sent == 1413


def table(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [[re.sub(r"<.*?>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def test_html_says_what_the_text_says() -> None:
    head, *rows, totals = [re.split(r"  +", line.strip()) for line in THREE.text.splitlines() if "─" not in line]
    assert table(THREE.html) == [head, *rows, ["Total of 3 exchanges", *totals[1:]]]


def test_a_screen_reader_finds_caption_columns_and_totals() -> None:
    page = Page(THREE.html)
    assert page.within("caption") == ["Traffic: 3 exchanges"]
    assert [attributes["scope"] for attributes in page.attributes("th")] == ["col"] * 6 + ["row"]
    assert page.attributes("section")[0]["aria-label"] == "Traffic"


@pytest.mark.parametrize(("count", "rows"), [(MAX_ROWS, MAX_ROWS), (MAX_ROWS + 1, 2 * EDGE_ROWS)])
def test_only_the_ends_of_a_long_list_are_shown(count: int, rows: int) -> None:
    traffic = Traffic([exchange(number=number) for number in range(1, count + 1)])
    numbers = [int(found) for found in re.findall(r"^ *(\d+)  GET", traffic.text, re.M)]
    assert len(numbers) == rows
    assert (numbers[0], numbers[-1]) == (1, count)
    sentence = f"… {count - rows} exchanges between are not shown …"
    assert (sentence in traffic.text) == (sentence in traffic.html) == (count > MAX_ROWS)
    assert f"{count} exchanges" in traffic.text.splitlines()[-1]


def test_no_exchanges_is_a_sentence() -> None:
    assert Traffic([]).text in Page(Traffic([]).html).text
    assert Traffic([]).text.startswith("No exchanges yet")


@pytest.mark.parametrize("hostile", [exchange("GET", "/<script>alert(1)</script>?token=hunter2"), exchange("<b>x")])
def test_hostile_targets_stay_text_and_secrets_hidden(hostile: Exchange) -> None:
    traffic = Traffic([hostile])
    assert Page(traffic.html).tags == Page(THREE.html).tags
    assert "hunter2" not in traffic.html + traffic.text


def test_a_long_target_is_cut() -> None:
    assert f"/{'x' * 58}…" in Traffic([exchange(target="/" + "x" * 100)]).text


def test_text_of_two_runs_differs_in_the_digits_of_times_alone() -> None:
    def run(seconds: float) -> str:
        text = Traffic([exchange(ended=5.0 + seconds), exchange(ended=5.1)]).text
        return re.sub(r" *[\d.]+ m?s\b", " TIME", text)

    assert run(0.0098) == run(0.0102) == run(9.9) == run(12.3)


def test_both_forms_reach_the_notebook() -> None:
    assert THREE._repr_mimebundle_() == {"text/plain": THREE.text, "text/html": THREE.html}
    assert repr(THREE) == THREE.text


def test_a_websocket_is_a_row_with_its_messages() -> None:
    talk = websocket(message("client", "a"), message("server", "b"), message("server", opcode="close"))
    row = Traffic([talk]).text.splitlines()[1]
    assert row == "1  GET /graphql  101 Switching Protocols, 2 messages  213 B     342 B     1.3 ms"
    assert "101 Switching Protocols, 2 messages" in Page(Traffic([talk]).html).text
