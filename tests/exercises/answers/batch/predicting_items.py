"""Answers to `batch.predict_items`."""

from course_support.backends.batch import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import post

predict_items = Answers("batch.predict_items")


def predicts(*, faulty=None, fold=str.lower, duplicate=None, remembers=lambda status: status == 201, first="faulty"):
    """An answer in which one thing is different."""

    def answer(contacts, known, skip_duplicates):
        there, statuses = {fold(email) for email in known}, []
        for contact in contacts:
            email = fold(contact["email"])
            is_faulty = (faulty or lacking)(contact)
            of_duplicate = (200 if skip_duplicates else 409) if duplicate is None else duplicate
            if is_faulty and (first == "faulty" or email not in there):
                status = 422
            else:
                status = of_duplicate if email in there else 201
            if remembers(status):
                there.add(email)
            statuses.append(status)
        return statuses

    return answer


def lacking(contact):
    return not contact.get("name") or "@" not in contact["email"]


@predict_items.right
def strict_rules_and_a_list(contacts, known, skip_duplicates):
    there = [email.casefold() for email in known]

    def fate(contact):
        name, (account, at, host) = contact.get("name", "").strip(), contact.get("email", "").casefold().partition("@")
        if not (name and account and at and "." in host):
            return 422
        if f"{account}@{host}" in there:
            return 409 - 209 * skip_duplicates
        there.append(f"{account}@{host}")
        return 201

    return [fate(contact) for contact in contacts]


@predict_items.right
def tried_out_on_a_service_of_ones_own(contacts, known, skip_duplicates):
    crm = app(5)
    token = crm.state.credentials["importer"]
    with Server(crm) as server:
        post(server.url, token, [{"name": "known", "email": email} for email in known])
        options = {"multi_status": True, "skip_duplicates": skip_duplicates}
        return [item["status"] for item in post(server.url, token, contacts, options).json()["items"]]


def shown(exchange):
    return exchange.status == 207 and len(exchange.request.json()["contacts"]) == 11


@predict_items.wrong("in other letters, where skip_duplicates", shown, step="in lower case")
def letter_by_letter(*arguments):
    return predicts(fold=str)(*arguments)


@predict_items.wrong("came before it in the batch, where", shown, step="known from there on")
def what_was_there_before_alone(*arguments):
    return predicts(remembers=lambda status: False)(*arguments)


@predict_items.wrong("with a contact that was faulty, and gets 201", shown, step="Only a contact that is stored")
def whatever_was_seen_is_known(*arguments):
    return predicts(remembers=lambda status: True)(*arguments)


@predict_items.wrong("where skip_duplicates is false, and gets 409, not 200", shown, step="is a conflict")
def duplicates_are_always_skipped(*arguments):
    return predicts(duplicate=200)(*arguments)


@predict_items.wrong("where skip_duplicates is true, and gets 200, not 409", shown, step="one is no fault")
def duplicates_are_always_a_conflict(*arguments):
    return predicts(duplicate=409)(*arguments)


@predict_items.wrong("has no name, and an address that is known, and gets 422", shown, step="never a duplicate")
def duplicates_first(*arguments):
    return predicts(first="duplicate")(*arguments)


@predict_items.wrong("has no @ in its address, and gets 422, not 201", shown)
def any_address_will_do(*arguments):
    return predicts(faulty=lambda contact: not contact.get("name"))(*arguments)


@predict_items.wrong("has no name, and gets 422, not 201", shown)
def any_name_will_do(*arguments):
    answer = predicts(faulty=lambda contact: "@" not in contact["email"])(*arguments)
    contacts, known, _ = arguments
    there = [email.lower() for email in known]
    return [
        422 if not it.get("name") and it["email"].lower() in there else status
        for it, status in zip(contacts, answer, strict=True)
    ]


@predict_items.wrong("is whole and new, and gets 201, not 200", shown)
def new_is_ok(*arguments):
    return [200 if status == 201 else status for status in predicts()(*arguments)]


@predict_items.wrong("holds 400, which is none of the four", shown)
def faulty_is_bad(*arguments):
    return [400 if status == 422 else status for status in predicts()(*arguments)]


@predict_items.wrong("statuses for a batch of 11", shown)
def good_ones_alone(*arguments):
    return [status for status in predicts()(*arguments) if status != 422]


@predict_items.wrong("returned a dict", None)
def by_address(contacts, known, skip_duplicates):
    return {it["email"]: 201 for it in contacts}
