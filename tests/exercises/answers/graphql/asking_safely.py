"""Answers to `graphql.look_up`."""

import json

from sgqlc.operation import Operation
from sgqlc.types import ID, Arg, Variable, non_null

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import Query, endpoint, send, send_by_get, send_by_http_client

look_up = Answers("graphql.look_up")
NAME = "query($id: ID!) { event(id: $id) { name } }"


def name_in(answer):
    found = answer["data"]["event"]
    return found["name"] if found else None


@look_up.right
def sgqlc_with_the_id_escaped_in_the_query(url, token, event):
    operation = Operation(Query)
    operation.event(id=event).name()
    found = (operation + endpoint(url, token)(operation)).event
    return found.name if found else None


@look_up.right
def sgqlc_with_a_variable(url, token, event):
    operation = Operation(Query, variables={"id": Arg(non_null(ID))})
    operation.event(id=Variable("id")).name()
    return name_in(endpoint(url, token)(operation, {"id": event}))


@look_up.right
def a_string_of_json_is_one_of_graphql(url, token, event):
    return name_in(send(url, token, f"{{ event(id: {json.dumps(event)}) {{ name }} }}"))


@look_up.right
def by_get(url, token, event):
    return name_in(send_by_get(url, token, NAME, id=event))


@look_up.right
def by_http_client_and_another_name_for_the_variable(url, token, event):
    answer = send_by_http_client(url, token, NAME.replace("$id", "$typed"), typed=event)
    return (answer["data"]["event"] or {}).get("name")


@look_up.right
def looked_for_among_all_events(url, token, event):
    events = send(url, token, "{ events(first: 100) { nodes { id name } } }")["data"]["events"]["nodes"]
    return {it["id"]: it["name"] for it in events}.get(event)


def built(url, token, event):
    return send(url, token, f'{{ event(id: "{event}") {{ name }} }}')


@look_up.wrong("the query was no GraphQL any more; that caused the KeyError", lambda e: e.status == 400)
def built_into_the_query(url, token, event):
    return name_in(built(url, token, event))


@look_up.wrong("ended your string, and the query was no GraphQL any more.", lambda e: e.status == 400)
def built_into_the_query_and_every_error_caught(url, token, event):
    try:
        return name_in(built(url, token, event))
    except KeyError:
        return None


@look_up.wrong("became a part of your query, and asked for another event", lambda e: e.status == 200)
def a_quotation_mark_at_the_end_taken_off(url, token, event):
    return name_in(built(url, token, event.replace('"', '\\"') if event.endswith('"') else event))


@look_up.wrong("The backslash in the id undid the quotation mark", lambda e: e.status == 400)
def quotation_marks_escaped_by_hand(url, token, event):
    return name_in(built(url, token, event.replace('"', '\\"')))


@look_up.wrong("another id than the one that was typed", lambda e: e.status == 200)
def quotation_marks_taken_out(url, token, event):
    return name_in(send(url, token, NAME, id=event.replace('"', "")))


@look_up.wrong("you did not return None", lambda e: b"null" in e.response.body)
def an_empty_text_for_nobody(url, token, event):
    return name_in(send(url, token, NAME, id=event)) or ""


@look_up.wrong("not the name of the event", lambda e: e.status == 200)
def the_event_for_its_name(url, token, event):
    return send(url, token, NAME, id=event)["data"]["event"]


@look_up.wrong("raised TypeError", lambda e: b'{"event": null}' in e.response.body, "crashed")
def nobody_is_never_asked_for(url, token, event):
    return send(url, token, NAME, id=event)["data"]["event"]["name"]


@look_up.wrong("lacks a value that it needs", lambda e: e.status == 400)
def a_variable_that_is_not_sent(url, token, event):
    return name_in(send(url, token, NAME, event=event))


@look_up.wrong("No request of yours reached the service", None)
def strange_ids_refused_at_home(url, token, event):
    return name_in(built(url, token, event)) if event.isalnum() else None
