"""The REST service over a real socket: every example of the lesson's table, every status, every page."""

import http.client
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from course_support.backends import rest
from course_support.server import serve

from .conftest import Client

JSON, MERGE_PATCH, PROBLEM = "application/json", "application/merge-patch+json", "application/problem+json"
NEW = {"name": "Road Trip Hits", "description": "Perfect songs for long drives"}


def test_list_has_the_document_s_shape(client: Client) -> None:
    answer = client("GET")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON
    assert list(answer.json()) == ["playlists"]
    assert answer.json()["playlists"][0] == {"id": 1, "name": "Workout Mix", "songs": 12}
    assert {tuple(playlist) for playlist in answer.json()["playlists"]} == {("id", "name", "songs")}


def test_create_tells_where_the_new_playlist_is(client: Client) -> None:
    answer = client("POST", json=NEW)
    assert answer.status_code == 201
    new = answer.json()
    assert new == {"id": new["id"], **NEW, "songs": 0}
    assert answer.headers["Location"] == answer.headers["Content-Location"] == f"/api/v1/playlists/{new['id']}"
    read = client("GET", f"/{new['id']}")
    assert read.json() == new
    assert read.headers["ETag"] == answer.headers["ETag"]


def test_put_replaces_so_that_what_is_left_out_is_reset(client: Client) -> None:
    before = client("GET", "/123").json()
    assert before["description"]
    answer = client("PUT", "/123", json={"name": "Updated Playlist Name"})
    assert answer.status_code == 200
    assert answer.json() == {**before, "name": "Updated Playlist Name", "description": ""}
    read = client("GET", "/123")
    assert read.json() == answer.json()
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert read.headers["Last-Modified"] == answer.headers["Last-Modified"]


@pytest.mark.parametrize(
    ("patch", "changes"),
    [
        ({"name": "Now"}, {"name": "Now"}),
        ({"description": "Now"}, {"description": "Now"}),
        ({"description": None}, {"description": ""}),
        ({"id": 123}, {}),
        ({}, {}),
    ],
)
def test_patch_merges(client: Client, patch: dict[str, Any], changes: dict[str, Any]) -> None:
    before = client("GET", "/123").json()
    answer = client("PATCH", "/123", data=json.dumps(patch), headers={"Content-Type": MERGE_PATCH})
    assert answer.status_code == 200
    assert answer.json() == client("GET", "/123").json() == {**before, **changes}


def test_delete_is_idempotent_although_the_second_answer_differs(client: Client) -> None:
    first = client("DELETE", "/123")
    assert (first.status_code, first.content) == (204, b"")
    assert "Content-Length" not in first.headers
    assert [client(method, "/123").status_code for method in ("DELETE", "GET", "HEAD")] == [404, 404, 404]


def test_get_modify_put_works_with_the_read_only_members_in_it(client: Client) -> None:
    playlist = client("GET", "/1").json()
    answer = client("PUT", "/1", json=playlist | {"description": "Run"})
    assert (answer.status_code, answer.json()) == (200, playlist | {"description": "Run"})


def test_an_id_is_never_given_twice(client: Client) -> None:
    first = client("POST", json=NEW).json()["id"]
    client("DELETE", f"/{first}")
    assert client("POST", json=NEW).json()["id"] > first


INVALID = [
    ("POST", {}, {"#/name"}),
    ("POST", {"name": ""}, {"#/name"}),
    ("POST", {"name": "n" * 101}, {"#/name"}),
    ("POST", {"name": 7, "description": "d" * 501, "x": 1, "id": 7}, {"#/name", "#/description", "#/x", "#/id"}),
    ("POST", {"name": "n", "songs": 0}, {"#/songs"}),
    ("POST", {"name": "n", "id": None}, {"#/id"}),
    ("POST", {"name": "n", "description": None}, {"#/description"}),
    ("POST", {"name": "n", "a/b~ü": 1}, {"#/a~1b~0%C3%BC"}),
    ("POST", ["name"], {"#"}),
    ("POST", "name", {"#"}),
    ("POST", None, {"#"}),
    ("PUT", {"description": "d"}, {"#/name"}),
    ("PUT", {"name": "n", "id": 124}, {"#/id"}),
    ("PUT", {"name": "n", "songs": -1}, {"#/songs"}),
    ("PATCH", {"name": None}, {"#/name"}),
    ("PATCH", {"description": 1}, {"#/description"}),
    ("PATCH", {"id": None}, {"#/id"}),
    ("PATCH", {"genre": None}, {"#/genre"}),
    ("PATCH", [], {"#"}),
]


@pytest.mark.parametrize(("method", "sent", "places"), INVALID)
def test_what_breaks_the_rules_is_422_and_lists_every_fault(
    client: Client, method: str, sent: Any, places: set[str]
) -> None:
    before = client("GET", "/123").json()
    media_type = MERGE_PATCH if method == "PATCH" else JSON
    path = "" if method == "POST" else "/123"
    answer = client(method, path, data=json.dumps(sent), headers={"Content-Type": media_type})
    assert answer.status_code == 422
    problem = answer.json()
    assert {error["pointer"] for error in problem["errors"]} == places
    assert all(error["detail"].endswith(".") for error in problem["errors"])
    assert problem["type"] != "about:blank"
    assert client("GET", "/123").json() == before


def test_true_is_not_the_number_one(client: Client) -> None:
    assert client("PUT", "/1", json={"name": "n", "id": True}).status_code == 422


ODD = {
    "lone surrogate as a value": (rb'{"name": "\ud800"}', 422),
    "lone surrogate as a member": (rb'{"name": "n", "\udfff": 1}', 422),
    "NUL": (rb'{"name": "a\u0000b"}', 201),
    "astral characters count once": ('{"name": "' + "🎧" * 100 + '"}', 201),
    "no JSON": (b"name=n", 400),
    "empty": (b"", 400),
    "two values": (b'{"name": "n"} {}', 400),
    "not UTF-8": (b'{"name": "\xff"}', 400),
    "UTF-16": ('{"name": "n"}'.encode("utf-16"), 400),
    "byte order mark": (b'\xef\xbb\xbf{"name": "n"}', 400),
    "NaN": (b'{"name": NaN}', 400),
    "infinite": (b'{"name": "n", "songs": 1e999}', 422),
    "huge integer": (b'{"name": "n", "songs": ' + b"9" * 4000 + b"}", 422),
    "integer past all limits": (b'{"name": "n", "songs": ' + b"9" * 50_000 + b"}", 400),
    "deep": (b"[" * 60_000, 400),
    "deep and closed": (b'{"name":' + b"[" * 30_000 + b"]" * 30_000 + b"}", 400),
    "as large as it may be": (b'{"name": "n"}' + b" " * (64 * 1024 - 13), 201),
    "one byte more": (b'{"name": "n"}' + b" " * (64 * 1024 - 12), 413),
    "megabytes": (b" " * 5_000_000, 413),
}


@pytest.mark.parametrize(("body", "status"), ODD.values(), ids=ODD)
def test_odd_bodies_get_an_answer(client: Client, body: bytes | str, status: int) -> None:
    sent = body.encode() if isinstance(body, str) else body
    answer = client("POST", data=sent, headers={"Content-Type": JSON})
    assert answer.status_code == status
    if status == 201:
        assert client("GET", f"/{answer.json()['id']}").json()["name"] == json.loads(sent)["name"]


def test_a_chunked_body_is_measured_too(client: Client) -> None:
    chunks = (b" " * 1024 for _ in range(100))
    assert client("POST", data=chunks, headers={"Content-Type": JSON}).status_code == 413


REFUSED: list[tuple[str, str, dict[str, Any], int, dict[str, str]]] = [
    ("GET", "", {"who": None}, 401, {"WWW-Authenticate": 'Bearer realm="playlists"'}),
    ("GET", "/123", {"who": None}, 401, {"WWW-Authenticate": 'Bearer realm="playlists"'}),
    ("DELETE", "/123", {"who": None}, 401, {"WWW-Authenticate": 'Bearer realm="playlists"'}),
    ("POST", "", {"who": "guest", "json": NEW}, 403, {}),
    ("PUT", "/123", {"who": "guest", "json": NEW}, 403, {}),
    ("PATCH", "/123", {"who": "guest", "data": "{}", "headers": {"Content-Type": MERGE_PATCH}}, 403, {}),
    ("DELETE", "/123", {"who": "guest"}, 403, {}),
    ("GET", "/999", {}, 404, {}),
    ("GET", "/0123", {}, 404, {}),
    ("GET", "/-1", {}, 404, {}),
    ("GET", "/one", {}, 404, {}),
    ("GET", "/" + "9" * 5000, {}, 404, {}),
    ("GET", "/9223372036854775808", {}, 404, {}),
    ("GET", "/", {}, 404, {}),
    ("GET", "/123/", {}, 404, {}),
    ("GET", "/%F0%9F%8E%A7%00", {}, 404, {}),
    ("PUT", "", {"json": NEW}, 405, {"Allow": "GET, HEAD, OPTIONS, POST"}),
    ("POST", "/123", {"json": NEW}, 405, {"Allow": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"}),
    ("TRACE", "/123", {"who": None}, 405, {"Allow": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"}),
    ("POST", "/openapi.json", {}, 405, {"Allow": "GET, HEAD, OPTIONS"}),
    ("GET", "", {"headers": {"Accept": "text/html"}}, 406, {}),
    ("POST", "", {"json": NEW, "headers": {"Accept": "application/json;q=0, */*"}}, 406, {}),
    ("POST", "", {"data": "{}"}, 415, {"Accept": JSON}),
    ("POST", "", {"data": {"name": "n"}}, 415, {"Accept": JSON}),
    ("PUT", "/123", {"data": "{}", "headers": {"Content-Type": MERGE_PATCH}}, 415, {"Accept": JSON}),
    ("PATCH", "/123", {"json": {}}, 415, {"Accept-Patch": MERGE_PATCH}),
    ("GET", "?limit=0", {}, 400, {}),
    ("GET", "?limit=101", {}, 400, {}),
    ("GET", "?limit=", {}, 400, {}),
    ("GET", "?limit=%D9%A3", {}, 400, {}),
    ("GET", "?limit=1e1", {}, 400, {}),
    ("GET", "?cursor=", {}, 400, {}),
    ("GET", "?cursor=20", {}, 400, {}),
    ("GET", "?cursor=AAAA%2FAAA", {}, 400, {}),
    ("GET", "?cursor=%FF%FF%FF%FF%FF%FF%FF%FF", {}, 400, {}),
]


@pytest.mark.parametrize(("method", "path", "more", "status", "fields"), REFUSED)
def test_every_refusal_is_a_problem_that_says_what_to_do(
    client: Client, method: str, path: str, more: dict[str, Any], status: int, fields: dict[str, str]
) -> None:
    answer = client(method, path, **more)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == PROBLEM
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == status
    assert problem["detail"].endswith(".")
    assert problem["instance"] == answer.request.path_url.partition("?")[0]
    assert {name: answer.headers.get(name) for name in fields} == fields
    assert client("GET", "/123").status_code == 200


@pytest.mark.parametrize("path", ["", "?limit=3", "/123", "/999", "/openapi.json"])
def test_head_is_get_without_the_body(client: Client, path: str) -> None:
    get, head = client("GET", path), client("HEAD", path)
    assert (head.status_code, head.headers, head.content) == (get.status_code, get.headers, b"")
    assert int(head.headers["Content-Length"]) == len(get.content)


@pytest.mark.parametrize(
    ("path", "allow", "patch"),
    [
        ("", "GET, HEAD, OPTIONS, POST", None),
        ("/123", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT", MERGE_PATCH),
        ("/openapi.json", "GET, HEAD, OPTIONS", None),
    ],
)
def test_options_needs_no_token(client: Client, path: str, allow: str, patch: str | None) -> None:
    answer = client("OPTIONS", path, who=None)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (answer.headers["Allow"], answer.headers.get("Accept-Patch")) == (allow, patch)


def test_the_service_describes_itself_to_anyone(client: Client) -> None:
    answer = client("GET", "/openapi.json", who=None)
    assert answer.headers["Content-Type"] == JSON
    described = {
        (path, method.upper())
        for path, item in answer.json()["paths"].items()
        for method in item
        if method != "parameters"
    }
    served = {(route.path, method) for route in rest.ROUTES for method in route.methods or ()}
    assert described == {(path, method) for path, method in served if method not in ("HEAD", "OPTIONS")}


def test_the_description_of_a_route_is_the_first_line_of_its_handler() -> None:
    described = json.loads((Path(rest.__file__).with_name("rest_openapi.json")).read_text("utf-8"))["paths"]
    for route in rest.ROUTES:
        line = str(route.endpoint.__doc__).splitlines()[0]
        assert line.endswith(".")
        for method in set(route.methods or ()) - {"HEAD", "OPTIONS"}:
            assert described[route.path][method.lower()]["summary"] == line


# --- Pages ------------------------------------------------------------------------------------------------------------


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


# --- State ------------------------------------------------------------------------------------------------------------


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


def test_one_connection_serves_refusals_and_answers_alike(client: Client) -> None:
    """A body that a refusal left unread must not be taken for the next request."""
    connection = http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=10)
    token = {"Authorization": f"Bearer {client.app.state.credentials['listener']}"}
    statuses = []
    for fields in ({}, {"Content-Type": JSON}, token, token | {"Content-Type": JSON}):
        connection.request("POST", "/api/v1/playlists", b'{"name": "n"}', fields)
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    assert statuses == [401, 401, 415, 201]
