"""Right answers to `websocket.carry_on`, and the client that most answers are made of."""

import asyncio
import json
import time
import uuid

import requests
import websocket
import websockets
from websockets.sync.client import connect

from course_support.backends.replica import Replica
from tests.exercises.answers.answer import Answers

carry_on = Answers("websocket.carry_on")


def address(url, document, seq=None):
    return f"{url.replace('http', 'ws', 1)}/edit/{document}" + ("" if seq is None else f"?after={seq}")


class Editor:
    """A client of websocket-client that writes a word at a time; what wrong answers do otherwise overrides a method."""

    removals = True
    wait, growth = 0.05, 2

    def __init__(self, url, token, document, words):
        self.url, self.token, self.document = url, token, document
        self.left = [(uuid.uuid4().hex, f" {word}") for word in words]
        self.text, self.seq, self.live, self.failed = "", None, False, 0

    def write(self):
        while self.left:
            try:
                self.join()
            except (websocket.WebSocketException, OSError):
                time.sleep(self.wait * self.growth**self.failed)
                self.failed += 1
        return self.text

    def join(self):
        self.live = False
        self.socket = websocket.create_connection(
            address(self.url, self.document, self.after()),
            subprotocols=["edit.v1"],
            header={"Authorization": f"Bearer {self.token}"},
            timeout=10,
        )
        self.failed = 0
        try:
            while self.left:
                self.hear(json.loads(self.socket.recv()))
            self.socket.close()
        finally:
            self.socket.shutdown()

    def after(self):
        return self.seq

    def hear(self, message):
        kind, echoed = message["type"], message.get("id") in [id for id, _ in self.left]
        if kind == "document":
            self.text, self.seq = message["text"], message["seq"]
        if kind == "text_update":
            self.apply(message)
        if echoed:
            self.left = [it for it in self.left if it[0] != message["id"]]
        self.live = self.live or kind in ("document", "resumed")
        if self.left and self.live and (echoed or kind in ("document", "resumed")):
            self.send()

    def apply(self, message):
        place, gone = message["position"], message["remove"] if self.removals else 0
        self.text = self.text[:place] + message["content"] + self.text[place + gone :]
        self.seq = message["seq"]

    def send(self):
        self.socket.send(json.dumps({"type": "text_update", **self.update(*self.left[0])}))

    def update(self, id, content):
        return {"id": id, "position": len(self.text), "content": content, "base": self.seq}


@carry_on.right
def a_class_that_writes(url, token, document, words):
    return Editor(url, token, document, words).write()


@carry_on.right
def all_that_is_left_at_once(url, token, document, words):
    class AtOnce(Editor):
        def hear(self, message):
            if message["type"] == "text_update" and message.get("id"):
                self.live = False  # what is left is under way already
            super().hear(message)

        def send(self):
            for id, content in self.left:
                update = {"type": "text_update", **self.update(id, content)}
                self.socket.send(json.dumps(update))

    return AtOnce(url, token, document, words).write()


@carry_on.right
def the_replica_of_the_lesson(url, token, document, words):
    replica, failed = None, 0
    while replica is None or replica.unconfirmed:
        time.sleep(0.05 * 2**failed)
        try:
            with connect(
                address(url, document, replica and replica.seq),
                subprotocols=["edit.v1"],
                additional_headers={"Authorization": f"Bearer {token}"},
            ) as socket:
                failed = 0
                if replica is None:
                    first = json.loads(socket.recv())
                    replica, waiting = Replica(first["text"], first["seq"]), []
                    for word in words:
                        waiting += replica.edit(len(replica.text), f" {word}")
                    for message in waiting:
                        socket.send(json.dumps(message))
                while replica.unconfirmed:
                    for message in replica.receive(json.loads(socket.recv(timeout=10))):
                        socket.send(json.dumps(message))
        except (websockets.WebSocketException, OSError):
            failed += 1
            if replica:
                replica.lost()
    return replica.text


@carry_on.right
def asyncio_and_the_text_by_http(url, token, document, words):
    fields = {"Authorization": f"Bearer {token}"}

    def read():
        return requests.get(f"{url}/api/v1/documents/{document}", headers=fields).json()

    async def write(left, seq):
        failed = 0
        while left:
            await asyncio.sleep(0.06 * 2**failed)
            failed += 1
            try:
                async with websockets.connect(
                    address(url, document, seq), subprotocols=["edit.v1"], additional_headers=fields
                ) as socket:
                    failed = 0
                    while left:
                        message = json.loads(await socket.recv())
                        seq = message.get("seq", seq)
                        echoed = message.get("id") == left[0][0]
                        if echoed:
                            left.pop(0)
                        if left and (echoed or message["type"] in ("document", "resumed")):
                            now = await asyncio.to_thread(read)
                            update = {"id": left[0][0], "position": len(now["text"]), "base": now["seq"]}
                            await socket.send(json.dumps({"type": "text_update", "content": left[0][1], **update}))
            except (websockets.WebSocketException, OSError):
                pass

    asyncio.run(write([(str(number), f" {word}") for number, word in enumerate(words)], None))
    return read()["text"]
