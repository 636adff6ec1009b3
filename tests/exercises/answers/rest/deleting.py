"""Answers to `rest.delete_safely`."""

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client
from tests.exercises.answers.rest.reading import PATH, bearer

delete_safely = Answers("rest.delete_safely")


@delete_safely.right
def http_client_and_a_second_try(url, token, id):
    try:
        status = by_http_client(url, "DELETE", f"{PATH}/{id}", token).status
    except ConnectionError:
        status = by_http_client(url, "DELETE", f"{PATH}/{id}", token).status
    return status == 204 or status == 404


@delete_safely.right
def a_look_whether_it_is_gone(url, token, id):
    address, headers = f"{url}{PATH}/{id}", bearer(token)
    for _ in range(3):
        try:
            answer = requests.delete(address, headers=headers)
        except requests.ConnectionError:
            if requests.get(address, headers=headers).status_code == 404:
                return True
        else:
            return answer.ok
    return False


@delete_safely.right
def retries_of_urllib3_with_if_match(url, token, id):
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(total=3, backoff_factor=0)))
        session.headers.update(bearer(token))
        tag = session.get(f"{url}{PATH}/{id}").headers["ETag"]
        return session.delete(f"{url}{PATH}/{id}", headers={"If-Match": tag}).status_code in (204, 404)


@delete_safely.wrong("raised ConnectionError in line", lambda e: e.response is None, "crashed")
def nothing_is_expected_to_break(url, token, id):
    return requests.delete(f"{url}{PATH}/{id}", headers=bearer(token)).status_code in (204, 404)


@delete_safely.wrong("did not send it again", lambda e: e.request.method == "DELETE" and e.response is None)
def a_broken_line_is_a_refusal(url, token, id):
    try:
        return requests.delete(f"{url}{PATH}/{id}", headers=bearer(token)).status_code == 204
    except requests.ConnectionError:
        return False


@delete_safely.wrong("the last answer was 404", lambda e: e.status == 404 and e.number == 2)
def a_404_is_a_failure(url, token, id):
    for _ in range(3):
        try:
            return requests.delete(f"{url}{PATH}/{id}", headers=bearer(token)).ok
        except requests.ConnectionError:
            pass
    return False


@delete_safely.wrong("you returned True: the service answered 403", lambda e: e.status == 403)
def any_answer_is_success(url, token, id):
    for _ in range(3):
        try:
            requests.delete(f"{url}{PATH}/{id}", headers=bearer(token))
            return True
        except requests.ConnectionError:
            pass
    return False


@delete_safely.wrong("requests and went on", lambda e: e.status == 403)
def until_it_is_gone(url, token, id):
    with requests.Session() as session:
        while True:
            try:
                answer = session.delete(f"{url}{PATH}/{id}", headers=bearer(token))
            except requests.ConnectionError:
                session.get(f"{url}{PATH}/{id}", headers=bearer(token))
                continue
            if answer.status_code in (204, 404):
                return True


@delete_safely.wrong("did not send a DELETE", lambda e: e.request.method == "GET")
def a_look_is_all(url, token, id):
    return requests.get(f"{url}{PATH}/{id}", headers=bearer(token)).status_code == 404


@delete_safely.wrong("returned a whole number", lambda e: e.status == 204)
def the_status(url, token, id):
    return requests.delete(f"{url}{PATH}/{id}", headers=bearer(token)).status_code


@delete_safely.wrong("does not say who asks", lambda e: e.status == 401)
def no_token(url, token, id):
    return requests.delete(f"{url}{PATH}/{id}").ok
