"""Answers to `batch.contacts_service`."""

import json
import sqlite3

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.exercises.answers.answer import Answers

contacts_service = Answers("batch.contacts_service")
INSERT = "INSERT INTO contacts VALUES (?, ?)"


def prepared(answer, path="/contacts/batch", methods=("POST",)):
    """The application as the exercise begins it, with `answer(database, sent)`: content and status."""
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    database.execute("CREATE TABLE contacts (name TEXT, email TEXT NOT NULL UNIQUE COLLATE NOCASE)")

    async def listed(request):
        return JSONResponse([email for (email,) in database.execute("SELECT email FROM contacts ORDER BY rowid")])

    async def stored(request):
        return JSONResponse(*answer(database, await request.json()))

    return Starlette(routes=[Route("/contacts", listed), Route(path, stored, methods=list(methods))])


def varied(*, insert=None, begin=True, end=None, code=None, index=lambda at, errors: at, status=422, count=None):
    """An answer in which one thing is different."""

    def answer(database, sent):
        errors = []
        if begin:
            database.execute("BEGIN")
        for at, contact in enumerate(sent["contacts"]):
            try:
                (insert or plainly)(database, contact)
            except sqlite3.IntegrityError as error:
                told = "missing_email" if "NOT NULL" in str(error) else "duplicate"
                errors.append({"index": index(at, errors), "code": code or told})
        created = len(sent["contacts"]) - len(errors)
        if errors and sent["atomic"]:
            database.execute(end or "ROLLBACK")
            return {"created": count(created) if count else 0, "errors": errors}, status
        if begin:
            database.execute("COMMIT")
        return {"created": created, "errors": errors}, 200

    return answer


def plainly(database, contact):
    database.execute(INSERT, (contact["name"], contact.get("email") or None))


@contacts_service.right
def savepoints_and_more_in_the_answer():
    def answer(database, sent):
        created, errors = 0, []
        database.execute("BEGIN IMMEDIATE")
        for index, contact in enumerate(sent["contacts"]):
            database.execute("SAVEPOINT item")
            try:
                if not contact["email"]:
                    raise KeyError("email")
                database.execute(INSERT, (contact["name"], contact["email"].lower()))
                created += 1
            except KeyError:
                errors.append({"index": index, "code": "missing_email", "message": "Where to?"})
            except sqlite3.IntegrityError:
                database.execute("ROLLBACK TO item")
                errors.append({"index": index, "code": "duplicate", "message": "There already."})
            database.execute("RELEASE item")
        failed = errors and sent.get("atomic", False)
        database.execute("ROLLBACK" if failed else "COMMIT")
        return {"processed": len(sent["contacts"]), "created": 0 if failed else created, "errors": errors}, (
            422 if failed else 200
        )

    return prepared(answer)


@contacts_service.right
def looked_before_it_leapt():
    def answer(database, sent):
        known = {email.lower() for (email,) in database.execute("SELECT email FROM contacts")}
        missing, twice, good = [], [], []
        for index, contact in enumerate(sent["contacts"]):
            if contact.get("email") in (None, ""):
                missing.append({"index": index, "code": "missing_email"})
            elif contact["email"].lower() in known:
                twice.append({"index": index, "code": "duplicate"})
            else:
                known.add(contact["email"].lower())
                good.append(contact)
        errors = missing + twice
        if sent["atomic"] and errors:
            return {"created": 0, "errors": errors}, 422
        with database:
            database.execute("BEGIN")
            database.executemany("INSERT INTO contacts (email, name) VALUES (:email, :name)", good)
        return {"created": len(good), "errors": errors}, 200

    return prepared(answer)


@contacts_service.right
def plain_asgi():
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    database.execute("CREATE TABLE contacts (name TEXT, email TEXT NOT NULL UNIQUE COLLATE NOCASE)")

    async def application(scope, receive, send):
        if scope["type"] != "http":
            return
        body, message = b"", {"more_body": True}
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        if scope["method"] == "GET":
            content, status = [row[0] for row in database.execute("SELECT email FROM contacts")], 200
        else:
            content, status = varied()(database, json.loads(body))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})

    return application


def is_batch(exchange):
    return exchange.request.path == "/contacts/batch"


def atomic(exchange):
    return is_batch(exchange) and exchange.request.json()["atomic"]


def piecemeal(exchange):
    return is_batch(exchange) and not exchange.request.json()["atomic"]


@contacts_service.wrong("has nothing for POST /contacts/batch", is_batch)
def another_path():
    return prepared(varied(), "/batch")


@contacts_service.wrong("does not take a POST", is_batch)
def a_route_for_get():
    return prepared(varied(), methods=["GET"])


@contacts_service.wrong("sends the client elsewhere", is_batch)
def a_slash_at_the_end():
    return prepared(varied(), "/contacts/batch/")


@contacts_service.wrong("raised IntegrityError", piecemeal, "crashed", "an error of this contact")
def no_error_foreseen():
    def answer(database, sent):
        for contact in sent["contacts"]:
            plainly(database, contact)
        return {"created": len(sent["contacts"]), "errors": []}, 200

    return prepared(answer)


@contacts_service.wrong("raised KeyError", piecemeal, "crashed")
def an_address_taken_for_granted():
    return prepared(
        varied(insert=lambda database, contact: database.execute(INSERT, (contact["name"], contact["email"])))
    )


@contacts_service.wrong("raised OperationalError", atomic, "crashed", 'send "BEGIN" before the first INSERT')
def rolled_back_what_never_began():
    return prepared(varied(begin=False))


@contacts_service.wrong(
    "raised OperationalError in line", is_batch, "crashed", "has begun a transaction and not ended it"
)
def never_committed():
    def answer(database, sent):
        database.execute("BEGIN")
        for contact in sent["contacts"]:
            plainly(database, contact)
        return {"created": len(sent["contacts"]), "errors": []}, 200

    return prepared(answer)


@contacts_service.wrong("of an atomic batch's contacts, although the batch has an error", atomic)
def atomic_committed():
    return prepared(varied(end="COMMIT"))


@contacts_service.wrong("kept the good ones of its batch out, although `atomic` is false", piecemeal)
def always_all_or_nothing():
    def answer(database, sent):
        content, status = varied()(database, sent | {"atomic": True})
        return content, status

    return prepared(answer)


@contacts_service.wrong("Behind the first faulty contact", piecemeal)
def stopped_at_the_first():
    def answer(database, sent):
        errors, created = [], 0
        database.execute("BEGIN")
        try:
            for index, contact in enumerate(sent["contacts"]):  # noqa: B007
                plainly(database, contact)
                created += 1
        except sqlite3.IntegrityError:
            errors.append({"index": index, "code": "duplicate"})
        if errors and sent["atomic"]:
            database.execute("ROLLBACK")
            return {"created": 0, "errors": errors}, 422
        database.execute("COMMIT")
        return {"created": created, "errors": errors}, 200

    return prepared(answer)


@contacts_service.wrong("answered 200 to an atomic batch that has an error", atomic)
def nothing_stored_and_200():
    return prepared(varied(status=200))


@contacts_service.wrong("answered 422 to a batch of which a part is stored", piecemeal)
def any_error_is_a_422():
    def answer(database, sent):
        content, _ = varied()(database, sent)
        return content, 422 if content["errors"] else 200

    return prepared(answer)


@contacts_service.wrong("answered 201 to a batch without a fault", is_batch)
def created_as_rest_has_it():
    def answer(database, sent):
        content, status = varied()(database, sent)
        return content, 201 if status == 200 else status

    return prepared(answer)


@contacts_service.wrong("What your application answers is no JSON object", atomic)
def an_exception_for_the_422():
    def answer(database, sent):
        content, status = varied()(database, sent)
        if status == 422:
            raise HTTPException(422, "Nothing stored.")
        return content, status

    return prepared(answer)


@contacts_service.wrong("Your 422 has no member `created`", atomic)
def errors_alone():
    def answer(database, sent):
        content, status = varied()(database, sent)
        return content if status == 200 else {"errors": content["errors"]}, status

    return prepared(answer)


@contacts_service.wrong("no list of objects with an `index` and a `code`", is_batch)
def errors_as_a_dict():
    def answer(database, sent):
        content, status = varied()(database, sent)
        return content | {"errors": {it["index"]: it["code"] for it in content["errors"]}}, status

    return prepared(answer)
