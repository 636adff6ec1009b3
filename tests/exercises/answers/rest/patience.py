"""Answers to `rest.patient`."""

import time

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client
from tests.exercises.answers.rest.reading import bearer

patient = Answers("rest.patient")
SAFE_TO_REPEAT = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}


@patient.right
def http_client_and_a_little_more_patience(url, token, method, target, content):
    tries = 1
    while True:
        reply = by_http_client(url, method, target, token, content)
        if reply.status not in {429, 503} or method not in SAFE_TO_REPEAT or tries == 3:
            return reply.status
        tries += 1
        time.sleep(1.5 * int(reply.headers["Retry-After"]))


@patient.right
def the_retries_of_urllib3(url, token, method, target, content):
    again = Retry(total=2, status_forcelist=[429, 503], allowed_methods=SAFE_TO_REPEAT, raise_on_status=False)
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=again))
        return session.request(method, url + target, json=content, headers=bearer(token)).status_code


def send(url, token, method, target, content):
    return requests.request(method, url + target, json=content, headers=bearer(token))


def retries(url, token, method, target, content, *, when, tries=3, wait=True):
    """What most of these answers do; `when` is what differs."""
    answer = send(url, token, method, target, content)
    while tries > 1 and when(method, answer):
        if wait:
            time.sleep(int(answer.headers.get("Retry-After", 0)))
        answer = send(url, token, method, target, content)
        tries -= 1
    return answer.status_code


def right(method, answer):
    return method in SAFE_TO_REPEAT and answer.status_code in (429, 503)


@patient.wrong("gave up after 1 try", lambda e: e.status == 429 and e.request.method == "PUT")
def one_try(url, token, method, target, content):
    return send(url, token, method, target, content).status_code


@patient.wrong("gave up after 2 tries", lambda e: e.status == 503 and e.number == 2)
def two_tries(*arguments):
    return retries(*arguments, when=right, tries=2)


@patient.wrong("sent a POST again", lambda e: e.number == 2 and e.request.method == "POST")
def every_method(*arguments):
    return retries(*arguments, when=lambda method, answer: answer.status_code in (429, 503))


@patient.wrong("sent a PATCH again", lambda e: e.number == 2 and e.request.method == "PATCH")
def every_method_but_post(*arguments):
    return retries(*arguments, when=lambda method, answer: method != "POST" and answer.status_code in (429, 503))


@patient.wrong("answered with 404", lambda e: e.number == 2)
def whatever_is_no_success(*arguments):
    return retries(*arguments, when=lambda method, answer: method in SAFE_TO_REPEAT and not answer.ok)


@patient.wrong("answered with 500", lambda e: e.number == 2)
def whatever_the_server_is_to_blame_for(*arguments):
    def when(method, answer):
        return method in SAFE_TO_REPEAT and (answer.status_code == 429 or answer.status_code >= 500)

    return retries(*arguments, when=when)


@patient.wrong("you were back sooner", lambda e: e.response.fields.get("Retry-After") == "1")
def without_a_pause(*arguments):
    return retries(*arguments, when=right, wait=False)


@patient.wrong("6 times to a service that stays busy", lambda e: e.number == 4)
def until_it_works(*arguments):
    return retries(*arguments, when=right, tries=1000)


@patient.wrong("4 times to a service that stays busy", lambda e: e.number == 4)
def three_retries_after_the_first_try(*arguments):
    return retries(*arguments, when=right, tries=4)


@patient.wrong("not the status of the last answer", lambda e: e.status == 200 and e.number == 3)
def the_first_status(url, token, method, target, content):
    first = send(url, token, method, target, content)
    if right(method, first):
        retries(url, token, method, target, content, when=right, tries=2)
    return first.status_code


@patient.wrong("did not send the request that was asked for", lambda e: e.request.method == "GET")
def always_a_get(url, token, method, target, content):
    return retries(url, token, "GET", target, None, when=lambda _, answer: right(method, answer))


@patient.wrong("without its content as JSON", lambda e: e.request.method == "PUT")
def a_form(url, token, method, target, content):
    for _ in range(3):
        answer = requests.request(method, url + target, data=content, headers=bearer(token))
        if not right(method, answer):
            break
    return answer.status_code


@patient.wrong("raised AttributeError in line", lambda e: e.status == 429, "crashed")
def a_slip_after_an_answer_that_was_to_be_expected(url, token, method, target, content):
    return send(url, token, method, target, content).statuscode


@patient.wrong("raised KeyError in line", lambda e: e.status == 404, "crashed")
def a_slip_after_a_404_that_needs_no_mending(url, token, method, target, content):
    status = retries(url, token, method, target, content, when=right)
    answer = requests.Response()
    return int(answer.headers["Retry-After"]) if status == 404 else status
