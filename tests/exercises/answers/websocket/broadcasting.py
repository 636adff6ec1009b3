"""Right answers to `websocket.broadcast`, and the room that most answers are made of."""

import asyncio
import contextlib
from collections import defaultdict, deque

from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from tests.exercises.answers.answer import Answers

broadcast = Answers("websocket.broadcast")


class Room:
    """Everybody by document; what wrong answers do otherwise overrides a method."""

    path = "/edit/{document}"
    code = 1013

    def __init__(self, limit):
        self.limit = limit
        self.documents = defaultdict(dict)
        self.closing = set()

    def app(self):
        return Starlette(routes=[WebSocketRoute(self.path, self.edit)])

    async def edit(self, websocket):
        await websocket.accept()
        members = self.members(websocket)
        await self.greet(websocket)
        queue = self.queue()
        members[websocket] = queue, asyncio.create_task(self.deliver(websocket, queue))
        with contextlib.suppress(WebSocketDisconnect):
            await self.listen(websocket, members)
        self.leave(websocket, members)

    def members(self, websocket):
        return self.documents[websocket.path_params["document"]]

    async def greet(self, websocket):
        pass

    def queue(self):
        return asyncio.Queue(self.limit)

    async def deliver(self, websocket, queue):
        while True:
            await self.send(websocket, await queue.get())

    async def send(self, websocket, text):
        await websocket.send_text(text)

    async def listen(self, websocket, members):
        while True:
            await self.tell(websocket, members, await websocket.receive_text())

    async def tell(self, websocket, members, text):
        for other in list(members):
            if other is not websocket:
                await self.put(other, members, text)

    async def put(self, other, members, text):
        queue, _ = members[other]
        if queue.full():
            await self.close(other, members)
        else:
            queue.put_nowait(text)

    async def close(self, other, members):
        self.leave(other, members)
        task = asyncio.create_task(other.close(self.code, "Too slow."))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    def leave(self, websocket, members):
        if websocket in members:
            members.pop(websocket)[1].cancel()


@broadcast.right
def a_room_with_methods(limit):
    return Room(limit).app()


@broadcast.right
def what_waits_is_sent_before_the_goodbye(limit):
    class Polite(Room):
        def queue(self):
            return asyncio.Queue()

        async def deliver(self, websocket, queue):
            while (text := await queue.get()) is not None:
                await websocket.send_text(text)
            await websocket.close(1013)

        async def put(self, other, members, text):
            queue, _ = members[other]
            if queue.qsize() < self.limit:
                queue.put_nowait(text)
            else:
                self.closing.add(members.pop(other)[1])
                queue.put_nowait(None)

    return Polite(limit).app()


@broadcast.right
def asgi_without_a_framework(limit):
    rooms = defaultdict(list)

    async def application(scope, receive, send):
        if scope["type"] != "websocket":
            return
        room, waiting, news, gone = rooms[scope["path"]], deque(), asyncio.Event(), []
        me = waiting, news, gone
        await receive()
        await send({"type": "websocket.accept"})
        room.append(me)

        async def write():
            while not gone:
                await news.wait()
                news.clear()
                while waiting and not gone:
                    await send({"type": "websocket.send", "text": waiting.popleft()})
            await send({"type": "websocket.close", "code": 1013})

        writing = asyncio.create_task(write())
        while (message := await receive())["type"] == "websocket.receive":
            for other in [it for it in room if it is not me]:
                if len(other[0]) >= limit:
                    room.remove(other)
                    other[2].append(True)
                else:
                    other[0].append(message["text"])
                other[1].set()
        if me in room:
            room.remove(me)
        if not gone:
            writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing

    return application


@broadcast.right
def an_endpoint_class(limit):
    rooms, tasks = defaultdict(set), set()

    class Edit(WebSocketEndpoint):
        encoding = "text"

        async def on_connect(self, websocket):
            await websocket.accept()
            self.socket, self.waiting = websocket, asyncio.Queue()
            self.room = rooms[websocket.path_params["document"]]
            self.room.add(self)
            self.task = asyncio.create_task(self.write())

        async def write(self):
            while True:
                await self.socket.send_text(await self.waiting.get())

        async def on_receive(self, websocket, text):
            for other in self.room - {self}:
                if other.waiting.qsize() < limit:
                    other.waiting.put_nowait(text)
                else:
                    self.room.discard(other)
                    other.task.cancel()
                    tasks.add(asyncio.create_task(other.socket.close(1013, "Read faster.")))

        async def on_disconnect(self, websocket, code):
            self.room.discard(self)
            self.task.cancel()

    return Starlette(routes=[WebSocketRoute("/edit/{document}", Edit)])
