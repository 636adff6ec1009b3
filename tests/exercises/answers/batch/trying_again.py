"""Answers to `batch.try_again`."""

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import AT, brought, post
from tests.exercises.answers.clients import by_http_client, by_urllib

try_again = Answers("batch.try_again")
TOLD = {"skip_duplicates": False}


@try_again.right
def a_status_for_each_by_http_client(url, token, contacts, corrected):
    def faulty(group, places):
        options = TOLD | {"multi_status": True}
        content = {"operation": "create", "contacts": group, "options": options}
        items = by_http_client(url, "POST", AT, token, content).json()["items"]
        return [place for place, item in zip(places, items, strict=True) if item["status"] == 422]

    again = faulty(contacts, range(len(contacts)))
    return faulty([corrected[at] for at in again], again) if again else again


@try_again.right
def the_last_one_first_by_urllib(url, token, contacts, corrected):
    left = dict.fromkeys(range(len(contacts)))
    source = contacts
    for _ in range(2):
        order = list(left)
        content = {"operation": "create", "contacts": [source[at] for at in order], "options": TOLD}
        errors = by_urllib(url + AT, token, "POST", content).json()["errors"]
        left = {order[it["index"]]: it for it in reversed(errors) if "duplicate" not in it["code"]}
        if not left:
            break
        source = corrected
    return list(left)


def refused(answer):
    return [it["index"] for it in answer.json()["errors"] if not it["code"].startswith("duplicate")]


def tries(first=lambda contacts, corrected: contacts, second=None, value=None, codes=None, options=TOLD, always=False):
    """An answer in which one thing is different."""

    def answer(url, token, contacts, corrected):
        answered = post(url, token, first(contacts, corrected), options)
        again = (codes or refused)(answered)
        if not again and not always:
            return []
        group = (second or chosen)(contacts, corrected, again)
        twice = refused(post(url, token, group, options))
        return value(again, twice) if value else [again[at] for at in twice]

    return answer


def chosen(contacts, corrected, again):
    return [corrected[at] for at in again]


@try_again.wrong("all or nothing", lambda e: e.status == 422)
def atomic(*arguments):
    return tries(options=TOLD | {"atomic": True})(*arguments)


@try_again.wrong("brought the corrected contacts", lambda e: e.number == 1)
def corrected_at_once(*arguments):
    return tries(first=lambda contacts, corrected: corrected)(*arguments)


@try_again.wrong("Your first request brought 1 contact of", lambda e: len(brought(e)) == 1)
def one_by_one(url, token, contacts, corrected):
    return [at for at, it in enumerate(contacts) if refused(post(url, token, [it], TOLD))]


@try_again.wrong("Your first request brought other contacts", lambda e: "company" not in brought(e)[0])
def without_companies(*arguments):
    def bare(contacts, corrected):
        return [{name: it[name] for name in it if name != "company"} for it in contacts]

    return tries(first=bare)(*arguments)


@try_again.wrong("had duplicates skipped", lambda e: "options" not in e.request.json())
def without_options(*arguments):
    return tries(options=None)(*arguments)


@try_again.wrong("because of its skip_duplicates", lambda e: e.status == 422)
def an_option_outside_of_options(url, token, contacts, corrected):
    content = {"operation": "create", "contacts": contacts, "skip_duplicates": False}
    answer = by_http_client(url, "POST", AT, token, content)
    return [it["index"] for it in answer.json()["errors"] if "index" in it]


@try_again.wrong("and you did not try again", lambda e: e.number == 1 and e.status == 200)
def a_200_is_all_right(url, token, contacts, corrected):
    return [] if post(url, token, contacts, TOLD).ok else list(range(len(contacts)))


@try_again.wrong("brought all the contacts again", lambda e: e.number == 2)
def all_the_corrected(*arguments):
    return tries(second=lambda contacts, corrected, again: corrected, value=lambda again, twice: twice)(*arguments)


@try_again.wrong("that were refused as they were", lambda e: e.number == 2)
def the_same_again(*arguments):
    return tries(second=lambda contacts, corrected, again: [contacts[at] for at in again])(*arguments)


@try_again.wrong("brought 2 contacts that are in the CRM", lambda e: e.number == 2)
def duplicates_too(*arguments):
    return tries(codes=lambda answer: [it["index"] for it in answer.json()["errors"]])(*arguments)


@try_again.wrong("brought 1 contact that is in the CRM", lambda e: e.number == 2, step="two codes")
def one_code_of_two(*arguments):
    def refused(answer):
        return [it["index"] for it in answer.json()["errors"] if it["code"] != "duplicate"]

    return tries(codes=refused)(*arguments)


@try_again.wrong("no contact was refused but duplicates", lambda e: brought(e) == [], step="Nothing to send")
def a_second_request_in_any_case(*arguments):
    return tries(always=True)(*arguments)


@try_again.wrong("You sent 5 requests, where two are enough", lambda e: e.number == 3)
def a_request_for_each(url, token, contacts, corrected):
    again = refused(post(url, token, contacts, TOLD))
    return [at for at in again if refused(post(url, token, [corrected[at]], TOLD))]


@try_again.wrong("left out 1 contact", lambda e: e.number == 2)
def all_but_one(*arguments):
    return tries(second=lambda contacts, corrected, again: [corrected[at] for at in again[1:]])(*arguments)


@try_again.wrong("places in your second request", lambda e: e.number == 2)
def places_in_the_second(*arguments):
    return tries(value=lambda again, twice: twice)(*arguments)


@try_again.wrong("refused the first time", lambda e: e.number == 2)
def refused_once(*arguments):
    return tries(value=lambda again, twice: again)(*arguments)


@try_again.wrong("does not hold indices", lambda e: e.number == 2)
def addresses(url, token, contacts, corrected):
    return [corrected[at]["email"] for at in tries()(url, token, contacts, corrected)]


@try_again.wrong("that were refused both times", lambda e: e.number == 2)
def nothing_at_all(*arguments):
    tries()(*arguments)
    return []


@try_again.wrong("is asked for", lambda e: e.number == 2)
def how_many(*arguments):
    return len(tries()(*arguments))
