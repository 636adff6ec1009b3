"""Conditional requests against the REST service: what caching saves and which updates are not lost."""

from typing import Any

import pytest

from .conftest import Client

LATER = "Fri, 01 Jan 2100 00:00:00 GMT"
EARLIER = "Thu, 01 Jan 2015 00:00:00 GMT"


@pytest.mark.parametrize("path", ["/123", "", "?limit=5"])
def test_a_get_that_brings_the_tag_along_is_spared_the_body(client: Client, path: str) -> None:
    full = client("GET", path)
    assert full.headers["Cache-Control"] == "private, no-cache"
    assert full.headers["Vary"] == "Accept, Authorization"
    for method in ("GET", "HEAD"):
        spared = client(method, path, headers={"If-None-Match": full.headers["ETag"]})
        assert (spared.status_code, spared.content) == (304, b"")
        for field in ("ETag", "Cache-Control", "Vary"):
            assert spared.headers[field] == full.headers[field]
        assert not {"Content-Length", "Content-Type"} & set(spared.headers)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-Match": '"something else"'}, 412),
        ({"If-Match": 'W/"{tag}'}, 412),
        ({"If-Match": "*"}, 200),
        ({"If-Unmodified-Since": EARLIER}, 412),
        ({"If-Unmodified-Since": LATER}, 200),
        ({"If-None-Match": "*"}, 412),
    ],
)
def test_a_change_happens_only_on_what_was_read(
    client: Client, method: str, fields: dict[str, str], status: int
) -> None:
    before = client("GET", "/123")
    answer = change(client, method, fields)
    assert answer.status_code == (204 if (method, status) == ("DELETE", 200) else status)
    assert (client("GET", "/123").content == before.content) is (status == 412)


def change(client: Client, method: str, fields: dict[str, str]) -> Any:
    media_type = "application/merge-patch+json" if method == "PATCH" else "application/json"
    body = None if method == "DELETE" else '{"name": "Updated Playlist Name"}'
    return client(method, "/123", data=body, headers={"Content-Type": media_type, **fields})


def test_the_second_of_two_writers_is_told(client: Client) -> None:
    tag = client("GET", "/123").headers["ETag"]
    assert change(client, "PUT", {"If-Match": tag}).status_code == 200
    late = client("PUT", "/123", json={"name": "Late"}, headers={"If-Match": tag})
    assert late.status_code == 412
    assert client("GET", "/123").json()["name"] == "Updated Playlist Name"


def test_dates_miss_a_change_within_the_same_second(client: Client) -> None:
    """Why timestamps make no safe locks: the lesson needs this lost update to happen each time."""
    client("PUT", "/123", json={"name": "Mine"})
    seen = client("GET", "/123").headers["Last-Modified"]
    client.app.state.library.update(123, name="Theirs")
    answer = client("PUT", "/123", json={"name": "Mine again"}, headers={"If-Unmodified-Since": seen})
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_strict_mode_can_be_switched_while_the_service_runs(client: Client, method: str) -> None:
    client.app.state.strict = True
    refused = change(client, method, {"If-Unmodified-Since": LATER})
    assert refused.status_code == 428
    assert "If-Match" in refused.json()["detail"]
    assert change(client, method, {"If-Match": '"wrong"'}).status_code == 412
    client.app.state.strict = False
    assert change(client, method, {}).ok


def test_refusals_come_before_preconditions_and_these_before_the_content(client: Client) -> None:
    """RFC 9110, section 13.2.1."""
    stale = {"If-Match": '"stale"'}
    assert client("PUT", "/999", json={"name": "n"}, headers=stale).status_code == 404
    assert client("PUT", "/123", json={"name": "n"}, who="guest", headers=stale).status_code == 403
    assert client("PUT", "/123", data="{", headers={**stale, "Content-Type": "text/plain"}).status_code == 415
    assert client("PUT", "/123", data="{", headers={**stale, "Content-Type": "application/json"}).status_code == 412
    assert client("PUT", "/123", data="{", headers={"Content-Type": "application/json"}).status_code == 400
