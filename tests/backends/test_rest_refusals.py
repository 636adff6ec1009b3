"""What the REST service refuses, with which status, and how it says so; whatever is sent, it never fails itself."""

import http.client
import json
from typing import Any

import pytest

from .conftest import NEW, Client

JSON, MERGE_PATCH, PROBLEM = "application/json", "application/merge-patch+json", "application/problem+json"

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
