"""What a batch is refused for, and what nobody can break it with."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from .crm import KNOWN, Crm, fresh, open_crm, refused

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def crm() -> Any:
    with open_crm() as crm:
        yield crm


@pytest.fixture(scope="module")
def small() -> Any:
    with open_crm(most=3, largest=400) as crm:
        yield crm


# --- Who may, and how it is asked ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/contacts"),
        ("POST", "/contacts"),
        ("GET", "/contacts/101"),
        ("POST", "/contacts/batch"),
        ("PATCH", "/contacts/batch"),
        ("GET", "/outbox"),
        ("GET", "/limits"),
        ("GET", "/jobs/x"),
        ("DELETE", "/jobs/x"),
        ("GET", "/jobs/x/progress"),
    ],
)
def test_a_token_is_needed(crm: Crm, method: str, path: str) -> None:
    assert "WWW-Authenticate" in refused_fields(crm, method, path, None, 401)
    if method != "GET":
        assert 'scope="write"' in refused_fields(crm, method, path, "viewer", 403)["WWW-Authenticate"]


def refused_fields(crm: Crm, method: str, path: str, who: str | None, status: int) -> Any:
    answer = crm(method, path, who=who, json={})
    refused(answer, status)
    return answer.headers


def test_a_viewer_reads(crm: Crm) -> None:
    for path in ("/contacts", "/contacts/101", "/outbox", "/limits"):
        assert crm("GET", path, who="viewer").status_code == 200


def test_health_needs_no_token(crm: Crm) -> None:
    assert crm("GET", "/health", who=None).json() == {"status": "ok"}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_only_json_is_taken(crm: Crm, method: str) -> None:
    answer = crm(method, "/contacts/batch", data="name,email", headers={"Content-Type": "text/csv"})
    refused(answer, 415)
    assert answer.headers["Accept-Patch" if method == "PATCH" else "Accept"] == "application/json"


def test_methods(crm: Crm) -> None:
    answer = crm("OPTIONS", "/contacts/batch", who=None)
    assert (answer.headers["Allow"], answer.headers["Accept-Patch"]) == ("OPTIONS, PATCH, POST", "application/json")
    refused(crm("PUT", "/contacts/batch", json={}), 405)
    refused(crm("GET", "/contacts/batch/"), 404)
    refused(crm("GET", "/contacts", headers={"Accept": "text/csv"}), 406)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (7, ["#"]),
        ([], ["#"]),
        ({}, ["#/operation", "#/contacts"]),
        ({"operation": "update", "contacts": []}, ["#/operation"]),
        ({"operation": "create", "contacts": {}}, ["#/contacts"]),
        ({"operation": "create", "contacts": [], "more": 1}, ["#/more"]),
        ({"operation": "create", "contacts": [], "options": None}, ["#/options"]),
        ({"operation": "create", "contacts": [], "options": {"atomic": 1}}, ["#/options"]),
        ({"operation": "create", "contacts": [], "options": {"skip": True}}, ["#/options"]),
    ],
    ids=lambda value: None if isinstance(value, list) and "#" in str(value) else json.dumps(value),
)
def test_a_body_that_is_no_batch(crm: Crm, body: Any, pointers: list[str]) -> None:
    problem = refused(crm("POST", "/contacts/batch", json=body), 422)
    assert [error["pointer"] for error in problem["errors"]] == pointers


def test_updates_have_fewer_options(crm: Crm) -> None:
    assert refused(crm.update([], skip_duplicates=True), 422)["errors"] == [
        {"pointer": "#/options", "detail": "Send true or false for some of atomic, multi_status."}
    ]


# --- Limits ----------------------------------------------------------------------------------------------------------


def test_the_limits_can_be_asked_for(crm: Crm, small: Crm) -> None:
    assert crm("GET", "/limits").json() == {"most": 10_000, "largest": 2_097_152, "quota": None}
    assert small("GET", "/limits").json() == {"most": 3, "largest": 400, "quota": None}


def test_too_many_items(small: Crm) -> None:
    before = small.total
    assert small.create([{}] * 3).json()["processed"] == 3
    for answer in (small.create([{}] * 4), small.update([{}] * 4)):
        assert refused(answer, 413)["detail"] == "Send at most 3 items in one request: these are 4."
    assert small.total == before


def test_too_many_bytes(small: Crm) -> None:
    name = "A" * 400
    assert "at most 400 bytes" in refused(small.create([{"name": name}]), 413)["detail"]
    parts = iter([b'{"operation": "create", "contacts": [', b" " * 300, b" " * 300, b"]}"])
    refused(small("POST", "/contacts/batch", data=parts, headers=JSON), 413)  # chunked, so that no length is known


def test_ten_megabytes(crm: Crm) -> None:
    refused(crm("POST", "/contacts/batch", data=b" " * 10_000_000, headers=JSON), 413)


def test_nothing_is_kept_of_what_is_too_long(small: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The length alone is reason enough: no byte of the content is looked at."""
    read = []
    monkeypatch.setattr("starlette.requests.Request.stream", lambda request: read.append(request))
    refused(small("POST", "/contacts/batch", data=b" " * 401, headers=JSON), 413)
    assert not read


# --- Attacks ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"operation": "create", "contacts": ' + b'{"a":' * 50_000,
        b'{"operation": "create", "contacts": [NaN]}',
        b'{"operation": "create", "contacts": [{"name": Infinity}]}',
        b'{"operation": "create", "contacts": [{"name": "\xff"}]}',
        '{"operation": "create", "contacts": []}'.encode("utf-16"),
        b'{"operation": "update", "updates": [{"id": ' + b"9" * 5000 + b"}]}",
    ],
    ids=["empty", "deep lists", "deep objects", "NaN", "Infinity", "no UTF-8", "UTF-16", "a very long number"],
)
def test_what_is_no_json(crm: Crm, body: bytes) -> None:
    refused(crm("POST", "/contacts/batch", data=body, headers=JSON), 400)
    assert crm("GET", "/health").status_code == 200


def test_of_a_member_that_comes_twice_the_last_counts(crm: Crm) -> None:
    (new,) = fresh(1)
    item = f'{{"name": "A", "name": "Kim", "email": "nobody", "email": "{new["email"]}"}}'
    body = f'{{"operation": "update", "operation": "create", "contacts": [{item}]}}'
    assert crm("POST", "/contacts/batch", data=body, headers=JSON).json()["created"] == 1
    assert crm("GET", "/contacts", params={"email": new["email"]}).json()["contacts"][0]["name"] == "Kim"


def test_sql_is_text(crm: Crm) -> None:
    before = crm.total
    name = "x'); DROP TABLE contacts; --"
    assert crm.create([fresh(1)[0] | {"name": name}]).json()["created"] == 1
    assert crm("GET", "/contacts", params={"email": "' OR 1=1 --"}).json() == {"contacts": [], "total": 0}
    assert crm.total == before + 1
    refused(crm.update([{"id": 101, "name = 'x' --": 1}], atomic=True), 422)


VALUES: list[Any] = [
    None, True, 0, -1, 2**63, 1e308, "", " ", "\x00", "\ud800", "a" * 300, [], [1], ["a"], {}, {"a": 1},
    "a@b.example", KNOWN, "a@b", "@", "a@@b.c", "ä@ö.example", "a b@c.example", "inactive", "ACTIVE", "💡", 101, 140,
]  # fmt: skip


def some_item(draw: random.Random, members: list[str]) -> Any:
    if draw.random() < 0.1:
        return draw.choice(VALUES)
    item = {name: draw.choice(VALUES) for name in members if draw.random() < 0.7}
    return item | ({f"m{draw.random()}@fuzz.example": 1} if draw.random() < 0.05 else {})


@pytest.mark.parametrize("seed", range(4))
def test_items_of_any_kind(crm: Crm, seed: int) -> None:
    draw = random.Random(seed)
    items = [some_item(draw, ["name", "email", "company"]) for _ in range(300)]
    items += [{"name": "Kim", "email": f"{draw.random()}@fuzz.example"} for _ in range(30)]
    draw.shuffle(items)
    before = crm.total
    skip = draw.random() < 0.5
    told = crm.create(items, skip_duplicates=skip).json()
    assert told["processed"] == len(items) == told["created"] + told["skipped"] + len(told["errors"])
    assert told["created"] >= 30
    assert crm.total == before + told["created"]
    assert skip or not told["skipped"]
    indices = [error["index"] for error in told["errors"]]
    assert indices == sorted(set(indices))


@pytest.mark.parametrize("seed", range(2))
def test_updates_of_any_kind(crm: Crm, seed: int) -> None:
    draw = random.Random(seed)
    members = ["id", "name", "email", "company", "status", "tags"]
    items = [some_item(draw, members) for _ in range(200)]
    items += [{"id": draw.randint(90, 150), name: draw.choice(VALUES)} for name in members[1:] for _ in range(20)]
    before = crm.total
    told = crm.update(items, multi_status=draw.random() < 0.5).json()
    errors = [item for item in told.get("errors") or told["items"] if item["code"]]
    assert told["processed"] == len(items) == told["updated"] + len(errors)
    assert crm.total == before
    for contact in crm("GET", "/contacts?limit=1000").json()["contacts"]:
        assert contact["name"].strip()
        assert contact["status"] in ("active", "inactive")


def test_bytes_of_any_kind(crm: Crm) -> None:
    draw = random.Random(1)
    body = json.dumps({"operation": "create", "contacts": fresh(2), "options": {"atomic": True}}).encode()
    for _ in range(60):
        broken = bytearray(body)
        for _ in range(draw.randint(1, 3)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        assert crm("POST", "/contacts/batch", data=bytes(broken), headers=JSON).status_code in (200, 400, 422)
