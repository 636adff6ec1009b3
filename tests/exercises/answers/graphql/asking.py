"""Answers to `graphql.phone_view`."""

import json

import requests
from sgqlc.operation import Operation

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import (
    PATH,
    Query,
    bearer,
    endpoint,
    send,
    send_by_get,
    send_by_http_client,
)

phone_view = Answers("graphql.phone_view")
PHONE = "query($id: ID!) { event(id: $id) { name date location { city } } }"


def view(event):
    return {"name": event["name"], "date": event["date"], "city": event["location"]["city"]}


@phone_view.right
def sgqlc_with_the_id_in_the_query(url, token, event):
    operation = Operation(Query)
    found = operation.event(id=event)
    found.name()
    found.date()
    found.location().city()
    got = (operation + endpoint(url, token)(operation)).event
    return {"name": got.name, "date": got.date, "city": got.location.city}


@phone_view.right
def get_with_aliases_by_urllib(url, token, event):
    query = "query Phone($e: ID!) { shown: event(id: $e) { title: name date place: location { city } } }"
    found = send_by_get(url, token, query, e=event)["data"]["shown"]
    return {"name": found["title"], "date": found["date"], "city": found["place"]["city"]}


@phone_view.right
def inline_fragment_by_http_client(url, token, event):
    query = "query($id: ID!) { event(id: $id) { ... on Event { ...when location { ... { city } } } } }"
    return view(
        send_by_http_client(url, token, f"{query} fragment when on Event {{ name date }}", id=event)["data"]["event"]
    )


@phone_view.right
def a_look_at_the_schema_and_a_login_when_asked(url, token, event):
    requests.post(url + PATH, json={"query": PHONE, "variables": {"id": event}})
    send(url, token, "{ __schema { queryType { fields { name } } } }")
    return view(send(url, token, PHONE, id=event)["data"]["event"])


@phone_view.wrong("Your request does not say who asks", lambda e: e.status == 401)
def no_token(url, token, event):
    content = {"query": PHONE, "variables": {"id": event}}
    return view(requests.post(url + PATH, json=content).json()["data"]["event"])


@phone_view.wrong("sent it no GraphQL; that caused the KeyError", lambda e: e.request.target == "/")
def half_of_the_address(url, token, event):
    content = {"query": PHONE, "variables": {"id": event}}
    return view(requests.post(url, json=content, headers=bearer(token)).json()["data"]["event"])


@phone_view.wrong("sent it no GraphQL.", lambda e: "/api/v1/events/" in e.request.target)
def rest_as_before(url, token, event):
    return view(requests.get(f"{url}/api/v1/events/{event}", headers=bearer(token)).json())


@phone_view.wrong("does not take this media type in a POST", lambda e: e.status == 415)
def a_form(url, token, event):
    content = {"query": PHONE, "variables": json.dumps({"id": event})}
    return view(requests.post(url + PATH, data=content, headers=bearer(token)).json()["data"]["event"])


@phone_view.wrong("The service answered 400 to your query", lambda e: b"JSON object" in e.response.body)
def variables_as_text(url, token, event):
    content = {"query": PHONE, "variables": json.dumps({"id": event})}
    return view(requests.post(url + PATH, json=content, headers=bearer(token)).json()["data"]["event"])


@phone_view.wrong("is no GraphQL; that caused the KeyError", lambda e: b"Syntax" in e.response.body)
def a_brace_too_few(url, token, event):
    return view(send(url, token, PHONE[:-1], id=event)["data"]["event"])


@phone_view.wrong("a field that is not there", lambda e: b"title" in e.request.body)
def a_name_from_elsewhere(url, token, event):
    return view(send(url, token, PHONE.replace("name", "title"), id=event)["data"]["event"])


@phone_view.wrong("asks for an object, and for none of its fields", lambda e: b"selection" in e.response.body)
def a_location_without_its_fields(url, token, event):
    return view(send(url, token, PHONE.replace("{ city }", ""), id=event)["data"]["event"])


@phone_view.wrong("fields inside a plain value", lambda e: b"must not have" in e.response.body)
def a_city_with_fields(url, token, event):
    return view(send(url, token, PHONE.replace("city", "city { name }"), id=event)["data"]["event"])


@phone_view.wrong("lacks a value that it needs", lambda e: b"event_id" in e.request.body)
def a_variable_of_another_name(url, token, event):
    return view(send(url, token, PHONE, event_id=event)["data"]["event"])


@phone_view.wrong("does not declare", lambda e: b"not defined" in e.response.body)
def a_variable_not_declared(url, token, event):
    return view(send(url, token, PHONE.replace("($id: ID!)", ""), id=event)["data"]["event"])


@phone_view.wrong("another type than its place asks for", lambda e: b"String!" in e.request.body)
def a_variable_of_type_string(url, token, event):
    return view(send(url, token, PHONE.replace("ID!", "String!"), id=event)["data"]["event"])


@phone_view.wrong("an argument that it does not take", lambda e: b"eventId" in e.request.body)
def an_argument_of_another_name(url, token, event):
    return view(send(url, token, PHONE.replace("(id:", "(eventId:"), id=event)["data"]["event"])


@phone_view.wrong("is not of the type that it has to be", lambda e: b"cannot represent" in e.response.body)
def an_id_without_quotes(url, token, event):
    query = f"{{ event(id: {event}) {{ name date location {{ city }} }} }}"
    return view(send(url, token, query)["data"]["event"])


@phone_view.wrong("another event than the one", lambda e: b"abc123" in e.request.body)
def the_event_of_the_lesson(url, token, event):
    return view(send(url, token, PHONE, id="abc123")["data"]["event"])


@phone_view.wrong("You sent 2 requests", lambda e: b"city" in e.response.body)
def one_request_for_the_place(url, token, event):
    first = send(url, token, "query($id: ID!) { event(id: $id) { name date } }", id=event)["data"]["event"]
    second = send(url, token, "query($id: ID!) { event(id: $id) { location { city } } }", id=event)["data"]["event"]
    return view(first | second)


@phone_view.wrong("values, and the phone shows three", lambda e: b"bio" in e.response.body)
def the_query_of_the_document(url, token, event):
    query = """query GetEvent($eventId: ID!) { event(id: $eventId) { name date
      location { address city coordinates } speakers { name bio photo sessions { title time } } attendeeCount } }"""
    return view(send(url, token, query, eventId=event)["data"]["event"])


@phone_view.wrong("holds 2 values", lambda e: b"name" not in e.request.body)
def no_name(url, token, event):
    found = send(url, token, PHONE.replace("name", ""), id=event)["data"]["event"]
    return {"date": found["date"], "city": found["location"]["city"]}


@phone_view.wrong("no member 'name'", lambda e: e.status == 200)
def the_whole_answer(url, token, event):
    return send(url, token, PHONE, id=event)


@phone_view.wrong("The member 'city' of your dict is a dict", lambda e: e.status == 200)
def the_location_for_the_city(url, token, event):
    found = send(url, token, PHONE, id=event)["data"]["event"]
    return {"name": found["name"], "date": found["date"], "city": found["location"]}


@phone_view.wrong("a member 'location' that nobody asked for", lambda e: e.status == 200)
def the_location_beside_the_city(url, token, event):
    found = send(url, token, PHONE, id=event)["data"]["event"]
    return found | {"city": found["location"]["city"]}


@phone_view.wrong("The member 'date' of what you return is not", lambda e: e.status == 200)
def the_day_alone(url, token, event):
    found = view(send(url, token, PHONE, id=event)["data"]["event"])
    return found | {"date": found["date"][:10]}


@phone_view.wrong("raised KeyError", lambda e: e.status == 200, "crashed")
def data_forgotten(url, token, event):
    return view(send(url, token, PHONE, id=event)["event"])
