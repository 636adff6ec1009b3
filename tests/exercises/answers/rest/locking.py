"""Answers to `rest.add_note` and `rest.mend_the_lock`."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib
from tests.exercises.answers.rest.reading import PATH, bearer

MERGE_PATCH = "application/merge-patch+json"

add_note = Answers("rest.add_note")


@add_note.right
def a_patch_by_http_client(url, token, id, note):
    status = 412
    while status == 412:
        read = by_http_client(url, "GET", f"{PATH}/{id}", token)
        change = {"description": read.json()["description"] + " " + note}
        fields = {"content-type": MERGE_PATCH, "if-match": read.headers["etag"]}
        status = by_http_client(url, "PATCH", f"{PATH}/{id}", token, change, **fields).status


@add_note.right
def a_put_of_two_members_in_a_session(url, token, id, note):
    with requests.Session() as session:
        session.headers.update(bearer(token))
        for _ in range(5):
            read = session.get(f"{url}{PATH}/{id}")
            old = read.json()
            content = {"name": old["name"], "description": f"{old['description']} {note}"}
            answer = session.put(read.url, json=content, headers={"If-Match": read.headers["ETag"]})
            if answer.ok:
                return answer.json()
    return None


@add_note.right
def a_second_read_just_before_the_write(url, token, id, note):
    by_urllib(f"{url}{PATH}/{id}", token)
    read = by_urllib(f"{url}{PATH}/{id}", token)
    change = read.json() | {"description": f"{read.json()['description']} {note}"}
    by_urllib(f"{url}{PATH}/{id}", token, "PUT", change, If_Match=read.headers["ETag"])


def read(url, token, id):
    return requests.get(f"{url}{PATH}/{id}", headers=bearer(token))


def write(url, token, id, content, **fields):
    headers = bearer(token) | {name.replace("_", "-"): fields[name] for name in fields}
    return requests.put(f"{url}{PATH}/{id}", json=content, headers=headers)


def noted(answer, note):
    return answer.json() | {"description": f"{answer.json()['description']} {note}"}


@add_note.wrong("your write wiped it out", lambda e: e.status == 200 and "If-Match" not in e.request.fields)
def read_and_write(url, token, id, note):
    write(url, token, id, noted(read(url, token, id), note))


@add_note.wrong("left it at that", lambda e: e.status == 412)
def a_412_is_the_end(url, token, id, note):
    before = read(url, token, id)
    write(url, token, id, noted(before, note), If_Match=before.headers["ETag"])


@add_note.wrong("your old text with the new ETag", lambda e: e.status == 200 and "If-Match" in e.request.fields)
def old_text_new_tag(url, token, id, note):
    before = read(url, token, id)
    answer = write(url, token, id, noted(before, note), If_Match=before.headers["ETag"])
    while answer.status_code == 412:
        answer = write(url, token, id, noted(before, note), If_Match=read(url, token, id).headers["ETag"])


@add_note.wrong("you sent it again without the lock", lambda e: e.status == 200 and e.request.method == "PUT")
def a_lock_only_for_the_first_try(url, token, id, note):
    before = read(url, token, id)
    if write(url, token, id, noted(before, note), If_Match=before.headers["ETag"]).status_code == 412:
        write(url, token, id, noted(before, note))


@add_note.wrong("holds for whatever is there", lambda e: e.request.fields.get("If-Match") == "*")
def a_star_for_a_tag(url, token, id, note):
    write(url, token, id, noted(read(url, token, id), note), If_Match="*")


@add_note.wrong("would have gone through if somebody had", lambda e: "If-Match" not in e.request.fields)
def a_second_look_and_then_no_lock(url, token, id, note):
    read(url, token, id)
    write(url, token, id, noted(read(url, token, id), note))


@add_note.wrong("would have let your change through", lambda e: e.request.fields.get("If-Match") == "*")
def a_second_look_and_then_a_star(url, token, id, note):
    read(url, token, id)
    write(url, token, id, noted(read(url, token, id), note), If_Match="*")


@add_note.wrong("refused your change with 422", lambda e: e.status == 422)
def a_put_of_what_changes(url, token, id, note):
    status = 412
    while status == 412:
        before = read(url, token, id)
        change = {"description": f"{before.json()['description']} {note}"}
        status = write(url, token, id, change, If_Match=before.headers["ETag"]).status_code


@add_note.wrong("this media type in a PATCH", lambda e: e.status == 415 and e.request.method == "PATCH")
def a_patch_labelled_as_json(url, token, id, note):
    before = read(url, token, id)
    headers = bearer(token) | {"If-Match": before.headers["ETag"]}
    requests.patch(before.url, json={"description": noted(before, note)["description"]}, headers=headers)


@add_note.wrong("requests and went on", lambda e: e.status == 412)
def the_same_change_until_it_is_taken(url, token, id, note):
    before = read(url, token, id)
    while write(url, token, id, noted(before, note), If_Match=before.headers["ETag"]).status_code == 412:
        pass


@add_note.wrong("not in the playlist's description", lambda e: e.request.method == "GET")
def the_new_text_returned(url, token, id, note):
    return noted(read(url, token, id), note)


@add_note.wrong("the rest of the playlist is not as it was", lambda e: e.status == 200 and e.request.method == "PUT")
def the_note_before_the_rest(url, token, id, note):
    while True:
        before = read(url, token, id)
        content = before.json() | {"description": f"{note} {before.json()['description']}"}
        if write(url, token, id, content, If_Match=before.headers["ETag"]).ok:
            return


mend_the_lock = Answers("rest.mend_the_lock")


@mend_the_lock.right
def both_locks_by_http_client(url, token, id, description):
    before = by_http_client(url, "GET", f"{PATH}/{id}", token)
    locks = {"if-match": before.headers["etag"], "if-unmodified-since": before.headers["last-modified"]}
    content = {"name": before.json()["name"], "description": description}
    return by_http_client(url, "PUT", f"{PATH}/{id}", token, content, **locks).status


@mend_the_lock.right
def a_patch_by_urllib(url, token, id, description):
    address = f"{url}{PATH}/{id}"
    tag = by_urllib(address, token).headers["ETag"]
    fields = {"If-Match": tag, "Content-Type": MERGE_PATCH}
    return by_urllib(address, token, "PATCH", {"description": description}, **fields).status


def described(answer, description):
    return answer.json() | {"description": description}


@mend_the_lock.wrong("in the second of its last change", lambda e: "If-Unmodified-Since" in e.request.fields)
def as_it_was_given(url, token, id, description):
    before = read(url, token, id)
    date = before.headers["Last-Modified"]
    return write(url, token, id, described(before, description), If_Unmodified_Since=date).status_code


@mend_the_lock.wrong("after you read it, and your change went over it", lambda e: e.status == 200)
def no_lock_at_all(url, token, id, description):
    return write(url, token, id, described(read(url, token, id), description)).status_code


@mend_the_lock.wrong("holds for whatever is there", lambda e: e.request.fields.get("If-Match") == "*")
def a_star_that_locks_nothing(url, token, id, description):
    return write(url, token, id, described(read(url, token, id), description), If_Match="*").status_code


@mend_the_lock.wrong("asks for the opposite", lambda e: "If-None-Match" in e.request.fields)
def the_field_for_reads(url, token, id, description):
    before = read(url, token, id)
    tag = before.headers["ETag"]
    return write(url, token, id, described(before, description), If_None_Match=tag).status_code


@mend_the_lock.wrong("then you read again", lambda e: e.status == 200 and e.number == 4)
def again_until_it_is_taken(url, token, id, description):
    while True:
        before = read(url, token, id)
        answer = write(url, token, id, described(before, description), If_Match=before.headers["ETag"])
        if answer.status_code != 412:
            return answer.status_code


@mend_the_lock.wrong("would have gone through if somebody had", lambda e: "If-Match" not in e.request.fields)
def a_look_before_the_leap(url, token, id, description):
    before, now = read(url, token, id), read(url, token, id)
    if before.headers["ETag"] != now.headers["ETag"]:
        return 412
    return write(url, token, id, described(now, description)).status_code


@mend_the_lock.wrong("your change is not there", lambda e: e.status == 412)
def a_tag_without_its_quotation_marks(url, token, id, description):
    before = read(url, token, id)
    tag = before.headers["ETag"].strip('"')
    return write(url, token, id, described(before, description), If_Match=tag).status_code


@mend_the_lock.wrong("not the status of your change", lambda e: e.status == 412)
def the_content_for_the_status(url, token, id, description):
    before = read(url, token, id)
    return write(url, token, id, described(before, description), If_Match=before.headers["ETag"]).json()
