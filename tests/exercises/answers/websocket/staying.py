"""Answers to `websocket.stay`."""

import asyncio
import json
import time

import websocket
import websockets
from websockets.sync.client import connect

from tests.exercises.answers.answer import Answers
from tests.exercises.answers.websocket.joining import leaving

stay = Answers("websocket.stay")
AGAIN = (1001, 1006, 1011, 1013)


def address(url, document):
    return f"{url.replace('http', 'ws', 1)}/edit/{document}"


def opened(url, token, document, **more):
    fields = {"Authorization": f"Bearer {token}"}
    return websocket.create_connection(
        address(url, document), **{"subprotocols": ["edit.v1"], "header": fields, "timeout": 10} | more
    )


def code_of(socket, unsaid=1005, broken=1006):
    """Read to the end: with which code was that?"""
    try:
        while True:
            opcode, data = socket.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big") if data else unsaid
    except (websocket.WebSocketException, OSError):
        return broken
    finally:
        socket.close()
        socket.shutdown()  # which close() leaves out where the service was first


def stayed(url, token, document, again=AGAIN, pause=0.1, **more):
    codes = [code_of(opened(url, token, document), **more)]
    while codes[-1] in again:
        time.sleep(pause)
        codes.append(code_of(opened(url, token, document), **more))
    return codes


@stay.right
def websocket_client_and_a_list(url, token, document):
    return stayed(url, token, document)[-1]


@stay.right
def websockets_in_a_thread_of_its_own(url, token, document):
    fields = {"Authorization": f"Bearer {token}"}
    while True:
        try:
            with connect(address(url, document), subprotocols=["edit.v1"], additional_headers=fields) as socket:
                while True:
                    socket.recv()
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
        if code not in AGAIN:
            return code
        time.sleep(0.11)


@stay.right
def websockets_and_asyncio(url, token, document):
    async def joined():
        fields = {"Authorization": f"Bearer {token}"}
        socket = await websockets.connect(address(url, document), subprotocols=["edit.v1"], additional_headers=fields)
        try:
            async for _ in socket:
                pass
        except websockets.ConnectionClosed:
            pass
        return socket.close_code

    async def until_it_does_not_pass():
        while (code := await joined()) in AGAIN:
            await asyncio.sleep(0.15)
        return code

    return asyncio.run(until_it_does_not_pass())


@stay.right
def an_app_of_websocket_client(url, token, document):
    ends = []  # of each connection its error, which comes even after a close frame, and its code
    app = websocket.WebSocketApp(
        address(url, document),
        header={"Authorization": f"Bearer {token}"},
        subprotocols=["edit.v1"],
        on_error=lambda app, error: ends.append(1006 if "lost" in str(error) else 1005),
        on_close=lambda app, code, reason: ends.append(code or ends[-1]),
    )
    app.run_forever()
    while ends[-1] in AGAIN:
        time.sleep(0.1)
        app.run_forever()
    return ends[-1]


def closed_with(code):
    return lambda e: [m.close_code for m in e.messages if m.sender == "server" and m.opcode == "close"] == [code]


def broken(e):
    return e.status == 101 and "dropped" in e.note


@stay.wrong("No request of yours", None)
def guessed(url, token, document):
    return 1008


@stay.wrong("offers no subprotocol", lambda e: e.status == 400)
def no_subprotocol(url, token, document):
    return code_of(opened(url, token, document, subprotocols=None))


@stay.wrong("does not say who asks", lambda e: e.status == 401)
def no_token(url, token, document):
    return code_of(opened(url, token, document, header=None))


@stay.wrong("although the service closed with 1001, which passes", closed_with(1001))
def once_and_never_again(url, token, document):
    return code_of(opened(url, token, document))


@stay.wrong("You joined again, although the service closed with 1008", closed_with(1008))
def again_for_ever(url, token, document):
    return stayed(url, token, document, range(1000, 5000))[-1]


@stay.wrong("although the line broke without a close frame, which passes", broken)
def away_after_a_broken_line(url, token, document):
    return stayed(url, token, document, (1001, 1011, 1013))[-1]


@stay.wrong("although the service closed with 1011, which passes", closed_with(1011))
def away_after_a_failure(url, token, document):
    return stayed(url, token, document, (1001, 1006, 1013))[-1]


@stay.wrong("although the service closed with 1013, which passes", closed_with(1013))
def away_after_try_again_later(url, token, document):
    return stayed(url, token, document, (1001, 1006, 1011))[-1]


@stay.wrong("You joined again too soon", lambda e: e.number == 2)
def without_a_pause(url, token, document):
    return stayed(url, token, document, pause=0)[-1]


@stay.wrong("although the service closed with 4", lambda e: True)
def again_for_codes_that_are_not_known(url, token, document):
    return stayed(url, token, document, (*AGAIN, *range(4000, 5000)))[-1]


@stay.wrong("although the service closed without a code", closed_with(1005))
def no_code_taken_for_a_broken_line(url, token, document):
    return stayed(url, token, document, unsaid=1006)[-1]


@stay.wrong("has no code, which RFC 6455 calls 1005, and you return 0", closed_with(1005))
def no_bytes_taken_for_a_number(url, token, document):
    return stayed(url, token, document, unsaid=0)[-1]


@stay.wrong("where a whole number is asked for", closed_with(1008))
def all_codes(url, token, document):
    return stayed(url, token, document)


@stay.wrong("the code of an earlier end, 1001", closed_with(1008))
def the_first_code(url, token, document):
    return stayed(url, token, document)[0]


@stay.wrong("the code with which you closed, 1000", closed_with(1008))
def always_well(url, token, document):
    stayed(url, token, document)
    return 1000


@stay.wrong("raised WebSocketConnectionClosedException", broken, "crashed")
def a_broken_line_that_is_not_caught(url, token, document):
    while True:
        socket, opcode = opened(url, token, document), None
        while opcode != websocket.ABNF.OPCODE_CLOSE:
            opcode, data = socket.recv_data(control_frame=True)
        code = int.from_bytes(data[:2], "big")
        if code not in AGAIN:
            return code
        time.sleep(0.1)


@stay.wrong(
    "raised WebSocketConnectionClosedException", closed_with(1001), "crashed", step="`recv` hides close frames: it"
)
def recv_until_it_fails(url, token, document):
    with leaving(opened(url, token, document)) as socket:
        while True:
            socket.recv()


@stay.wrong("raised JSONDecodeError", closed_with(1001), "crashed", step="hands you the close frame, with its code")
def a_goodbye_taken_for_a_message(url, token, document):
    socket = opened(url, token, document)
    try:
        while True:
            json.loads(socket.recv())
    finally:
        socket.shutdown()
