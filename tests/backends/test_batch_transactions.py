"""Whatever breaks in the midst of a batch, nothing is left half done; and while one is stored, others are answered."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests

from course_support.backends import batch
from course_support.backends.batch_items import Batch
from course_support.backends.contacts import Contacts
from course_support.faults import Drop

from .crm import SEEDED, Crm, fresh, open_crm, refused


@pytest.fixture
def crm() -> Any:
    with open_crm() as crm:
        yield crm


def break_after(contacts: Contacts, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """The contact after so many new ones makes the service fail."""
    create, done = contacts.create, iter(range(count))

    def failing(**members: Any) -> int:
        if next(done, None) is None:
            raise RuntimeError("the lights went out")
        return create(**members)

    monkeypatch.setattr(contacts, "create", failing)


@pytest.mark.parametrize("options", [{}, {"atomic": True}], ids=["partial", "atomic"])
def test_a_batch_that_breaks_leaves_nothing(
    crm: Crm, monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    items, key = fresh(20), {"Idempotency-Key": '"one"'}
    with monkeypatch.context() as patched:
        break_after(crm.app.state.contacts, patched, 10)
        refused(crm.create(items, headers=key, send_welcome_email=True, **options), 500)
    crm.session.close()  # as the server does after a failure
    assert (crm.total, crm.welcomed) == (SEEDED, 0)
    told = crm.create(items, headers=key, send_welcome_email=True, **options)  # the key was not kept either
    assert told.json()["created"] == 20
    assert "Idempotency-Replayed" not in told.headers
    assert crm.welcomed == 20


def test_an_item_that_breaks_between_its_statements_leaves_nothing() -> None:
    """A contact whose welcome mail cannot be stored is no contact: that is what the savepoint is for."""
    contacts: Contacts = batch.app().state.contacts
    contacts.database.rows(
        "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.contact = 142 BEGIN SELECT raise(ABORT, 'full'); END"
    )
    with contacts.database.transaction():
        outcomes = Batch(contacts, {}).create(fresh(1))
        with pytest.raises(Exception, match="full"):
            contacts.create(name="A", email="a@b.example", welcome=True)
        outcomes += Batch(contacts, {}).create(fresh(1), 1)
    assert [outcome.status for outcome in outcomes] == [201, 201]
    assert (contacts.total(), contacts.welcomed()) == (SEEDED + 2, 0)


def test_the_database_itself_forbids_a_double(crm: Crm) -> None:
    """No check before the insert could hold: eight writers send the same contacts at the same time."""
    items, told = fresh(50), []
    headers = {"Authorization": f"Bearer {crm.app.state.credentials['importer']}"}
    body = {"operation": "create", "contacts": items, "options": {"skip_duplicates": False}}

    def send() -> None:
        answer = requests.post(f"{crm.server.url}/api/v1/contacts/batch", json=body, headers=headers, timeout=60)
        told.append(answer.json())

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["created"] for one in told) == [0] * 7 + [50]
    assert crm.total == SEEDED + 50


def test_an_answer_that_got_lost_was_work_that_was_done(crm: Crm) -> None:
    crm.server.faults.script(Drop("after"))
    items, key = fresh(3), {"Idempotency-Key": '"lost"'}
    with pytest.raises(requests.ConnectionError):
        crm.create(items, headers=key, send_welcome_email=True)
    assert (crm.total, crm.welcomed) == (SEEDED + 3, 3)
    again = crm.create(items, headers=key, send_welcome_email=True)
    assert (again.json()["created"], again.headers["Idempotency-Replayed"]) == (3, "true")
    assert (crm.total, crm.welcomed) == (SEEDED + 3, 3)


def test_others_are_answered_while_a_batch_waits_for_the_database(crm: Crm) -> None:
    """Held back as a long batch would be: in a thread it stops nobody, in the event loop everybody."""
    done = threading.Event()
    sender = threading.Thread(target=lambda: (crm.create(fresh(1)), done.set()))
    with crm.app.state.contacts.database.transaction():
        sender.start()
        time.sleep(0.2)  # for the batch to arrive; if it comes later, the rest holds all the same
        for _ in range(3):
            assert requests.get(f"{crm.server.url}/api/v1/health", timeout=60).json() == {"status": "ok"}
        assert not done.is_set()
    sender.join(60)
    assert done.is_set()


def test_inline_the_event_loop_waits_too(crm: Crm) -> None:
    crm.app.state.inline = True
    sender = threading.Thread(target=lambda: crm.create(fresh(1)))
    arrived = threading.Event()
    create = crm.app.state.keys.once

    def once(*args: Any) -> Any:
        arrived.set()
        return create(*args)

    crm.app.state.keys.once = once
    with crm.app.state.contacts.database.transaction():
        sender.start()
        assert arrived.wait(60)
        with pytest.raises(requests.Timeout):
            requests.get(f"{crm.server.url}/api/v1/health", timeout=0.3)
    sender.join(60)
    assert crm.total == SEEDED + 1


def test_ten_thousand(crm: Crm) -> None:
    assert crm.create(fresh(10_000)).json()["created"] == 10_000
    assert crm.total == SEEDED + 10_000
