"""Answers to the exercises that predict."""

import requests

from course_support.backends.rest import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers
from tests.exercises.answers.rest.reading import PATH, bearer

predict_put = Answers("rest.predict_put")


@predict_put.right
def case_by_case(method, playlist, content):
    after = dict(playlist)
    if method == "PUT":
        after["name"] = content["name"]
        after["description"] = content.get("description", "")
    for name in content if method == "PATCH" else ():
        after[name] = "" if content[name] is None else content[name]
    return after


@predict_put.right
def tried_out_on_a_service_of_ones_own(method, playlist, content):
    service = app(1)
    headers = bearer(service.state.credentials["listener"])
    kind = {"PUT": "application/json", "PATCH": "application/merge-patch+json"}[method]
    with Server(service) as server:
        known = {name: playlist[name] for name in ("name", "description")}
        created = requests.post(server.url + PATH, json=known, headers=headers).headers["Location"]
        after = requests.request(method, server.url + created, json=content, headers=headers | {"Content-Type": kind})
    return after.json() | {"id": playlist["id"], "songs": playlist["songs"]}


@predict_put.wrong("this PUT to a fresh service, and the description is then ''", lambda e: e.request.method == "PUT")
def a_put_that_merges(method, playlist, content):
    return playlist | content | ({"description": ""} if content.get("description", 0) is None else {})


@predict_put.wrong("this PUT to a fresh service, and the playlist still has the member 'id'", lambda e: e.status == 200)
def a_put_that_leaves_nothing_else(method, playlist, content):
    return content if method == "PUT" else case_by_case(method, playlist, content)


@predict_put.wrong(
    "this PATCH to a fresh service, and the description is then", lambda e: b"descr" not in e.request.body
)
def a_patch_that_replaces(method, playlist, content):
    return {**playlist, "description": "", **content}


@predict_put.wrong("this PATCH to a fresh service, and the description is then '', not None", lambda e: e.status == 200)
def a_null_that_stays(method, playlist, content):
    return case_by_case("PUT", playlist, content) if method == "PUT" else playlist | content


@predict_put.wrong("still has the member 'description'", lambda e: b"null" in e.request.body)
def a_null_that_takes_the_member_away(method, playlist, content):
    after = case_by_case(method, playlist, content)
    return {name: value for name, value in after.items() if content.get(name, 0) is not None}


@predict_put.wrong("has no member 'modified'", lambda e: e.status == 200)
def a_member_nobody_knows(method, playlist, content):
    return case_by_case(method, playlist, content) | {"modified": "now"}


@predict_put.wrong("returned nothing and sent nothing", None, "not attempted")
def no_return(method, playlist, content):
    playlist.update(content)


@predict_put.wrong("returned text", None)
def the_name(method, playlist, content):
    return content.get("name", "")


predict_repeat = Answers("rest.predict_repeat")


@predict_repeat.right
def one_question_after_the_other(method):
    creates, deletes = method == "POST", method == "DELETE"
    first = 201 if creates else 204 if deletes else 200
    return {"idempotent": not creates, "second": 404 if deletes else first, "first": first}


def says(**others):
    def answer(method):
        return one_question_after_the_other(method) | others.get(method, {})

    return answer


@predict_repeat.wrong("The second DELETE was answered with 404, not with 204", lambda e: e.status == 404)
def idempotent_means_the_same_answer(method):
    return says(DELETE={"second": 204})(method)


@predict_repeat.wrong("DELETE is idempotent, and you said the opposite", lambda e: e.status == 404)
def another_answer_means_not_idempotent(method):
    return says(DELETE={"idempotent": False})(method)


@predict_repeat.wrong("POST is not idempotent", lambda e: e.status == 201)
def everything_is_idempotent(method):
    return says(POST={"idempotent": True})(method)


@predict_repeat.wrong("The second POST was answered with 201, not with 409", lambda e: e.status == 201)
def a_second_playlist_is_a_conflict(method):
    return says(POST={"second": 409})(method)


@predict_repeat.wrong("The first PUT was answered with 200, not with 201", lambda e: e.request.method == "PUT")
def a_put_creates(method):
    return says(PUT={"first": 201})(method)


@predict_repeat.wrong("PUT is idempotent, and you said the opposite", lambda e: e.request.method == "PUT")
def only_safe_methods_are_idempotent(method):
    return says(PUT={"idempotent": False}, GET={"first": 200, "second": 200})(method)


@predict_repeat.wrong("no member 'idempotent'", None)
def two_of_three(method):
    answer = one_question_after_the_other(method)
    return {name: answer[name] for name in ("first", "second")}


@predict_repeat.wrong("The member 'first' of your dict is text, not a whole number", None)
def a_status_as_text(method):
    answer = one_question_after_the_other(method)
    return answer | {"first": str(answer["first"])}


@predict_repeat.wrong("a member 'note' that nobody asked for", None)
def one_more(method):
    return one_question_after_the_other(method) | {"note": method}


@predict_repeat.wrong("returned a list", None)
def a_tuple(method):
    return tuple(one_question_after_the_other(method).values())


predict_conflict = Answers("rest.predict_conflict")


@predict_conflict.right
def by_a_table(ann, ben, if_match, strict):
    table = {(True, True): 412, (True, False): 412, (False, True): 428, (False, False): 200}
    status = table[if_match, strict]
    return {"name": ann if status >= 400 else ben, "status": status}


@predict_conflict.wrong("service, not a 409", lambda e: e.status == 412 and "If-Match" in e.request.fields)
def a_lost_update_is_a_409(ann, ben, if_match, strict):
    answer = by_a_table(ann, ben, if_match, strict)
    return answer | {"status": 409} if answer["status"] == 412 else answer


@predict_conflict.wrong("gets a 200 from this service, not a 412", lambda e: "If-Match" not in e.request.fields)
def a_service_that_reads_minds(ann, ben, if_match, strict):
    return {"status": 428, "name": ann} if strict and not if_match else {"status": 412, "name": ann}


@predict_conflict.wrong("gets a 428 from a strict service, not a 412", lambda e: e.status == 428)
def every_refusal_is_a_412(ann, ben, if_match, strict):
    return {"status": 412, "name": ann} if if_match or strict else {"status": 200, "name": ben}


@predict_conflict.wrong("from a strict service, not a 200", lambda e: e.status == 428)
def strict_is_for_others(ann, ben, if_match, strict):
    return {"status": 412, "name": ann} if if_match else {"status": 200, "name": ben}


@predict_conflict.wrong("gets a 412 from a strict service, not a 428", lambda e: e.status == 412)
def strict_refuses_everything(ann, ben, if_match, strict):
    return {"status": 428, "name": ann} if strict else by_a_table(ann, ben, if_match, strict)


@predict_conflict.wrong("the name that stays is another", lambda e: e.status == 412)
def a_refused_change_changes(ann, ben, if_match, strict):
    answer = by_a_table(ann, ben, if_match, strict)
    return answer | {"name": ben} if answer["status"] == 412 else answer


@predict_conflict.wrong("no member 'name'", None)
def the_status_alone(ann, ben, if_match, strict):
    return {"status": by_a_table(ann, ben, if_match, strict)["status"]}


@predict_conflict.wrong("is True, not a whole number", None)
def true_for_a_status(ann, ben, if_match, strict):
    return by_a_table(ann, ben, if_match, strict) | {"status": True}
