"""The state of the REST service: drawn from the seed, kept over a restart, never lost between two writers."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from course_support.backends import rest
from course_support.server import serve

from .conftest import NEW, Client


def recording(client: Client) -> list[tuple[int, dict[str, str], bytes]]:
    """The answers to a walk through the service."""
    answers = [
        client("GET"),
        client("GET", "?limit=5"),
        client("GET", "/123"),
        client("POST", json=NEW),
        client("PUT", "/123", json={"name": "Updated Playlist Name"}),
        client("PUT", "/123", json={}),
        client("POST", "/123", json={}),
        client("GET", who=None),
        client("DELETE", "/123"),
        client("DELETE", "/123"),
    ]
    return [(answer.status_code, dict(answer.headers), answer.content) for answer in answers]


def test_the_same_seed_gives_the_same_bytes() -> None:
    apps = [rest.app(7), rest.app(7), rest.app(8)]
    assert apps[0].state.credentials == apps[1].state.credentials != apps[2].state.credentials
    walks = []
    for number, app in enumerate(apps):
        with serve(app, name=f"walk {number}") as server:
            walks.append(recording(Client(app, server.url)))
    assert walks[0] == walks[1] != walks[2]


@pytest.mark.parametrize("seed", [0, 1, 2, 10**9])
def test_what_holds_for_every_seed(seed: int) -> None:
    library = rest.app(seed).state.library
    playlists = library.page(0, 100)
    assert len(playlists) == len({playlist.name for playlist in playlists}) == 47
    assert (playlists[0].id, playlists[0].name, playlists[0].songs) == (1, "Workout Mix", 12)
    assert library.get(123).description


def test_a_restarted_service_answers_as_before(tmp_path: Path) -> None:
    file = str(tmp_path / "playlists.db")
    before = rest.app(3, database=file)
    with serve(before, name="before") as server:
        client = Client(before, server.url)
        new = client("POST", json=NEW).headers["Location"].removeprefix("/api/v1/playlists")
        client("DELETE", "/123")
        seen = [client("GET", path) for path in ("?limit=100", new, "/123")]
    after = rest.app(3, database=file)
    with serve(after, name="after") as server:
        client = Client(after, server.url)
        again = [client("GET", path) for path in ("?limit=100", new, "/123")]
    for one, other in zip(seen, again, strict=True):
        assert (one.status_code, one.content) == (other.status_code, other.content)
        assert one.headers.get("ETag") == other.headers.get("ETag")
        assert one.headers.get("Last-Modified") == other.headers.get("Last-Modified")


def test_after_a_restart_nothing_was_modified_in_the_future(tmp_path: Path) -> None:
    file = str(tmp_path / "playlists.db")
    library = rest.app(database=file).state.library
    library.clock.advance(timedelta(hours=1))
    library.update(123, name="An hour later")
    app = rest.app(database=file)
    with serve(app, name="restarted") as server:
        answer = Client(app, server.url)("GET", "/123")
    assert answer.headers["Date"] == answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 10:00:00 GMT"


def test_an_emptied_database_stays_empty(tmp_path: Path) -> None:
    file = str(tmp_path / "playlists.db")
    library = rest.app(database=file).state.library
    for playlist in library.page(0, 100):
        library.delete(playlist.id)
    assert rest.app(database=file).state.library.page(0, 100) == []


def test_another_client_s_change_shows_at_once(client: Client) -> None:
    before = client("GET", "/123")
    client.app.state.library.update(123, name="Changed elsewhere")
    after = client("GET", "/123")
    assert after.json() == before.json() | {"name": "Changed elsewhere"}
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.headers["Last-Modified"] != before.headers["Last-Modified"]


def test_eight_threads_lose_no_update_with_if_match(client: Client) -> None:
    def append(mark: str) -> None:
        for turn in range(5):
            while True:
                read = client("GET", "/123")
                text = read.json()["description"] + f" {mark}{turn}"
                field = {"If-Match": read.headers["ETag"]}
                answer = client("PUT", "/123", json={"name": "Marks", "description": text}, headers=field)
                if answer.status_code == 200:
                    break
                assert answer.status_code == 412

    client("PUT", "/123", json={"name": "Marks"})
    threads = [threading.Thread(target=append, args=(mark,)) for mark in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    marks = client("GET", "/123").json()["description"].split()
    assert sorted(marks) == sorted(f"{mark}{turn}" for mark in "abcdefgh" for turn in range(5))
