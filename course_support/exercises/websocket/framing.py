"""The exercise that reads a frame by hand: frames that the service and its clients send, as they are on the socket."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from course_support.backends.content import encode
from course_support.backends.documents import FESTIVE, SENTENCES
from course_support.backends.rooms import shown
from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_form
from course_support.exercises.websocket.frame import frame, read
from course_support.exercises.websocket.misreading import misread_bits, misread_text
from course_support.exercises.websocket.rooms import PATH, SUBPROTOCOL, service, write
from course_support.verdict import Verdict, value_text, wrong


def _scenes(draw: random.Random) -> list[Scene]:
    scenes = (_somebody_joins, _a_cursor_moves, _the_document, _the_beginning_of_an_update, _the_end_of_an_update)
    return [scene(draw) for scene in scenes]


def _somebody_joins(draw: random.Random) -> Scene:
    """A short frame of the server."""
    backend, given = service(draw)
    credentials = backend.state.credentials
    other = draw.choice([user for user, token in credentials.items() if token != given["token"]])

    def show(client: Client) -> None:
        opened = client.connect(PATH + given["document"], given["token"], [SUBPROTOCOL])
        client.connect(PATH + given["document"], credentials[other], [SUBPROTOCOL])
        for _ in ("document", "user_joined"):
            opened.recv()

    return _scene(backend, frame(encode({"type": "user_joined", "user": shown(other)})), show)


def _the_document(draw: random.Random) -> Scene:
    """A long frame of the server."""
    backend, given = service(draw)
    user = next(name for name, token in backend.state.credentials.items() if token == given["token"])
    write(backend, given["document"], 0, _long_text(draw))
    document = backend.state.documents[given["document"]]
    text = encode({"type": "document", "text": document.text, "seq": document.seq, "users": [shown(user)]})

    def show(client: Client) -> None:
        client.connect(PATH + given["document"], given["token"], [SUBPROTOCOL]).recv()

    return _scene(backend, frame(text), show)


def _a_cursor_moves(draw: random.Random) -> Scene:
    """A short frame of a client."""
    content = encode({"type": "cursor_move", "position": draw.randrange(10, 100)})
    return _said(draw, [frame(content, draw.randbytes(4))], 0)


def _the_beginning_of_an_update(draw: random.Random) -> Scene:
    return _said(draw, _update(draw), 0)


def _the_end_of_an_update(draw: random.Random) -> Scene:
    return _said(draw, _update(draw), 1)


def _update(draw: random.Random) -> list[bytes]:
    """A message in two frames: one that is long, and one that is short."""
    content = encode({"type": "text_update", "position": 0, "content": _long_text(draw)})
    end = content.rindex(b" ", 0, -30)
    beginning = frame(content[:end], draw.randbytes(4), last=False)
    return [beginning, frame(content[end:], draw.randbytes(4), opcode=0)]


def _long_text(draw: random.Random) -> str:
    """More than 256 bytes, so that both bytes of its length count, and not all of them ASCII."""
    return " ".join([*draw.sample(SENTENCES, 4), FESTIVE, *draw.sample(SENTENCES, 4)]) + " "


def _said(draw: random.Random, frames: list[bytes], asked: int) -> Scene:
    """What a client sends, frame by frame; one of these frames is asked for."""
    backend, given = service(draw)

    def show(client: Client) -> None:
        opened = client.connect(PATH + given["document"], given["token"], [SUBPROTOCOL])
        opened.recv()
        if opened.sock:
            for each in frames:
                opened.sock.send(each)

    return _scene(backend, frames[asked], show)


def _scene(backend: Any, data: bytes, show: Callable[[Client], None]) -> Scene:
    return Scene(backend, {"frame": data.hex()}, {"right": read(data)}, afterwards=show)


def _judge(evidence: Evidence) -> Verdict:
    return first_of(
        evidence, of_form({"last": True, "opcode": 1, "masked": True, "text": "Hello"}), _other_bits, _other_text
    )


def _other_bits(evidence: Evidence) -> Verdict | None:
    """The first two bytes were misread."""
    value, right, data = evidence.value, evidence.expected["right"], bytes.fromhex(str(evidence.arguments["frame"]))
    odd = next((name for name in ("last", "opcode", "masked") if value[name] != right[name]), None)
    if not odd:
        return None
    cause, step = misread_bits(odd, value[odd], data)
    return wrong(cause, evidence.afterwards[0], expected=_bits(right), seen=_bits(value), next_step=step)


def _bits(read: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value_text(read[name], 40)}" for name in ("last", "opcode", "masked"))


def _other_text(evidence: Evidence) -> Verdict | None:
    text, right = evidence.value["text"], evidence.expected["right"]["text"]
    if text == right:
        return None
    data = bytes.fromhex(str(evidence.arguments["frame"]))
    cause, step = misread_text(text, data)
    expected = f"{value_text(right, 200)}, from the bytes {data[:16].hex(' ')} …"
    return wrong(cause, evidence.afterwards[0], expected=expected, seen=value_text(text), next_step=step)


READ_FRAME = Exercise(
    "websocket.read_frame",
    "Read a frame",
    3,
    (
        "The lesson shows frames with their bytes. The first byte holds FIN and the opcode, the second one MASK and "
        "the length; what does a length of 126 mean?",
        "`data = bytes.fromhex(frame)`: `data[0] >= 128`, `data[0] % 16`, `data[1] >= 128`. If `data[1] % 128` is 126, "
        "two more bytes hold the length. Then come four bytes of key if the frame is masked, and the content.",
        "`bytes(byte ^ key[i % 4] for i, byte in enumerate(content)).decode()` takes the mask off; without a mask it "
        "is `content.decode()`.",
    ),
    _scenes,
    _judge,
)
