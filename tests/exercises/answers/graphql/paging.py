"""Answers to `graphql.attendees`."""

import requests

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import bearer, endpoint, send, send_by_get, send_by_http_client

attendees = Answers("graphql.attendees")
PAGE = """query($id: ID!, $first: Int, $after: String) { event(id: $id) { attendees(first: $first, after: $after) {
  nodes { name } pageInfo { hasNextPage endCursor } } } }"""


def page(url, token, event, after=None, first=50, query=PAGE):
    return send(url, token, query, id=event, after=after, first=first)["data"]["event"]["attendees"]


def names_on(found):
    return [it["name"] for it in found["nodes"]]


@attendees.right
def edges_and_their_cursors_up_to_the_total(url, token, event):
    query = """query($id: ID!, $after: String) { event(id: $id) { attendees(first: 40, after: $after) {
      totalCount edges { cursor node { name } } } } }"""
    names, after = [], None
    while True:
        found = send_by_http_client(url, token, query, id=event, after=after)["data"]["event"]["attendees"]
        names += [edge["node"]["name"] for edge in found["edges"]]
        if len(names) == found["totalCount"]:
            return names
        after = found["edges"][-1]["cursor"]


@attendees.right
def until_a_page_is_empty(url, token, event):
    query = "query($id: ID!, $after: String) { e: event(id: $id) { p: attendees(first: 100, after: $after) "
    query += "{ n: edges { c: cursor node { name } } } } }"
    names, after = [], None
    while found := send_by_get(url, token, query, id=event, after=after)["data"]["e"]["p"]["n"]:
        names += [it["node"]["name"] for it in found]
        after = found[-1]["c"]
    return names


@attendees.right
def the_cursor_in_the_text_and_ten_a_page_by_sgqlc(url, token, event):
    def walk(rest):
        page = f"attendees{rest} {{ nodes {{ name }} pageInfo {{ hasNextPage endCursor }} }}"
        query = f'{{ event(id: "{event}") {{ {page} }} }}'
        found = endpoint(url, token)(query)["data"]["event"]["attendees"]
        info = found["pageInfo"]
        return names_on(found) + (walk(f'(after: "{info["endCursor"]}")') if info["hasNextPage"] else [])

    return walk("")


@attendees.wrong("does not ask whether there is a next page", lambda e: b"pageInfo" not in e.request.body)
def nodes_alone(url, token, event):
    query = "query($id: ID!) { event(id: $id) { attendees { nodes { name } } } }"
    return names_on(send(url, token, query, id=event)["data"]["event"]["attendees"])


@attendees.wrong("stopped after 1 page,", lambda e: b'"hasNextPage": true' in e.response.body)
def the_first_page(url, token, event):
    return names_on(page(url, token, event))


@attendees.wrong("stopped after 2 pages,", lambda e: b'"hasNextPage": true' in e.response.body)
def the_second_page_by_if(url, token, event):
    first = page(url, token, event)
    return names_on(first) + names_on(page(url, token, event, first["pageInfo"]["endCursor"]))


@attendees.wrong("no page of that size; that caused the TypeError", lambda e: b"from 1 to 100" in e.response.body)
def a_page_for_all(url, token, event):
    return names_on(page(url, token, event, first=1000))


@attendees.wrong("did not make the cursor", lambda e: b"Take the cursor" in e.response.body)
def a_number_for_a_cursor(url, token, event):
    first = page(url, token, event)
    return names_on(first) + names_on(page(url, token, event, "50"))


@attendees.wrong("an argument that it does not take", lambda e: b"offset" in e.request.body)
def an_offset(url, token, event):
    query = "query($id: ID!, $offset: Int) { event(id: $id) { attendees(offset: $offset) { nodes { name } } } }"
    return names_on(send(url, token, query, id=event, offset=0)["data"]["event"]["attendees"])


@attendees.wrong("requests and went on", lambda e: b"hasNextPage" in e.request.body)
def the_first_page_for_ever(url, token, event):
    names, more = [], True
    with requests.Session() as session:
        while more:
            content = {"query": PAGE, "variables": {"id": event, "first": 100}}
            answer = session.post(f"{url}/graphql", json=content, headers=bearer(token)).json()
            found = answer["data"]["event"]["attendees"]
            names += names_on(found)
            more = found["pageInfo"]["hasNextPage"]
    return names


@attendees.wrong("your list has only", lambda e: b'"hasNextPage": false' in e.response.body)
def the_last_page_forgotten(url, token, event):
    names, found = [], page(url, token, event)
    while found["pageInfo"]["hasNextPage"]:
        names += names_on(found)
        found = page(url, token, event, found["pageInfo"]["endCursor"])
    return names


@attendees.wrong("names more than there are", lambda e: b"totalCount" in e.response.body)
def the_first_page_twice(url, token, event):
    return names_on(page(url, token, event)) + edges_and_their_cursors_up_to_the_total(url, token, event)


@attendees.wrong("not their names in the order", lambda e: e.status == 200)
def sorted_names(url, token, event):
    return sorted(edges_and_their_cursors_up_to_the_total(url, token, event))


@attendees.wrong("something else than names", lambda e: e.status == 200)
def nodes_for_names(url, token, event):
    return [{"name": name} for name in edges_and_their_cursors_up_to_the_total(url, token, event)]


@attendees.wrong("a field that is not there", lambda e: b"attendees { name }" in e.request.body)
def a_connection_taken_for_a_list(url, token, event):
    query = "query($id: ID!) { event(id: $id) { attendees { name } } }"
    return [it["name"] for it in send(url, token, query, id=event)["data"]["event"]["attendees"]]


@attendees.wrong("and not for its attendees", lambda e: b"attendeeCount" in e.request.body)
def how_many(url, token, event):
    query = "query($id: ID!) { event(id: $id) { attendeeCount } }"
    return [""] * send(url, token, query, id=event)["data"]["event"]["attendeeCount"]


@attendees.wrong("sent it no GraphQL", lambda e: "/api/v1/" in e.request.target)
def rest_and_its_links(url, token, event):
    return requests.get(f"{url}/api/v1/events/{event}/attendees", headers=bearer(token)).json()
