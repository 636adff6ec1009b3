"""Answers to `websocket.read_along`."""

import asyncio
import json

import requests
import websockets
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.websocket.joining import address, bearer, heard, is_socket, joined, leaving

read_along = Answers("websocket.read_along")


def changed(text, update):
    place = update["position"]
    return text[:place] + update["content"] + text[place + update["remove"] :]


@read_along.right
def by_websockets(url, token, document, until):
    options = {"subprotocols": ["edit.v1"], "additional_headers": bearer(token)}
    with connect(address(url, document), **options) as socket:
        characters = []
        for message in map(json.loads, socket):
            match message:
                case {"type": "document", "text": text}:
                    characters = list(text)
                case {"type": "text_update", "position": place, "remove": 0}:
                    characters[place:place] = message["content"]
                case {"type": "text_update", "position": place, "remove": count}:
                    del characters[place : place + count]
            if message.get("seq") == until:
                break
    return "".join(characters)


@read_along.right
def by_asyncio(url, token, document, until):
    async def read():
        options = {"subprotocols": ["edit.v1"], "additional_headers": bearer(token)}
        async with websockets.connect(address(url, document), **options) as socket:
            first = json.loads(await socket.recv())
            text, seq = first["text"], first["seq"]
            async for message in socket:
                update = json.loads(message)
                if update["type"] == "text_update":
                    text, seq = changed(text, update), update["seq"]
                if seq >= until:
                    break
            return text

    return asyncio.run(read())


@read_along.right
def collected_first(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        messages = [heard(socket)]
        while messages[-1].get("seq", 0) < until:
            messages.append(heard(socket))
    text = messages[0]["text"]
    for update in sorted((it for it in messages if it["type"] == "text_update"), key=lambda it: it["seq"]):
        text = changed(text, update)
    return text


def read(url, token, document, until, change=changed, done=lambda update, count, until: update["seq"] == until):
    """A right answer with two steps that can be others."""
    with leaving(joined(url, token, document)) as socket:
        text, count = heard(socket)["text"], 0
        while True:
            message = heard(socket)
            if message["type"] == "text_update":
                text, count = change(text, message), count + 1
                if done(message, count, until):
                    return text


@read_along.wrong("You opened no WebSocket", lambda e: "/updates" in e.request.target)
def by_polling(url, token, document, until):
    updates = requests.get(f"{url}/api/v1/documents/{document}/updates", headers=bearer(token)).json()["updates"]
    return "".join(update["content"] for update in updates)


@read_along.wrong("does not say who asks", lambda e: e.status == 401)
def without_a_token(url, token, document, until):
    with leaving(joined(url, token, document, header={})) as socket:
        return heard(socket)["text"]


@read_along.wrong("another document", is_socket)
def the_document_of_the_lesson(url, token, document, until):
    with leaving(joined(url, token, "document-123")) as socket:
        return heard(socket)["text"]


@read_along.wrong("as it was when you joined", is_socket)
def the_first_message(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        return heard(socket)["text"]


@read_along.wrong("You stopped too early: this is the text after the update number", is_socket)
def left_before_the_last(url, token, document, until):
    return read(url, token, document, until, done=lambda update, count, until: update["seq"] == until - 1)


@read_along.wrong("You went on too long: this is the text after the update number", is_socket)
def one_more(url, token, document, until):
    return read(url, token, document, until, done=lambda update, count, until: update["seq"] > until)


@read_along.wrong(", and nothing more came; that caused the", is_socket)
def counted_by_hand(url, token, document, until):
    return read(url, token, document, until, done=lambda update, count, until: count > until + 2)


@read_along.wrong("You counted messages", is_socket, step="cursors and joins have none")
def so_many_messages(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        text = heard(socket)["text"]
        for _ in range(until):
            message = heard(socket)
            if message["type"] == "text_update":
                text = changed(text, message)
        return text


@read_along.wrong("You inserted, and removed nothing", is_socket)
def without_removals(url, token, document, until):
    return read(url, token, document, until, lambda text, it: changed(text, it | {"remove": 0}))


@read_along.wrong("You removed, and inserted nothing", is_socket)
def without_insertions(url, token, document, until):
    return read(url, token, document, until, lambda text, it: changed(text, it | {"content": ""}))


@read_along.wrong("over what stood at its place", is_socket)
def overwritten(url, token, document, until):
    return read(
        url, token, document, until, lambda text, it: changed(text, it | {"remove": it["remove"] or len(it["content"])})
    )


@read_along.wrong("at the end of the text", is_socket)
def appended(url, token, document, until):
    return read(url, token, document, until, lambda text, it: text + it["content"])


@read_along.wrong("what was inserted, and not the text", is_socket)
def from_nothing(url, token, document, until):
    """It begins with an empty text."""
    heard_so_far = []

    def collect(text, update):
        heard_so_far.append(update["content"])
        return "".join(heard_so_far)

    return read(url, token, document, until, collect)


@read_along.wrong("You counted bytes", is_socket)
def in_bytes(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        data = heard(socket)["text"].encode()
        while True:
            message = heard(socket)
            if message["type"] == "text_update":
                data = changed(data, message | {"content": message["content"].encode()})
                if message["seq"] == until:
                    return data.decode(errors="replace")


@read_along.wrong("another text than the one after that update", is_socket)
def backwards(url, token, document, until):
    return read(url, token, document, until)[::-1]


@read_along.wrong("raised KeyError", is_socket, "crashed")
def every_message_an_update(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        text, seq = heard(socket)["text"], 0
        while seq < until:
            message = heard(socket)
            text, seq = changed(text, message), message["seq"]
        return text


@read_along.wrong("returned a dict, where text is asked for", is_socket)
def the_last_message(url, token, document, until):
    with leaving(joined(url, token, document)) as socket:
        while (message := heard(socket)).get("seq", 0) < until:
            pass
        return message


@read_along.wrong("returned nothing (None)", is_socket)
def nothing_returned(url, token, document, until):
    read(url, token, document, until)
