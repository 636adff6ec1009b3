import pytest
from websockets.frames import Opcode

from course_support.conversation import Conversation
from course_support.server import Server
from course_support.views.frames import FIRST, NONE, frames
from course_support.wire import Exchange, Sender
from tests.factories import exchange, message, websocket
from tests.views.pages import Page
from tests.wiretap import UPGRADE, Client, frame

# the two examples of RFC 6455, section 5.7, and one in fragments
HELLO = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
ANSWER = bytes.fromhex("81 05 48 65 6c 6c 6f")
FIRST_BYTE = f"   81{' ' * 37}1000 0001: FIN 1 (the message ends with this frame), opcode 1 (text)"
FRAGMENTS = bytes.fromhex("01 03 48 65 6c") + bytes.fromhex("80 02 6c 6f")


def talk(*said: tuple[Sender, bytes]) -> Exchange:
    conversation = Conversation()
    for sender, data in said:
        conversation.feed(sender, data)
    return websocket(*conversation.messages, target="/edit/document-123", number=3)


def test_each_byte_has_its_meaning() -> None:
    assert frames(talk(("client", HELLO), ("server", ANSWER))).text.splitlines() == [
        "#3 GET /edit/document-123: 2 frames",
        "",
        "1. client → server, 11 B",
        FIRST_BYTE,
        "   85                                     1000 0101: MASK 1, length 5",
        "   37 fa 21 3d                            masking key: XORed with the payload, four bytes at a time",
        "   7f 9f 4d 51 58                         payload, masked (5 B)",
        "                                          it says: Hello",
        "",
        "2. server → client, 7 B",
        FIRST_BYTE,
        "   05                                     0000 0101: MASK 0, length 5",
        "   48 65 6c 6c 6f                         payload (5 B)",
        "                                          it says: Hello",
    ]


def test_fragments_are_frames_of_their_own() -> None:
    text = frames(talk(("server", FRAGMENTS))).text
    assert "FIN 0 (more of the message follows), opcode 1 (text)" in text
    assert "FIN 1 (the message ends with this frame), opcode 0 (continuation)" in text
    assert [line.strip() for line in text.splitlines() if "it says" in line] == ["it says: Hel", "it says: lo"]


@pytest.mark.parametrize(
    ("size", "seven_bits", "longer"),
    [
        (125, "length 125", ""),
        (126, "length 126 (it stands in the next 2 bytes)", "00 7e"),
        (70_000, "length 127 (it stands in the next 8 bytes)", "00 00 00 00 00 01 11 70"),
    ],
)
def test_a_length_has_three_forms(size: int, seven_bits: str, longer: str) -> None:
    text = frames(talk(("client", frame(Opcode.BINARY, b"\xff" * size)))).text
    assert seven_bits in text
    assert (f"length {size:,}" in text, longer in text) == (True, True)
    assert " …  payload, masked" in text


def test_control_frames_say_what_they_are() -> None:
    said = frames(
        talk(("client", frame(Opcode.PING, b"?")), ("server", frame(Opcode.CLOSE, b"\x03\xe8bye", mask=False)))
    ).text
    assert "opcode 9 (ping)" in said
    assert "opcode 8 (close)" in said
    assert "it says: 1000 bye" in said


def test_a_frame_without_a_payload_ends_with_its_head() -> None:
    lines = frames(talk(("server", frame(Opcode.PONG, mask=False)))).text.splitlines()
    assert [line.split()[0] for line in lines[3:]] == ["8a", "00"]


def test_only_the_first_are_shown() -> None:
    many = talk(*[("server", ANSWER)] * 10)
    assert frames(many).text.startswith(f"#3 GET /edit/document-123: the first {FIRST} of 10 frames\n")
    assert frames(many, first=2).text.count("server → client") == 2
    assert frames(many, first=99).text.startswith("#3 GET /edit/document-123: 10 frames")
    with pytest.raises(ValueError, match="1 frame or more, not for 0"):
        frames(many, first=0)


@pytest.mark.parametrize("one", [exchange(), websocket(), websocket(message("client", "no heads kept"))])
def test_without_frames_it_says_so(one: Exchange) -> None:
    assert frames(one).text.endswith(f": {NONE}")
    assert NONE in Page(frames(one).html).text


SECRET = b'{"token": "hunter2"}'


@pytest.mark.parametrize(
    "said",
    [
        frame(Opcode.TEXT, SECRET),
        frame(Opcode.BINARY, b"token=hunter2\xff"),
        frame(Opcode.TEXT, SECRET[:5], fin=False) + frame(Opcode.CONT, SECRET[5:]),
        frame(Opcode.TEXT, SECRET[:13], fin=False) + frame(Opcode.CONT, SECRET[13:]),
    ],
    ids=["text", "binary", "cut-in-the-name", "cut-in-the-value"],  # the bytes differ with each mask
)
def test_secrets_are_hidden_in_the_bytes_too(said: bytes) -> None:
    shown = frames(talk(("client", said)))
    assert "hunt" not in shown.text + shown.html
    for line in shown.text.splitlines():
        if "masking key" in line:
            key = bytes.fromhex(line[:14])
        if "payload, masked" in line:
            wire = bytes.fromhex(line.partition("  payload")[0].replace("…", ""))
            assert b"hu" not in bytes(byte ^ key[at % 4] for at, byte in enumerate(wire))


def test_html_says_what_the_text_says() -> None:
    shown = frames(talk(("client", HELLO), ("server", frame(Opcode.TEXT, b"<b>", mask=False))))
    page = Page(shown.html)
    assert "script" not in page.tags
    for line in shown.text.splitlines()[1:]:
        for part in filter(None, line.strip().split("  ")):
            assert part.strip() in page.text
    assert page.attributes("section")[0]["aria-label"] == "Frames of exchange 3"
    assert shown._repr_mimebundle_() == {"text/plain": repr(shown), "text/html": shown.html}


def test_they_are_those_that_crossed_the_socket(server: Server) -> None:
    with Client(server.port) as client:
        client.ask(UPGRADE % b"/ws/echo")
        client.send(HELLO)
        assert client._exactly(len(ANSWER)) == ANSWER
        text = frames(server.last).text
    assert "37 fa 21 3d" in text
    assert "7f 9f 4d 51 58" in text
    assert "48 65 6c 6c 6f" in text
