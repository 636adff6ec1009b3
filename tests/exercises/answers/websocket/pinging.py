"""Answers to `websocket.is_alive`."""

import asyncio
import contextlib
import json
import os
import time

import requests
import websockets
from websocket import ABNF, WebSocketTimeoutException
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.websocket.joining import address, bearer, is_socket, joined, leaving

is_alive = Answers("websocket.is_alive")


@is_alive.right
def by_websockets(url, token, document, seconds):
    options = {"subprotocols": ["edit.v1"], "additional_headers": bearer(token), "close_timeout": 0.3}
    with connect(address(url, document), **options) as socket:
        return socket.ping().wait(seconds)


@is_alive.right
def by_asyncio(url, token, document, seconds):
    async def ask():
        options = {"subprotocols": ["edit.v1"], "additional_headers": bearer(token), "close_timeout": 0.3}
        async with websockets.connect(address(url, document), **options) as socket:
            await socket.recv()
            try:
                await asyncio.wait_for(await socket.ping("hello?"), seconds)
            except TimeoutError:
                return False
            return True

    return asyncio.run(ask())


@is_alive.right
def by_frames(url, token, document, seconds):
    """With pongs of its own, and a ping with random bytes."""
    asked = os.urandom(8)
    with leaving(joined(url, token, document)) as socket:
        socket.recv()
        socket.ping(asked)
        end = time.monotonic() + seconds
        with contextlib.suppress(WebSocketTimeoutException):
            while (left := end - time.monotonic()) > 0:
                socket.settimeout(left)
                frame = socket.recv_frame()
                if frame.opcode == ABNF.OPCODE_PING:
                    socket.pong(frame.data)
                if frame.opcode == ABNF.OPCODE_PONG and frame.data == asked:
                    return True
        return False


def frames(socket):
    """Each frame's opcode and content, pings answered."""
    while True:
        opcode, frame = socket.recv_data_frame(control_frame=True)
        yield opcode, frame.data


def opened(url, token, document, **options):
    """A connection whose first message has been read."""
    socket = joined(url, token, document, **options)
    socket.recv()
    return leaving(socket)


@is_alive.wrong("You opened no WebSocket", lambda e: e.request.path.startswith("/api/"))
def by_plain_http(url, token, document, seconds):
    return requests.get(f"{url}/api/v1/documents", headers=bearer(token), timeout=seconds).ok


@is_alive.wrong("offers no subprotocol", lambda e: e.status == 400)
def without_a_subprotocol(url, token, document, seconds):
    with opened(url, token, document, subprotocols=None):
        return True


@is_alive.wrong("You sent no ping", is_socket)
def connected_is_alive(url, token, document, seconds):
    with opened(url, token, document) as socket:
        return socket.connected


@is_alive.wrong("You sent a message, and a ping is none", lambda e: any(m.close_code == 1008 for m in e.messages))
def a_text_that_says_ping(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.send(json.dumps({"type": "ping"}))
        return socket.recv_data()[0] == ABNF.OPCODE_PONG


@is_alive.wrong("You said True before any pong had come", is_socket)
def whatever_comes(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        socket.settimeout(seconds)
        return bool(next(frames(socket)))


@is_alive.wrong("You gave up at a frame that was no pong", is_socket)
def only_the_first_frame(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        socket.settimeout(seconds)
        return next(frames(socket))[0] == ABNF.OPCODE_PONG


@is_alive.wrong("You said False, and the pong had come in time", is_socket)
def bytes_compared_with_text(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping("hello?")
        for opcode, data in frames(socket):
            if opcode == ABNF.OPCODE_PONG:
                return data == "hello?"
    return None


@is_alive.wrong("You waited for the pong as long as it took, and said True", is_socket)
def without_a_limit(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        return any(opcode == ABNF.OPCODE_PONG for opcode, _ in frames(socket))


@is_alive.wrong("You waited for the pong however long it took, and said False", is_socket)
def the_clock_after_each_frame(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        asked = time.monotonic()
        for opcode, _ in frames(socket):
            if time.monotonic() - asked > seconds:
                return False
            if opcode == ABNF.OPCODE_PONG:
                return True
    return None


@is_alive.wrong("You gave each frame the time that the pong has", is_socket)
def a_limit_for_each_frame(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        socket.settimeout(seconds)
        try:
            return any(opcode == ABNF.OPCODE_PONG for opcode, _ in frames(socket))
        except WebSocketTimeoutException:
            return False


@is_alive.wrong("You gave up before the time was over", is_socket)
def a_limit_of_its_own(url, token, document, seconds):
    return solved(url, token, document, seconds / 10)


def solved(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        end = time.monotonic() + seconds
        with contextlib.suppress(WebSocketTimeoutException):
            while (left := end - time.monotonic()) > 0:
                socket.settimeout(left)
                if next(frames(socket))[0] == ABNF.OPCODE_PONG:
                    return True
        return False


@is_alive.wrong("The server pinged you too, and you sent no pong", is_socket)
def frames_without_pongs(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        socket.settimeout(seconds)
        try:
            while socket.recv_frame().opcode != ABNF.OPCODE_PONG:
                pass
        except WebSocketTimeoutException:
            return False
        return True


@is_alive.wrong("left the WebSocket without closing it", is_socket)
def left_open(url, token, document, seconds):
    socket = joined(url, token, document)
    socket.ping()
    while socket.recv_data(control_frame=True)[0] != ABNF.OPCODE_PONG:
        pass
    socket.shutdown()
    return True


@is_alive.wrong("returned text, where True or False is asked for", is_socket)
def a_word_for_it(url, token, document, seconds):
    return "alive" if solved(url, token, document, seconds) else "dead"


@is_alive.wrong("raised WebSocketTimeoutException", is_socket, "crashed")
def an_error_for_silence(url, token, document, seconds):
    with opened(url, token, document) as socket:
        socket.ping()
        socket.settimeout(seconds)
        return any(opcode == ABNF.OPCODE_PONG for opcode, _ in frames(socket))
