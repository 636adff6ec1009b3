"""Answers to `batch.within_limit`."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client

within_limit = Answers("batch.within_limit")


@within_limit.right
def members_of_the_field_by_http_client(url, token, contacts, size):
    created, not_before = 0, 0.0
    for start in range(0, len(contacts), size):
        time.sleep(max(0.0, not_before - time.monotonic()))
        group = {"operation": "create", "contacts": contacts[start : start + size]}
        reply = by_http_client(url, "POST", AT, token, group)
        members = dict(part.split("=") for part in reply.headers["RateLimit"].split(";")[1:])
        if int(members["r"]) < 1:
            not_before = time.monotonic() + int(members["t"])
        created += reply.json()["created"]
    return created


@within_limit.right
def one_left_for_somebody_else(url, token, contacts, size):
    """Spends nothing while there is only one left, and asks nobody for it."""
    groups, created = [contacts[at : at + size] for at in range(0, len(contacts), size)], []
    for group in groups:
        answer = post(url, token, group)
        left, seconds = map(int, re.findall(r"[rt]=(\d+)", answer.headers["RateLimit"]))
        created.append(answer.json()["created"])
        if left <= 1 and len(created) < len(groups):
            time.sleep(seconds)
    return sum(created)


def left(answer):
    return tuple(map(int, re.search(r"r=(\d+);t=(\d+)", answer.headers["RateLimit"]).groups()))


def varied(*, wait=lambda answer: None, number=lambda answer, group: answer.json().get("created", 0), step=1, per=1):
    """An answer in which one thing is different."""

    def answer(url, token, contacts, size):
        numbers = []
        for start in range(0, len(contacts), size * step):
            group = contacts[start : start + size * per]
            for part in [group] if per >= 1 else [group[:1], group[1:]]:
                answered = post(url, token, part)
                numbers.append(number(answered, part))
                wait(answered)
        return sum(numbers)

    return answer


def patient(answer):
    rest, seconds = left(answer)
    if not rest:
        time.sleep(seconds)


@within_limit.wrong("You sent a request although the answer before it had said that none", lambda e: e.status == 429)
def as_fast_as_it_goes(*arguments):
    return varied()(*arguments)


@within_limit.wrong("You waited when the service had refused a request", lambda e: e.status == 429)
def waited_after_a_refusal(url, token, contacts, size):
    created, start = 0, 0
    while start < len(contacts):
        answer = post(url, token, contacts[start : start + size])
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            continue
        created, start = created + answer.json()["created"], start + size
    return created


@within_limit.wrong("s, where the answer before said that there is nothing left for 3 s", lambda e: e.status == 429)
def always_the_same_half_second(*arguments):
    return varied(wait=lambda answer: left(answer)[0] or time.sleep(0.5))(*arguments)


@within_limit.wrong("s, where the answer before said that there is nothing left for 2 s", lambda e: e.status == 429)
def a_second_after_each(*arguments):
    return varied(wait=lambda answer: left(answer)[0] > 3 or time.sleep(1))(*arguments)


@within_limit.wrong("before you had read the answer to the one before it", lambda e: e.status == 429)
def all_at_the_same_time(url, token, contacts, size):
    groups = [contacts[at : at + size] for at in range(0, len(contacts), size)]
    ready = Barrier(len(groups))

    def send(group):
        ready.wait()
        return post(url, token, group).json().get("created", 0)

    with ThreadPoolExecutor(len(groups)) as pool:
        return sum(pool.map(send, groups))


@within_limit.wrong("contacts in one request, where", lambda e: e.status == 200)
def fewer_requests_than_asked_for(*arguments):
    return varied(step=2, per=2)(*arguments)


@within_limit.wrong("requests, where 3 are enough", lambda e: len(brought(e)) < 4)
def groups_that_are_too_small(url, token, contacts, size):
    return varied(wait=patient)(url, token, contacts, 1 + size // 3)


@within_limit.wrong("never arrived", lambda e: e.status == 200)
def the_last_ones_forgotten(url, token, contacts, size):
    return varied(wait=patient)(url, token, contacts[: len(contacts) // size * size], size)


@within_limit.wrong("that had been taken", lambda e: e.status == 200)
def groups_that_overlap(*arguments):
    url, token, contacts, size = arguments
    return varied(wait=patient)(url, token, [*contacts[:size], contacts[0], *contacts[size:]], size)


@within_limit.wrong("counted what you sent", lambda e: e.status == 200)
def counted_the_contacts(*arguments):
    return varied(wait=patient, number=lambda answer, group: len(group))(*arguments)


@within_limit.wrong("the number of the last answer alone", lambda e: e.status == 200)
def the_last_answer(*arguments):
    numbers = []
    varied(wait=patient, number=lambda answer, group: numbers.append(answer.json()["created"]) or 0)(*arguments)
    return numbers[-1]


@within_limit.wrong("not the number of contacts that were created", lambda e: e.status == 200)
def the_skipped_ones(*arguments):
    return varied(wait=patient, number=lambda answer, group: answer.json()["processed"] * 2)(*arguments)


@within_limit.wrong("that none is left; that caused the KeyError", lambda e: e.status == 429)
def a_crash_over_the_refusal(*arguments):
    return varied(number=lambda answer, group: answer.json()["created"])(*arguments)
