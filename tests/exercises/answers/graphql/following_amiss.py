"""Wrong answers to `graphql.follow`."""

import requests
import websocket

from tests.exercises.answers.graphql.following import COUNT, JOIN, Follower, follow, followed, register, start
from tests.exercises.answers.graphql.requesting import PATH, bearer, send


def is_socket(e):
    return e.status == 101


def closed_with(code):
    return lambda e: any(m.sender == "server" and m.close_code == code for m in e.messages)


@follow.wrong("opened no WebSocket", lambda e: b"attendeeCount" in e.request.body)
def asked_again_and_again(url, token, event, guests):
    counts = []
    for guest in [None, *guests]:
        if guest:
            register(url, token, event, guest)
        answer = send(url, token, "query($id: ID!) { event(id: $id) { attendeeCount } }", id=event)
        counts.append(answer["data"]["event"]["attendeeCount"])
    return counts


@follow.wrong("you did not offer the subprotocol that it speaks; that caused the", closed_with(4406))
def no_subprotocol(url, token, event, guests):
    with Follower(url, token, subprotocols=()) as follower:
        return followed(follower, url, token, event, guests)


@follow.wrong("you subscribed before connection_init; that caused the", closed_with(4401))
def no_connection_init(url, token, event, guests):
    with Follower(url, token, inits=0) as follower:
        return followed(follower, url, token, event, guests)


@follow.wrong("brings no token that it knows; that caused the", closed_with(4403))
def a_token_in_the_handshake(url, token, event, guests):
    with Follower(url, token, payload={}) as follower:
        return followed(follower, url, token, event, guests)


@follow.wrong("you sent connection_init twice; that caused the", closed_with(4429))
def connection_init_twice(url, token, event, guests):
    with Follower(url, token, inits=2) as follower:
        return followed(follower, url, token, event, guests)


@follow.wrong("is no message of the protocol; that caused the", closed_with(4400))
def start_as_in_the_protocol_of_old(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.say({"id": "1", "type": "start", "payload": {"query": COUNT, "variables": {"id": event}}})
        return [follower.count()]


@follow.wrong("two operations of yours have the same id; that caused the", closed_with(4409))
def a_mutation_with_the_id_of_the_subscription(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        counts = [follower.count()]
        start(follower.socket, {"query": JOIN, "variables": {"input": {"eventId": event, **guests[0]}}})
        return [*counts, follower.count()]


@follow.wrong("Your subscription was refused; that caused the TypeError", is_socket)
def a_field_misspelt(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event, COUNT.replace("attendeeCount", "attendees"))
        return [follower.count()]


@follow.wrong("subscribed to nothing", is_socket)
def nothing_but_the_handshake(url, token, event, guests):
    follower = Follower(url, token)
    for guest in guests:
        register(url, token, event, guest)
    follower.socket.close()
    return []


@follow.wrong("You were sent one count, and registered nobody", is_socket)
def the_first_count(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        return [follower.count()]


@follow.wrong("registered the guests first and subscribed then", is_socket)
def subscribed_too_late(url, token, event, guests):
    for guest in guests:
        register(url, token, event, guest)
    with Follower(url, token) as follower:
        follower.subscribe(event)
        return [follower.count()]


@follow.wrong("You were sent 2 counts, and", is_socket)
def one_guest_for_all(url, token, event, guests):
    with Follower(url, token) as follower:
        return followed(follower, url, token, event, guests[:1])


@follow.wrong("was interrupted", lambda e: b"EMAIL_TAKEN" in e.response.body, "crashed")
def the_same_guest_each_time(url, token, event, guests):
    with Follower(url, token) as follower:
        followed(follower, url, token, event, guests[:1])
        register(url, token, event, guests[0])
        raise KeyboardInterrupt  # as the learner does who waits for a count that never comes


@follow.wrong("The service did not register your last guest", lambda e: b"INVALID_EMAIL" in e.response.body)
def a_name_for_an_email(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        counts = [follower.count()]
        for guest in guests:
            register(url, token, event, guest | {"email": guest["name"]})
        return counts


@follow.wrong("your query lacks a value that it needs".capitalize(), lambda e: e.status == 400)
def a_mutation_that_is_refused(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        counts = [follower.count()]
        for guest in guests:
            send(url, token, JOIN, **guest)
        return counts


@follow.wrong("does not say who asks", lambda e: e.status == 401)
def mutations_without_a_token(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        counts = [follower.count()]
        for guest in guests:
            content = {"query": JOIN, "variables": {"input": {"eventId": event, **guest}}}
            requests.post(url + PATH, json=content)
        return counts


@follow.wrong("The first count is missing in your list", is_socket)
def the_first_count_thrown_away(url, token, event, guests):
    with Follower(url, token) as follower:
        return followed(follower, url, token, event, guests)[1:]


@follow.wrong("The last count is missing in your list", is_socket)
def the_last_count_not_read(url, token, event, guests):
    with Follower(url, token) as follower:
        return followed(follower, url, token, event, guests)[:-1]


@follow.wrong("are not the counts that you were sent", is_socket)
def messages_for_counts(url, token, event, guests):
    with Follower(url, token) as follower:
        return [{"attendeeCount": count} for count in followed(follower, url, token, event, guests)]


@follow.wrong("returned a whole number", lambda e: e.status == 200)
def the_last_count_alone(url, token, event, guests):
    with Follower(url, token) as follower:
        return followed(follower, url, token, event, guests)[-1]


@follow.wrong("did not tell the service that you are done", is_socket)
def closed_without_complete(url, token, event, guests):
    follower = Follower(url, token)
    counts = followed(follower, url, token, event, guests)
    follower.socket.close()
    return counts


@follow.wrong("left the WebSocket without closing it", is_socket)
def completed_and_left(url, token, event, guests):
    follower = Follower(url, token)
    counts = followed(follower, url, token, event, guests)
    follower.complete()
    follower.socket.shutdown()
    return counts


@follow.wrong("raised KeyError", is_socket, "crashed")
def the_acknowledgement_taken_for_a_count(url, token, event, guests):
    with Follower(url, token, inits=0) as follower:
        follower.say({"type": "connection_init", "payload": bearer(token)})
        follower.subscribe(event)
        return [follower.count()]


@follow.wrong("raised ValueError", None, "crashed")
def a_websocket_by_http(url, token, event, guests):
    return followed(websocket.create_connection(url + PATH), url, token, event, guests)
