"""Answers to `graphql.register`."""

import json

import requests
from sgqlc.operation import Operation
from sgqlc.types import ID, Field, Input, Schema, String, Type, list_of, non_null

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import PATH, endpoint, send, send_by_get, send_by_http_client

register = Answers("graphql.register")
JOIN = """mutation($input: RegisterAttendeeInput!) {
  registerAttendee(input: $input) { attendee { id } userErrors { code message } }
}"""


schema = Schema()  # of its own: the library copies its common one into every schema


class RegisterAttendeeInput(Input):
    __schema__ = schema
    event_id = non_null(ID)
    name = non_null(String)
    email = non_null(String)


class Attendee(Type):
    __schema__ = schema
    id = ID


class UserError(Type):
    __schema__ = schema
    code = String


class RegisterAttendeePayload(Type):
    __schema__ = schema
    attendee = Attendee
    user_errors = list_of(UserError)


class Mutation(Type):
    __schema__ = schema
    register_attendee = Field(RegisterAttendeePayload, args={"input": non_null(RegisterAttendeeInput)})


@register.right
def sgqlc_with_all_in_the_query(url, token, event, name, email):
    operation = Operation(Mutation)
    payload = operation.register_attendee(input={"event_id": event, "name": name, "email": email})
    payload.attendee.id()
    payload.user_errors.code()
    got = (operation + endpoint(url, token)(operation)).register_attendee
    return {"id": got.attendee.id if got.attendee else "", "refused": [it.code for it in got.user_errors]}


@register.right
def a_variable_for_each_and_an_alias_by_http_client(url, token, event, name, email):
    mutation = """fragment why on RegisterAttendeePayload { wrong: userErrors { code } }
    mutation Join($e: ID!, $n: String!, $m: String!) {
      joined: registerAttendee(input: {eventId: $e, name: $n, email: $m}) { who: attendee { number: id } ...why }
    }"""
    answer = send_by_http_client(url, token, mutation, e=event, n=name, m=email)["data"]["joined"]
    return {"refused": [it["code"] for it in answer["wrong"]][::-1], "id": (answer["who"] or {"number": ""})["number"]}


@register.right
def texts_escaped_as_json_after_a_look_at_the_event(url, token, event, name, email):
    send(url, token, "query($id: ID!) { event(id: $id) { capacity attendeeCount } }", id=event)
    guest = f"eventId: {json.dumps(event)}, name: {json.dumps(name)}, email: {json.dumps(email)}"
    mutation = f"mutation {{ registerAttendee(input: {{{guest}}}) {{ attendee {{ id }} userErrors {{ code }} }} }}"
    return outcome(send(url, token, mutation))


def outcome(answer):
    payload = answer["data"]["registerAttendee"]
    attendee = payload["attendee"]
    return {"id": attendee["id"] if attendee else "", "refused": [it["code"] for it in payload["userErrors"]]}


def guest(event, name, email):
    return {"input": {"eventId": event, "name": name, "email": email}}


@register.wrong("A quotation mark in the guest's name ended your string", lambda e: b"Syntax" in e.response.body)
def built_into_the_mutation(url, token, event, name, email):
    given = f'eventId: "{event}", name: "{name}", email: "{email}"'
    mutation = f"mutation {{ registerAttendee(input: {{{given}}}) {{ attendee {{ id }} userErrors {{ code }} }} }}"
    return outcome(send(url, token, mutation))


@register.wrong("does not take this by GET; that caused the KeyError", lambda e: e.status == 405)
def a_mutation_by_get(url, token, event, name, email):
    return outcome(send_by_get(url, token, JOIN, **guest(event, name, email)))


@register.wrong("The type Query has no such field; that caused the KeyError", lambda e: b"'Query'" in e.response.body)
def the_word_mutation_forgotten(url, token, event, name, email):
    return outcome(send(url, token, JOIN.replace("mutation", "query"), **guest(event, name, email)))


@register.wrong("has not the form that its type asks for", lambda e: b"eventId" in e.response.body)
def the_event_under_another_name(url, token, event, name, email):
    return outcome(send(url, token, JOIN, input={"event": event, "name": name, "email": email}))


@register.wrong("lacks a value that it needs", lambda e: b"$input" in e.response.body)
def variables_without_input(url, token, event, name, email):
    return outcome(send(url, token, JOIN, **guest(event, name, email)["input"]))


@register.wrong("an argument that it does not take", lambda e: b"Unknown argument" in e.response.body)
def arguments_without_input(url, token, event, name, email):
    mutation = """mutation($e: ID!, $n: String!, $m: String!) {
      registerAttendee(eventId: $e, name: $n, email: $m) { attendee { id } userErrors { code } } }"""
    return outcome(send(url, token, mutation, e=event, n=name, m=email))


@register.wrong("a field that is not there", lambda e: b"RegisterAttendeePayload" in e.response.body)
def the_id_without_its_attendee(url, token, event, name, email):
    return outcome(send(url, token, JOIN.replace("attendee { id }", "id"), **guest(event, name, email)))


@register.wrong("registered nobody.", lambda e: b"attendees" in e.request.body)
def a_look_for_the_guest(url, token, event, name, email):
    query = "query($id: ID!) { event(id: $id) { attendees(first: 100) { nodes { id name } } } }"
    found = send(url, token, query, id=event)["data"]["event"]["attendees"]["nodes"]
    return {"id": next((it["id"] for it in found if it["name"] == name), ""), "refused": []}


@register.wrong("sent the mutation 2 times", lambda e: b"EMAIL_TAKEN" in e.response.body)
def once_for_the_id_and_once_for_the_errors(url, token, event, name, email):
    first, second = (send(url, token, JOIN, **guest(event, name, email)) for _ in range(2))
    return {"id": outcome(first)["id"], "refused": outcome(second)["refused"]}


@register.wrong("another event than the one", lambda e: b"abc123" in e.request.body)
def the_event_of_the_lesson(url, token, event, name, email):
    return outcome(send(url, token, JOIN, **guest("abc123", name, email)))


@register.wrong("does not say so: the status 200 is no success", lambda e: b"userErrors" not in e.request.body)
def no_errors_asked_for(url, token, event, name, email):
    mutation = JOIN.replace("userErrors { code message }", "")
    answer = send(url, token, mutation, **guest(event, name, email))
    return {
        "id": (answer["data"]["registerAttendee"]["attendee"] or {"id": ""})["id"],
        "refused": answer.get("errors", []),
    }


@register.wrong("one reason, and the service gave more", lambda e: b"NAME_REQUIRED" in e.response.body)
def the_first_reason(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"refused": found["refused"][:1]}


@register.wrong("not the codes of the reasons", lambda e: b"EMAIL_TAKEN" in e.response.body)
def messages_for_codes(url, token, event, name, email):
    answer = send(url, token, JOIN, **guest(event, name, email))
    reasons = [it["message"] for it in answer["data"]["registerAttendee"]["userErrors"]]
    return outcome(answer) | {"refused": reasons}


@register.wrong("Nobody was registered, and you return an id", lambda e: b"EMAIL_TAKEN" in e.response.body)
def an_id_of_ones_own(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"id": found["id"] or email}


@register.wrong("what you return is not the attendee's id", lambda e: b"attendee" in e.response.body)
def the_id_of_the_event(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"id": event}


@register.wrong("The member 'id' of your dict is nothing (None)", lambda e: b"EMAIL_TAKEN" in e.response.body)
def none_for_an_empty_id(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"id": found["id"] or None}


@register.wrong("The member 'id' of your dict is a whole number", lambda e: e.status == 200)
def the_id_as_a_number(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"id": int(found["id"])}


@register.wrong("says that the service refused", lambda e: b'"userErrors": []' in e.response.body)
def success_for_a_code(url, token, event, name, email):
    found = outcome(send(url, token, JOIN, **guest(event, name, email)))
    return found | {"refused": found["refused"] or ["OK"]}


@register.wrong("raised TypeError", lambda e: b"EMAIL_TAKEN" in e.response.body, "crashed")
def nobody_is_ever_refused(url, token, event, name, email):
    payload = send(url, token, JOIN, **guest(event, name, email))["data"]["registerAttendee"]
    return {"id": payload["attendee"]["id"], "refused": []}


@register.wrong("does not begin with the scheme Bearer", lambda e: e.status == 401)
def a_token_without_its_scheme(url, token, event, name, email):
    content = {"query": JOIN, "variables": guest(event, name, email)}
    return outcome(requests.post(url + PATH, json=content, headers={"Authorization": token}).json())
