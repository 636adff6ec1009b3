"""Answers to `rest.every_page`."""

import base64
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.clients import by_http_client
from tests.exercises.answers.rest.reading import PATH, bearer, names_in

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


@every_page.wrong("that caused the KeyError", lambda e: e.status == 401 and e.number == 2)
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
