"""Right answers to `graphql.follow`."""

import json

import websocket
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.graphql.requesting import PATH, bearer, send, send_by_http_client

follow = Answers("graphql.follow")
PROTOCOL = "graphql-transport-ws"
COUNT = "subscription($id: ID!) { attendeeCount(eventId: $id) }"
JOIN = "mutation($input: RegisterAttendeeInput!) { registerAttendee(input: $input) { userErrors { code } } }"


def register(url, token, event, guest, post=send):
    return post(url, token, JOIN, input={"eventId": event, **guest})


@follow.right
def websockets_and_a_ping_between(url, token, event, guests):
    with connect(url.replace("http", "ws") + PATH, subprotocols=[PROTOCOL]) as socket:

        def say(**message):
            socket.send(json.dumps(message))

        def hear(kind):
            while (message := json.loads(socket.recv(timeout=10)))["type"] != kind:
                pass
            return message

        say(type="ping")
        say(type="connection_init", payload=bearer(token))
        hear("connection_ack")
        say(id="count", type="subscribe", payload={"query": COUNT, "variables": {"id": event}})
        counts = [hear("next")["payload"]["data"]["attendeeCount"]]
        for guest in guests:
            register(url, token, event, guest, send_by_http_client)
            counts.append(hear("next")["payload"]["data"]["attendeeCount"])
        say(id="count", type="complete")
    return counts


@follow.right
def mutations_over_the_same_socket(url, token, event, guests):
    with connect(url.replace("http", "ws") + PATH, subprotocols=[PROTOCOL]) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": bearer(token)}))
        socket.recv(timeout=10)
        start(socket, {"query": f'subscription {{ n: attendeeCount(eventId: "{event}") }}'}, "count")
        counts, left = [], list(guests)
        while len(counts) <= len(guests):
            message = json.loads(socket.recv(timeout=10))
            if message["id"] == "count":
                counts.append(message["payload"]["data"]["n"])
                if left:
                    guest = {"eventId": event, **left.pop(0)}
                    start(socket, {"query": JOIN, "variables": {"input": guest}}, f"guest {len(left)}")
        socket.send(json.dumps({"type": "complete", "id": "count"}))
    return counts


def start(socket, payload, id="1"):
    socket.send(json.dumps({"id": id, "type": "subscribe", "payload": payload}))


@follow.right
def all_registered_first_and_the_counts_read_then(url, token, event, guests):
    with Follower(url, token) as follower:
        follower.subscribe(event)
        counts = [follower.count()]
        for guest in guests:
            register(url, token, event, guest)
        return counts + [follower.count() for _ in guests]


@follow.right
def guests_one_by_one_before_the_first_count_is_looked_at(url, token, event, guests):
    follower = Follower(url, token)
    follower.subscribe(event)
    first = follower.count()
    counts = [first]
    for guest in guests:
        while register(url, token, event, guest)["data"]["registerAttendee"]["userErrors"]:
            pass
        counts += [follower.count()]
    follower.complete()
    follower.socket.close(status=1000, reason=b"done")
    return counts


class Follower:
    """A client with what wrong answers leave out or get wrong; it gives up where a learner's would wait for ever."""

    def __init__(self, url, token, subprotocols=(PROTOCOL,), inits=1, **init):
        address = url.replace("http", "ws") + PATH
        self.socket = websocket.create_connection(address, subprotocols=list(subprotocols), timeout=20)
        for _ in range(inits):
            self.say({"type": "connection_init", "payload": bearer(token)} | init)
        try:
            self.socket.recv() if inits else None
        except websocket.WebSocketException:
            self.socket.shutdown()
            raise

    def say(self, message):
        self.socket.send(json.dumps(message))

    def hear(self):
        return json.loads(self.socket.recv())

    def subscribe(self, event, query=COUNT):
        self.say({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": {"id": event}}})

    def count(self):
        return self.hear()["payload"]["data"]["attendeeCount"]

    def complete(self, **more):
        self.say({"id": "1", "type": "complete"} | more)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if not error[0]:
            self.complete()
        self.socket.close()
        self.socket.shutdown()  # which close() leaves out where the service was first


def followed(follower, url, token, event, guests):
    follower.subscribe(event)
    counts = [follower.count()]
    for guest in guests:
        register(url, token, event, guest)
        counts.append(follower.count())
    return counts
