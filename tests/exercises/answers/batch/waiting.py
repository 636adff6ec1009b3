"""Answers to `batch.await_job`."""

import time

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, post
from tests.exercises.answers.clients import by_http_client, by_urllib

await_job = Answers("batch.await_job")
ASYNC = "respond-async"


@await_job.right
def by_status_with_http_client(url, token, contacts):
    content = {"operation": "create", "contacts": contacts}
    reply = by_http_client(url, "POST", AT, token, content, prefer="wait=10, respond-async")
    path = reply.headers["Location"]
    while reply.json()["status"] == "running":
        time.sleep(float(reply.headers["Retry-After"]) + 0.01)
        reply = by_http_client(url, "GET", path, token)
    state = reply.json()
    return {name: state[name] for name in ("created", "status")}


@await_job.right
def asked_for_once_more_at_the_end(url, token, contacts):
    content = {"operation": "create", "contacts": contacts, "options": {"skip_duplicates": True}}
    reply = by_urllib(url + AT, token, "POST", content, Prefer=ASYNC)
    job = url + reply.headers["Location"]
    while reply.headers["Retry-After"]:
        time.sleep(int(reply.headers["Retry-After"]))
        reply = by_urllib(job, token)
    state = by_urllib(job, token).json()
    return {"status": state["status"], "created": state["created"]}


def start(url, token, contacts, options=None):
    return post(url, token, contacts, options, Prefer=ASYNC)


def ask(url, token, answer, more=""):
    address = url + answer.headers.get("Location", "/api/v1/jobs/none") + more
    return requests.get(address, headers={"Authorization": f"Bearer {token}"})


def result(answer):
    state = answer.json()
    return {"status": str(state.get("status")), "created": state.get("created", 0)}


def patient(url, token, contacts, *, more="", wait=lambda answer: int(answer.headers["Retry-After"]), **options):
    """An answer in which one thing is different."""
    answer = first = start(url, token, contacts, **options)
    while "Retry-After" in answer.headers:
        time.sleep(wait(answer))
        answer = ask(url, token, first, more)
    return answer


def is_batch(exchange):
    return exchange.request.path == AT


@await_job.wrong("does not ask for a job", lambda e: is_batch(e) and e.status == 200)
def without_prefer(url, token, contacts):
    return {"status": "succeeded", "created": post(url, token, contacts).json()["created"]}


@await_job.wrong("You did not ask what has become of the job", lambda e: e.status == 202)
def the_state_at_the_start(url, token, contacts):
    return result(start(url, token, contacts))


@await_job.wrong("you went to another address", lambda e: e.status == 404)
def an_address_without_its_beginning(url, token, contacts):
    job = start(url, token, contacts).json()["id"]
    time.sleep(1)
    answer = requests.get(f"{url}/jobs/{job}", headers={"Authorization": f"Bearer {token}"})
    return {"status": "succeeded", "created": answer.status_code}


@await_job.wrong("You followed the job's progress", lambda e: e.request.path.endswith("/progress"))
def followed_instead(url, token, contacts):
    answer = ask(url, token, start(url, token, contacts), "/progress")
    return {"status": "failed", "created": len(answer.text.splitlines())}


@await_job.wrong("was to be asked for again after 1 s, and you were back sooner", lambda e: e.status == 200)
def as_often_as_it_can(url, token, contacts):
    first = start(url, token, contacts)
    while (answer := ask(url, token, first)).json()["status"] == "running":
        pass
    return result(answer)


@await_job.wrong("The 202 asked for 2 s of patience", lambda e: e.status == 202)
def always_one_second(url, token, contacts):
    return result(patient(url, token, contacts, wait=lambda answer: 1))


@await_job.wrong(
    "You stopped asking while the job was still running", lambda e: e.response.json()["status"] == "running"
)
def asked_once(url, token, contacts):
    return result(ask(url, token, start(url, token, contacts)))


@await_job.wrong("had ended with the status 'failed', and you asked on", lambda e: e.status == 200)
def until_it_succeeds(url, token, contacts):
    first, answer = start(url, token, contacts), None
    while answer is None or answer.json()["status"] != "succeeded":
        time.sleep(1 if answer else 0)
        answer = ask(url, token, first)
    return result(answer)


@await_job.wrong("You started 2 jobs", lambda e: e.status == 202)
def started_twice(url, token, contacts):
    start(url, token, contacts)
    return result(patient(url, token, contacts))


@await_job.wrong("contacts of your job are not those", lambda e: e.status == 202)
def the_first_hundred(url, token, contacts):
    return result(patient(url, token, contacts[:100]))


@await_job.wrong("takes contacts that are there already for errors", lambda e: e.status == 202)
def duplicates_as_errors(url, token, contacts):
    return result(patient(url, token, contacts, options={"skip_duplicates": False}))


@await_job.wrong("You counted the contacts that you sent", lambda e: e.status == 200)
def counted_what_was_sent(url, token, contacts):
    return result(patient(url, token, contacts)) | {"created": len(contacts)}


@await_job.wrong("counted the contacts that were skipped", lambda e: e.status == 200)
def counted_what_was_processed(url, token, contacts):
    answer = patient(url, token, contacts)
    return result(answer) | {"created": answer.json()["processed"]}


@await_job.wrong("status that you return is not the job's last one", lambda e: e.status == 200)
def believed_that_it_succeeded(url, token, contacts):
    return result(patient(url, token, contacts)) | {"status": "succeeded"}


@await_job.wrong("has a member 'id'", lambda e: e.status == 200)
def the_whole_state(url, token, contacts):
    return patient(url, token, contacts).json()
