"""The exercise that computes a handshake's answer by hand."""

from __future__ import annotations

import random
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from hashlib import md5, sha1, sha256

from course_support.evidence import Evidence, first_of
from course_support.exercise import Client, Exercise, Scene
from course_support.exercises.rules import of_type
from course_support.exercises.websocket.rooms import PATH, SUBPROTOCOL, service
from course_support.verdict import Verdict, value_text, wrong

FIXED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
EXAMPLE = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # its answer to the key of its example


def accept(key: str) -> str:
    """The answer to a key (RFC 6455, section 4.2.2, step 5.4)."""
    return _base64(sha1((key + FIXED).encode()).digest())


def _scenes(draw: random.Random) -> list[Scene]:
    return [_scene(draw) for _ in range(2)]


def _scene(draw: random.Random) -> Scene:
    backend, given = service(draw)
    key = _drawn_key(draw)

    def show(client: Client) -> None:
        client.connect(PATH + given["document"], given["token"], [SUBPROTOCOL], Sec_WebSocket_Key=key)

    return Scene(backend, {"key": key}, afterwards=show)


def _drawn_key(draw: random.Random) -> str:
    """A key whose answer shows which alphabet of Base64 it is written in."""
    while True:
        key = _base64(draw.randbytes(16))
        if set("+/") & set(accept(key)):
            return key


def _judge(evidence: Evidence) -> Verdict:
    return first_of(evidence, of_type(str, f'a text such as "{EXAMPLE}"'), _other_answer)


def _other_answer(evidence: Evidence) -> Verdict | None:
    handshake, value = evidence.afterwards[-1], evidence.value
    right = handshake.response and handshake.response.fields.get("Sec-WebSocket-Accept")
    if value == right:
        return None
    known = ((cause, step) for (cause, step), texts in _mistakes(str(evidence.arguments["key"])) if value in texts)
    cause, step = next(known, ANOTHER)
    return wrong(cause, handshake, expected=str(right), seen=value_text(value), next_step=step)


def _mistakes(key: str) -> Iterator[tuple[tuple[str, str], list[str]]]:
    """What beginners compute for a key, each after its cause and what to do about it."""
    joined, right = (key + FIXED).encode(), accept(key)
    yield DECODED, _written(b64decode(key) + FIXED.encode())
    yield KEY_ALONE, _written(key.encode()) + _written(b64decode(key))
    yield FIXED_ALONE, _written(FIXED.encode())
    yield ORDER, _written((FIXED + key).encode())
    yield SMALL_LETTERS, _written((key + FIXED.lower()).encode())
    yield GLUED, [text for glue in (" ", "-", "\n", "\r\n") for text in _written((key + glue + FIXED).encode())]
    yield (
        OTHER_HASH,
        [text for other in (sha256, md5) for text in (_base64(other(joined).digest()), other(joined).hexdigest())],
    )
    yield HEXADECIMAL, [sha1(joined).hexdigest(), _base64(sha1(joined).hexdigest().encode())]
    yield UNHASHED, [_base64(joined), joined.decode()]
    yield ECHOED, [key]
    yield PRINTED, [str(right.encode())]
    yield URL_SAFE, [urlsafe_b64encode(b64decode(right)).decode()]
    yield RUFFLED, [right + "\n", right.rstrip("="), f'"{right}"']
    yield NAMED, [f"Sec-WebSocket-Accept: {right}"]
    yield COPIED, [EXAMPLE]


def _written(data: bytes) -> list[str]:
    """The hash of these bytes, in Base64 and in hexadecimal."""
    return [_base64(sha1(data).digest()), sha1(data).hexdigest()]


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


HALVES = "The text that is hashed is the key as it came, and then the fixed text of RFC 6455, section 1.3."
DECODED = (
    "You decoded the key from Base64 before you hashed it.",
    "Here the key is only a text, whatever it stands for: `key.encode()` gives its bytes.",
)
KEY_ALONE = ("You hashed the key alone.", HALVES)
FIXED_ALONE = ("You hashed the fixed text alone, so every key gets the same answer.", HALVES)
ORDER = ("You joined the key and the fixed text in the other order.", HALVES)
SMALL_LETTERS = (
    "You wrote the fixed text in small letters.",
    f"It is {FIXED}, to the letter: for a hash an a is not an A.",
)
GLUED = ("You put something between the key and the fixed text.", "Join the two with nothing between: `key + …`.")
OTHER_HASH = (
    "You used another hash than SHA-1.",
    "RFC 6455 says SHA-1. It protects nothing here: it only shows that the server has understood the handshake.",
)
HEXADECIMAL = (
    "You wrote the hash in hexadecimal.",
    "`.digest()` gives its twenty bytes; Base64 of these bytes is what goes into the answer.",
)
UNHASHED = ("You hashed nothing.", "SHA-1 comes after joining the two texts, and before Base64.")
ECHOED = (
    "You sent the key back as it came.",
    "So would a server that knows nothing of WebSocket and only echoes. " + HALVES,
)
PRINTED = ("You made text of the bytes as Python writes bytes.", "`.decode()` makes text of bytes; `str()` shows them.")
URL_SAFE = (
    "You used the alphabet of Base64 that is made for addresses.",
    "`base64.b64encode` has + and /, where `urlsafe_b64encode` has - and _.",
)
RUFFLED = (
    "What you return is right but for a character too many or too few around it.",
    "Nothing belongs around the Base64, and the = at its end is part of it.",
)
NAMED = (
    "You returned the whole field, where its value is asked for.",
    "Leave out the name of the field and its colon.",
)
COPIED = ("You returned the answer to the key of the RFC's example.", "Compute it from the argument `key`.")
ANOTHER = (
    "The answer to this key is another one.",
    "Base64(SHA-1(key + fixed text)): go through it part by part. Is the fixed text copied to the letter?",
)

ACCEPT_KEY = Exercise(
    "websocket.accept_key",
    "Answer a handshake by hand",
    1,
    (
        "The lesson computes it by hand, and RFC 6455, section 1.3, says how: a fixed text goes behind the key, and "
        "the whole is hashed.",
        'SHA-1 of the bytes of `key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"`, and Base64 of the twenty bytes that '
        "come out, not of their hexadecimal.",
        '`base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()`',
    ),
    _scenes,
    _judge,
)
