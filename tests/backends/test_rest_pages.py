"""Pages by cursor: each playlist once, whatever happens between two reads."""

import pytest

from .conftest import NEW, Client


def pages(client: Client, first: str = "") -> list[list[int]]:
    """The ids of each page, found by following `next` to the end."""
    found, path = [], first
    while True:
        answer = client("GET", path)
        found.append([playlist["id"] for playlist in answer.json()["playlists"]])
        assert answer.links["first"]["url"].startswith("/api/v1/playlists?limit=")
        if "next" not in answer.links:
            return found
        path = answer.links["next"]["url"].removeprefix("/api/v1/playlists")


@pytest.mark.parametrize(
    ("query", "sizes"), [("", [20, 20, 7]), ("?limit=100", [47]), ("?limit=47", [47]), ("?limit=46", [46, 1])]
)
def test_pages_hold_each_playlist_once(client: Client, query: str, sizes: list[int]) -> None:
    found = pages(client, query)
    assert [len(page) for page in found] == sizes
    ids = [id for page in found for id in page]
    assert ids == sorted(set(ids))
    assert {1, 123} <= set(ids)


def test_pages_stay_right_while_playlists_come_and_go(client: Client) -> None:
    everything = pages(client, "?limit=100")[0]
    first = client("GET", "?limit=10")
    client("DELETE", f"/{everything[0]}")
    client("DELETE", f"/{everything[9]}")
    new = client("POST", json=NEW).json()["id"]
    rest_of_it = pages(client, first.links["next"]["url"].removeprefix("/api/v1/playlists"))
    assert [id for page in rest_of_it for id in page] == [*everything[10:], new]


def test_a_cursor_past_the_end_is_an_empty_last_page(client: Client) -> None:
    answer = client("GET", "?cursor=________")
    assert (answer.status_code, answer.json(), list(answer.links)) == (200, {"playlists": []}, ["first"])


def test_the_tag_of_a_page_changes_when_only_its_next_link_does(client: Client) -> None:
    last = client("GET", "?limit=47")
    client("POST", json=NEW)
    again = client("GET", "?limit=47", headers={"If-None-Match": last.headers["ETag"]})
    assert (again.status_code, again.json(), "next" in again.links) == (200, last.json(), True)
