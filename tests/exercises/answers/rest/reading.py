"""Answers to `rest.list_names`, and what the answers to other exercises share."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client, by_urllib

PATH = "/api/v1/playlists"


def names_in(content):
    return [playlist["name"] for playlist in content.get("playlists", [])]


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


list_names = Answers("rest.list_names")


@list_names.right
def http_client_with_lower_case_names(url, token):
    return names_in(by_http_client(url, "GET", PATH, token).json())


@list_names.right
def a_larger_first_page_by_urllib(url, token):
    return names_in(by_urllib(f"{url}{PATH}?limit=100", token).json())


@list_names.right
def a_session_that_asks_head_and_options_first(url, token):
    with requests.Session() as session:
        session.headers.update(bearer(token))
        session.options(url + PATH)
        session.head(url + PATH)
        return names_in(session.get(url + PATH).json())


@list_names.right
def a_client_that_logs_in_when_asked_to(url, token):
    answer = requests.get(url + PATH)
    if answer.status_code == 401:
        answer = requests.get(url + PATH, headers=bearer(token))
    return names_in(answer.json())


@list_names.wrong("does not say who asks", lambda e: e.status == 401 and "Authorization" not in e.request.fields)
def no_token(url, token):
    return names_in(requests.get(url + PATH).json())


@list_names.wrong("that caused the KeyError", lambda e: e.status == 401)
def no_token_and_no_doubt(url, token):
    return [playlist["name"] for playlist in requests.get(url + PATH).json()["playlists"]]


@list_names.wrong("does not begin with the scheme Bearer", lambda e: " " not in e.request.fields.get("Authorization"))
def a_token_without_its_scheme(url, token):
    return names_in(requests.get(url + PATH, headers={"Authorization": token}).json())


@list_names.wrong("does not know the token", lambda e: e.status == 401)
def a_token_in_braces_that_were_not_filled_in(url, token):
    return names_in(requests.get(url + PATH, headers={"Authorization": "Bearer {token}"}).json())


@list_names.wrong("nothing at the address", lambda e: e.request.target == "/playlists" and e.status == 404)
def half_of_the_path(url, token):
    return names_in(requests.get(f"{url}/playlists", headers=bearer(token)).json())


@list_names.wrong("whole playlists", lambda e: b"playlists" in e.response.body)
def objects_for_names(url, token):
    return requests.get(url + PATH, headers=bearer(token)).json()["playlists"]


@list_names.wrong("returned a dict", lambda e: e.status == 200)
def all_of_the_content(url, token):
    return requests.get(url + PATH, headers=bearer(token)).json()


@list_names.wrong("not in the order of the answer", lambda e: e.status == 200)
def sorted_names(url, token):
    return sorted(names_in(requests.get(url + PATH, headers=bearer(token)).json()))


@list_names.wrong("not the list of names", lambda e: e.status == 200)
def ids_for_names(url, token):
    return [playlist["id"] for playlist in requests.get(url + PATH, headers=bearer(token)).json()["playlists"]]


@list_names.wrong("more than the names of the first page", lambda e: e.request.target == PATH)
def all_pages(url, token):
    names, address = [], url + PATH
    while address:
        page = requests.get(address, headers=bearer(token))
        names += names_in(page.json())
        address = url + page.links["next"]["url"] if "next" in page.links else None
    return names


@list_names.wrong("refused your last request with 405", lambda e: e.request.method == "DELETE")
def the_wrong_method(url, token):
    return names_in(requests.delete(url + PATH, headers=bearer(token)).json())


@list_names.wrong("did not ask for the list", lambda e: e.request.target == "/openapi.json")
def the_wrong_resource(url, token):
    return [requests.get(f"{url}/openapi.json").json()["info"]["title"]]


@list_names.wrong("before anything reached the service", None, "crashed")
def a_port_known_by_heart(url, token):
    return names_in(requests.get("http://127.0.0.1:9/api/v1/playlists", headers=bearer(token), timeout=1).json())


@list_names.wrong("returned nothing and sent nothing", None, "not attempted")
def nothing_at_all(url, token):
    pass
