"""Batches over a real socket: what comes of many contacts that are created or changed with one request."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from course_support.backends import batch

from .crm import KNOWN, SEEDED, Crm, fresh, open_crm, refused

DATA = Path(__file__).parents[2] / "notebooks" / "data"


@pytest.fixture(scope="module")
def crm() -> Any:
    with open_crm() as crm:
        yield crm


def faulty() -> tuple[list[Any], list[dict[str, Any]]]:
    """Items of which only the first is good, and the errors that the others are."""
    good = fresh(1)[0]
    items = [good, {"email": "x@new.example"}, {"name": "A", "email": "x"}, good | {"email": good["email"].upper()}, 7]
    codes = {1: "missing_name", 2: "invalid_email", 3: "duplicate_in_batch", 4: "not_an_object"}
    return items, [{"index": index, "code": code} for index, code in codes.items()]


def codes(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for error in errors:
        assert list(error) == ["index", "id", "code", "message"]
        assert error["message"].endswith(".")
    return [{"index": error["index"], "code": error["code"]} for error in errors]


# --- Creating --------------------------------------------------------------------------------------------------------


def test_create_to_the_letter(crm: Crm) -> None:
    before = crm.total
    answer = crm.create(fresh(12), skip_duplicates=True, send_welcome_email=False)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == '{"processed": 12, "created": 12, "skipped": 0, "errors": []}'
    assert crm.total == before + 12


def test_new_contacts_are_as_they_were_sent(crm: Crm) -> None:
    sent = {"name": "Zoë Müller", "email": "Zoe@Müller.example", "company": None}
    assert crm.create([sent]).json()["created"] == 1
    (found,) = crm("GET", "/contacts", params={"email": "zoe@Müller.EXAMPLE"}).json()["contacts"]
    assert found == sent | {"id": found["id"], "status": "active", "tags": []}


def test_an_item_at_fault_does_not_stop_the_others(crm: Crm) -> None:
    before = crm.total
    items, errors = faulty()
    told = crm.create(items, skip_duplicates=False).json()
    assert codes(told["errors"]) == errors
    assert (told["processed"], told["created"], told["skipped"]) == (5, 1, 0)
    assert crm.total == before + 1
    (new,) = crm("GET", "/contacts", params={"email": items[0]["email"]}).json()["contacts"]
    assert [error["id"] for error in told["errors"]] == [None, None, new["id"], None]


def test_duplicates_are_skipped_unless_told_otherwise(crm: Crm) -> None:
    new = fresh(1)
    items = [*new, {"name": "Ada", "email": KNOWN.upper()}, *new]
    assert crm.create(items).json() == {"processed": 3, "created": 1, "skipped": 2, "errors": []}
    strict = crm.create(items, skip_duplicates=False).json()
    assert codes(strict["errors"]) == [{"index": index, "code": "duplicate"} for index in range(3)]
    assert strict["errors"][1]["id"] == 101


def test_the_same_with_a_status_for_each_item(crm: Crm) -> None:
    items, _ = faulty()
    answer = crm.create([*items, {"name": "Ada", "email": KNOWN}], multi_status=True)
    assert answer.status_code == 207
    told = answer.json()
    assert {name: told[name] for name in ("processed", "created", "skipped")} == {
        "processed": 6,
        "created": 1,
        "skipped": 2,
    }
    assert [list(item) for item in told["items"]] == [["index", "status", "id", "code", "message"]] * 6
    assert [item["status"] for item in told["items"]] == [201, 422, 422, 200, 422, 200]
    assert told["items"][0] == {
        "index": 0,
        "status": 201,
        "id": told["items"][3]["id"],
        "code": None,
        "message": None,
    }
    known = crm.create([{"name": "Ada", "email": KNOWN}], multi_status=True, skip_duplicates=False).json()["items"][0]
    assert (known["status"], known["id"], known["code"]) == (409, 101, "duplicate")


def test_all_or_nothing(crm: Crm) -> None:
    before = crm.total
    items, errors = faulty()
    problem = refused(crm.create(items, atomic=True, skip_duplicates=False, send_welcome_email=True), 422)
    assert codes(problem["errors"]) == errors
    assert [error["id"] for error in problem["errors"]] == [None] * 4  # no contact of this batch is there
    assert (problem["title"], problem["instance"]) == ("Rolled Back", "/api/v1/contacts/batch")
    assert (crm.total, crm.welcomed) == (before, 0)
    told = crm.create([*fresh(2), {"name": "Ada", "email": KNOWN}], atomic=True).json()
    assert told == {"processed": 3, "created": 2, "skipped": 1, "errors": []}


def test_only_new_contacts_are_welcomed() -> None:
    with open_crm() as crm:
        items, _ = faulty()
        crm.create(items, send_welcome_email=True)
        assert crm.welcomed == 1
        crm.create(items, send_welcome_email=True)
        crm.create(fresh(3))
        assert crm.welcomed == 1


def test_an_empty_batch_is_a_batch(crm: Crm) -> None:
    assert crm.create([]).json() == {"processed": 0, "created": 0, "skipped": 0, "errors": []}


# --- Changing --------------------------------------------------------------------------------------------------------


def test_update_to_the_letter() -> None:
    updates = [
        {"id": 123, "company": "New Company Name"},
        {"id": 124, "tags": ["premium", "enterprise"]},
        {"id": 125, "status": "inactive"},
    ]
    with open_crm() as crm:
        before = [crm("GET", f"/contacts/{update['id']}").json() for update in updates]
        assert crm.update(updates).json() == {"processed": 3, "updated": 3, "errors": []}
        after = [crm("GET", f"/contacts/{update['id']}").json() for update in updates]
    assert after == [old | update for old, update in zip(before, updates, strict=True)]


def test_what_cannot_be_updated_is_told(crm: Crm) -> None:
    (new,) = fresh(1)
    crm.create([new])
    updates: list[Any] = [
        {"id": 110, "email": new["email"].upper()},
        {"id": 99_999, "name": "A"},
        {"id": 2**70, "name": "A"},
        {"name": "A"},
        {"id": 110},
        {"id": 110, "colour": "red"},
        {"id": 110, "email": crm("GET", "/contacts/110").json()["email"].upper()},
    ]
    told = crm.update(updates).json()
    assert (told["processed"], told["updated"]) == (7, 1)
    found = [(error["index"], error["id"], error["code"]) for error in told["errors"]]
    assert found == [
        (0, 110, "duplicate"),
        (1, 99_999, "not_found"),
        (2, 2**70, "not_found"),
        (3, None, "invalid_member"),
        (4, 110, "invalid_member"),
        (5, 110, "unknown_member"),
    ]


def test_updates_with_a_status_for_each(crm: Crm) -> None:
    answer = crm.update([{"id": 111, "company": None}, {"id": 1, "company": "A"}, 7], multi_status=True)
    assert answer.status_code == 207
    told = answer.json()
    assert (told["processed"], told["updated"]) == (3, 1)
    assert [(item["status"], item["id"]) for item in told["items"]] == [(200, 111), (404, 1), (422, None)]


def test_all_updates_or_none(crm: Crm) -> None:
    before = crm("GET", "/contacts/112").json()
    updates = [{"id": 112, "name": "Other"}, {"id": 1, "name": "Nobody"}]
    problem = refused(crm.update(updates, atomic=True), 422)
    assert codes(problem["errors"]) == [{"index": 1, "code": "not_found"}]
    assert crm("GET", "/contacts/112").json() == before
    assert crm.update(updates[:1], atomic=True).json()["updated"] == 1


# --- One contact, and the list ---------------------------------------------------------------------------------------


def test_one_contact(crm: Crm) -> None:
    (sent,) = fresh(1)
    answer = crm("POST", "/contacts", json=sent)
    assert answer.status_code == 201
    new = answer.json()
    assert new == {"id": new["id"], **sent, "status": "active", "tags": []}
    assert answer.headers["Location"] == f"/api/v1/contacts/{new['id']}"
    assert crm("GET", answer.headers["Location"]).json() == new
    assert f"Contact {new['id']} " in refused(crm("POST", "/contacts", json=sent), 409)["detail"]
    assert refused(crm("POST", "/contacts", json={"email": "a@b.example"}), 422)["detail"] == "Send a name."


@pytest.mark.parametrize("id", ["100", "0", "x", "1" * 30, "99999"])
def test_a_contact_that_is_not_there(crm: Crm, id: str) -> None:
    refused(crm("GET", f"/contacts/{id}"), 404)


def test_the_list_a_page_at_a_time() -> None:
    with open_crm() as crm:
        path, seen = "/contacts?limit=15", []
        while path:
            answer = crm("GET", path)
            page = answer.json()
            assert page["total"] == SEEDED
            seen += [contact["id"] for contact in page["contacts"]]
            link = re.fullmatch('<(.*)>; rel="next"', answer.headers.get("Link", ""))
            path = link[1] if link else ""
        assert seen == list(range(101, 141))
        assert {123, 124, 125} <= set(seen)
        refused(crm("GET", "/contacts?limit=0"), 400)
        refused(crm("GET", "/contacts?limit=1001"), 400)
        refused(crm("GET", "/contacts?after=x"), 400)


def test_the_same_seed_is_the_same_service() -> None:
    one, same, other = batch.app(1), batch.app(1), batch.app(2)
    pages = [app.state.contacts.page(0, 100) for app in (one, same, other)]
    assert pages[0] == pages[1] != pages[2]
    assert pages[0][:5] == pages[2][:5]
    assert one.state.credentials == same.state.credentials != other.state.credentials


# --- The spreadsheets ------------------------------------------------------------------------------------------------


def csv_rows(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def xlsx_rows(name: str) -> list[dict[str, str]]:
    book = openpyxl.load_workbook(DATA / f"{name}.xlsx", read_only=True)
    head, *rows = book.active.values
    book.close()
    return [{column: value or "" for column, value in zip(head, row, strict=True)} for row in rows]


@pytest.mark.parametrize("rows", [csv_rows, xlsx_rows], ids=["csv", "xlsx"])
@pytest.mark.parametrize("seed", [1, 7])
def test_the_sheet_of_247(rows: Any, seed: int) -> None:
    with open_crm(seed=seed) as crm:
        told = crm.create(rows("contacts"), skip_duplicates=True, send_welcome_email=False)
        assert told.json() == {"processed": 247, "created": 238, "skipped": 9, "errors": []}
        assert crm.total == SEEDED + 238


def test_the_sheet_of_247_fits_every_seed() -> None:
    sheet = [row["email"].lower() for row in csv_rows("contacts")]
    assert len(sheet) - len(set(sheet)) == 4
    assert len([email for email in csv_rows("contacts") if email["email"] != email["email"].lower()]) == 2
    for seed in range(30):
        seeded = {contact.email for contact in batch.app(seed).state.contacts.page(0, 100)}
        assert len(seeded) == SEEDED
        assert len(seeded & set(sheet)) == 5


def test_the_faulty_sheet_to_the_letter() -> None:
    rows = csv_rows("contacts_with_faults")
    faults = {
        4: ("missing_name", None),
        12: ("invalid_email", None),  # no @
        21: ("missing_name", None),  # nothing but spaces
        28: ("duplicate", 105),
        35: ("invalid_email", None),  # two of @
        42: ("duplicate_in_batch", 148),  # in capitals
        49: ("invalid_email", None),  # no dot in the host
        57: ("invalid_member", None),  # a name of more than 200 characters
    }
    with open_crm() as crm:
        told = crm.create(rows, skip_duplicates=False).json()
        assert {error["index"]: (error["code"], error["id"]) for error in told["errors"]} == faults
        assert (told["processed"], told["created"]) == (60, 52)
        names = {contact["name"] for contact in crm("GET", "/contacts?limit=1000").json()["contacts"]}
        assert {"Jörg Müßig", "Zoë Håkansson", "Weber, Jana"} <= names
    with open_crm() as crm:
        told = crm.create(xlsx_rows("contacts_with_faults")).json()
        assert (told["created"], told["skipped"], len(told["errors"])) == (52, 2, 6)


def test_the_sheets_are_saved_as_spreadsheets_save_them() -> None:
    for name in ("contacts", "contacts_with_faults"):
        assert (DATA / f"{name}.csv").read_bytes().startswith(b"\xef\xbb\xbfname,email,company\r\n")
        assert csv_rows(name) == xlsx_rows(name)
        assert all(row["email"].lower().endswith((".example", "localhost")) for row in csv_rows(name))
