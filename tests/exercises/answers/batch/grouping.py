"""Answers to `batch.send_in_groups`."""

import json
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlsplit

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client, by_urllib

send_in_groups = Answers("batch.send_in_groups")


@send_in_groups.right
def http_client_from_the_front(url, token, contacts, size):
    left, sums = list(contacts), Counter(created=0, skipped=0)
    while left:
        group, left = left[:size], left[size:]
        content = {"contacts": group, "operation": "create", "options": {"skip_duplicates": True}}
        answer = by_http_client(url, "POST", AT, token, content).json()
        sums.update(created=answer["created"], skipped=answer["skipped"])
    return dict(sums)


@send_in_groups.right
def urllib_with_a_status_for_each(url, token, contacts, size):
    groups = [contacts[at : at + size] for at in range(0, len(contacts), size)]
    statuses = []
    for group in groups:
        content = {"operation": "create", "contacts": group, "options": {"multi_status": True}}
        statuses += [item["status"] for item in by_urllib(url + AT, token, "POST", content).json()["items"]]
    return {"skipped": statuses.count(200), "created": statuses.count(201)}


@send_in_groups.right
def one_line_for_all_groups(url, token, contacts, size):
    line = HTTPConnection(urlsplit(url).netloc, timeout=10)
    fields = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    created = 0
    for start in range(0, len(contacts), size):
        body = json.dumps({"operation": "create", "contacts": contacts[start : start + size]}, ensure_ascii=False)
        line.request("POST", AT, body.encode(), fields)
        created += json.loads(line.getresponse().read())["created"]
    line.close()
    return {"created": created, "skipped": len(contacts) - created}


def groups_of(contacts, size):
    return [contacts[start : start + size] for start in range(0, len(contacts), size)]


def sums(answers):
    return {name: sum(answer.json()[name] for answer in answers) for name in ("created", "skipped")}


def sends(groups, options=None):
    """What most of these answers do; `groups` is what differs."""

    def answer(url, token, contacts, size):
        return sums([post(url, token, group, options) for group in groups(contacts, size)])

    return answer


@send_in_groups.wrong("where 3 are the most", lambda e: len(brought(e)) > 3)
def all_at_once(*arguments):
    return sends(lambda contacts, size: [contacts])(*arguments)


@send_in_groups.wrong("You sent 10 requests, where 4 are enough", lambda e: len(brought(e)) == 1)
def each_as_a_batch(*arguments):
    return sends(lambda contacts, size: [[contact] for contact in contacts])(*arguments)


@send_in_groups.wrong("10 contacts in as many requests", lambda e: e.status == 201)
def each_on_its_own(url, token, contacts, size):
    for contact in contacts:
        requests.post(f"{url}/api/v1/contacts", json=contact, headers={"Authorization": f"Bearer {token}"})
    return {"created": len(contacts), "skipped": 0}


@send_in_groups.wrong("The last contact of the list never arrived", lambda e: len(brought(e)) == 3)
def whole_groups_alone(*arguments):
    def groups(contacts, size):
        return [contacts[number * size : (number + 1) * size] for number in range(len(contacts) // size)]

    return sends(groups)(*arguments)


@send_in_groups.wrong("You did not send 2 contacts of the list", lambda e: e.status == 200)
def a_gap_between_groups(*arguments):
    def groups(contacts, size):
        return [contacts[start : start + size] for start in range(0, len(contacts), size + 1)]

    return sends(groups)(*arguments)


@send_in_groups.wrong("some came twice", lambda e: e.status == 200)
def groups_that_overlap(*arguments):
    def groups(contacts, size):
        return [contacts[start : start + size] for start in range(0, len(contacts), size - 1)]

    return sends(groups)(*arguments)


@send_in_groups.wrong("no contact at all", lambda e: brought(e) == [])
def one_group_too_many(*arguments):
    def groups(contacts, size):
        return [contacts[number * size : (number + 1) * size] for number in range(len(contacts) // size + 1)]

    return sends(groups)(*arguments)


@send_in_groups.wrong("not arrive in the order", lambda e: e.status == 200)
def from_the_end(*arguments):
    return sends(lambda contacts, size: groups_of(contacts[::-1], size))(*arguments)


@send_in_groups.wrong("is not one of those that you were given", lambda e: "company" not in brought(e)[0])
def name_and_address_alone(*arguments):
    def groups(contacts, size):
        return groups_of([{"name": it["name"], "email": it["email"]} for it in contacts], size)

    return sends(groups)(*arguments)


@send_in_groups.wrong("an error about each", lambda e: not e.request.json()["options"]["skip_duplicates"])
def errors_for_duplicates(*arguments):
    return sends(groups_of, {"skip_duplicates": False})(*arguments)


@send_in_groups.wrong("because of its operation", lambda e: e.status == 422)
def contacts_alone(url, token, contacts, size):
    for group in groups_of(contacts, size):
        answer = requests.post(url + AT, json={"contacts": group}, headers={"Authorization": f"Bearer {token}"})
    return {"created": answer.json().get("created"), "skipped": 0}


@send_in_groups.wrong("because of its content, and looked at no contact; that caused the KeyError", lambda e: True)
def a_bare_list(url, token, contacts, size):
    answer = requests.post(url + AT, json=contacts[:size], headers={"Authorization": f"Bearer {token}"})
    return {"created": answer.json()["created"], "skipped": 0}


@send_in_groups.wrong("You sent a PATCH to", lambda e: e.request.method == "PATCH")
def a_patch(url, token, contacts, size):
    content = {"operation": "update", "updates": contacts[:size]}
    requests.patch(url + AT, json=content, headers={"Authorization": f"Bearer {token}"})
    return {"created": 0, "skipped": 0}


@send_in_groups.wrong("that brings no contacts into the CRM", lambda e: e.request.path == "/contacts/batch")
def an_address_cut_short(url, token, contacts, size):
    for group in groups_of(contacts, size):
        requests.post(f"{url}/contacts/batch", json={"operation": "create", "contacts": group})
    return {"created": len(contacts), "skipped": 0}


@send_in_groups.wrong("the numbers of the last answer alone", lambda e: e.number == 4)
def the_last_answer(url, token, contacts, size):
    for group in groups_of(contacts, size):
        answer = post(url, token, group)
    return {"created": answer.json()["created"], "skipped": answer.json()["skipped"]}


@send_in_groups.wrong("the numbers of the first answer alone", lambda e: e.number == 1)
def the_first_answer(url, token, contacts, size):
    return sums([post(url, token, group) for group in groups_of(contacts, size)][:1])


@send_in_groups.wrong("counted what you sent", lambda e: e.status == 200)
def what_was_sent(*arguments):
    sends(groups_of)(*arguments)
    return {"created": len(arguments[2]), "skipped": 0}


@send_in_groups.wrong("The number of skipped contacts", lambda e: e.status == 200)
def nothing_skipped(*arguments):
    return sends(groups_of)(*arguments) | {"skipped": 0}


@send_in_groups.wrong("a member 'processed' that nobody asked for", lambda e: e.status == 200)
def one_member_more(*arguments):
    return sends(groups_of)(*arguments) | {"processed": len(arguments[2])}


@send_in_groups.wrong("returned a list", lambda e: e.status == 200)
def a_pair(*arguments):
    return tuple(sends(groups_of)(*arguments).values())
