"""What the editor does with messages that break the rules, with floods, and with readers that do not read."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from course_support.backends import editor, rooms
from course_support.backends.edits import Edit
from course_support.backends.replica import Replica
from course_support.backends.rooms import TOO_SLOW

from .editors import ID, PATH, Editor, Service, deaf, frame, frames, replica, serving, until, update


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


BAD: dict[str, tuple[str, int, str]] = {
    "no JSON": ("{", 1008, "Send well-formed JSON, encoded in UTF-8."),
    "nothing": ("", 1008, "Send well-formed JSON, encoded in UTF-8."),
    "NaN": ('{"type": "text_update", "position": NaN}', 1008, "Send well-formed JSON, encoded in UTF-8."),
    "deep": ("[" * 10_000, 1008, "Send well-formed JSON, encoded in UTF-8."),
    "endless number": ('{"a": ' + "9" * 5000 + "}", 1008, "Send well-formed JSON, encoded in UTF-8."),
    "no object": ("[]", 1008, "Send a JSON object whose type is text_update or cursor_move."),
    "null": ("null", 1008, "Send a JSON object whose type is text_update or cursor_move."),
    "no type": ("{}", 1008, "Send a JSON object whose type is text_update or cursor_move."),
    "an odd type": ('{"type": {}}', 1008, "Send a JSON object whose type is text_update or cursor_move."),
    "a server's type": (
        '{"type": "user_joined"}',
        1008,
        "Send a JSON object whose type is text_update or cursor_move.",
    ),
    "another's name": (
        json.dumps(update(0, "X", userId="grace")),
        1008,
        "userId: Leave it out or send your own: the token says who you are.",
    ),
    "outside": (json.dumps(update(9999, "X")), 1008, "position: Stay within the text: at seq 0 it has "),
    "both": (json.dumps(update(0, "X", remove=1)), 1008, "remove: Insert or remove: send two updates to do both."),
    "neither": (json.dumps(update(0)), 1008, "content: Send some content to insert, or how much to remove."),
    "half a character": (json.dumps(update(0, "\ud800")), 1008, "content: Send the text to insert as a string."),
    "the future": (json.dumps(update(0, "X", base=1)), 1008, "base: Read the document again: no update since"),
    "a long id": (json.dumps(update(0, "X", id="i" * 65)), 1008, "id: Send a string of 1 to 64 characters."),
    "a list as id": (json.dumps(update(0, "X", id=[])), 1008, "id: Send a string of 1 to 64 characters."),
    "no cursor": ('{"type": "cursor_move"}', 1008, "position: Send how many code points stand before the cursor."),
    "another's cursor": (
        '{"type": "cursor_move", "position": 0, "userId": "grace"}',
        1008,
        "userId: Leave it out or send your own: the token says who you are.",
    ),
    "too large": (json.dumps(update(0, "X" * 16 * 1024)), 1009, "Send at most 16384 bytes in one message."),
    "too large, not in characters": ('"' + "é" * 8192, 1009, "Send at most 16384 bytes in one message."),
}


@pytest.mark.parametrize(("text", "code", "reason"), BAD.values(), ids=BAD)
def test_a_message_that_breaks_the_rules_closes_and_says_why(
    service: Service, text: str, code: int, reason: str
) -> None:
    logged = service.tracebacks
    ada, grace = service.edit("ada"), service.edit("grace")
    ada.raw.send(text)
    got, why = ada.closed()
    assert got == code
    assert why.startswith(reason)
    assert why.endswith(".")
    assert grace.read()["type"] == "user_left"
    assert (service.document.seq, service.tracebacks) == (0, logged)


def test_a_reader_may_not_write(service: Service) -> None:
    reader = service.edit("reader")
    reader.send(position=0, content="X")
    assert reader.closed() == (1008, "Use a token that may write: this one may only read.")
    assert service.document.seq == 0


def test_binary_is_1003(service: Service) -> None:
    ada = service.edit()
    ada.raw.send_binary(json.dumps(update(0, "X")).encode())
    assert ada.closed() == (1003, "Send text frames: this service does not take binary ones.")
    assert service.document.seq == 0


def test_the_largest_message_is_taken(service: Service) -> None:
    ada = service.edit()
    message = update(0, "")
    message["content"] = "é" * ((16 * 1024 - len(json.dumps(message))) // 2)
    text = json.dumps(message, ensure_ascii=False)
    assert 16 * 1024 - 2 < len((text + " ").encode()) <= 16 * 1024
    ada.raw.send(text + " ")
    assert ada.read()["seq"] == 1


def test_a_document_that_is_full_is_1009(service: Service) -> None:
    ada = service.edit()
    service.document.replace("x" * (200 * 1024), "ada", "")
    ada.send(position=0, content="X")
    assert ada.closed() == (1009, "Remove something first: a document has at most 204800 bytes.")


# --- Frames (RFC 6455) -----------------------------------------------------------------------------------------------

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def answered(service: Service, sent: bytes) -> list[tuple[int, bytes]]:
    """The frames that come until the service closes, the document's first."""
    with deaf(service, "ada") as sock:
        sock.sendall(sent)
        return list(frames(sock))


def code(payload: bytes) -> int:
    return int(struct.unpack("!H", payload[:2])[0])


GOOD = json.dumps(update(0, "ü"), ensure_ascii=False).encode()
FRAMES = {
    "bad UTF-8": (frame(TEXT, b'{"type": "\xff"}'), 1007),
    "UTF-8 cut short": (frame(TEXT, "ü".encode()[:1]), 1007),
    "a surrogate in UTF-8": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "without a mask": (frame(TEXT, GOOD, masked=False), 1002),
    "a reserved bit": (bytes([0xC1]) + frame(TEXT, GOOD)[1:], 1002),
    "an unknown opcode": (frame(3, b""), 1002),
    "a continuation of nothing": (frame(0, b"x"), 1002),
    "a message in a message": (frame(TEXT, b"{", fin=False) + frame(TEXT, b"}"), 1002),
    "a ping in parts": (frame(PING, b"", fin=False), 1002),
    "a long ping": (frame(PING, b"x" * 126), 1002),
    "a huge frame": (bytes([0x81, 0xFF]) + (1 << 30).to_bytes(8, "big") + bytes(4), 1009),
    "a close of one byte": (frame(CLOSE, b"x"), 1002),
    "a close with 1005": (frame(CLOSE, struct.pack("!H", 1005)), 1002),
    "a close": (frame(CLOSE, struct.pack("!H", 1000)), 1000),
}


@pytest.mark.parametrize(("sent", "expected"), FRAMES.values(), ids=FRAMES)
def test_odd_frames_close_as_the_protocol_has_it(service: Service, sent: bytes, expected: int) -> None:
    last = answered(service, sent)[-1]
    assert (last[0], code(last[1])) == (CLOSE, expected)
    assert service.document.seq == 0
    until(lambda: not service.app.state.rooms.connections)


def test_a_close_without_a_code_gets_one_back_without(service: Service) -> None:
    assert answered(service, frame(CLOSE))[-1] == (CLOSE, b"")


def test_a_message_in_parts_is_one_with_a_ping_in_between(service: Service) -> None:
    parts = (
        frame(TEXT, GOOD[:-4], fin=False) + frame(PING, b"?") + frame(0, GOOD[-4:-3], fin=False) + frame(0, GOOD[-3:])
    )
    got = answered(service, parts + frame(CLOSE, struct.pack("!H", 1000)))
    assert (PONG, b"?") in got
    until(lambda: service.document.text.startswith("ü"))


def test_parts_of_a_large_message_are_counted_together(service: Service) -> None:
    parts = frame(TEXT, b'"', fin=False) + frame(0, b"x" * 9000, fin=False) * 2 + frame(0, b'"')
    assert code(answered(service, parts)[-1][1]) == 1009


# --- Floods ----------------------------------------------------------------------------------------------------------


def test_a_flood_by_one_reaches_all_and_closes_nobody() -> None:
    with serving(backlog=64) as service:
        ada, grace = service.edit("ada"), service.edit("grace")
        letter = frame(TEXT, json.dumps(update(0, "X", timestamp="t")).encode())
        reading = threading.Thread(target=lambda: [ada.read() for _ in range(3001)], daemon=True)
        reading.start()
        ada.raw.sock.sendall(letter * 3000)
        assert [grace.read()["seq"] for _ in range(3000)] == list(range(1, 3001))
        reading.join(20)
        assert not reading.is_alive()
        assert service.document.text.startswith("X" * 3000)


def flood(ada: Editor, grace: Editor, replica: Replica, done: Callable[[], bool]) -> None:
    """Have Ada write and remove long pieces until it is done; she and Grace read every one of them."""
    piece, seq = "x" * 15_000, 0
    while not done():
        assert seq < 4000
        for sent in (update(0, piece), update(0, remove=len(piece))):
            ada.raw.send(json.dumps(sent))
            seq += 1
            for reader in (ada, grace):
                message = reader.read_until("text_update")[-1]
                assert message["seq"] == seq
            replica.receive(message)


def test_a_reader_that_does_not_read_is_closed_with_1013_and_nobody_else_waits() -> None:
    with serving(backlog=8) as service:
        sock = deaf(service, "alan")
        ada, grace = service.edit("ada"), service.knock("grace")
        copy = replica(grace)
        flood(ada, grace, copy, lambda: len(service.app.state.rooms.connections) == 2)
        assert copy.text == service.document.text
        seq = service.document.seq
        sock.sendall(frame(TEXT, GOOD))  # too late: whoever is to be closed is not heard any more
        *texts, (opcode, payload) = frames(sock)  # now it reads, and learns what happened
        assert service.document.seq == seq
        assert (opcode, code(payload), payload[2:].decode()) == (CLOSE, 1013, TOO_SLOW)
        sock.close()
        got = [json.loads(text) for _, text in texts]
        seqs = [it["seq"] for it in got if it["type"] == "text_update"]
        assert seqs == list(range(1, len(seqs) + 1))  # what it got has no gaps, and from there it resumes
        again = service.knock("alan", path=f"/edit/{ID}?after={seqs[-1]}")
        missed = again.read_until("resumed")[:-1]
        assert [it["seq"] for it in missed] == list(range(seqs[-1] + 1, service.document.seq + 1))


def test_one_that_never_reads_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "PATIENCE", 0.05)
    with serving(backlog=8) as service:
        sock = deaf(service, "alan")
        ada, grace = service.edit("ada"), service.knock("grace")
        flood(ada, grace, replica(grace), lambda: len(service.app.state.rooms.connections) == 2)
        tasks = service.server._uvicorn.server_state.tasks
        until(lambda: len(tasks) == 2)
        ada.send(position=0, content="X")
        assert grace.read_until("text_update")[-1]["content"] == "X"
        sock.close()


def test_many_cursors_end_no_connection() -> None:
    with serving(backlog=8) as service:
        ada, grace = service.edit("ada"), service.edit("grace")
        moves = b"".join(frame(TEXT, b'{"type": "cursor_move", "position": %d}' % (n % 50)) for n in range(5001))
        ada.raw.sock.sendall(moves)
        ada.send(position=0, content="X")
        read = grace.read_until("text_update")
        assert read[-2] == {"type": "cursor_move", "userId": "ada", "position": 0}


def test_of_many_cursors_a_slow_reader_gets_the_newest() -> None:
    with serving(backlog=8) as service:
        piece = "x" * 15_000
        for _ in range(400):
            service.document.add(Edit(0, piece), service.document.seq, "grace", "")
            service.document.add(Edit(0, remove=len(piece)), service.document.seq, "grace", "")
        sock = deaf(service, "alan", f"/edit/{ID}?after=0")  # more than all buffers on the way can hold
        ada, grace = service.edit("ada"), service.edit("grace")
        ada.raw.sock.sendall(b"".join(frame(TEXT, b'{"type": "cursor_move", "position": %d}' % n) for n in range(51)))
        ada.send(position=0, content="X")
        assert grace.read_until("text_update")[-2]["position"] == 50
        got = []
        for _, payload in frames(sock):
            got.append(json.loads(payload))
            if got[-1].get("content") == "X":
                break
        assert [it["position"] for it in got if it["type"] == "cursor_move"] == [50]
        sock.close()


def test_whoever_is_gone_before_the_handshake_is_answered_has_no_seat() -> None:
    app = editor.app()
    token = f"Bearer {app.state.credentials['ada']}".encode()
    scope = {
        "type": "websocket",
        "path": f"/edit/{ID}",
        "raw_path": f"/edit/{ID}".encode(),
        "query_string": b"",
        "headers": [(b"authorization", token)],
        "subprotocols": [editor.PROTOCOL],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        assert app.state.rooms.connections
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(app(scope, receive, send))
    assert not app.state.rooms.connections


def test_many_connections_all_hear_of_an_update() -> None:
    with serving(room_size=150) as service:
        editors = [service.knock("grace") for _ in range(149)]
        for each in editors:
            assert each.read()["type"] == "document"
        ada = service.edit("ada")
        assert service.refusal("alan")[0] == 503
        ada.send(position=0, content="X")
        for each in editors:
            assert [it["type"] for it in (each.read(), each.read())] == ["user_joined", "text_update"]
        for each in editors:
            each.raw.shutdown()
        until(lambda: len(service.app.state.rooms.connections) == 1)
        assert ada.read_until("user_left")[-1]["user"]["id"] == "grace"


def test_handshakes_that_are_left_alone_take_no_seat(service: Service) -> None:
    for _ in range(30):
        sock = socket.create_connection(("127.0.0.1", service.server.port))
        sock.sendall(f"GET /edit/{ID} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n".encode())
        sock.close()
    service.edit()
    assert len(service.app.state.rooms.connections) == 1


def test_clients_that_leave_at_once_leave_nothing_behind(service: Service) -> None:
    logged = service.tracebacks
    for _ in range(30):
        sock = deaf(service, "ada")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset instead of goodbye
        sock.sendall(frame(TEXT, GOOD))
        sock.close()
    until(lambda: not service.app.state.rooms.connections)
    assert service.tracebacks == logged


def test_a_removal_far_behind_does_not_hold_up_the_service(service: Service) -> None:
    length = len(service.document.text)
    ada, grace = service.edit("ada"), service.knock("grace")
    copy = replica(grace)
    for number in range(length - 1):
        service.document.add(Edit(1 + 2 * number, "X"), service.document.seq, "alan", "")
    ada.send(position=0, remove=length, base=0)
    parts = [ada.read_until("text_update")[-1] for _ in range(length)]
    assert all(part["remove"] == 1 for part in parts)
    assert service.document.text == "X" * (length - 1)
    assert copy.seq == 0


# --- Whatever comes --------------------------------------------------------------------------------------------------

VALUES: list[Any] = [None, True, -1, 0, 1, 3, 7.5, 1e300, 10**40, "", "ada", "ü🎂", "\ud800", "x" * 70, [], {}, [[]]]
MEMBERS = ["type", "position", "content", "remove", "base", "id", "userId", "timestamp", "seq"]


def odd_message(draw: random.Random) -> bytes:
    what = draw.choice([{"content": "a"}, {"content": "ü🎂"}, {"remove": 1}])
    message: dict[str, Any] = {"type": "text_update", "position": draw.randint(0, 5), **what}
    for _ in range(draw.choice([0, 0, 1, 2])):
        message[draw.choice(MEMBERS)] = draw.choice(VALUES)
    for member in draw.sample(MEMBERS, draw.choice([0, 0, 0, 1])):
        message.pop(member, None)
    text = json.dumps(message).encode()
    if draw.random() < 0.1:
        place = draw.randrange(len(text))
        text = text[:place] + bytes([draw.randrange(128)]) + text[place + 1 :]
    return text


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_sent_is_taken_or_refused_and_never_a_failure(service: Service, seed: int) -> None:
    draw, logged = random.Random(seed), service.tracebacks
    watching = service.knock("grace")
    copy = replica(watching)
    codes = []
    for number in range(60):
        with deaf(service, "ada") as sock:
            messages = [odd_message(draw) for _ in range(3)]
            messages.append(json.dumps(update(0, "X", id=f"last-{number}")).encode())
            sock.sendall(b"".join(frame(TEXT, message) for message in messages))
            for opcode, payload in frames(sock):
                if opcode == CLOSE:
                    codes.append(code(payload))
                elif json.loads(payload).get("id") == f"last-{number}":
                    break
            else:
                assert opcode == CLOSE
    assert set(codes) == {1008}
    assert len(codes) < 60
    watching.send(position=0, content="the end", userId="grace")
    while "the end" not in copy.text:  # the service may not have it yet
        copy.receive(watching.read())
    assert copy.text == service.document.text == service("GET", PATH).json()["text"]
    assert service.tracebacks == logged
