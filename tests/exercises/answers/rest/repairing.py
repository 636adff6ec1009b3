"""Answers to `rest.repair_request`."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client
from tests.exercises.answers.rest.reading import PATH, bearer

repair_request = Answers("rest.repair_request")


@repair_request.right
def one_member_less_until_it_is_taken(url, token, draft):
    answer = by_http_client(url, "POST", PATH, token, draft)
    if answer.status == 201:
        return url + answer.headers["Location"]
    pointer = answer.json()["errors"][0]["pointer"]
    return one_member_less_until_it_is_taken(url, token, {k: v for k, v in draft.items() if f"#/{k}" != pointer})


def post(url, token, content):
    return requests.post(url + PATH, json=content, headers=bearer(token))


@repair_request.wrong("left it at that", lambda e: e.status == 422 and b"pointer" in e.response.body)
def one_try(url, token, draft):
    return post(url, token, draft).headers.get("Location")


@repair_request.wrong("that caused the KeyError", lambda e: e.status == 422)
def one_try_that_must_do(url, token, draft):
    return post(url, token, draft).headers["Location"]


@repair_request.wrong("before the service had said anything", lambda e: e.number == 1 and e.status == 201)
def cleaned_before_it_is_sent(url, token, draft):
    return post(url, token, {k: draft[k] for k in ("name", "description")}).headers["Location"]


@repair_request.wrong("is still in it", lambda e: e.status == 422 and b"description" in e.response.body)
def members_known_by_heart(url, token, draft):
    answer = post(url, token, draft)
    if answer.status_code == 422:
        answer = post(url, token, {k: draft[k] for k in ("name", "description")})
    return answer.headers.get("Location")


@repair_request.wrong("a good part of the draft got lost", lambda e: e.status == 201)
def nothing_but_the_name(url, token, draft):
    answer = post(url, token, draft)
    if answer.status_code == 422:
        answer = post(url, token, {"name": draft["name"]})
    return answer.headers["Location"]


@repair_request.wrong("the same content again", lambda e: e.status == 422 and e.number == 2)
def pointers_taken_for_names(url, token, draft):
    answer = post(url, token, draft)
    if answer.status_code == 422:
        strange = [error["pointer"] for error in answer.json()["errors"]]
        answer = post(url, token, {k: v for k, v in draft.items() if k not in strange})
    return answer.headers.get("Location")


@repair_request.wrong("not where it stands", lambda e: e.status == 201)
def the_content_for_the_location(url, token, draft):
    answer = post(url, token, draft)
    if answer.status_code == 422:
        strange = {error["pointer"][2:] for error in answer.json()["errors"]}
        answer = post(url, token, {k: v for k, v in draft.items() if k not in strange})
    return answer.json()


@repair_request.wrong("created 2 playlists", lambda e: e.status == 201)
def one_post_too_many(url, token, draft):
    post(url, token, draft)
    return post(url, token, draft).headers.get("Location")


@repair_request.wrong("this media type in a POST", lambda e: e.status == 415)
def a_form(url, token, draft):
    return requests.post(url + PATH, data=draft, headers=bearer(token)).headers.get("Location")
