import pytest

from course_support.views import messages
from course_support.views.messages import EDGE_MESSAGES, MAX_CONTENT, MAX_MESSAGES, said
from course_support.wire import Message, Opcode
from tests.factories import exchange, message, websocket


@pytest.mark.parametrize(
    ("opcode", "data", "shown"),
    [
        ("text", b'{"a":[1,2.0]}', '{"a": [1, 2.0]}'),
        ("text", b"two\nlines\x1b[31m", r"two\nlines\x1b[31m"),
        ("text", "für".encode(), "für"),
        ("text", b"", ""),
        ("text", b"\xff", "\N{REPLACEMENT CHARACTER}"),
        ("binary", b"\x00\xff", "00 ff (2 B)"),
        ("binary", b"\xff" * 1000, "ff " * 15 + "ff… (1,000 B)"),
        ("ping", b"", ""),
        ("ping", b"1", "1"),
        ("pong", b"\xff\x00", "ff 00 (2 B)"),
        ("close", b"", "without a code"),
        ("close", b"\x03", "without a code that one can read"),
        ("close", b"\x03\xe8", "1000"),
        ("close", b"\x11\x33Forbidden", "4403 Forbidden"),
    ],
)
def test_what_a_message_says(opcode: Opcode, data: bytes, shown: str) -> None:
    assert said(message("client", data, opcode)) == shown


def test_long_content_is_cut_short() -> None:
    assert said(message("client", "x" * 1000)) == "x" * MAX_CONTENT + f"… ({1000 - MAX_CONTENT} more characters)"


HELLO = (
    '{"type": "connection_init", "payload": {"Authorization": "Bearer hunter2", "headers": {"x-api-key": "hunter2"}}}'
)


@pytest.mark.parametrize(
    "leaky",
    [
        message("client", HELLO),
        message("client", HELLO[:-5]),
        message("client", HELLO + " " * 200),
        message("client", "x" * (MAX_CONTENT - 8) + " token=hunter2"),
        message("client", '{"password": "hunter2"}', "binary"),
        message("client", b"token=hunter2\xff", "binary"),
        message("server", b"\x03\xe8token=hunter2", "close"),
        message("client", "token=hunter2", "ping"),
    ],
)
def test_secrets_are_hidden(leaky: Message) -> None:
    assert "hunter2"[:2] not in said(leaky)
    assert b"hunter2"[:2].hex(" ") not in said(leaky)


def test_the_scheme_of_a_token_stays() -> None:
    assert '"Authorization": "Bearer ••••"' in said(message("client", HELLO))


def test_control_frames_are_no_messages() -> None:
    talk = websocket(message("client", "a"), message("client", opcode="ping"), message("server", opcode="close"))
    assert messages.count(talk) == "1 message"
    assert messages.is_websocket(talk)
    assert not messages.is_websocket(exchange())


@pytest.mark.parametrize(("count", "shown"), [(MAX_MESSAGES, MAX_MESSAGES), (MAX_MESSAGES + 1, 2 * EDGE_MESSAGES)])
def test_only_the_ends_of_a_long_conversation_are_shown(count: int, shown: int) -> None:
    first, left_out, last = messages.lines(websocket(*(message("client", f"{number}") for number in range(count))))
    lines = [*first, *last]
    assert len(lines) == shown
    assert (lines[0], lines[-1]) == (("client", "text", "0"), ("client", "text", f"{count - 1}"))
    assert left_out == (f"… {count - shown} messages between are not shown …" if count > shown else "")
