"""Answers to `websocket.read_frame`."""

import struct
from itertools import cycle

from websockets.frames import Frame
from websockets.streams import StreamReader

from tests.exercises.answers.answer import Answers

read_frame = Answers("websocket.read_frame")


@read_frame.right
def by_struct(frame):
    data = bytes.fromhex(frame)
    first, second = struct.unpack_from("!BB", data)
    place, size = 2, second & 0x7F
    if size == 126:
        (size,) = struct.unpack_from("!H", data, place)
        place += 2
    content = data[place:]
    if second & 0x80:
        content = bytes(a ^ b for a, b in zip(data[place + 4 :], cycle(data[place : place + 4]), strict=False))
    text = str(content[:size], "utf-8")
    return {"text": text, "masked": bool(second & 0x80), "opcode": first & 0x0F, "last": bool(first & 0x80)}


@read_frame.right
def from_the_end(frame):
    """The content is what is left over at the end, whatever the length says."""
    bits = f"{int(frame[:4], 16):016b}"
    data = list(bytes.fromhex(frame))
    del data[: 4 if bits[9:] == "1111110" else 2]
    masked = bits[8] == "1"
    key = [data.pop(0) for _ in range(4)] if masked else [0]
    text = bytearray(byte ^ key[i % len(key)] for i, byte in enumerate(data)).decode()
    return {"last": bits[0] == "1", "opcode": int(bits[4:8], 2), "masked": masked, "text": text}


@read_frame.right
def by_a_library(frame):
    data = bytes.fromhex(frame)
    masked, reader = bool(data[1] & 128), StreamReader()
    reader.feed_data(data)
    parsing = Frame.parse(reader.read_exact, mask=masked)
    try:
        next(parsing)
    except StopIteration as parsed:
        found = parsed.value
    return {"last": found.fin, "opcode": int(found.opcode), "masked": masked, "text": bytes(found.data).decode()}


def read(
    frame,
    decode=bytes.decode,
    unmask=lambda content, key: bytes(b ^ k for b, k in zip(content, cycle(key), strict=False)),
):
    """A right answer with two steps that can be others."""
    data = bytes.fromhex(frame)
    start = 4 if data[1] % 128 == 126 else 2
    masked = data[1] > 127
    content = unmask(data[start + 4 :], data[start : start + 4]) if masked else data[start:]
    return {"last": data[0] > 127, "opcode": data[0] % 16, "masked": masked, "text": decode(content)}


def any_text(content):
    return content.decode(errors="replace")


def is_server_frame(e):
    return e.status == 101 and e.messages[0].sender == "server"


def long_one(e):
    return any(len(m.data) > 256 for m in e.messages)


@read_frame.wrong("one that is continued", is_server_frame)
def never_the_last(frame):
    return read(frame) | {"last": False}


@read_frame.wrong("and it is continued", long_one)
def always_the_last(frame):
    return read(frame) | {"last": True}


@read_frame.wrong("took the whole first byte for the opcode", is_server_frame)
def the_first_byte_as_opcode(frame):
    return read(frame) | {"opcode": bytes.fromhex(frame)[0]}


@read_frame.wrong("took the upper four bits", is_server_frame)
def the_first_digit_as_opcode(frame):
    return read(frame) | {"opcode": int(frame[0], 16)}


@read_frame.wrong("continues a message", long_one)
def always_text(frame):
    return read(frame) | {"opcode": 1}


@read_frame.wrong("only clients mask", is_server_frame)
def always_masked(frame):
    return read(frame) | {"masked": True}


@read_frame.wrong("did not see that the frame is masked", lambda e: e.messages[-2].sender == "client")
def never_masked(frame):
    return read(frame) | {"masked": False}


@read_frame.wrong("did not take the mask off", lambda e: b"cursor_move" in e.messages[1].data)
def with_the_mask_on(frame):
    return read(frame, any_text, lambda content, key: content)


@read_frame.wrong("You read the key as content", lambda e: b"cursor_move" in e.messages[1].data)
def the_rest_as_text(frame):
    data = bytes.fromhex(frame)
    return read(frame, any_text, lambda content, key: data[4 if data[1] % 128 == 126 else 2 :])


@read_frame.wrong(
    "You compared the whole second byte with 126", lambda e: e.messages[-2].sender == "client" and long_one(e)
)
def the_mask_s_bit_in_the_length(frame):
    data = bytes.fromhex(frame)
    start = 4 if data[1] == 126 else 2
    masked = data[1] > 127
    key, content = (data[start : start + 4], data[start + 4 :]) if masked else (bytes(4), data[start:])
    return read(frame, any_text) | {"text": any_text(bytes(b ^ k for b, k in zip(content, cycle(key), strict=False)))}


@read_frame.wrong("four bytes too early", lambda e: b"cursor_move" in e.messages[1].data)
def the_key_unmasked_too(frame):
    return read(
        frame, any_text, lambda content, key: bytes(b ^ k for b, k in zip(key + content, cycle(key), strict=False))
    )


@read_frame.wrong("with one byte of the key", lambda e: b"cursor_move" in e.messages[1].data)
def one_byte_for_all(frame):
    return read(frame, any_text, lambda content, key: bytes(byte ^ key[0] for byte in content))


@read_frame.wrong("in another order", lambda e: b"cursor_move" in e.messages[1].data)
def the_key_counted_from_the_frame_s_beginning(frame):
    return read(frame, any_text, lambda content, key: bytes(b ^ key[(6 + i) % 4] for i, b in enumerate(content)))


@read_frame.wrong("looked for a key in a frame that has none", is_server_frame)
def a_key_in_every_frame(frame):
    data = bytes.fromhex(frame)
    text = bytes(byte ^ data[2 + i % 4] for i, byte in enumerate(data[6:])).decode(errors="replace")
    return read(frame) | {"text": text}


@read_frame.wrong("two more bytes tell the length", long_one)
def only_short_frames(frame):
    data = bytes.fromhex(frame)
    key, content = (data[2:6], data[6:]) if data[1] > 127 else (bytes(4), data[2:])
    return read(frame) | {
        "text": bytes(b ^ k for b, k in zip(content, cycle(key), strict=False)).decode("utf-8", "replace")
    }


@read_frame.wrong("You returned only the beginning of the text", long_one)
def cut_at_126(frame):
    return read(frame) | {"text": read(frame)["text"][:126]}


@read_frame.wrong("by another code than UTF-8", long_one)
def in_latin_1(frame):
    return read(frame, lambda content: content.decode("latin-1"))


@read_frame.wrong("as Python writes them", is_server_frame)
def printed_bytes(frame):
    return read(frame, str)


@read_frame.wrong("head and all", is_server_frame)
def the_whole_frame(frame):
    return read(frame) | {"text": bytes.fromhex(frame).decode("utf-8", "replace")}


@read_frame.wrong("something in front of the text", long_one)
def one_byte_more_for_the_length(frame):
    data = bytes.fromhex(frame)
    long = data[1] == 126
    return read(frame) | ({"text": data[3:].decode("utf-8", "replace")} if long else {})


@read_frame.wrong("is another one", is_server_frame)
def backwards(frame):
    return read(frame) | {"text": read(frame)["text"][::-1]}


@read_frame.wrong("The member 'opcode' of your dict is text", None)
def the_opcode_as_a_digit(frame):
    return read(frame) | {"opcode": frame[1]}


@read_frame.wrong("has no member 'last'", None)
def another_name(frame):
    right = read(frame)
    right["fin"] = right.pop("last")
    return right


@read_frame.wrong("raised UnicodeDecodeError", None, "crashed")
def the_mask_forgotten(frame):
    return read(frame, unmask=lambda content, key: content)
