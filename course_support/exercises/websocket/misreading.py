"""How beginners misread a frame, and what to tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from course_support.exercises.websocket.frame import masked, parts, read

Diagnosis = tuple[str, str]
"""The cause, and what to do about it."""


def misread_bits(odd: str, value: Any, data: bytes) -> Diagnosis:
    """Why `last`, `opcode` or `masked` is not this value."""
    cause, step = {"last": _misread_last, "opcode": _misread_opcode, "masked": _misread_mask}[odd](value, data)
    place, byte = ("second", data[1]) if odd == "masked" else ("first", data[0])
    return cause, f"The {place} byte is {byte:02x}, which is {byte:08b} in binary: {step}"


def _misread_last(last: bool, data: bytes) -> Diagnosis:
    step = "its highest bit, FIN, says whether this frame is the last of its message."
    if last:
        return "You took a frame for the last of its message, and it is continued.", step
    return "You took the last frame of a message for one that is continued.", step


def _misread_mask(masked: bool, data: bytes) -> Diagnosis:
    step = "its highest bit says whether the frame is masked, and the others are the length."
    if masked:
        return "You took a frame of the server for a masked one, and only clients mask.", step
    return "You did not see that the frame is masked.", step


def _misread_opcode(opcode: int, data: bytes) -> Diagnosis:
    step = "the opcode is its lower four bits."
    if opcode in (data[0], data[0] - 128):
        return "You took the whole first byte for the opcode.", step
    if opcode == data[0] >> 4:
        return "You took the upper four bits for the opcode.", step
    if data[0] % 16 == 0:
        return (
            "You did not say that this frame continues a message.",
            f"{step} 0 means: it goes on with what came before.",
        )
    return "The frame has another opcode.", step


def misread_text(text: str, data: bytes) -> Diagnosis:
    """Why the frame's text is not this one."""
    known = (mistake for mistake, texts in _mistakes(data) if text in texts)
    return next(known, None) or _by_looks(text, read(data)["text"])


def _by_looks(text: str, right: str) -> Diagnosis:
    if text and right.startswith(text):
        return CUT
    return LONGER if text.endswith(right) else ANOTHER


def _mistakes(data: bytes) -> Iterator[tuple[Diagnosis, list[str]]]:
    """What beginners read, each after its cause and what to do about it."""
    extended, key, content = parts(data)
    rest = data[2 + extended :]
    if key:
        yield STILL_MASKED, _decoded(rest[4:])
        yield FROM_THE_KEY_ON, _decoded(masked(rest, key))
        yield ONE_BYTE_OF_THE_KEY, [text for byte in key for text in _decoded(masked(rest[4:], bytes([byte])))]
        turned = [key[turn:] + key[:turn] for turn in (1, 2, 3)] + [key[::-1]]
        yield KEY_TURNED, [text for other in turned for text in _decoded(masked(rest[4:], other))]
        yield KEY_AS_CONTENT, _decoded(rest) + _decoded(data[2:])
        yield WHOLE_BYTE, _decoded(masked(data[6:], data[2:6])) if extended else []
    else:
        yield NO_MASK, _decoded(masked(rest[4:], rest[:4])) + _decoded(rest[4:])
        yield LENGTH_UNSEEN, _decoded(data[2:]) if extended else []
    yield HEAD_AND_ALL, _decoded(data)
    yield OTHER_CODE, [text for text in _decoded(content) if len(text) >= len(content.decode())]
    yield PRINTED, [str(content), content.hex()]


def _decoded(content: bytes) -> list[str]:
    """Bytes as text, in the ways that programs make text of what may be none."""
    ways = [("utf-8", "replace"), ("utf-8", "ignore"), ("utf-8", "backslashreplace"), ("latin-1", "strict")]
    ways += [("cp1252", "replace"), ("ascii", "replace"), ("ascii", "ignore")]
    return [piece.decode(*way) for piece in (content, content[:126], content[:254]) for way in ways]


STILL_MASKED = (
    "You did not take the mask off.",
    "The four bytes before the content are the key: each byte of the content is XORed (`^`) with one of them in turn.",
)
FROM_THE_KEY_ON = (
    "You took the mask off the key too, so the text begins four bytes too early.",
    "The content begins behind the key.",
)
ONE_BYTE_OF_THE_KEY = (
    "You took the mask off with one byte of the key, and it has four.",
    "Byte number i of the content belongs to byte number `i % 4` of the key.",
)
KEY_TURNED = (
    "You took the mask off with the key's bytes in another order.",
    "Counted from the first byte of the content, byte number i belongs to byte number `i % 4` of the key.",
)
KEY_AS_CONTENT = (
    "You read the key as content, and did not take the mask off.",
    "Where the frame is masked, four bytes of key come before the content: each byte of the content is XORed (`^`) "
    "with one of them in turn.",
)
WHOLE_BYTE = (  # who knows of no longer lengths has got stuck at a frame of the server before
    "You compared the whole second byte with 126: of a masked frame it is 254.",
    "Its highest bit says that the frame is masked: the other seven, `data[1] % 128`, are the length.",
)
LENGTH_UNSEEN = (
    "You overlooked that two more bytes tell the length.",
    "Where the seven bits say 126, the length is in the next two bytes, and what comes after begins two bytes later.",
)
NO_MASK = (
    "You looked for a key in a frame that has none.",
    "Only a client masks: where the highest bit of the second byte is 0, the content follows the length at once.",
)
HEAD_AND_ALL = (
    "You made text of the whole frame, head and all.",
    "The head is 2 bytes, or 4 where the length is 126 or more, and 4 bytes of key where the frame is masked.",
)
OTHER_CODE = (
    "You made text of the bytes by another code than UTF-8.",
    "Text frames are UTF-8 (RFC 6455, section 5.6): `content.decode()` is enough, for all of its bytes at once.",
)
PRINTED = (
    "You returned the bytes as Python writes them, where the text is asked for.",
    "`content.decode()` makes text of bytes; `str()` and `.hex()` show them.",
)
CUT = (
    "You returned only the beginning of the text.",
    "How long is it? Where the seven bits say 126, that is no length: the next two bytes are. It counts bytes.",
)
LONGER = (
    "There is something in front of the text that is not part of it.",
    "The head is 2 bytes, or 4 where the length is 126 or more, and 4 bytes of key where the frame is masked.",
)
ANOTHER = (
    "The text in the frame is another one.",
    "Go through it byte by byte: FIN and opcode, mask and length, more length, key, content.",
)
