"""Answers to `batch.predict_status`."""

from course_support.backends.batch import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers
from tests.exercises.answers.batch.posting import post

predict_status = Answers("batch.predict_status")


@predict_status.right
def by_what_has_been_done(case):
    nothing_done = {"more": 413, "a used": 422, "atomic is": 422}
    something_else = {"multi_status": 207, "Prefer": 202}
    return next((status for text, status in (nothing_done | something_else).items() if text in case), 200)


@predict_status.right
def tried_out_on_a_service_of_ones_own(case):
    crm = app(3, most=10)
    token = crm.state.credentials["importer"]
    contacts = [{"name": "Ada", "email": f"ada{number}@ada.example"} for number in range(10)]
    for contact in contacts[: 10 if case.startswith("none") else 1 if case.startswith("one") else 0]:
        del contact["name"]
    options = {name: True for name in ("atomic", "multi_status") if name in case}
    fields = {"Prefer": "respond-async"} if "Prefer" in case else {"Idempotency_Key": "1"} if "Key" in case else {}
    contacts += contacts[:1] if case.startswith("more") else []
    with Server(crm) as server:
        answer = post(server.url, token, contacts, options, **fields)
        return (post(server.url, token, contacts[:5], **fields) if "Key" in case else answer).status_code


def says(status, *cases):
    """All right but for the cases that begin or end so."""

    def answer(case):
        odd = any(case.startswith(it) or case.endswith(it) for it in cases)
        return status if odd else by_what_has_been_done(case)

    return answer


def of(status):
    return lambda exchange: exchange.status == status


@predict_status.wrong("“one of ten has no name” the status is 200, not 500", of(200), step="Who can mend")
def one_failure_means_500(case):
    return 500 if case == "one of ten has no name" else by_what_has_been_done(case)


@predict_status.wrong("“one of ten has no name” the status is 200, not 207", of(200), step="where it is asked for")
def a_part_means_207(case):
    return 207 if case == "one of ten has no name" else by_what_has_been_done(case)


@predict_status.wrong("“none of ten has a name” the status is 200, not 422", of(200), step="all of it again")
def nothing_stored_means_422(case):
    return says(422, "none of ten")(case)


@predict_status.wrong("atomic is true” the status is 422, not 200", of(422))
def always_to_be_inspected(case):
    return says(200, "atomic is true")(case)


@predict_status.wrong("multi_status is true” the status is 207, not 200", of(207))
def two_hundred_for_most(case):
    return says(200, "multi_status is true")(case)


@predict_status.wrong("is fine” the status is 200, not 201", of(200), step="201 goes with one new resource")
def created(case):
    return says(201, "every")(case)


@predict_status.wrong("takes” the status is 413, not 422", of(413))
def too_many_is_unprocessable(case):
    return says(422, "more")(case)


@predict_status.wrong("takes” the status is 413, not 200", of(413), step="has the work been done".capitalize())
def the_first_of_them_are_taken(case):
    return says(200, "more")(case)


@predict_status.wrong("respond-async” the status is 202, not 200", of(202), step="Has the work been done")
def done_at_once(case):
    return says(200, "Prefer")(case)


@predict_status.wrong("other contacts” the status is 422, not 409", of(422), step="still at work")
def a_used_key_is_a_conflict(case):
    return says(409, "a used")(case)


@predict_status.wrong("other contacts” the status is 422, not 200", lambda e: "Idempotency-Key" in e.request.fields)
def the_first_answer_again(case):
    return says(200, "a used")(case)


@predict_status.wrong("returned text", None)
def text(case):
    return str(by_what_has_been_done(case))
