"""Wrong answers to `websocket.broadcast`."""

import asyncio
import contextlib

from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect

from tests.exercises.answers.websocket.broadcasting import Room, broadcast


def is_socket(e):
    return e.status == 101


def closed_with(code):
    return lambda e: [m.close_code for m in e.messages if m.sender == "server" and m.opcode == "close"] == [code]


def was_flooded(e):
    return is_socket(e) and e.response_bytes > 2**20


@broadcast.wrong("cannot be served", None)
def the_room_itself(limit):
    return vars(Room(limit))


@broadcast.wrong("raised WebSocketDisconnected", lambda e: e.status == 500, "crashed")
def not_accepted(limit):
    class Closed(Room):
        async def edit(self, websocket):
            await self.listen(websocket, self.members(websocket))

    return Closed(limit).app()


@broadcast.wrong("refuses the WebSocket", lambda e: e.status == 403)
def another_path(limit):
    class Elsewhere(Room):
        path = "/edit"

    return Elsewhere(limit).app()


@broadcast.wrong("closed the connection of somebody who reads, with 1013", closed_with(1013))
def closed_at_the_first_text(limit):
    class Nervous(Room):
        async def put(self, other, members, text):
            await self.close(other, members)

    return Nervous(limit).app()


@broadcast.wrong("without a close frame", is_socket)
def accepted_and_left(limit):
    class Gone(Room):
        async def listen(self, websocket, members):
            pass

    return Gone(limit).app()


@broadcast.wrong("passed something on for ada, and then no more", is_socket)
def one_text_and_no_more(limit):
    class Short(Room):
        async def listen(self, websocket, members):
            await self.tell(websocket, members, await websocket.receive_text())

    return Short(limit).app()


class List(Room):
    """All in a list, as it is first tried: whoever receives a text sends it to each, and nobody is taken out."""

    async def edit(self, websocket):
        await websocket.accept()
        self.members(websocket)[websocket] = None
        with contextlib.suppress(WebSocketDisconnect):
            await self.listen(websocket, self.members(websocket))

    async def put(self, other, members, text):
        await other.send_text(text)


@broadcast.wrong("what it has sent itself", is_socket, step="Leave the sender out")
def to_all(limit):
    class Echo(List):
        async def tell(self, websocket, members, text):
            for other in list(members):
                await self.put(other, members, text)

    return Echo(limit).app()


@broadcast.wrong("what was said in another document", is_socket, step="Keep the members of each document apart")
def one_room_for_all(limit):
    class One(List):
        def members(self, websocket):
            return self.documents[""]

    return One(limit).app()


@broadcast.wrong(
    "raised WebSocketDisconnected", is_socket, "crashed", step="A client has left and is still among those"
)
def a_list_that_nobody_leaves(limit):
    return List(limit).app()


@broadcast.wrong("as binary messages", is_socket)
def bytes_for_text(limit):
    class Binary(Room):
        async def send(self, websocket, text):
            await websocket.send_bytes(text.encode())

    return Binary(limit).app()


@broadcast.wrong("something else than what was sent", is_socket)
def text_as_json(limit):
    class Quoted(Room):
        async def send(self, websocket, text):
            await websocket.send_json({"text": text})

    return Quoted(limit).app()


@broadcast.wrong("raised JSONDecodeError", is_socket, "crashed")
def json_alone(limit):
    class Json(Room):
        async def listen(self, websocket, members):
            while True:
                await self.tell(websocket, members, await websocket.receive_json())

    return Json(limit).app()


@broadcast.wrong("what was said before it came", is_socket)
def a_history(limit):
    class Told(Room):
        def __init__(self, limit):
            super().__init__(limit)
            self.history = []

        async def greet(self, websocket):
            for path, text in self.history:
                if path == websocket.url.path:
                    await websocket.send_text(text)

        async def tell(self, websocket, members, text):
            self.history.append((websocket.url.path, text))
            await super().tell(websocket, members, text)

    return Told(limit).app()


@broadcast.wrong("the same text twice", is_socket)
def twice(limit):
    class Twice(Room):
        async def send(self, websocket, text):
            await websocket.send_text(text)
            await websocket.send_text(text)

    return Twice(limit).app()


@broadcast.wrong("in another order", is_socket)
def a_task_for_each_text(limit):
    class Tasks(Room):
        pause = 0.2

        async def put(self, other, members, text):
            self.closing.add(asyncio.create_task(self.later(other, text, self.pause)))
            self.pause *= 0.8

        async def later(self, other, text, pause):
            await asyncio.sleep(pause)
            await other.send_text(text)

    return Tasks(limit).app()


@broadcast.wrong("keeps your application from sending to the others", is_socket)
def sent_by_the_one_who_receives(limit):
    class Direct(Room):
        async def put(self, other, members, text):
            await other.send_text(text)

    return Direct(limit).app()


@broadcast.wrong("leaves messages out", was_flooded)
def the_oldest_thrown_away(limit):
    class Ring(Room):
        async def close(self, other, members):
            queue, _ = members[other]
            queue.get_nowait()

    return Ring(limit).app()


def closed_by_the_client_first(e):
    return was_flooded(e) and next(m for m in e.messages if m.opcode == "close").sender == "client"


@broadcast.wrong(
    "never closed the slow client", closed_by_the_client_first, step="compare `queue.qsize()` with `limit`"
)
def no_limit(limit):
    class Endless(Room):
        def queue(self):
            return asyncio.Queue()

    return Endless(limit).app()


@broadcast.wrong("leaves it connected", was_flooded)
def forgotten(limit):
    class Forgetful(Room):
        async def close(self, other, members):
            self.leave(other, members)

    return Forgetful(limit).app()


@broadcast.wrong("let the slow client go without a close frame", was_flooded)
def cancelled(limit):
    class Rude(Room):
        async def edit(self, websocket):
            self.tasks = getattr(self, "tasks", {})
            self.tasks[websocket] = asyncio.current_task()
            await super().edit(websocket)

        async def close(self, other, members):
            self.leave(other, members)
            self.tasks[other].cancel()

    return Rude(limit).app()


@broadcast.wrong("closes the connection of the slow client with 1008", closed_with(1008))
def another_code(limit):
    class Strict(Room):
        code = 1008

    return Strict(limit).app()


@broadcast.wrong("What a client sends does not reach the others", is_socket)
def nobody_told(limit):
    class Deaf(Room):
        async def tell(self, websocket, members, text):
            pass

    return Deaf(limit).app()


@broadcast.wrong("did not reach alan", is_socket)
def the_first_other_alone(limit):
    class First(Room):
        async def tell(self, websocket, members, text):
            others = [it for it in members if it is not websocket]
            for other in others[:1]:
                await self.put(other, members, text)

    return First(limit).app()


@broadcast.wrong("Since one client has gone", is_socket)
def all_gone_with_the_first(limit):
    class Over(Room):
        def leave(self, websocket, members):
            super().leave(websocket, members)
            members.clear()

    return Over(limit).app()


@broadcast.wrong("raised", is_socket, "crashed")
def who_has_left_is_still_sent_to(limit):
    class Ghosts(Room):
        async def put(self, other, members, text):
            try:
                await other.send_text(text)
            except WebSocketDisconnect as gone:
                raise RuntimeError("it has left") from gone

        def leave(self, websocket, members):
            pass

    return Ghosts(limit).app()


@broadcast.wrong("answers the handshake with 404", lambda e: e.status == 404)
def no_websockets_at_all(limit):
    async def application(scope, receive, send):
        if scope["type"] == "websocket":
            await Response(status_code=404)(scope, receive, send)

    return application


@broadcast.wrong("does not answer the handshake", lambda e: e.status is None)
def an_application_that_says_nothing(limit):
    async def application(scope, receive, send):
        while scope["type"] == "websocket" and (await receive())["type"] != "websocket.disconnect":
            pass

    return application
