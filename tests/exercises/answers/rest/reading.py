"""Answers to `rest.list_names` and `rest.every_page`."""

import base64
from urllib.parse import parse_qs, urljoin, urlsplit

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


@list_names.wrong("the KeyError came of that", lambda e: e.status == 401)
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
    return a_page_at_a_time(url, token)


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


every_page = Answers("rest.every_page")


@every_page.right
def a_page_at_a_time(url, token):
    names, target = [], PATH
    while True:
        page = by_http_client(url, "GET", target, token)
        names += names_in(page.json())
        following = [link for link in page.headers["Link"].split(",") if 'rel="next"' in link]
        if not following:
            return names
        target = following[0].split(">")[0].strip().lstrip("<")


@every_page.right
def large_pages_joined_to_absolute_addresses(url, token):
    def walk(session, address):
        page = session.get(address)
        link = page.links.get("next")
        return names_in(page.json()) + (walk(session, urljoin(page.url, link["url"])) if link else [])

    with requests.Session() as session:
        session.headers.update(bearer(token))
        return walk(session, f"{url}{PATH}?limit=100")


@every_page.right
def the_cursor_alone_in_a_query_of_ones_own(url, token):
    names, query = [], {}
    while query is not None:
        page = requests.get(url + PATH, params=query, headers=bearer(token))
        names.extend(names_in(page.json()))
        link = page.links.get("next", {}).get("url")
        query = {"cursor": parse_qs(urlsplit(link).query)["cursor"][0]} if link else None
    return names


@every_page.right
def one_playlist_a_page(url, token):
    names, address = [], f"{url}{PATH}?limit=1"
    while address:
        page = requests.get(address, headers=bearer(token))
        names += names_in(page.json())
        address = url + page.links["next"]["url"] if "next" in page.links else None
    return names


@every_page.wrong("stopped after 1 page", lambda e: 'rel="next"' in e.response.fields.get("Link"))
def the_first_page(url, token):
    return names_in(requests.get(url + PATH, headers=bearer(token)).json())


@every_page.wrong("stopped after 2 pages", lambda e: e.number == 2 and 'rel="next"' in e.response.fields.get("Link"))
def the_second_page_by_if(url, token):
    page = requests.get(url + PATH, headers=bearer(token))
    names = names_in(page.json())
    if "next" in page.links:
        names += names_in(requests.get(url + page.links["next"]["url"], headers=bearer(token)).json())
    return names


@every_page.wrong("never for the one that", lambda e: e.number == 1 and 'rel="next"' in e.response.fields.get("Link"))
def page_numbers(url, token):
    names = []
    for number in range(1, 6):
        names += names_in(requests.get(url + PATH, params={"page": number}, headers=bearer(token)).json())
    return names


@every_page.wrong("requests and went on", lambda e: "page=" in e.request.target)
def page_numbers_until_one_is_empty(url, token):
    names, number = [], 1
    with requests.Session() as session:
        while page := names_in(session.get(url + PATH, params={"page": number}, headers=bearer(token)).json()):
            names += page
            number += 1
    return names


@every_page.wrong("of this size", lambda e: e.status == 400 and "limit=1000" in e.request.target)
def a_page_for_all(url, token):
    return names_in(requests.get(url + PATH, params={"limit": 1000}, headers=bearer(token)).json())


@every_page.wrong("cursor is not one that the service made", lambda e: e.status == 400 and "cursor" in e.request.target)
def a_cursor_that_counts(url, token):
    names = []
    for start in range(0, 60, 20):
        names += names_in(requests.get(url + PATH, params={"cursor": start}, headers=bearer(token)).json())
    return names


@every_page.wrong("the KeyError came of that", lambda e: e.status == 401 and e.number == 2)
def a_token_for_the_first_page_only(url, token):
    page = requests.get(url + PATH, headers=bearer(token))
    names = names_in(page.json())
    while "next" in page.links:
        page = requests.get(url + page.links["next"]["url"])
        names += [playlist["name"] for playlist in page.json()["playlists"]]
    return names


@every_page.wrong("your list has only", lambda e: 'rel="next"' not in e.response.fields.get("Link"))
def the_last_page_forgotten(url, token):
    names, page = [], requests.get(url + PATH, headers=bearer(token))
    while "next" in page.links:
        names += names_in(page.json())
        page = requests.get(url + page.links["next"]["url"], headers=bearer(token))
    return names


@every_page.wrong("more than the", lambda e: 'rel="next"' not in e.response.fields.get("Link"))
def the_first_page_twice(url, token):
    page = requests.get(url + PATH, headers=bearer(token))
    return names_in(page.json()) + a_page_at_a_time(url, token)


@every_page.wrong("returned a dict", lambda e: e.status == 200)
def names_as_a_dict(url, token):
    return dict.fromkeys(a_page_at_a_time(url, token))


@every_page.wrong("not their names in the order", lambda e: e.status == 200)
def newest_first(url, token):
    return a_page_at_a_time(url, token)[::-1]


@every_page.wrong("a cursor that no answer had given you", lambda e: "cursor=" in e.request.target)
def cursors_made_at_home(url, token):
    """What this service's cursors hold today is nobody's business."""
    names, last, page = [], 0, True
    while page:
        cursor = base64.urlsafe_b64encode((last + 1).to_bytes(6, "big")).decode() if last else None
        answer = requests.get(url + PATH, params={"cursor": cursor}, headers=bearer(token))
        page = answer.json()["playlists"]
        names += names_in(answer.json())
        last = page[-1]["id"] if page else last
    return names
