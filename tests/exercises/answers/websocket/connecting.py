"""Answers to `websocket.connect`."""

import asyncio
import base64
import json
import os
import socket as sockets
from contextlib import closing
from urllib.parse import urlsplit

import requests
import websocket
import websockets
from websockets.sync.client import connect as connect_websocket

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.websocket.joining import address, bearer, heard, is_socket, joined

connect = Answers("websocket.connect")


@connect.right
def by_websockets(url, token, document):
    with connect_websocket(
        address(url, document), subprotocols=["edit.v1"], additional_headers=bearer(token)
    ) as socket:
        return json.loads(socket.recv(timeout=20))["text"]


@connect.right
def by_asyncio(url, token, document):
    async def read():
        async with websockets.connect(
            address(url, document), subprotocols=["other", "edit.v1"], additional_headers=bearer(token)
        ) as socket:
            return json.loads(await socket.recv())["text"]

    return asyncio.run(read())


@connect.right
def with_a_ticket(url, token, document):
    ticket = requests.post(f"{url}/api/v1/tickets", headers=bearer(token)).json()["ticket"]
    with closing(joined(url, token, f"{document}?ticket={ticket}", header={})) as socket:
        return heard(socket)["text"]


@connect.right
def by_run_forever(url, token, document):
    texts = []

    def take(app, message):
        texts.append(json.loads(message)["text"])
        app.close()

    websocket.WebSocketApp(
        address(url, document), header=bearer(token), subprotocols=["edit.v1"], on_message=take
    ).run_forever()
    return texts[0]


@connect.right
def by_hand(url, token, document):
    host = urlsplit(url)
    with sockets.create_connection((host.hostname, host.port), timeout=20) as line, line.makefile("rb") as incoming:
        line.sendall(
            f"GET /edit/{document} HTTP/1.1\r\nHost: {host.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: edit.v1\r\nAuthorization: bearer {token}\r\n\r\n".encode()
        )
        while incoming.readline() != b"\r\n":
            pass
        size = incoming.read(2)[1]
        size = int.from_bytes(incoming.read(2)) if size == 126 else size
        text = json.loads(incoming.read(size))["text"]
        line.sendall(bytes([0x88, 0x80, 0, 0, 0, 0]))
        incoming.read()
    return text


def text_of(socket):
    with closing(socket):
        return heard(socket)["text"]


@connect.wrong("You opened no WebSocket", lambda e: e.request.path.startswith("/api/"))
def by_plain_http(url, token, document):
    return requests.get(f"{url}/api/v1/documents/{document}", headers=bearer(token)).json()["text"]


@connect.wrong("answered 426 Upgrade Required; that caused the KeyError", lambda e: e.status == 426)
def the_right_address_by_plain_http(url, token, document):
    return requests.get(f"{url}/edit/{document}", headers=bearer(token)).json()["text"]


@connect.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(url, token, document):
    return text_of(joined(url, token, document, header={}))


@connect.wrong("does not begin with the scheme Bearer", lambda e: e.status == 401)
def the_token_alone(url, token, document):
    return text_of(joined(url, token, document, header={"Authorization": token}))


@connect.wrong("does not know the token", lambda e: e.status == 401)
def braces_in_the_token(url, token, document):
    return text_of(joined(url, token, document, header={"Authorization": "Bearer {token}"}))


@connect.wrong("offers no subprotocol", lambda e: e.status == 400)
def without_a_subprotocol(url, token, document):
    return text_of(joined(url, token, document, subprotocols=None))


@connect.wrong("a subprotocol that the service does not speak", lambda e: e.status == 400)
def a_text_for_a_list(url, token, document):
    return text_of(joined(url, token, document, subprotocols="edit.v1"))


@connect.wrong("nothing at the address of your WebSocket", lambda e: e.status == 404)
def braces_in_the_address(url, token, document):
    return text_of(joined(url, token, "{document}"))


@connect.wrong("another document", is_socket)
def the_document_of_the_lesson(url, token, document):
    return text_of(joined(url, token, "document-123"))


@connect.wrong("a whole message", is_socket)
def the_message(url, token, document):
    with closing(joined(url, token, document)) as socket:
        return heard(socket)


@connect.wrong("as it came, in JSON", is_socket)
def the_message_in_json(url, token, document):
    with closing(joined(url, token, document)) as socket:
        return socket.recv()


@connect.wrong("what somebody inserted later", is_socket)
def the_second_message(url, token, document):
    with closing(joined(url, token, document)) as socket:
        heard(socket)
        return heard(socket)["content"]


@connect.wrong("another text than the document's", is_socket)
def in_capitals(url, token, document):
    return text_of(joined(url, token, document)).upper()


@connect.wrong("left the WebSocket without closing it", is_socket)
def without_a_goodbye(url, token, document):
    socket = joined(url, token, document)
    text = heard(socket)["text"]
    socket.shutdown()
    return text


@connect.wrong("closed the WebSocket with 4000", is_socket)
def with_another_code(url, token, document):
    socket = joined(url, token, document)
    text = heard(socket)["text"]
    socket.close(status=4000)
    return text


@connect.wrong("returned nothing (None)", is_socket)
def nothing_returned(url, token, document):
    text_of(joined(url, token, document))


@connect.wrong("raised ValueError", None, "crashed", step="wants an address that begins with `ws`")
def an_address_with_http(url, token, document):
    return text_of(websocket.create_connection(f"{url}/edit/{document}"))


@connect.wrong("raised TypeError", is_socket, "crashed")
def a_message_taken_for_a_dict(url, token, document):
    with closing(joined(url, token, document)) as socket:
        return socket.recv()["text"]
