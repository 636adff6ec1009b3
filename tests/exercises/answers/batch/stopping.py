"""Answers to `batch.stop_if_bad`."""

import http.client
import json
import time
import urllib.request
from urllib.parse import urlsplit

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, post
from tests.exercises.answers.batch.waiting import ask, start
from tests.exercises.answers.clients import by_http_client

stop_if_bad = Answers("batch.stop_if_bad")
ALL = {"skip_duplicates": False}


@stop_if_bad.right
def readline_by_http_client(url, token, contacts, allowed):
    content = {"options": ALL, "contacts": contacts, "operation": "create"}
    job = by_http_client(url, "POST", AT, token, content, Prefer="respond-async").headers["Location"]
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", f"{job}/progress", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    while line := answer.readline():
        state = json.loads(line)
        errors = state["errors"]
        if isinstance(errors, int) and errors > allowed:
            by_http_client(url, "DELETE", job, token)
    connection.close()
    return state["status"]


@stop_if_bad.right
def gone_when_it_is_cancelled_by_urllib(url, token, contacts, allowed):
    fields = {"Authorization": f"Bearer {token}"}
    job = url + start(url, token, contacts, ALL).headers["Location"]
    with urllib.request.urlopen(urllib.request.Request(f"{job}/progress", headers=fields), timeout=30) as lines:
        for state in map(json.loads, lines):
            if "status" in state:
                return state["status"]
            if state["errors"] > allowed:
                break
    urllib.request.urlopen(urllib.request.Request(job, headers=fields, method="DELETE")).close()
    while (state := requests.get(job, headers=fields).json())["status"] == "running":
        time.sleep(1)
    return state["status"]


@stop_if_bad.right
def pieces_put_together_by_hand(url, token, contacts, allowed):
    fields = {"Authorization": f"Bearer {token}"}
    job = url + start(url, token, contacts, ALL).headers["Location"]
    rest, lines = b"", []
    with requests.get(f"{job}/progress", headers=fields, stream=True) as progress:
        for piece in progress.iter_content(chunk_size=None):
            *whole, rest = (rest + piece).split(b"\n")
            lines += map(json.loads, whole)
            if "status" not in lines[-1] and lines[-1]["errors"] > allowed:
                requests.delete(job, headers=fields)
    return lines[-1]["status"]


@stop_if_bad.right
def gone_with_the_answer_to_the_delete(url, token, contacts, allowed):
    """The 202 says that the job will end as cancelled: the examiner gives it time enough."""
    fields = {"Authorization": f"Bearer {token}"}
    job = url + start(url, token, contacts, ALL).headers["Location"]
    with requests.get(f"{job}/progress", headers=fields, stream=True) as progress:
        for state in map(json.loads, progress.iter_lines()):
            if bad(state, allowed):
                return "cancelled" if requests.delete(job, headers=fields).status_code == 202 else "succeeded"
    return "succeeded"


def bad(state, allowed):
    return "status" not in state and state["errors"] > allowed


def varied(*, when=bad, options=ALL, stream=True, delete="", status=lambda state, answers: state["status"]):
    """An answer in which one thing is different."""

    def answer(url, token, contacts, allowed):
        fields = {"Authorization": f"Bearer {token}"}
        first, answers = start(url, token, contacts, options), []
        with requests.get(f"{url}{first.headers['Location']}/progress", headers=fields, stream=stream) as progress:
            for line in progress.iter_lines():
                state = json.loads(line)
                if when(state, allowed) and not answers:
                    answers.append(requests.delete(url + first.headers["Location"] + delete, headers=fields))
        return status(state, answers)

    return answer


def is_delete(exchange):
    return exchange.request.method == "DELETE"


def is_progress(exchange):
    return exchange.request.path.endswith("/progress")


@stop_if_bad.wrong("does not ask for a job", lambda e: e.status == 200)
def without_prefer(url, token, contacts, allowed):
    errors = post(url, token, contacts, ALL).json()["errors"]
    return "cancelled" if len(errors) > allowed else "succeeded"


@stop_if_bad.wrong("Your job skips contacts that are there already", lambda e: e.status == 202)
def without_the_option(*arguments):
    return varied(options=None)(*arguments)


@stop_if_bad.wrong("You asked for the job's state, where you were to follow", lambda e: e.status == 200)
def asked_now_and_then(url, token, contacts, allowed):
    first = start(url, token, contacts, ALL)
    while (state := ask(url, token, first).json())["status"] == "running":
        time.sleep(0.1)
    return state["status"]


@stop_if_bad.wrong("You did not follow the job's progress", lambda e: e.status == 202)
def started_and_left(url, token, contacts, allowed):
    start(url, token, contacts, ALL)
    return "succeeded"


@stop_if_bad.wrong("errors, where", is_delete, step="nothing is to be added up")
def as_many_as_are_allowed(*arguments):
    return varied(when=lambda state, allowed: "status" not in state and state["errors"] >= allowed)(*arguments)


@stop_if_bad.wrong("You let a job go on that had", is_progress)
def only_watched(*arguments):
    return varied(when=lambda state, allowed: False)(*arguments)


@stop_if_bad.wrong("You cancelled the job when it had ended already", lambda e: e.status == 409)
def all_lines_first(*arguments):
    return varied(stream=False)(*arguments)


@stop_if_bad.wrong("to an address that is not the job's", is_delete)
def the_progress_deleted(*arguments):
    return varied(delete="/progress")(*arguments)


@stop_if_bad.wrong("status when you cancelled it", is_progress)
def the_answer_to_the_delete(*arguments):
    return varied(status=lambda state, answers: answers[0].json()["status"] if answers else state["status"])(*arguments)


@stop_if_bad.wrong("not the job's last status", is_progress)
def canceled(*arguments):
    return varied(status=lambda state, answers: "canceled" if answers else "done")(*arguments)


@stop_if_bad.wrong("raised TypeError", is_progress, "crashed", "In the last line `errors` is the list itself")
def the_last_line_like_the_others(*arguments):
    return varied(when=lambda state, allowed: state["errors"] > allowed)(*arguments)


@stop_if_bad.wrong("raised JSONDecodeError", is_progress, "crashed", "Each line is JSON of its own")
def one_json(url, token, contacts, allowed):
    return ask(url, token, start(url, token, contacts, ALL), "/progress").json()["status"]


@stop_if_bad.wrong("raised KeyError", is_progress, "crashed", "Only the last line has a `status`")
def a_status_in_each_line(*arguments):
    return varied(when=lambda state, allowed: state["status"] == "running" and state["errors"] > allowed)(*arguments)


@stop_if_bad.wrong("had ended already; that caused the HTTPError", lambda e: e.status == 409)
def a_crash_over_the_refusal(*arguments):
    def status(state, answers):
        for answer in answers:
            answer.raise_for_status()
        return state["status"]

    return varied(stream=False, status=status)(*arguments)
