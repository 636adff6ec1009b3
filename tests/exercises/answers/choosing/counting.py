"""Answers to `choosing.counted`."""

import json
import re

import requests
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

counted = Answers("choosing.counted")
BATCH = "/api/v1/books/batch"


def brought(url, token, counts, traceparent=None, **more):
    """The answer to the batch."""
    fields = {"Authorization": f"Bearer {token}"} | ({"traceparent": traceparent} if traceparent else {})
    updates = {"operation": "update", "updates": counts} | more
    return requests.post(url + BATCH, json=updates, headers=fields, timeout=10)


def changes(url, token, isbn):
    fields = {"Authorization": f"Bearer {token}"}
    answer = requests.get(f"{url}/api/v1/books/{isbn}/history", headers=fields, timeout=10)
    return answer.json()["changes"] if answer.ok else []


def trace_of(traceparent):
    return traceparent.split("-")[1]


def found(url, token, counts, mine):
    """The versions of those changes that are mine."""
    return {
        it["isbn"]: change["version"] for it in counts for change in changes(url, token, it["isbn"]) if mine(change)
    }


# --- Right ------------------------------------------------------------------------------------------------------------


@counted.right
def by_urllib_and_the_errors(url, token, counts, traceparent):
    updates = {"operation": "update", "updates": counts}
    key = '"the count of today"'
    answer = by_urllib(url + BATCH, token, "POST", updates, traceparent=traceparent, Idempotency_Key=key).json()
    amiss, versions = {error["index"] for error in answer["errors"]}, {}
    for isbn in [count["isbn"] for index, count in enumerate(counts) if index not in amiss]:
        history = by_urllib(f"{url}/api/v1/books/{isbn}/history", token).json()["changes"]
        versions[isbn] = next(it["version"] for it in history if it["traceparent"][3:35] == traceparent[3:35])
    return versions


@counted.right
def by_http_client_with_known_books_and_a_span_of_its_own(url, token, counts, traceparent):
    known = {book["isbn"] for book in by_http_client(url, "GET", "/api/v1/books", token).json()["books"]}
    good = [count for count in counts if count["isbn"] in known]
    own = re.sub("-[0-9a-f]{16}-", "-00f067aa0ba902b7-", traceparent)
    by_http_client(url, "POST", BATCH, token, {"operation": "update", "updates": good}, traceparent=own)
    return found(url, token, good, lambda change: trace_of(change["traceparent"]) == trace_of(traceparent))


@counted.right
def heard_on_the_line(url, token, counts, traceparent):
    fields, versions = {"Authorization": f"Bearer {token}"}, {}
    with connect(f"ws{url[4:]}/live", subprotocols=["stock.v1"], additional_headers=fields) as line:
        line.recv()
        left = brought(url, token, counts, traceparent).json()["updated"]
        while left:
            change = json.loads(line.recv())
            if trace_of(traceparent) in change["traceparent"]:
                versions[change["isbn"]] = change["version"]
                left -= 1
    return versions


# --- Wrong ------------------------------------------------------------------------------------------------------------


def is_batch(e):
    return e.request.path == BATCH


def names_no_isbn(e):
    return is_batch(e) and None in [error["isbn"] for error in e.response.json()["errors"]]


def is_history(e):
    return e.request.path.endswith("/history")


@counted.wrong("You changed the books one by one", lambda e: e.request.method == "PATCH")
def one_by_one(url, token, counts, traceparent):
    fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json"}
    versions = {}
    for count in counts:
        content, address = json.dumps({"stock": count["stock"]}), f"{url}/api/v1/books/{count['isbn']}"
        answer = requests.patch(address, content, headers=fields | {"traceparent": traceparent}, timeout=10)
        if answer.ok:
            versions[count["isbn"]] = answer.json()["version"]
    return versions


@counted.wrong("The shop refused your batch with 422", is_batch)
def without_the_operation(url, token, counts, traceparent):
    return brought(url, token, counts, traceparent, operation=None).json()


@counted.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(url, token, counts, traceparent):
    return requests.post(url + BATCH, json={"operation": "update", "updates": counts}, timeout=10).json()


@counted.wrong("Your batch carries no traceparent", is_batch)
def without_the_trace(url, token, counts, traceparent):
    brought(url, token, counts)
    return found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])


@counted.wrong("carries another trace than the one that you were given", is_batch)
def with_the_trace_id_alone(url, token, counts, traceparent):
    brought(url, token, counts, trace_of(traceparent))
    return found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])


@counted.wrong("You sent the batch twice", is_batch, step="Idempotency-Key")
def twice(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    brought(url, token, counts, traceparent)
    return found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])


@counted.wrong("You sent several batches", is_batch)
def a_batch_for_each(url, token, counts, traceparent):
    for count in counts:
        brought(url, token, [count], traceparent)
    return found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])


@counted.wrong("Your batch does not bring the count of", is_batch)
def but_for_the_first_four(url, token, counts, traceparent):
    brought(url, token, counts[4:], traceparent)
    return found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])


@counted.wrong("where a dict is asked for", is_batch)
def the_number_of_those_changed(url, token, counts, traceparent):
    return brought(url, token, counts, traceparent).json()["updated"]


@counted.wrong("You found your trace with none of the books", is_history)
def the_whole_traceparent(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    return found(url, token, counts, lambda change: change["traceparent"] == traceparent)


@counted.wrong("and you did not look what became of it", is_batch)
def without_a_look(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    return {}


@counted.wrong("You returned the newest version", lambda e: is_history(e) and e.status == 200)
def found_by_the_stock(url, token, counts, traceparent):
    """Which others have counted as well."""
    brought(url, token, counts, traceparent)
    stocks = [it["stock"] for it in counts]
    return found(url, token, counts, lambda change: change["stock"] in stocks)


@counted.wrong("a version that somebody else made just before your batch", lambda e: e.request.method == "GET")
def one_more_than_before(url, token, counts, traceparent):
    fields = {"Authorization": f"Bearer {token}"}
    before = requests.get(f"{url}/api/v1/books", headers=fields, timeout=10).json()["books"]
    versions = {book["isbn"]: book["version"] + 1 for book in before}
    brought(url, token, counts, traceparent)
    return {it["isbn"]: versions[it["isbn"]] for it in counts if it["isbn"] in versions}


@counted.wrong("in it, which your batch has not changed", lambda e: is_history(e) and e.status == 404)
def with_those_that_are_not_there(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    mine = found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])
    return {it["isbn"]: mine.get(it["isbn"]) for it in counts}


def versions_but_of(bad, url, token, counts, traceparent):
    """The last version of each, whose errors are not looked for any more."""
    fields, versions = {"Authorization": f"Bearer {token}"}, {}
    for isbn in [count["isbn"] for count in counts if count["isbn"] not in bad]:
        history = requests.get(f"{url}/api/v1/books/{isbn}/history", headers=fields, timeout=10).json()
        mine = [it for it in history["changes"] if trace_of(traceparent) in it["traceparent"]]
        versions[isbn] = mine[-1]["version"]
    return versions


@counted.wrong("; that caused the KeyError", names_no_isbn, step="`index`")
def errors_by_isbn(url, token, counts, traceparent):
    errors = brought(url, token, counts, traceparent).json()["errors"]
    return versions_but_of({error["isbn"] for error in errors}, url, token, counts, traceparent)


@counted.wrong("in it, which your batch has not changed", is_batch, step="`index`")
def errors_by_isbn_and_none(url, token, counts, traceparent):
    bad = {error["isbn"] for error in brought(url, token, counts, traceparent).json()["errors"]}
    left = [it for it in counts if it["isbn"] not in bad]
    mine = found(url, token, left, lambda change: trace_of(traceparent) in change["traceparent"])
    return {it["isbn"]: mine.get(it["isbn"]) for it in left}


@counted.wrong("where the number of a version is asked for", is_history)
def whole_changes(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    versions = found(url, token, counts, lambda change: trace_of(traceparent) in change["traceparent"])
    return {isbn: {"version": version} for isbn, version in versions.items()}


@counted.wrong(
    "raised KeyError", lambda e: is_history(e) and e.status == 404, "crashed", "Was that answer to be expected"
)
def without_a_look_at_the_status(url, token, counts, traceparent):
    brought(url, token, counts, traceparent)
    fields, versions = {"Authorization": f"Bearer {token}"}, {}
    for count in sorted(counts, key=lambda count: len(changes(url, token, count["isbn"]))):
        history = requests.get(f"{url}/api/v1/books/{count['isbn']}/history", headers=fields, timeout=10).json()
        versions[count["isbn"]] = history["changes"][-1]["version"]
    return versions
