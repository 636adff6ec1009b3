"""The REST service over a real socket: every example of the lesson's table, HEAD, OPTIONS and the description."""

import json
from pathlib import Path
from typing import Any

import pytest

from course_support.backends import rest

from .conftest import NEW, Client

JSON, MERGE_PATCH = "application/json", "application/merge-patch+json"


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
    assert client("GET", "/123").json() == answer.json()


def test_put_answers_without_a_validator_as_the_service_stores_more_than_was_sent(client: Client) -> None:
    answer = client("PUT", "/123", json={"name": "Updated Playlist Name"})
    assert answer.headers["Content-Location"] == "/api/v1/playlists/123"
    assert not {"ETag", "Last-Modified"} & set(answer.headers)  # RFC 9110, section 9.3.4


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
