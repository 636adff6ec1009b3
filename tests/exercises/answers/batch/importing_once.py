"""Answers to `batch.import_once`."""

import hashlib
import http.client
import json
import random
import time
import uuid

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client

import_once = Answers("batch.import_once")
OPTIONS = {"send_welcome_email": True, "skip_duplicates": False}


@import_once.right
def http_client_and_a_bare_key(url, token, contacts):
    content = {"operation": "create", "contacts": contacts, "options": OPTIONS}
    key, tries = uuid.uuid4().hex, 5
    while tries:
        tries -= 1
        try:
            reply = by_http_client(url, "POST", AT, token, content, Idempotency_Key=key)
        except (http.client.HTTPException, OSError):
            time.sleep(0.01)
        else:
            if reply.status == 200:
                return reply.json()
    return None


@import_once.right
def the_retries_of_urllib3_and_a_key_of_the_content(url, token, contacts):
    body = json.dumps({"operation": "create", "contacts": contacts, "options": OPTIONS}).encode()
    fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    fields["Idempotency-Key"] = f'"{hashlib.sha256(body).hexdigest()}"'
    again = Retry(total=4, status_forcelist=[503], allowed_methods=None, raise_on_status=False)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=again))
        try:
            answer = session.post(url + AT, data=body, headers=fields)
        except requests.RequestException:
            return None
        return answer.json() if answer.ok else None


def tries(
    times=5, key=lambda drawn: drawn, options=OPTIONS, contacts_of=lambda contacts: contacts, retried=(503,), last=None
):
    """An answer in which one thing is different."""

    def answer(url, token, contacts):
        drawn, given = str(uuid.uuid4()), None
        for _ in range(times):
            fields = {"Idempotency_Key": f'"{key(drawn)}"'} if key else {}
            try:
                given = post(url, token, contacts_of(contacts), options, **fields)
            except requests.ConnectionError:
                continue
            if given.status_code not in retried:
                return given.json()
        return last(given) if last else None

    return answer


@import_once.wrong("so it was an import of its own", lambda e: e.status == 200 and e.number == 2)
def without_a_key(*arguments):
    return tries(key=None)(*arguments)


@import_once.wrong("raised ConnectionError", lambda e: e.response is None, "crashed", step="cannot know how far")
def one_try(url, token, contacts):
    return post(url, token, contacts, OPTIONS, Idempotency_Key=str(uuid.uuid4())).json()


@import_once.wrong("another Idempotency-Key with another try", lambda e: e.number == 2)
def a_key_for_each_try(*arguments):
    return tries(key=lambda drawn: uuid.uuid4())(*arguments)


@import_once.wrong("knows your Idempotency-Key", lambda e: e.status == 422)
def always_the_same_key(*arguments):
    return tries(key=lambda drawn: uuid.UUID(int=2**100))(*arguments)


@import_once.wrong("has other bytes than the first", lambda e: e.number == 2)
def another_order_of_options(url, token, contacts):
    key = str(uuid.uuid4())
    for number in range(5):
        options = dict(sorted(OPTIONS.items(), reverse=number % 2 == 0))
        try:
            return post(url, token, contacts, options, Idempotency_Key=key).json()
        except requests.ConnectionError:
            pass
    return None


@import_once.wrong("does not go with skip_duplicates", lambda e: "options" not in e.request.json())
def without_options(*arguments):
    return tries(options=None)(*arguments)


@import_once.wrong("does not go with send_welcome_email", lambda e: "send_welcome_email" not in e.request.text)
def unwelcome(*arguments):
    return tries(options={"skip_duplicates": False})(*arguments)


@import_once.wrong("the service answered 503, and you tried no more", lambda e: e.status == 503)
def a_503_is_an_answer(*arguments):
    return tries(retried=())(*arguments)


@import_once.wrong("After 3 tries", lambda e: e.number == 3)
def three_tries(*arguments):
    return tries(times=3)(*arguments)


@import_once.wrong("You tried 9 times", lambda e: e.number == 6)
def until_it_works(*arguments):
    return tries(times=1000)(*arguments)


@import_once.wrong("You tried 6 times", lambda e: e.number == 6)
def five_retries_after_the_first_try(*arguments):
    return tries(times=6)(*arguments)


@import_once.wrong("You had an answer, a 200", lambda e: e.status == 200)
def five_times_in_any_case(*arguments):
    return tries(retried=(200, 503), last=lambda given: given.json())(*arguments)


@import_once.wrong("brought 1 contact of", lambda e: len(brought(e)) == 1)
def one_by_one(url, token, contacts):
    for contact in contacts:
        answer = tries(contacts_of=lambda _, contact=contact: [contact])(url, token, contacts)
    return answer


@import_once.wrong("brought other contacts", lambda e: e.number == 1)
def in_any_order(url, token, contacts):
    order = random.Random(1).sample(contacts, len(contacts))
    return tries(contacts_of=lambda _: order)(url, token, contacts)


@import_once.wrong("is not what the service said", lambda e: e.status == 200)
def how_many(url, token, contacts):
    answer = tries()(url, token, contacts)
    return answer and answer["created"]


@import_once.wrong("although there was an answer", lambda e: e.status == 200)
def nothing_said(*arguments):
    tries()(*arguments)


@import_once.wrong("something that is not None", lambda e: e.number == 5)
def what_the_last_503_says(*arguments):
    return tries(last=lambda given: given.json() if given is not None else {"error": "the line is down"})(*arguments)


@import_once.wrong("is no key to the service", lambda e: e.status == 400)
def an_empty_key(*arguments):
    return tries(key=lambda drawn: "")(*arguments)
