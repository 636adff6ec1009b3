"""Contacts: what an item must hold, and what the table makes of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from course_support.backends.contacts import KNOWN, Contacts
from course_support.backends.contacts_database import Database
from course_support.backends.contacts_rules import Faulty, checked_contact, checked_update

GOOD: dict[str, Any] = {"name": "Kim Lee", "email": "kim@new.example"}


@pytest.fixture
def contacts() -> Contacts:
    return Contacts(Database(), 1)


def code(check: Any, item: Any) -> str:
    with pytest.raises(Faulty) as raised:
        check(item)
    assert raised.value.message.endswith(".")
    return raised.value.code


# --- Rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"name": None}, "missing_name"),
        ({"name": ""}, "missing_name"),
        ({"name": " \t"}, "missing_name"),
        ({"name": 7}, "invalid_member"),
        ({"name": "a" * 201}, "invalid_member"),
        ({"name": "\ud800"}, "invalid_member"),
        ({"email": None}, "invalid_email"),
        ({"email": ""}, "invalid_email"),
        ({"email": ["a@b.example"]}, "invalid_email"),
        ({"email": "kim"}, "invalid_email"),
        ({"email": "kim@new"}, "invalid_email"),
        ({"email": "kim@.example"}, "invalid_email"),
        ({"email": "kim@new..example"}, "invalid_email"),
        ({"email": "kim@new.example."}, "invalid_email"),
        ({"email": "kim@@new.example"}, "invalid_email"),
        ({"email": "@new.example"}, "invalid_email"),
        ({"email": " kim@new.example"}, "invalid_email"),
        ({"email": "kim@new.example\n"}, "invalid_email"),
        ({"email": "k" * 243 + "@new.example"}, "invalid_email"),
        ({"company": 7}, "invalid_member"),
        ({"company": "a" * 201}, "invalid_member"),
        ({"phone": "1"}, "unknown_member"),
        ({"id": 7}, "unknown_member"),
        ({"phone": "1", "name": ""}, "unknown_member"),  # the first fault only
        ({"name": "", "email": ""}, "missing_name"),
    ],
    ids=ascii,
)
def test_items_at_fault(members: dict[str, Any], expected: str) -> None:
    assert code(checked_contact, GOOD | members) == expected


@pytest.mark.parametrize(
    "members",
    [{}, {"company": ""}, {"company": None}, {"name": "a" * 200}, {"email": "k" * 242 + "@new.example"}],
    ids=ascii,
)
def test_good_items(members: dict[str, Any]) -> None:
    assert checked_contact(GOOD | members) == GOOD | members


def test_what_is_missing_is_a_fault_too() -> None:
    assert code(checked_contact, {"email": GOOD["email"]}) == "missing_name"
    assert code(checked_contact, {"name": GOOD["name"]}) == "invalid_email"
    for item in (None, 7, "a", [GOOD]):
        assert code(checked_contact, item) == code(checked_update, item) == "not_an_object"


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"company": "A"}, "invalid_member"),
        ({"id": "101", "company": "A"}, "invalid_member"),
        ({"id": True, "company": "A"}, "invalid_member"),
        ({"id": 101}, "invalid_member"),
        ({"id": 101, "status": "gone"}, "invalid_member"),
        ({"id": 101, "status": None}, "invalid_member"),
        ({"id": 101, "tags": "premium"}, "invalid_member"),
        ({"id": 101, "tags": [1]}, "invalid_member"),
        ({"id": 101, "tags": ["a"] * 21}, "invalid_member"),
        ({"id": 101, "name": ""}, "missing_name"),
        ({"id": 101, "email": None}, "invalid_email"),
        ({"id": 101, "phone": "1"}, "unknown_member"),
    ],
    ids=ascii,
)
def test_updates_at_fault(update: dict[str, Any], expected: str) -> None:
    with pytest.raises(Faulty) as raised:
        checked_update(update)
    assert raised.value.code == expected
    assert raised.value.id == (101 if update.get("id") == 101 and type(update["id"]) is int else None)


def test_of_several_faults_the_same_one_is_told_in_every_process() -> None:
    with pytest.raises(Faulty) as raised:
        checked_update({"id": 101, "tags": "premium", "status": "gone", "company": 1, "email": "x", "name": ""})
    assert raised.value.code == "missing_name"


# --- The table -------------------------------------------------------------------------------------------------------


def test_the_first_contacts(contacts: Contacts) -> None:
    page = contacts.page(0, 100)
    assert [contact.id for contact in page] == list(range(101, 141))
    assert [(contact.name, contact.email, contact.company) for contact in page[:5]] == KNOWN
    assert all(checked_contact({"name": contact.name, "email": contact.email}) for contact in page)


def test_an_id_is_used_once_and_none_is_wasted(contacts: Contacts) -> None:
    assert contacts_create(contacts, GOOD) == 141
    with pytest.raises(Faulty, match="Contact 141 ") as raised:
        contacts_create(contacts, GOOD | {"email": GOOD["email"].upper()})
    assert (raised.value.code, raised.value.id, raised.value.status) == ("duplicate", 141, 409)
    assert contacts_create(contacts, GOOD | {"email": "other@new.example"}) == 142


def contacts_create(contacts: Contacts, item: dict[str, Any]) -> int:
    with contacts.database.transaction():
        return contacts.create(**item)


def test_what_is_not_changed_stays(contacts: Contacts) -> None:
    before = contacts.get(101)
    with contacts.database.transaction():
        contacts.update(id=101, tags=["a", "b"], email=KNOWN[0][1].upper())
    after = contacts.get(101)
    assert before
    assert after
    expected = before.representation | {"tags": ["a", "b"], "email": KNOWN[0][1].upper()}
    assert after.representation == expected


def test_a_transaction_is_undone_as_a_whole(contacts: Contacts) -> None:
    def interrupted() -> None:
        with contacts.database.transaction():
            contacts.create(**GOOD, welcome=True)
            contacts.update(id=101, name="Other")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (contacts.total(), contacts.welcomed()) == (40, 0)
    assert contacts.page(0, 1)[0].name == KNOWN[0][0]


def test_who_reads_waits_for_the_end_of_a_transaction(contacts: Contacts) -> None:
    totals: list[int] = []
    reader = threading.Thread(target=lambda: totals.append(contacts.total()))
    with contacts.database.transaction():
        contacts.create(**GOOD)
        reader.start()
        reader.join(0.1)
        assert not totals
        contacts.create(**GOOD | {"email": "other@new.example"})
    reader.join(60)
    assert totals == [42]
