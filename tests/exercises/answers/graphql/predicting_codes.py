"""Answers to `graphql.predict_status` and `graphql.predict_close`."""

import json

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from course_support.backends.graphql import app
from course_support.server import Server
from tests.exercises.answers.answer import Answers

predict_status = Answers("graphql.predict_status")


@predict_status.right
def one_question_after_the_other(case):
    at_http = case in ("a mutation by GET", "no token")
    executed = case in ("a resolver fails", "somebody who has registered before")
    status = 200 if executed or "application/json" in case else 400
    status = {"a mutation by GET": 405, "no token": 401}.get(case, status)
    return {"errors": not at_http and "somebody" not in case, "data": executed, "status": status}


@predict_status.right
def by_a_table_of_what_is_odd(case):
    usual = {"status": 400, "data": False, "errors": True}
    odd = {
        "a resolver fails": {"status": 200, "data": True},
        "an unknown field, and Accept: application/json": {"status": 200},
        "a mutation by GET": {"status": 405, "errors": False},
        "no token": {"status": 401, "errors": False},
        "somebody who has registered before": {"status": 200, "data": True, "errors": False},
    }
    return usual | odd.get(case, {})


def says(**others):
    """The right answer, with another one to the case whose name has this word in it."""

    def answer(case):
        more = [others[word] for word in others if word in case.split()]
        return one_question_after_the_other(case) | (more[0] if more else {})

    return answer


@predict_status.wrong("With “a syntax error” the status is 400, not 200", lambda e: e.status == 400)
def graphql_is_always_200(case):
    return says(syntax={"status": 200})(case)


@predict_status.wrong(
    "With “a resolver fails” the status is 200, not 500", lambda e: b"INTERNAL_ERROR" in e.response.body
)
def a_failure_is_a_500(case):
    return says(resolver={"status": 500})(case)


@predict_status.wrong("With “a resolver fails” there is data.", lambda e: b"INTERNAL_ERROR" in e.response.body)
def errors_or_data(case):
    return says(resolver={"data": False})(case)


@predict_status.wrong("With “a resolver fails” there are errors.", lambda e: b"INTERNAL_ERROR" in e.response.body)
def null_and_no_word_of_it(case):
    return says(resolver={"errors": False})(case)


@predict_status.wrong("With “no token” there are no errors.", lambda e: e.status == 401)
def errors_for_everything(case):
    return says(token={"errors": True})(case)


@predict_status.wrong("With “no token” the status is 401, not 403", lambda e: e.status == 401)
def who_is_not_known_is_forbidden(case):
    return says(token={"status": 403})(case)


@predict_status.wrong("With “a mutation by GET” the status is 405, not 200", lambda e: e.request.method == "GET")
def a_method_is_a_method(case):
    return says(GET={"status": 200, "data": True})(case)


@predict_status.wrong("before” the status is 200, not 409", lambda e: b"EMAIL_TAKEN" in e.response.body)
def registered_before_is_a_conflict(case):
    return says(somebody={"status": 409})(case)


@predict_status.wrong("before” there are no errors.", lambda e: b"EMAIL_TAKEN" in e.response.body)
def what_a_guest_does_wrong_is_an_error(case):
    return says(somebody={"errors": True})(case)


@predict_status.wrong("application/json” the status is 200, not 400", lambda e: b"picture" in e.response.body)
def every_media_type_alike(case):
    return one_question_after_the_other(case) | ({"status": 400} if "application/json" in case else {})


@predict_status.wrong("no member 'errors'", None)
def two_of_three(case):
    answer = one_question_after_the_other(case)
    return {name: answer[name] for name in ("status", "data")}


@predict_status.wrong("The member 'data' of your dict is nothing (None)", None)
def none_for_false(case):
    return one_question_after_the_other(case) | {"data": None}


@predict_status.wrong("returned a whole number", None)
def the_status_alone(case):
    return one_question_after_the_other(case)["status"]


predict_close = Answers("graphql.predict_close")
CODES = {
    "a token that nobody knows": 4403,
    "subscribe before connection_init": 4401,
    "connection_init twice": 4429,
    "two subscriptions with one id": 4409,
    "a text that is no JSON": 4400,
    "no subprotocol": 4406,
}


@predict_close.right
def by_https_statuses(case):
    words = {"token": 403, "before": 401, "twice": 429, "two": 409, "JSON": 400, "subprotocol": 406}
    return 4000 + next(status for word, status in words.items() if word in case.split())


@predict_close.right
def tried_out_on_a_service_of_ones_own(case):
    service = app(1)
    known = service.state.credentials["guest"]
    init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {known}"}}
    payload = {"query": 'subscription { attendeeCount(eventId: "abc123") }'}
    subscribe = {"id": "x", "type": "subscribe", "payload": payload}
    talk = {
        "a token that nobody knows": [{"type": "connection_init"}],
        "subscribe before connection_init": [subscribe],
        "connection_init twice": [init, init],
        "two subscriptions with one id": [init, subscribe, subscribe],
        "a text that is no JSON": [init, None],
        "no subprotocol": [],
    }[case]
    spoken = None if case == "no subprotocol" else ["graphql-transport-ws"]
    with (
        Server(service) as server,
        connect(server.url.replace("http", "ws") + "/graphql", subprotocols=spoken) as socket,
    ):
        try:
            for message in talk:
                socket.send(json.dumps(message) if message else "hello")
            while True:
                socket.recv(timeout=10)
        except ConnectionClosed as closed:
            return closed.rcvd.code


@predict_close.wrong("“a token that nobody knows” the service closes with 4403, not with 4401", lambda e: e.messages)
def unauthorized_as_in_http(case):
    return CODES[case] if "token" not in case else 4401


@predict_close.wrong("connection_init” the service closes with 4401, not with 4400", lambda e: e.messages)
def too_early_is_a_bad_request(case):
    return CODES[case] if "before" not in case else 4400


@predict_close.wrong("not with 403.", lambda e: e.messages)
def statuses_of_http(case):
    return CODES[case] - 4000 if "token" in case else CODES[case]


@predict_close.wrong("“connection_init twice” the service closes with 4429, not with 4400", lambda e: e.messages)
def twice_is_a_bad_request(case):
    return CODES[case] if "twice" not in case else 4400


@predict_close.wrong("“no subprotocol” the service closes with 4406, not with 1002", lambda e: e.messages)
def a_protocol_error(case):
    return CODES[case] if "subprotocol" not in case else 1002


@predict_close.wrong("with 4400, not with 1007", lambda e: e.messages)
def data_of_the_wrong_kind(case):
    return CODES[case] if "JSON" not in case else 1007


@predict_close.wrong("“two subscriptions with one id” the service closes with 4409", lambda e: e.messages)
def two_are_two(case):
    return CODES[case] if "two" not in case else 1000


@predict_close.wrong("returned text", None)
def a_code_as_text(case):
    return str(CODES[case])
