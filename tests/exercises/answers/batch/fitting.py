"""Answers to `batch.fit_in`."""

import json

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client, by_urllib

fit_in = Answers("batch.fit_in")


def limits_of(url, token):
    limits = by_urllib(f"{url}/api/v1/limits", token).json()
    return limits["most"], limits["largest"]


@fit_in.right
def the_largest_that_fits_found_by_halves(url, token, contacts):
    most, largest = limits_of(url, token)
    count = start = 0
    while start < len(contacts):
        fits, too_many = 1, min(most, len(contacts) - start) + 1
        while too_many - fits > 1:
            middle = (fits + too_many) // 2
            group = {"operation": "create", "contacts": contacts[start : start + middle]}
            if len(json.dumps(group)) <= largest:
                fits = middle
            else:
                too_many = middle
        group = {"operation": "create", "contacts": contacts[start : start + fits]}
        assert by_http_client(url, "POST", AT, token, group).status == 200
        start, count = start + fits, count + 1
    return count


@fit_in.right
def bytes_of_compact_utf_8_counted_by_hand(url, token, contacts):
    limits = requests.get(f"{url}/api/v1/limits", headers={"Authorization": f"Bearer {token}"}).json()
    head, tail = b'{"operation":"create","options":{},"contacts":[', b"]}"
    bodies, size = [], limits["largest"]
    for contact in contacts:
        item = json.dumps(contact, ensure_ascii=False, separators=(",", ":")).encode()
        size += 1 + len(item)
        if size > limits["largest"] or len(bodies[-1]) == limits["most"]:
            bodies.append([])
            size = len(head) + len(item) + len(tail)
        bodies[-1].append(item)
    for items in bodies:
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        requests.post(url + AT, head + b",".join(items) + tail, headers=fields)
    return len(bodies)


def varied(*, measured=None, fits=None, asked=None, sent=None, count=len, spoil=lambda groups: groups):
    """An answer in which one thing is different."""

    def answer(url, token, contacts):
        most, largest = (asked or limits_of)(url, token)
        groups = [[]]
        for contact in contacts:
            longer = [*groups[-1], contact]
            content = {"operation": "create", "contacts": longer}
            length = measured(content) if measured else len(json.dumps(content))
            if fits(longer, most) if fits else len(longer) > most or length > largest:
                groups.append([contact])
            else:
                groups[-1] = longer
        for group in spoil(groups):
            (sent or post)(url, token, group)
        return count(groups)

    return answer


def long(exchange):
    return exchange.status == 413


@fit_in.wrong("contacts in one request, and had not asked how many", long)
def all_at_once(url, token, contacts):
    post(url, token, contacts)
    return 1


@fit_in.wrong("are the most.", lambda e: long(e) and len(brought(e)) < 12, step="and not one more")
def one_more_than_the_most(url, token, contacts):
    def one_more(url, token):
        most, largest = limits_of(url, token)
        return most + 1, largest

    return varied(asked=one_more)(url, token, contacts)


@fit_in.wrong("bytes in one request, where", long, step="how long the content would be")
def contacts_alone(url, token, contacts):
    return varied(fits=lambda group, most: len(group) > most)(url, token, contacts)


@fit_in.wrong("characters in one request, and these are", long)
def characters_for_bytes(url, token, contacts):
    def sent(url, token, group):
        body = json.dumps({"operation": "create", "contacts": group}, ensure_ascii=False).encode()
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        requests.post(url + AT, body, headers=fields)

    return varied(measured=lambda content: len(json.dumps(content, ensure_ascii=False)), sent=sent)(
        url, token, contacts
    )


@fit_in.wrong("and measured another text: each letter beyond ASCII", long, step="with `data=`")
def another_text_is_measured_than_the_one_sent(*arguments):
    return varied(measured=lambda content: len(str(content)))(*arguments)


@fit_in.wrong("and measured another text: each letter beyond ASCII was sent as an escape; that", long)
def bytes_of_another_text_and_a_crash(*arguments):
    def sent(url, token, group):
        post(url, token, group).raise_for_status()

    measured = lambda content: len(json.dumps(content, ensure_ascii=False).encode())  # noqa: E731
    return varied(measured=measured, sent=sent)(*arguments)


@fit_in.wrong("and the content around them does not", long)
def the_list_alone_is_measured(url, token, contacts):
    def sent(url, token, group):
        body = json.dumps({"operation": "create", "contacts": group}, ensure_ascii=False, separators=(",", ":"))
        fields = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        requests.post(url + AT, body.encode(), headers=fields)

    def measured(content):
        return len(json.dumps(content["contacts"], ensure_ascii=False, separators=(",", ":")).encode())

    return varied(measured=measured, sent=sent)(url, token, contacts)


@fit_in.wrong("requests, where 3 are enough", lambda e: e.status == 200)
def one_in_each(url, token, contacts):
    return varied(fits=lambda group, most: len(group) > 1)(url, token, contacts)


@fit_in.wrong("A request of yours brought no contact at all", lambda e: brought(e) == [])
def an_empty_one_at_the_end(url, token, contacts):
    return varied(spoil=lambda groups: [*groups, []])(url, token, contacts)


@fit_in.wrong("of the list never arrived", lambda e: e.status == 200)
def the_last_group_forgotten(url, token, contacts):
    return varied(spoil=lambda groups: groups[:-1])(url, token, contacts)


@fit_in.wrong("that had been taken", lambda e: e.status == 200)
def the_first_group_twice(url, token, contacts):
    return varied(spoil=lambda groups: [groups[0], *groups])(url, token, contacts)


@fit_in.wrong("not arrive in the order", lambda e: e.status == 200)
def the_short_ones_first(url, token, contacts):
    return varied()(url, token, sorted(contacts, key=lambda contact: len(json.dumps(contact))))


@fit_in.wrong("not one of those that you were given", lambda e: "company" not in brought(e)[0])
def companies_left_out_to_save_bytes(url, token, contacts):
    return varied()(url, token, [{name: it[name] for name in ("name", "email")} for it in contacts])


@fit_in.wrong("counted the question for the limits as well", lambda e: e.status == 200)
def counted_the_get(url, token, contacts):
    return varied(count=lambda groups: len(groups) + 1)(url, token, contacts)


@fit_in.wrong("the number of contacts, not that of the requests", lambda e: e.status == 200)
def counted_the_contacts(url, token, contacts):
    return varied(count=lambda groups: sum(map(len, groups)))(url, token, contacts)


@fit_in.wrong("does not say who asks", lambda e: e.status == 401)
def limits_without_a_token(url, token, contacts):
    limits = requests.get(f"{url}/api/v1/limits").json()
    return varied(asked=lambda url, token: (limits.get("most", 5), limits.get("largest", 500)))(url, token, contacts)


@fit_in.wrong("had not asked how many the service takes; that caused the HTTPError", long)
def a_crash_over_the_refusal(url, token, contacts):
    post(url, token, contacts).raise_for_status()
    return 1
