"""Answers to `batch.carry_on`."""

import itertools

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT
from tests.exercises.answers.clients import by_http_client, by_urllib

carry_on = Answers("batch.carry_on")


@carry_on.right
def an_iterator_by_http_client_and_bare_keys(url, token, contacts, size, import_id, answers):
    rest, created, numbers = iter(contacts), 0, itertools.count()
    while group := list(itertools.islice(rest, size)):
        if (number := next(numbers)) < len(answers):
            created += answers[number]["created"]
        else:
            content = {"contacts": group, "operation": "create"}
            key = f"{import_id}-{number}"
            created += by_http_client(url, "POST", AT, token, content, Idempotency_Key=key).json()["created"]
    return created


@carry_on.right
def in_the_other_direction_by_urllib_and_one_of_them_twice(url, token, contacts, size, import_id, answers):
    created = {number: answer["created"] for number, answer in enumerate(answers)}
    numbers = range(len(answers), -(-len(contacts) // size))
    for number in [*reversed(numbers), *numbers[:1]]:
        group = contacts[number * size : (number + 1) * size]
        content = {"operation": "create", "contacts": group}
        key = f'"{import_id}-{number}"'
        created[number] = by_urllib(url + AT, token, "POST", content, Idempotency_Key=key).json()["created"]
    return sum(created.values())


@carry_on.right
def with_empty_options(*arguments):
    return varied(options={"options": {}})(*arguments)


def varied(*, start=len, key='"{}-{}"', number=lambda n, answers: n, options=None, count=None, path=AT, cut=None):
    """An answer in which one thing is different."""

    def answer(url, token, contacts, size, import_id, answers):
        told = [it["created"] for it in answers]
        groups = (cut or by_size)(contacts, size, len(answers))
        for n in range(start(answers), len(groups)):
            fields = {"Authorization": f"Bearer {token}"}
            if key:
                fields["Idempotency-Key"] = key.format(import_id, number(n, answers))
            content = {"operation": "create", "contacts": groups[n]} | (options or {})
            reply = requests.post(url + path, json=content, headers=fields)
            told.append(count(groups[n], reply) if count else reply.json().get("created", 0))
        return sum(told)

    return answer


def by_size(contacts, size, answered):
    return [contacts[at : at + size] for at in range(0, len(contacts), size)]


def group_of(exchange):
    return exchange.request.fields.get("Idempotency-Key", "").strip('"').rpartition("-")[2]


@carry_on.wrong("without its Idempotency-Key", lambda e: e.status == 200)
def without_keys(*arguments):
    return varied(key=None)(*arguments)


@carry_on.wrong("with a key that is not one of the broken import's", lambda e: "again" in group_of(e))
def new_keys(*arguments):
    return varied(key='"{}-again{}"')(*arguments)


@carry_on.wrong("The number in an Idempotency-Key of yours is that of no group", lambda e: group_of(e) == "4")
def numbers_from_one(*arguments):
    return varied(number=lambda n, answers: n + 1, start=lambda answers: len(answers) + 1)(*arguments)


@carry_on.wrong("You sent group 2 with the key of group 0", lambda e: e.status == 422)
def numbers_that_begin_again(*arguments):
    return varied(number=lambda n, answers: n - len(answers))(*arguments)


@carry_on.wrong("You sent group 0 again, whose answer", lambda e: group_of(e) == "0")
def all_of_it_again(*arguments):
    return varied(start=lambda answers: 0)(*arguments)


@carry_on.wrong("You sent group 2 with options", lambda e: e.status == 422)
def with_options(*arguments):
    return varied(options={"options": {"skip_duplicates": True}})(*arguments)


@carry_on.wrong("are not the contacts of group 2", lambda e: group_of(e) == "2")
def cut_by_what_was_created(*arguments):
    def cut(contacts, size, answered):
        done = answered * size - 1
        return [[]] * answered + by_size(contacts[done:], size, 0)

    return varied(cut=cut)(*arguments)


@carry_on.wrong("You left out group 2, of which nobody knows", lambda e: group_of(e) == "3")
def trusted_that_it_was_stored(*arguments):
    return varied(start=lambda answers: len(answers) + 1)(*arguments)


@carry_on.wrong("You left out group 3", lambda e: group_of(e) == "2")
def without_the_rest(*arguments):
    def cut(contacts, size, answered):
        return by_size(contacts[: len(contacts) // size * size], size, answered)

    return varied(cut=cut, options={"options": {}})(*arguments)


@carry_on.wrong("created before the break", lambda e: group_of(e) == "3")
def the_sum_of_the_answers(*arguments):
    return varied(count=lambda group, reply: 0)(*arguments)


@carry_on.wrong("created after the break", lambda e: group_of(e) == "3")
def the_sum_of_the_new_ones(*arguments):
    return varied()(*arguments) - sum(it["created"] for it in arguments[-1])


@carry_on.wrong("did not count the group that was stored before", lambda e: group_of(e) == "3")
def nothing_for_what_was_replayed(*arguments):
    def count(group, reply):
        return 0 if "Idempotency-Replayed" in reply.headers else reply.json()["created"]

    return varied(count=count)(*arguments)


@carry_on.wrong("counted the contacts, not those that were created", lambda e: group_of(e) == "3")
def the_length(*arguments):
    varied()(*arguments)
    return len(arguments[2])


@carry_on.wrong("not the number of contacts that were created", lambda e: group_of(e) == "3")
def the_sizes_of_the_groups(*arguments):
    return varied(count=lambda group, reply: len(group))(*arguments)


@carry_on.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(url, token, contacts, size, import_id, answers):
    return requests.post(url + AT, json={"operation": "create", "contacts": contacts}).json().get("created")


@carry_on.wrong("as many requests, where a batch brings many", lambda e: e.request.path == "/api/v1/contacts")
def one_by_one(url, token, contacts, size, import_id, answers):
    for contact in contacts[len(answers) * size :]:
        by_http_client(url, "POST", "/api/v1/contacts", token, contact)
    return len(contacts)


@carry_on.wrong("No request of yours reached the service", None)
def nothing_sent(url, token, contacts, size, import_id, answers):
    return sum(it["created"] for it in answers)


@carry_on.wrong("one of the broken import's; that caused the KeyError", lambda e: e.status == 200, step="begin with f")
def a_text_without_its_f(*arguments):
    return varied(key='"{{import_id}}-{{number}}"', count=lambda group, reply: reply.json()["created"])(*arguments)
