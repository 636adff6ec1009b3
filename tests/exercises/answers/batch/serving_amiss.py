"""More wrong answers to `batch.contacts_service`: those that say something else than what they did."""

import sqlite3

from tests.exercises.answers.batch.serving import (
    INSERT,
    atomic,
    contacts_service,
    is_batch,
    piecemeal,
    prepared,
    varied,
)


@contacts_service.wrong("counts the contacts from 1", piecemeal)
def counted_from_one():
    return prepared(varied(index=lambda at, errors: at + 1))


@contacts_service.wrong("is not that of the faulty contact", piecemeal)
def indices_among_the_errors():
    return prepared(varied(index=lambda at, errors: len(errors)))


@contacts_service.wrong("The code of an error is 'duplicate', where 'missing_email'", piecemeal)
def every_error_a_duplicate():
    return prepared(varied(code="duplicate"))


@contacts_service.wrong("does not report a duplicate", piecemeal)
def duplicates_ignored():
    def insert(database, contact):
        database.execute(
            "INSERT OR IGNORE INTO contacts VALUES (?, ?)", (contact["name"], contact.get("email") or None)
        )
        if not contact.get("email"):
            raise sqlite3.IntegrityError("NOT NULL")

    return prepared(varied(insert=insert))


@contacts_service.wrong("stored a contact that has no address", is_batch, step="is None for both")
def an_empty_address():
    def insert(database, contact):
        database.execute(INSERT, (contact["name"], contact.get("email")))

    return prepared(varied(insert=insert))


@contacts_service.wrong("stored a name where the address belongs", is_batch)
def the_columns_mixed_up():
    def insert(database, contact):
        database.execute(INSERT, (contact.get("email"), contact["name"]))

    return prepared(varied(insert=insert))


@contacts_service.wrong("counts contacts as created that it has rolled back", atomic)
def counted_in_spite():
    return prepared(varied(count=lambda number: number))


@contacts_service.wrong("counts the faulty contacts as created", piecemeal)
def counted_what_came():
    def answer(database, sent):
        content, status = varied()(database, sent)
        return content if status == 422 else content | {"created": len(sent["contacts"])}, status

    return prepared(answer)


@contacts_service.wrong("a contact of an earlier one is gone", lambda e: e.request.path == "/contacts")
def deleted_by_hand():
    return prepared(varied(begin=False, end="DELETE FROM contacts"))


@contacts_service.wrong("found a fault in a batch that has none", is_batch)
def remembered_what_was_rolled_back():
    known = set()

    def answer(database, sent):
        errors, good = [], []
        for index, contact in enumerate(sent["contacts"]):
            email = (contact.get("email") or "").lower()
            if not email or email in known:
                errors.append({"index": index, "code": "duplicate" if email else "missing_email"})
            else:
                known.add(email)
                good.append((contact["name"], email))
        if errors and sent["atomic"]:
            return {"created": 0, "errors": errors}, 422
        database.executemany(INSERT, good)
        return {"created": len(good), "errors": errors}, 200

    return prepared(answer)


@contacts_service.wrong("cannot be served", None)
def the_database_alone():
    return "contacts"


@contacts_service.wrong("reports an error of the contact 0, which has none", piecemeal)
def every_contact_an_entry():
    def answer(database, sent):
        content, status = varied()(database, sent)
        errors = {it["index"]: it["code"] for it in content["errors"]}
        entries = [{"index": at, "code": errors.get(at, "ok")} for at in range(len(sent["contacts"]))]
        return content | {"errors": entries if errors else []}, status

    return prepared(answer)


@contacts_service.wrong("reports the first error alone", piecemeal)
def the_first_error():
    def answer(database, sent):
        content, status = varied()(database, sent)
        return content | {"errors": content["errors"][:1]}, status

    return prepared(answer)
