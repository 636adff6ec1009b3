"""Answers to `batch.all_or_nothing`."""

import time

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client, by_urllib

all_or_nothing = Answers("batch.all_or_nothing")
ATOMIC = {"atomic": True}


@all_or_nothing.right
def by_the_status_of_urllib(url, token, contacts):
    options = ATOMIC | {"skip_duplicates": True}
    content = {"operation": "create", "contacts": contacts, "options": options}
    reply = by_urllib(url + AT, token, "POST", content)
    return sorted({error["index"] for error in reply.json()["errors"]}) if reply.status == 422 else []


@all_or_nothing.right
def asked_first_and_stored_then(url, token, contacts):
    """The first try of a list of which nothing may be stored names the faults; duplicates are told by their code."""
    content = {"operation": "create", "contacts": contacts, "options": ATOMIC | {"skip_duplicates": False}}
    errors = by_http_client(url, "POST", AT, token, content).json()["errors"]
    faulty = [error["index"] for error in errors if error["code"] != "duplicate"]
    if not faulty:
        del content["options"]["skip_duplicates"]
        by_http_client(url, "POST", AT, token, content)
    return faulty[::-1]


@all_or_nothing.right
def as_a_job(url, token, contacts):
    job = post(url, token, contacts, ATOMIC, Prefer="respond-async")
    while job.json()["status"] == "running":
        time.sleep(0.05)
        job = requests.get(url + f"/api/v1/jobs/{job.json()['id']}", headers={"Authorization": f"Bearer {token}"})
    return [error["index"] for error in job.json()["errors"]]


def indices(answer):
    return [error["index"] for error in answer.json().get("errors", [])]


@all_or_nothing.wrong(
    "of the import are faulty, and", lambda e: e.status == 200 and e.request.json().get("options") is None
)
def without_an_option(url, token, contacts):
    return indices(post(url, token, contacts))


@all_or_nothing.wrong("without asking the service", None)
def by_ones_own_rules(url, token, contacts):
    faulty = [at for at, it in enumerate(contacts) if not it.get("name") or "@" not in it.get("email", "")]
    if not faulty:
        post(url, token, contacts)
    return faulty


@all_or_nothing.wrong("you sent a part of it again", lambda e: e.number == 2)
def the_others_then(url, token, contacts):
    faulty = indices(post(url, token, contacts, ATOMIC))
    if faulty:
        post(url, token, [it for at, it in enumerate(contacts) if at not in faulty], ATOMIC)
    return faulty


@all_or_nothing.wrong(
    "You sent the import in 6 requests", lambda e: len(brought(e)) == 2, step="Each request is a transaction"
)
def in_groups(url, token, contacts):
    faulty = []
    for start in range(0, len(contacts), 2):
        answer = post(url, token, contacts[start : start + 2], ATOMIC)
        faulty += [start + at for at in indices(answer)]
    return faulty


@all_or_nothing.wrong("was there before kept all the others out", lambda e: e.status == 422)
def duplicates_are_faults(url, token, contacts):
    answer = post(url, token, contacts, ATOMIC | {"skip_duplicates": False})
    errors = answer.json()["errors"]
    return [it["index"] for it in errors if it["code"] != "duplicate"]


@all_or_nothing.wrong("and you sent 5 of", lambda e: e.status == 200)
def some_of_them(url, token, contacts):
    faulty = indices(post(url, token, [*contacts, {}], ATOMIC))[:-1]  # of which nothing is ever stored
    if not faulty:
        post(url, token, contacts[:5], ATOMIC)
    return faulty


@all_or_nothing.wrong("says that all is stored, and nothing is", lambda e: e.status == 422)
def errors_of_a_200_alone(url, token, contacts):
    answer = post(url, token, contacts, ATOMIC)
    return indices(answer) if answer.ok else []


@all_or_nothing.wrong("raised HTTPError", lambda e: e.status == 422, "crashed")
def a_422_is_a_crash(url, token, contacts):
    answer = post(url, token, contacts, ATOMIC)
    answer.raise_for_status()
    return indices(answer)


@all_or_nothing.wrong("does not hold indices", lambda e: e.status == 422)
def whole_errors(url, token, contacts):
    return post(url, token, contacts, ATOMIC).json()["errors"]


@all_or_nothing.wrong("of 3 faulty contacts", lambda e: e.status == 422)
def the_first_one(url, token, contacts):
    return indices(post(url, token, contacts, ATOMIC))[:1]


@all_or_nothing.wrong("count from 1", lambda e: e.status == 422)
def from_one(url, token, contacts):
    return [at + 1 for at in indices(post(url, token, contacts, ATOMIC))]


@all_or_nothing.wrong("contacts that are not faulty", lambda e: e.status == 422)
def everything(url, token, contacts):
    return list(range(len(contacts))) if indices(post(url, token, contacts, ATOMIC)) else []


@all_or_nothing.wrong("returned a dict", lambda e: True)
def the_answer(url, token, contacts):
    return post(url, token, contacts, ATOMIC).json()


@all_or_nothing.wrong("contacts in as many requests", lambda e: e.request.path == "/api/v1/contacts")
def each_on_its_own(url, token, contacts):
    statuses = [
        requests.post(f"{url}/api/v1/contacts", json=it, headers={"Authorization": f"Bearer {token}"}).status_code
        for it in contacts
    ]
    return [at for at, status in enumerate(statuses) if status == 422]
