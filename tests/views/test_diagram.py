import re

import pytest

from course_support.views.diagram import MAX_TURNS, Arrow, Diagram, Turn
from course_support.views.traffic import Traffic
from tests.factories import exchange, message, websocket

VERSION = (("ETag", '"v1"'),)
UPDATE = Traffic(
    [
        exchange("GET", "/123", (("Client-Name", "Ann"),), answer_fields=VERSION),
        exchange("PUT", "/123", (("Client-Name", "Bob"), ("if-match", '"v1"'), ("Accept", "*/*"))),
        exchange("PUT", "/123", (("Client-Name", "Ann"), ("If-Match", '"v1"')), status=412),
        exchange("DELETE", "/123", status=None, note="the server dropped the connection"),
    ]
)


def test_text_tells_the_story() -> None:
    assert UPDATE.diagram(title="A lost update").text.splitlines() == [
        "A lost update",
        "Ann → server: GET /123",
        'Ann ← server: 200 OK, ETag: "v1"',
        'Bob → server: PUT /123, if-match: "v1"',
        "Bob ← server: 200 OK",
        'Ann → server: PUT /123, If-Match: "v1"',
        "Ann ← server: 412 Precondition Failed",
        "client → server: DELETE /123",
        "client ✗ server: connection dropped",
    ]


def test_mermaid_draws_it() -> None:
    lines = UPDATE.diagram(client="shop", server="bank", title="A lost update").mermaid.splitlines()
    assert lines[:2] == ["sequenceDiagram", "accTitle: A lost update"]
    assert lines[2].startswith("accDescr: Ann → bank: GET /123. Ann ← bank: 200 OK, ETag")
    assert lines[3:7] == [
        "participant p0 as Ann",
        "participant p1 as Bob",
        "participant p2 as shop",
        "participant p3 as bank",
    ]
    assert lines[7:] == [
        "p0->>p3: GET /123",
        'p3-->>p0: 200 OK<br/>ETag: "v1"',
        'p1->>p3: PUT /123<br/>if-match: "v1"',
        "p3-->>p1: 200 OK",
        'p0->>p3: PUT /123<br/>If-Match: "v1"',
        "p3-->>p0: 412 Precondition Failed",
        "p2->>p3: DELETE /123",
        "p3--xp2: connection dropped",
    ]


@pytest.mark.parametrize(("times", "arrows", "loops"), [(1, 2, 0), (2, 4, 0), (3, 2, 1), (500, 2, 1)])
def test_what_repeats_becomes_a_loop(times: int, arrows: int, loops: int) -> None:
    diagram = Traffic([exchange()] * times).diagram()
    assert len(re.findall(r"^p\d-", diagram.mermaid, re.M)) == arrows
    assert diagram.mermaid.count(f"\nloop {times} times\n") == diagram.mermaid.count("\nend") == loops
    assert diagram.text.count(f"{times} times:") == loops


def test_a_long_story_is_counted_at_its_end() -> None:
    diagram = Traffic([exchange(target=f"/{number}") for number in range(MAX_TURNS + 7)]).diagram()
    assert diagram.text.endswith("\n7 more exchanges not shown")
    assert diagram.mermaid.endswith("\nNote over p0,p1: 7 more exchanges not shown")


def test_no_exchanges_still_make_a_diagram() -> None:
    diagram = Traffic([]).diagram(title="Nothing")
    assert diagram.text == "Nothing\nno exchanges yet"
    assert diagram.mermaid.splitlines()[-2:] == ["participant p0 as nobody", "Note over p0: no exchanges yet"]


HOSTILE = 'end; %% # "x" <script>: {a} --> `b` \\ \n\x1b[31m[c]()'


@pytest.mark.parametrize("label", [HOSTILE, "end", "a:b;c", "#35;"])
def test_nothing_in_a_label_is_mermaids(label: str) -> None:
    diagram = Diagram(label, (Turn((Arrow(label, "server", label),), 5),), label)
    for line in diagram.mermaid.splitlines()[3:]:
        said = re.sub(r"#\d+;|<br/>", "", line.partition(" as " if " as " in line else ": ")[2])
        assert not set(said) & set("#;<>%`\\$&|\x1b")
        if "->>" not in line:  # behind an arrow these are plain: Mermaid reads on to the end of the line
            assert not set(said) & set(':"{}()[]')
    title, description = (line.partition(": ")[2] for line in diagram.mermaid.splitlines()[1:3])
    assert not set(title + description) & set("#;{}%<>\n")


def test_secrets_stay_hidden() -> None:
    leaky = exchange(target="/a?token=hunter2", answer_fields=(("Location", "/b?access_token=hunter2"),))
    diagram = Traffic([leaky]).diagram()
    assert "hunter2" not in diagram.mermaid + diagram.text
    assert "/a?token=••••" in diagram.text


def test_both_forms_reach_the_notebook() -> None:
    diagram = UPDATE.diagram()
    fence = f"\n\n```mermaid\n{diagram.mermaid}\n```"
    assert diagram._repr_mimebundle_() == {"text/markdown": f"**{diagram.title}**{fence}", "text/plain": diagram.text}
    assert repr(diagram) == diagram.text


def test_messages_of_a_websocket_stand_where_they_passed() -> None:
    def at(seconds: float) -> dict[str, float]:
        return {"started": seconds, "first_byte": seconds + 1, "ended": seconds + 1}

    talk = websocket(
        message("client", '{"type":"subscribe"}', at=2.5),
        message("server", '{"type":"next"}', at=4.5),
        message("server", '{"type":"next"}', at=7),
        message("server", b"\x03\xe8", "close", at=8),
        **at(1),
        number=1,
    )
    before, during = exchange("GET", "/before", number=2, **at(3)), exchange("POST", "/during", number=3, **at(4))
    diagram = Traffic([talk, before, during]).diagram(title="A push")
    assert diagram.text.splitlines() == [
        "A push",
        "client → server: GET /graphql",
        "client ← server: 101 Switching Protocols",
        'client → server: {"type": "subscribe"}',
        "client → server: GET /before",
        "client ← server: 200 OK",
        "client → server: POST /during",
        'client ← server: {"type": "next"}',
        "client ← server: 200 OK",
        'client ← server: {"type": "next"}',
        "client ← server: close frame 1000",
    ]
    assert '\np1->>p0: {"type": "next"}\n' in diagram.mermaid


def test_messages_that_repeat_become_a_loop_and_long_ones_are_cut() -> None:
    talk = websocket(*[message("server", "x" * 100)] * 4, message("client", '{"token": "hunter2"}'))
    assert Traffic([talk]).diagram().text.splitlines()[3:] == [
        "4 times:",
        f"  client ← server: {'x' * 89}…",
        'client → server: {"token": "••••"}',
    ]


def test_a_long_conversation_is_counted_at_its_end() -> None:
    talk = websocket(*(message("client", f"{number}") for number in range(MAX_TURNS + 6)))
    assert Traffic([talk]).diagram().text.endswith("\n7 more steps not shown")


def test_a_long_label_is_drawn_on_several_lines_and_told_on_one() -> None:
    said = '{"type": "connection_init", "payload": {"Authorization": "a word"}}'
    drawn = Traffic([websocket(message("client", said))]).diagram(title="A greeting")
    (line,) = [line for line in drawn.mermaid.splitlines() if line.startswith("p0->>p1") and "connection" in line]
    parts = [re.sub(r"#\d+;", "x", part) for part in line.partition(": ")[2].split("<br/>")]
    assert len(parts) > 1
    assert all(len(part) <= 44 for part in parts)
    assert f"client → server: {said.replace('a word', '••••')}" in drawn.text
