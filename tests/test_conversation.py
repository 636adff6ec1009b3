"""Frames are cut into messages whatever the pieces they come in, and what is no frame harms nobody."""

from __future__ import annotations

from random import Random

import pytest
from websockets.frames import Opcode

from course_support import conversation as module
from course_support.conversation import Conversation
from course_support.wire import Message, Sender
from tests.wiretap import frame


def essence(conversation: Conversation) -> list[tuple[str, str, bytes]]:
    return [(message.sender, message.opcode, message.data) for message in conversation.messages]


def fed(*pieces: tuple[Sender, bytes]) -> Conversation:
    conversation = Conversation()
    for sender, data in pieces:
        conversation.feed(sender, data)
    return conversation


def test_both_sides_are_told_apart_and_in_order() -> None:
    conversation = fed(
        ("client", frame(Opcode.TEXT, b"one")),
        ("server", frame(Opcode.BINARY, b"\0two", mask=False)),
        ("client", frame(Opcode.PING, b"?") + frame(Opcode.CLOSE)),
        ("server", frame(Opcode.PONG, b"?", mask=False)),
    )
    assert essence(conversation) == [
        ("client", "text", b"one"),
        ("server", "binary", b"\0two"),
        ("client", "ping", b"?"),
        ("client", "close", b""),
        ("server", "pong", b"?"),
    ]
    times = [message.at for message in conversation.messages]
    assert 0 < times[0] <= times[1] <= times[2] == times[3] <= times[4]
    assert conversation.closed == ("client",)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 300_000])
@pytest.mark.parametrize("sender", ["client", "server"])
def test_bytes_include_the_framing(sender: Sender, size: int) -> None:
    data = frame(Opcode.BINARY, b"x" * size, mask=sender == "client")
    [message] = fed((sender, data)).messages
    assert (message.bytes, len(message.data)) == (len(data), size)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 300_000])
@pytest.mark.parametrize("sender", ["client", "server"])
@pytest.mark.parametrize("most", [1, 3, 10**6])
def test_the_head_of_a_frame_is_kept_as_it_was(sender: Sender, size: int, most: int) -> None:
    data = frame(Opcode.BINARY, b"x" * size, mask=sender == "client")
    near = data[: 20 + most]  # the rest at once, for the sake of time
    pieces = [near[at : at + most] for at in range(0, len(near), most)]
    [message] = fed(*((sender, piece) for piece in [*pieces, data[20 + most :]])).messages
    assert message.heads == (data[: len(data) - size],)


def test_of_too_many_frames_the_first_heads_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_HEADS", 10)
    many = [frame(Opcode.CONT if at else Opcode.TEXT, b"", fin=at == 49, mask=False) for at in range(50)]
    conversation = fed(("server", b"".join(many)))
    assert conversation.messages[0].heads == tuple(many[:10])
    assert conversation.size == 10 * module.OVERHEAD


FRAGMENTED = (
    frame(Opcode.TEXT, "für".encode()[:2], fin=False)
    + frame(Opcode.PING, b"still there?")
    + frame(Opcode.CONT, "für".encode()[2:], fin=False)
    + frame(Opcode.CONT, b"")
)


def test_fragments_are_joined_with_control_frames_between() -> None:
    ping, text = fed(("client", FRAGMENTED)).messages
    assert (ping.opcode, ping.text) == ("ping", "still there?")
    assert (text.opcode, text.text) == ("text", "für")
    assert ping.bytes + text.bytes == len(FRAGMENTED)
    assert [head[:2] for head in (*ping.heads, *text.heads)] == [b"\x89\x8c", b"\x01\x82", b"\x00\x82", b"\x80\x80"]
    assert {len(head) for head in (*ping.heads, *text.heads)} == {6}


def test_whatever_the_pieces_the_messages_are_the_same() -> None:
    whole = FRAGMENTED + frame(Opcode.TEXT, b"y" * 70_000) + frame(Opcode.CLOSE, b"\x03\xe8done")
    expected = essence(fed(("client", whole)))
    random = Random(1)
    for most in (1, 3, 100, 50_000):
        conversation, at = Conversation(), 0
        while at < len(whole):
            size = random.randint(1, most)
            conversation.feed("client", whole[at : at + size])
            at += size
        assert essence(conversation) == expected
        assert not conversation.halfway


def test_a_frame_that_has_not_ended_is_half_way() -> None:
    data = frame(Opcode.TEXT, b"hello")
    for end in range(1, len(data)):
        conversation = fed(("client", data[:end]))
        assert conversation.halfway
        assert conversation.messages == ()
        conversation.feed("client", data[end:])
        assert not conversation.halfway
        assert len(conversation.messages) == 1


def test_between_two_fragments_nothing_is_half_way() -> None:
    assert not fed(("client", frame(Opcode.TEXT, b"a", fin=False))).halfway


@pytest.mark.parametrize(
    "noise",
    [
        pytest.param(b"\x81\x05hello", id="not masked"),
        pytest.param(b"\x83\x80\0\0\0\0", id="unknown opcode"),
        pytest.param(b"\xc1\x80\0\0\0\0", id="compressed"),
        pytest.param(frame(Opcode.CONT, b"x"), id="a fragment without a beginning"),
        pytest.param(frame(Opcode.TEXT, fin=False) + frame(Opcode.TEXT), id="a beginning without an end"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="HTTP"),
    ],
)
def test_what_is_no_frame_ends_the_reading_of_that_side(noise: bytes) -> None:
    good = frame(Opcode.TEXT, b"good")
    answer = frame(Opcode.TEXT, b"answer", mask=False)
    conversation = fed(("client", good + noise), ("client", good), ("server", answer))
    assert essence(conversation) == [("client", "text", b"good"), ("server", "text", b"answer")]
    assert conversation.broken == ("client",)
    assert not conversation.halfway


def test_noise_is_read_without_an_error() -> None:
    random = Random(1)
    for _ in range(300):
        conversation = Conversation()
        for _ in range(random.randint(1, 5)):
            conversation.feed(random.choice(("client", "server")), random.randbytes(random.randint(0, 40)))
        for message in conversation.messages:
            _ = message.text, message.json(), message.close_code, message.close_reason


@pytest.mark.parametrize("fragments", [1, 3])
def test_of_a_long_message_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch, fragments: int) -> None:
    monkeypatch.setattr(module, "KEEP_PER_MESSAGE", 100)
    parts = [b"abcdefghij" * 30] * fragments
    data = b"".join(
        frame(Opcode.CONT if at else Opcode.TEXT, part, fin=at == fragments - 1) for at, part in enumerate(parts)
    )
    conversation = fed(("client", data[:50]), ("client", data[50:] + frame(Opcode.TEXT, b"next")))
    long, following = conversation.messages
    assert (long.data, long.bytes) == (b"abcdefghij" * 10, len(data))
    assert following.text == "next"
    assert conversation.cut


def test_a_message_of_just_the_length_that_is_kept_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_PER_MESSAGE", 100)
    conversation = fed(("client", frame(Opcode.TEXT, b"x" * 100)))
    assert len(conversation.messages[0].data) == 100
    assert not conversation.cut


def test_memory_is_bounded_and_what_is_left_out_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_PER_SOCKET", 3 * (module.OVERHEAD + 5))
    conversation = fed(*[("server", frame(Opcode.TEXT, b"12345", mask=False))] * 10, ("server", b"\x81\x01x"))
    assert len(conversation.messages) == 3
    assert conversation.left_out == 8
    assert conversation.size == 3 * (module.OVERHEAD + 5)


def test_the_pile_is_cut_although_nobody_looks() -> None:
    conversation = Conversation()
    for _ in range(4 * module.PILE // module.OVERHEAD):
        conversation.feed("server", b"\x81\x01x")
    assert conversation._piled <= module.PILE
    assert len(conversation.messages) == 4 * module.PILE // module.OVERHEAD


def test_messages_are_values() -> None:
    [message] = fed(("client", frame(Opcode.TEXT, b'{"a": 1}'))).messages
    assert message == Message("client", "text", b'{"a": 1}', message.at, 14, message.heads)
    assert message.json() == {"a": 1}
